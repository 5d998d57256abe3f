import PaymentModel
package import PaymentOrchestratorDomain

extension StripeProvider {
    /// Gives money back once per refund of ours, however late it is asked again.
    ///
    /// The order may name the session or, as Stripe's own events do, the payment intent.
    package func refund(_ order: RefundOrder, _ account: AccountAccess) async throws(OutcomeUnknown) -> RefundOutcome {
        guard ProviderReference.isSafe(order.reference, max: 255) else { return .refused("not a session of Stripe's") }
        let intent: String
        let known: StripeResponse.Refund?
        do throws(OutcomeUnknown) {
            guard let found = try await intentID(of: order.reference, account) else {
                return .refused("nobody paid this session")
            }
            intent = found
            known = try await refunds(ofIntent: found, account).first { $0.refund == order.id }
        } catch {
            // Reading alone moved nothing.
            return .neverReached
        }
        if let known { return try outcome(of: known, order) }
        switch try await call(.refund(order, intent: intent), account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return refusal.isAboutKey ? .neverReached : .refused(refusal.reason)
        case .answered(let body): return try outcome(of: decoded(body), order)
        }
    }

    private func intentID(of reference: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> String? {
        guard !reference.hasPrefix("pi_") else { return reference }
        let session: StripeResponse.Session? = try await object(.session(reference), account)
        guard let id = session?.payment_intent?.id, ProviderReference.isSafe(id, max: 255) else { return nil }
        return id
    }

    private func outcome(
        of refund: StripeResponse.Refund, _ order: RefundOrder
    ) throws(OutcomeUnknown) -> RefundOutcome {
        guard refund.refund == nil || refund.refund == order.id else {
            throw OutcomeUnknown("Stripe answered about another refund")
        }
        guard refund.money == order.amount else {
            throw OutcomeUnknown("Stripe refunded another amount than was asked")
        }
        return refund.outcome
    }
}
