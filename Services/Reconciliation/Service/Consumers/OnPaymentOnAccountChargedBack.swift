import EventContract
import TransactionalMessaging

/// A provider took money back after a lost dispute: what it was counted for was not received after all (REC-8).
struct OnPaymentOnAccountChargedBack {
    let count: CountVATReceipts

    var subscription: Subscription {
        .on(PaymentOnAccountChargedBackV1.self) { event, _, change in
            try count.takeOff(
                .init(allocations: event.allocations, receivables: event.receivables), of: event.paymentOnAccountID,
                on: event.chargedBackOn, in: &change)
        }
    }
}
