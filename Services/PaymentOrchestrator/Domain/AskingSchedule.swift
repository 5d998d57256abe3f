/// When to ask the provider again about what nobody reported.
///
/// Close together at first, because a client is waiting, then ever further apart up to a limit.
package struct AskingSchedule: Hashable, Sendable {
    /// The first pause.
    package let first: Duration
    /// How many pauses are no longer than the first, while a client may be on the provider's page.
    package let eagerQuestions: Int
    /// After those each pause is this many times the one before.
    package let growth: Int
    /// No pause is longer.
    package let longest: Duration
    /// After so many questions without an answer a person is told.
    package let questionsMax: Int

    /// A schedule from settings.
    package init(first: Duration, eagerQuestions: Int, growth: Int, longest: Duration, questionsMax: Int) {
        self.first = first
        self.eagerQuestions = eagerQuestions
        self.growth = max(growth, 1)
        self.longest = longest
        self.questionsMax = questionsMax
    }

    /// The pause after the given number of questions.
    package func pause(afterQuestions count: Int) -> Duration {
        var pause = first
        for _ in 0..<max(count - eagerQuestions, 0) {
            guard pause < longest else { return longest }
            pause = pause * growth
        }
        return min(pause, longest)
    }

    /// How many questions a wait is worth in which none is asked.
    package func questions(in wait: Duration) -> Int {
        guard first > .zero else { return 1 }
        return max(1, Int(min(wait / first, Double(max(questionsMax, 1)))))
    }

    /// Whether a person should look at it instead.
    package func isExhausted(afterQuestions count: Int) -> Bool { count >= questionsMax }
}
