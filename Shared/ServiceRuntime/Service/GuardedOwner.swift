package import HTTPClient
package import PaymentModel
import Synchronization

/// A service that many ask at once: who gives no answer is left alone for a while, and then asked by one of them first.
///
/// One that hangs would hold all hands of a process otherwise, also those of messages it has no part in.
package struct GuardedOwner: Sendable {
    private let owner: AskOwner
    private let time: TimeSource
    /// How many questions in a row without an answer have it left alone.
    private let failuresMax: Int
    private let rest: Duration
    private let state = State()

    /// One thing may be slow to answer about, as a long document is to draw: it is several that have nobody ask.
    package init(_ owner: AskOwner, time: TimeSource, failuresMax: Int = 3, rest: Duration = .seconds(10)) {
        self.owner = owner
        self.time = time
        self.failuresMax = failuresMax
        self.rest = rest
    }

    /// Whether it is left alone just now.
    package var isResting: Bool { state.breaker.withLock { $0.rests(at: time.now(), rest: rest) } }

    /// Reads an answer in JSON.
    package func read<Answer: Decodable>(
        _ path: String, in organisation: OrganisationID, within limit: Duration = .seconds(5)
    ) async throws(OwnerUnavailable) -> Answer {
        try requirePermission()
        do throws(OwnerUnavailable) {
            let answer: Answer = try await owner.read(path, in: organisation, within: limit)
            answered()
            return answer
        } catch {
            throw noted(error)
        }
    }

    /// Reads an answer as it is.
    package func get(
        _ path: String, in organisation: OrganisationID, bytesMax: Int, within limit: Duration
    ) async throws(OwnerUnavailable) -> HTTPResponse {
        try requirePermission()
        do throws(OwnerUnavailable) {
            let answer = try await owner.get(path, in: organisation, bytesMax: bytesMax, within: limit)
            answered()
            return answer
        } catch {
            throw noted(error)
        }
    }

    private func requirePermission() throws(OwnerUnavailable) {
        guard state.breaker.withLock({ $0.permit(1, at: time.now(), rest: rest) == 1 }) else {
            throw OwnerUnavailable(reason: "its owner gave no answer a moment ago", wasAsked: false)
        }
    }

    private func answered() { state.breaker.withLock { $0.succeed() } }

    /// Whatever it answers shows that it can be asked.
    private func noted(_ error: OwnerUnavailable) -> OwnerUnavailable {
        if error.hasAnswered {
            answered()
        } else {
            state.breaker.withLock { $0.fail(at: time.now(), failuresMax: failuresMax, rest: rest) }
        }
        return error
    }

    /// What all who ask know of it.
    private final class State: Sendable {
        let breaker = Mutex(Breaker())
    }
}
