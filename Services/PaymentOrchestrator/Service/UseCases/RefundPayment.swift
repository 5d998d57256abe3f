import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Gives money back: intent, call, outcome; two at once never give back more than was paid.
struct RefundPayment: Sendable {
    let desk: ProviderDesk
    let ids: IdentifierSource
    let time: TimeSource

    /// The refund's name; the same one however often the cause comes.
    func run(_ id: PaymentID, amount: Money?, because cause: Cause, _ prompt: Prompt) async throws -> RefundID {
        let refund: RefundID = ids.make()
        let now = time.now()
        let store = desk.store
        let applied = try await store.database.change(because: cause) { change in
            let decide: (inout Payment, inout Change) throws -> [PaymentFact] = { payment, _ in
                try payment.requestRefund(refund, of: amount, at: now)
            }
            try store.apply(id, .intent, decide, in: &change)
            return refund
        }
        // Whoever made the first request orders it; if it died, the sweeper does.
        guard !applied.replayed else { return applied.answer }
        try await Task { try await order(refund, of: id, prompt) }.value
        return refund
    }

    private func order(_ id: RefundID, of payment: PaymentID, _ prompt: Prompt) async throws {
        let file = try await desk.file(payment, of: prompt.organisation)
        guard let refund = file.record.payment.refunds.first(where: { $0.id == id }),
            let reference = file.record.payment.acceptance?.reference
        else { return }
        try await desk.order(refund, reference, file, prompt)
    }
}
