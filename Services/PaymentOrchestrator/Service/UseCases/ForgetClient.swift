import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Forgets a client: who paid, and the words in which people speak of it; money and what happened to it stay.
///
/// What is at a provider goes on there. Whatever asks for a payment at this moment comes before or after it.
struct ForgetClient: Sendable {
    let store: PaymentStore
    let clients = ClientStore()
    let personal = PersonalDataStore()

    func run(_ client: ClientID, in change: inout Change) throws {
        clients.holdAlone(client, in: &change)
        clients.forget(client, in: &change)
        for payment in try personal.payments(of: client, in: &change) {
            try store.apply(payment, .outcome, { payment, _ in payment.eraseClient() }, in: &change)
        }
        personal.forget(client, in: &change)
    }
}
