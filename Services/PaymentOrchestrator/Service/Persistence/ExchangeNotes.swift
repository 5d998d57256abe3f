import PaymentModel
import Synchronization

/// One exchange with a provider about a payment: a call of ours, or a notification of theirs; no secret, no person.
struct ExchangeLine: Sendable, Hashable {
    /// Who spoke first.
    enum Kind: String, Sendable, Hashable {
        case call, notification
    }

    let kind: Kind
    /// What was asked, in our words.
    let operation: String
    /// What came of it, in our words.
    let outcome: String
    let at: Instant
    /// The last of several that were the same.
    var lastAt: Instant
    var times: Int
    /// How long the last one took.
    var milliseconds: Int64

    /// Whether another says the same, but for its time.
    fileprivate func isSame(as other: ExchangeLine) -> Bool {
        (kind, operation, outcome) == (other.kind, other.operation, other.outcome)
    }
}

/// What was said and is not written down yet: it goes with the next change of its payment, the next look, or, when
/// there is none for a while, with others.
///
/// A log of its own transaction would double the cost of a question; what a crash takes from it no decision needs.
final class ExchangeNotes: Sendable {
    private static let paymentsMax = 10_000

    private let waiting = Mutex<[PaymentID: [ExchangeLine]]>([:])

    /// Notes an exchange; those that say the same as the one before it are counted.
    func note(_ line: ExchangeLine, about payment: PaymentID) {
        waiting.withLock { waiting in
            guard waiting[payment] != nil || waiting.count < ExchangeNotes.paymentsMax else { return }
            var lines = waiting[payment, default: []]
            if let last = lines.last, last.isSame(as: line) {
                lines[lines.count - 1].lastAt = line.at
                lines[lines.count - 1].times += 1
                lines[lines.count - 1].milliseconds = line.milliseconds
            } else {
                lines.append(line)
            }
            waiting[payment] = lines
        }
    }

    /// What waits for a payment, oldest first.
    func lines(about payment: PaymentID) -> [ExchangeLine] { waiting.withLock { $0[payment] ?? [] } }

    /// Payments, so many at most, of which something was said before an instant and waits since.
    func waiting(before instant: Instant, max count: Int) -> [PaymentID] {
        waiting.withLock { waiting in
            Array(waiting.lazy.filter { $0.value.contains { $0.at < instant } }.prefix(count).map(\.key))
        }
    }

    /// Forgets what was written down; what changed meanwhile waits on.
    func written(_ lines: [ExchangeLine], about payment: PaymentID) {
        waiting.withLock { waiting in
            let left = (waiting[payment] ?? []).filter { !lines.contains($0) }
            waiting[payment] = left.isEmpty ? nil : left
        }
    }
}
