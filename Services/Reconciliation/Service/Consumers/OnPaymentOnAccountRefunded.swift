import EventContract
import TransactionalMessaging

/// A refund gave back what was counted for debts on no invoice; credit notes tell what it gave back of invoices
/// (REC-8).
struct OnPaymentOnAccountRefunded {
    let count: CountVATReceipts

    var subscription: Subscription {
        .on(PaymentOnAccountRefundedV1.self) { event, _, change in
            let money = event.paymentOnAccountID
            for part in event.receivables {
                count.receipts.take(part.amount, of: money, from: nil, on: event.refundedOn, in: &change)
            }
            try count.held.run(of: money, in: &change)
        }
    }
}
