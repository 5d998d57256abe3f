import EventContract
import TransactionalMessaging

/// A refund gave back what was counted for debts on no invoice; credit notes tell what it gave back of invoices
/// (REC-8).
struct OnPaymentOnAccountRefunded {
    let count: CountVATReceipts

    var subscription: Subscription {
        .on(PaymentOnAccountRefundedV1.self) { event, _, change in
            try count.takeOff(
                .init(allocations: [], receivables: event.receivables), of: event.paymentOnAccountID,
                on: event.refundedOn, in: &change)
        }
    }
}
