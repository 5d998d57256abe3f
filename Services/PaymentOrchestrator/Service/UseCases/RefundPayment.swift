import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Gives money back: intent, call, outcome; two at once never give back more than was paid.
struct RefundPayment: Sendable {
    /// What is to be given back.
    struct Wish: Sendable {
        let payment: PaymentID
        /// `nil`: all that is left.
        let amount: Money?
    }

    let ask: AskProvider
    let ids: IdentifierSource
    let time: TimeSource

    /// The refund's name; the same one however often the cause comes.
    func run(_ wish: Wish, because cause: Cause, _ prompt: Prompt) async throws -> RefundID {
        let refund: RefundID = ids.make()
        let now = time.now()
        let store = ask.store
        let applied = try await store.database.change(because: cause) { change in
            let decide: (inout Payment, Receivable?) throws -> [PaymentFact] = { payment, _ in
                try payment.requestRefund(refund, of: wish.amount, at: now)
            }
            try store.apply(wish.payment, .intent, decide, in: &change)
            return refund
        }
        // Whoever made the first request orders it; if it died, the sweeper does.
        guard !applied.replayed else { return applied.answer }
        try await Task {
            let file = try await ask.file(wish.payment, of: prompt.organisation)
            try await ask.order(refund, orderedAt: now, file, prompt)
        }.value
        return refund
    }
}
