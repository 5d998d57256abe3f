import PaymentModel
import Synchronization
import TransactionalMessaging

/// Payments that somebody watches on a screen of this process just now (PAY-7).
final class WatchedPayments: Sendable {
    private struct Watch {
        var screens = 0
        /// When this process last looked at it, or first saw that it is watched.
        var lookedAt: Instant?
        var isInHand = false
    }

    /// Rung when somebody begins to watch.
    let doorbell = Doorbell()
    private let watches = Mutex([PaymentID: Watch]())

    /// Those that are watched, in no order.
    var ids: [PaymentID] { watches.withLock { Array($0.keys) } }

    /// One more screen shows the payment.
    func open(_ id: PaymentID) {
        watches.withLock { $0[id, default: Watch()].screens += 1 }
        doorbell.ring()
    }

    /// One of its screens is gone.
    func close(_ id: PaymentID) {
        watches.withLock { watches in
            watches[id]?.screens -= 1
            if let watch = watches[id], watch.screens <= 0 { watches[id] = nil }
        }
    }

    /// Those this process has looked at no more for so long, however far away the next question about them is.
    func neglected(at now: Instant, for pause: Duration) -> [PaymentID] {
        watches.withLock { watches in
            for (id, watch) in watches where watch.lookedAt == nil { watches[id]?.lookedAt = now }
            return watches.filter { _, watch in
                !watch.isInHand && watch.lookedAt.map { now - $0 >= pause } == true
            }.map(\.key)
        }
    }

    /// Somebody begins to look at it.
    func begin(_ id: PaymentID) { watches.withLock { $0[id]?.isInHand = true } }

    /// It was looked at.
    func end(_ id: PaymentID, at now: Instant) {
        watches.withLock { watches in
            watches[id]?.isInHand = false
            watches[id]?.lookedAt = now
        }
    }
}
