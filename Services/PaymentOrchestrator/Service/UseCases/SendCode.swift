import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Has another code sent to the client's phone; the one before it is no longer good (PAY-5).
struct SendCode: Sendable {
    let store: PaymentStore
    let codes: VerificationCodes
    let time: TimeSource

    func run(_ payment: PaymentID, because cause: Cause) async throws {
        let (code, now) = (try codes.make(), time.now())
        try await store.update(payment, because: cause, .outcome) { payment, _ in
            try payment.askForCode(code, at: now)
        }
    }
}
