import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// A debt is late by another level: the client is reminded where the organisation switched that on (INV-14).
struct OnInvoiceOverdue {
    let tell: TellOfInvoice

    var subscription: Subscription {
        .on(InvoiceOverdueV1.self) { event, envelope, change in
            let invoice = event.invoiceID.map { (matter: Matter.invoice($0), key: "\($0)") }
            guard let debt = invoice ?? event.receivableID.map({ (matter: Matter.receivable($0), key: "\($0)") })
            else { return }
            var facts = MessageFacts(day: event.dueOn, level: event.level)
            facts.daysLate = event.daysLate
            try tell.run(
                TellOfInvoice.News(
                    occasion: .overdue, matter: debt.matter, client: event.clientID,
                    // A debt that was paid and is due again reaches its levels another time, later.
                    key: "\(debt.key)/\(event.level)/\(event.daysLate)", facts: facts),
                told: envelope, in: &change)
        }
    }
}
