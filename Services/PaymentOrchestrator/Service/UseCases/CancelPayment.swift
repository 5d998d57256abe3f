import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Calls a payment off; where the provider holds it, its answer decides.
struct CancelPayment: Sendable {
    let ask: AskProvider

    func run(_ id: PaymentID, because cause: Cause, _ prompt: Prompt) async throws {
        try await ask.store.update(id, because: cause, .intent) { payment, _ in
            // Calling off what is called off is no mistake of the caller's.
            guard payment.state != .cancelled else { return [] }
            return try payment.cancel(because: .staff)
        }
        _ = try await Task { try await ask.settle(id, prompt) }.value
    }
}
