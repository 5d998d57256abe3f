import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A provider gave money back: it will pay out so much less.
struct OnRefundCompleted {
    let expectations = ExpectationStore()
    let ledger: LedgerStore

    /// The payment's own event has not been handled; the refund's is parked for a person.
    struct PaymentUnknown: Error {
        let payment: PaymentID
    }

    var subscription: Subscription {
        .on(RefundCompletedV1.self) { event, _, change in
            let expectation = try expectations.count(
                event.refundID, of: event.amount, for: event.paymentID, in: &change)
            guard let expectation else { throw PaymentUnknown(payment: event.paymentID) }
            try ledger.book(
                try Booking.refund(
                    event.amount, by: event.provider, held: expectation.isHeld, on: event.completedAt.utcDate),
                about: event.refundID, in: &change)
        }
    }
}
