import PaymentModel
import Synchronization
import TransactionalMessaging

/// Payments that somebody watches on a screen of this process just now (PAY-7).
final class WatchedPayments: Sendable {
    /// Rung when somebody begins to watch.
    let doorbell = Doorbell()
    private let screens = Mutex([PaymentID: Int]())

    /// Those that are watched, in no order.
    var ids: [PaymentID] { screens.withLock { Array($0.keys) } }

    /// One more screen shows the payment.
    func open(_ id: PaymentID) {
        screens.withLock { $0[id, default: 0] += 1 }
        doorbell.ring()
    }

    /// One of its screens is gone.
    func close(_ id: PaymentID) {
        screens.withLock { screens in
            let left = (screens[id] ?? 0) - 1
            screens[id] = left > 0 ? left : nil
        }
    }
}
