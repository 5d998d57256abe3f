import EventContract
import TransactionalMessaging

/// Accepted money was counted, perhaps for other invoices than the one it was asked for.
struct OnPaymentOnAccountRecorded: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(PaymentOnAccountRecordedV1.self) { event, _, change in
            guard let payment = event.paymentID else { return }
            try keep.count(payment, for: event.allocations.map(\.invoiceID), in: &change)
        }
    }
}
