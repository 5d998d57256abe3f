import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Has a payment's link sent to the client's phone, once more or for the first time (PAY-5).
struct SendLink: Sendable {
    let store: PaymentStore
    let time: TimeSource

    func run(_ payment: PaymentID, because cause: Cause) async throws {
        let now = time.now()
        try await store.update(payment, because: cause, .outcome) { payment, _ in
            try payment.askForLink(at: now)
        }
    }
}
