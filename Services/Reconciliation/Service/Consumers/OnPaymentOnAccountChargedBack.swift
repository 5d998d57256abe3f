import EventContract
import TransactionalMessaging

/// A provider took money back after a lost dispute: what it was counted for was not received after all (REC-8).
struct OnPaymentOnAccountChargedBack {
    let count: CountVATReceipts

    var subscription: Subscription {
        .on(PaymentOnAccountChargedBackV1.self) { event, _, change in
            let (money, day) = (event.paymentOnAccountID, event.chargedBackOn)
            for part in event.allocations {
                count.receipts.take(part.amount, of: money, from: part.invoiceID, on: day, in: &change)
            }
            for part in event.receivables {
                count.receipts.take(part.amount, of: money, from: nil, on: day, in: &change)
            }
            try count.held.run(of: money, in: &change)
        }
    }
}
