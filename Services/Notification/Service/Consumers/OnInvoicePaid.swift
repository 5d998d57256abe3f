import EventContract
import TransactionalMessaging

/// An invoice was paid: what asks for its money and has not left is called off (C-10).
struct OnInvoicePaid {
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(InvoicePaidV1.self) { event, _, change in
            try callOff.run(about: event.invoiceID, in: &change)
        }
    }
}
