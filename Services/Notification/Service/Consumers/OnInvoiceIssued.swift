import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// An invoice was issued: the client gets it by mail where the organisation switched that on.
struct OnInvoiceIssued {
    let tell: TellOfInvoice

    var subscription: Subscription {
        .on(InvoiceIssuedV1.self) { event, envelope, change in
            try tell.run(
                TellOfInvoice.News(
                    occasion: .invoice, matter: .invoice(event.invoiceID), client: event.clientID,
                    key: event.invoiceID.description,
                    facts: MessageFacts(amount: event.total, day: event.dueOn, number: event.number),
                    issuedOn: event.issuedOn),
                told: envelope, in: &change)
        }
    }
}
