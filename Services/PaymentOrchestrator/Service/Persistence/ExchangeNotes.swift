import PaymentModel
import Synchronization
import TransactionalMessaging

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
/// there is none for a while, with others; sooner once much waits.
///
/// A log of its own transaction would double the cost of a question; what a crash takes from it no decision needs.
final class ExchangeNotes: Sendable {
    private struct State {
        var waiting: [PaymentID: [ExchangeLine]] = [:]
        var lost = 0

        /// Whether half of the room is taken.
        func isCrowded(_ paymentsMax: Int) -> Bool { waiting.count * 2 >= paymentsMax }
    }

    /// Rung when so much waits that nobody should wait for more.
    let doorbell = Doorbell()
    private let paymentsMax: Int
    private let state = Mutex(State())

    /// Notes about so many payments at most.
    init(paymentsMax: Int) { self.paymentsMax = paymentsMax }

    /// Whether so much waits that it is better written now.
    var isCrowded: Bool { state.withLock { $0.isCrowded(paymentsMax) } }

    /// Notes an exchange; those that say the same as the one before it are counted.
    func note(_ line: ExchangeLine, about payment: PaymentID) {
        let isCrowded = state.withLock { state -> Bool in
            guard state.waiting[payment] != nil || state.waiting.count < paymentsMax else {
                state.lost += 1
                return true
            }
            state.waiting[payment, default: []].add(line)
            return state.isCrowded(paymentsMax)
        }
        if isCrowded { doorbell.ring() }
    }

    /// What waits for a payment, oldest first.
    func lines(about payment: PaymentID) -> [ExchangeLine] { state.withLock { $0.waiting[payment] ?? [] } }

    /// Payments, so many at most, of which something was said before an instant and waits since.
    func waiting(before instant: Instant, max count: Int) -> [PaymentID] {
        state.withLock { state in
            Array(state.waiting.lazy.filter { $0.value.contains { $0.at < instant } }.prefix(count).map(\.key))
        }
    }

    /// Forgets what was written down; what changed meanwhile waits on.
    func written(_ lines: [ExchangeLine], about payment: PaymentID) {
        state.withLock { state in
            let left = (state.waiting[payment] ?? []).filter { !lines.contains($0) }
            state.waiting[payment] = left.isEmpty ? nil : left
        }
    }

    /// How many lines found no room since this was last asked.
    func takeLost() -> Int {
        state.withLock { state in
            defer { state.lost = 0 }
            return state.lost
        }
    }
}

extension [ExchangeLine] {
    fileprivate mutating func add(_ line: ExchangeLine) {
        guard let last, last.isSame(as: line) else { return append(line) }
        self[count - 1].lastAt = line.at
        self[count - 1].times += 1
        self[count - 1].milliseconds = line.milliseconds
    }
}
