import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// A debt was paid, or what was left of it was given up: nobody is asked for it any more (C-10).
struct OnReceivableSettled {
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(ReceivableSettledV1.self) { event, _, change in
            if let invoice = event.invoiceID { try callOff.run(about: invoice, in: &change) }
            if let receivable = event.receivableID {
                try callOff.run(about: .receivable(receivable), .overdue, in: &change)
            }
        }
    }
}
