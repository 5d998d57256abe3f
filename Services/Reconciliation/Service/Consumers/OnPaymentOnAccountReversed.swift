import EventContract
import PaymentModel
import TransactionalMessaging

/// Money turned out not to have been received: of a till (REC-10), and for invoices at their rates of VAT (REC-8).
struct OnPaymentOnAccountReversed {
    let count: CountCollection
    let vat: CountVATReceipts

    var subscription: Subscription {
        .on(PaymentOnAccountReversedV1.self) { event, _, change in
            try count.takeBack(
                event.amount, of: event.paymentOnAccountID, on: event.reversedOn, because: event.reason.rawValue,
                in: &change)
            try vat.takeBack(
                .init(allocations: event.allocations, receivables: event.receivables),
                .init(payment: event.paymentOnAccountID, day: event.reversedOn, isFirst: false), in: &change)
        }
    }
}
