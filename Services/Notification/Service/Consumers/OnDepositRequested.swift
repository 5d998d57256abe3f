import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// A part of a quote is to be paid before the rest: the client is asked where the organisation switched that on.
struct OnDepositRequested {
    let tell: TellOfInvoice

    var subscription: Subscription {
        .on(DepositRequestedV1.self) { event, envelope, change in
            try tell.run(
                TellOfInvoice.News(
                    occasion: .depositRequest, matter: .invoice(event.invoiceID), client: event.clientID,
                    key: event.invoiceID.description, facts: MessageFacts(day: event.dueOn)),
                told: envelope, in: &change)
        }
    }
}
