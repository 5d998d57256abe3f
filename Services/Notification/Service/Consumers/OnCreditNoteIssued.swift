import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// A credit note was issued: the client gets it as the invoice before, and is asked for no more than is left.
struct OnCreditNoteIssued {
    let tell: TellOfInvoice
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(CreditNoteIssuedV1.self) { event, envelope, change in
            tell.request.awaitTurn(of: event.clientID, in: &change)
            if event.due?.isZero == true { try callOff.run(about: event.invoiceID, in: &change) }
            try tell.run(
                TellOfInvoice.News(
                    occasion: .creditNote, matter: .invoice(event.invoiceID), client: event.clientID,
                    key: event.creditNoteID.description,
                    facts: MessageFacts(amount: event.total, number: event.number, creditNote: event.creditNoteID),
                    issuedOn: event.issuedOn),
                told: envelope, in: &change)
        }
    }
}
