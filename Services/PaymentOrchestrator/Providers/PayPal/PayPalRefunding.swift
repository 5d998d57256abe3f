import PaymentModel
package import PaymentOrchestratorDomain

extension PayPalProvider {
    /// Gives money back once per refund of ours: PayPal knows the request for weeks, and its order lists refunds.
    ///
    /// Of an order that PayPal has forgotten the request alone is known, and what its capture has left.
    package func refund(_ order: RefundOrder, _ account: AccountAccess) async throws(OutcomeUnknown) -> RefundOutcome {
        guard ProviderReference.isSafe(order.reference) else { return .refused("not an order of PayPal's") }
        let paid: PayPalResponse.Order?
        do throws(OutcomeUnknown) {
            paid = try await self.order(order.reference, account)
        } catch {
            // Reading alone moved nothing.
            return .neverReached
        }
        guard let capture = paid.map(\.paidCapture) ?? order.keptCapture, ProviderReference.isSafe(capture) else {
            return .refused("nothing of this order was captured")
        }
        if let known = paid?.unit?.payments?.refunds?.first(where: { $0.refund == order.id }) {
            return try outcome(of: known, order)
        }
        switch try await call(try request { try .refund(order, capture: capture) }, account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return refusal.isAboutKey ? .neverReached : .refused(refusal.reason)
        case .answered(let body): return try outcome(of: decoded(body), order)
        }
    }

    private func outcome(
        of refund: PayPalResponse.Refund, _ order: RefundOrder
    ) throws(OutcomeUnknown) -> RefundOutcome {
        guard refund.refund == nil || refund.refund == order.id else {
            throw OutcomeUnknown("PayPal answered about another refund")
        }
        guard refund.amount.money == order.amount else {
            throw OutcomeUnknown("PayPal refunded another amount than was asked")
        }
        return refund.outcome
    }
}

extension PayPalResponse.Order {
    /// What took the money.
    fileprivate var paidCapture: String? { capture.flatMap { $0.reportedStatus == .paid ? $0.id : nil } }
}

extension RefundOrder {
    /// The capture that was kept of the payment.
    fileprivate var keptCapture: String? { capture.flatMap { PayPalWebhook.capture(in: $0)?.id } }
}
