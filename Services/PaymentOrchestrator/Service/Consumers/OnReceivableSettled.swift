import EventContract
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// What was left of an invoice was given up, or what was owed without one was paid or given up: what could still pay it
/// is called off.
struct OnReceivableSettled: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(ReceivableSettledV1.self) { event, envelope, change in
            guard let debt = Debt(invoice: event.invoiceID, receivable: event.receivableID) else { return }
            try keep.run(
                KeepReceivable.Owed(
                    debt: debt, client: event.clientID, due: .zero(event.writtenOff.currency)),
                at: envelope.clinic, in: &change)
            try keep.count(event.paymentID, of: debt, in: &change)
        }
    }
}
