import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Money was recorded, taken at the till or come online: the client gets its receipt where the organisation wants that.
struct OnPaymentOnAccountRecorded {
    let tell: TellOfInvoice

    var subscription: Subscription {
        .on(PaymentOnAccountRecordedV1.self) { event, envelope, change in
            try tell.run(
                TellOfInvoice.News(
                    occasion: .receipt, matter: .paymentOnAccount(event.paymentOnAccountID), client: event.clientID,
                    key: event.paymentOnAccountID.description, facts: MessageFacts(amount: event.amount)),
                told: envelope, in: &change)
        }
    }
}
