import EventContract
import TransactionalMessaging

/// What was left of a debt was given up: if it was on an invoice, nobody is asked for it any more (C-10).
struct OnReceivableSettled {
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(ReceivableSettledV1.self) { event, _, change in
            guard let invoice = event.invoiceID else { return }
            try callOff.run(about: invoice, in: &change)
        }
    }
}
