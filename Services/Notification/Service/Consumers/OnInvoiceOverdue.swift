import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// An invoice is late by another level: the client is reminded where the organisation switched that on (INV-14).
///
/// What is owed without an invoice has no document and no message.
struct OnInvoiceOverdue {
    let tell: TellOfInvoice

    var subscription: Subscription {
        .on(InvoiceOverdueV1.self) { event, envelope, change in
            guard let invoice = event.invoiceID else { return }
            var facts = MessageFacts(day: event.dueOn, level: event.level)
            facts.daysLate = event.daysLate
            try tell.run(
                TellOfInvoice.News(
                    occasion: .overdue, matter: .invoice(invoice), client: event.clientID,
                    key: "\(invoice)/\(event.level)", facts: facts),
                told: envelope, in: &change)
        }
    }
}
