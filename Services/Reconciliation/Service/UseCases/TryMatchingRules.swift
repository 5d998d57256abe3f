import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Says what rules would match and why, and changes nothing (REC-5).
struct TryMatchingRules {
    let database: Database
    let match: MatchPayouts

    /// Ends the transaction, in which nothing was written that stays.
    private struct Undone: Error {
        let answer: TriedMatchesAnswer
    }

    /// Nil: with the rules that hold now.
    func run(_ rules: MatchingRules?, because cause: Cause) async throws -> TriedMatchesAnswer {
        do {
            return try await database.change(because: cause) { change in
                throw Undone(answer: try attempt(rules, in: &change))
            }.answer
        } catch let undone as Undone {
            return undone.answer
        }
    }

    private func attempt(_ rules: MatchingRules?, in change: inout Change) throws -> TriedMatchesAnswer {
        let search = try match.search(by: rules, .looking, in: &change)
        return TriedMatchesAnswer(
            items: try search.matches.map { try TriedMatchesAnswer.Match($0) },
            payoutsLeft: search.payouts - search.matches.count, bankLinesLeft: search.lines - search.matches.count)
    }
}
