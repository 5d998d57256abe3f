import EventContract
import PaymentModel
import TransactionalMessaging

/// What was left of an invoice was given up: what could still pay it is called off.
struct OnReceivableSettled: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(ReceivableSettledV1.self) { event, envelope, change in
            guard let invoice = event.invoiceID else { return }
            try keep.run(
                KeepReceivable.Owed(
                    invoice: invoice, client: event.clientID, due: .zero(event.writtenOff.currency)),
                at: envelope.clinic, in: &change)
        }
    }
}
