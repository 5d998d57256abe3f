import FoundationEssentials
import PaymentModel
package import PaymentOrchestratorDomain

extension AlmaProvider {
    /// Gives money back once per refund of ours that Alma lists.
    ///
    /// Alma knows no order again, so its list is read right before one leaves. An order that takes effect after that
    /// reading, later than anybody waited for it, goes back beside the next: nothing at Alma keeps it from that, and
    /// the payment tells it to a person.
    package func refund(_ order: RefundOrder, _ account: AccountAccess) async throws(OutcomeUnknown) -> RefundOutcome {
        guard ProviderReference.isSafe(order.reference) else { return .refused("not a payment of Alma's") }
        let found: AlmaResponse.Payment?
        do throws(OutcomeUnknown) {
            found = try await payment(order.reference, account)
        } catch {
            // Reading alone moved nothing.
            return .neverReached
        }
        guard let found else { return .refused("Alma has no such payment") }
        if let known = found.refund(order.id) { return try outcome(of: known, order, found, account) }
        switch try await call(try request { try .refund(order, path: settings.refundPath) }, account) {
        case .neverReached: return .neverReached
        case .refused(let refusal): return refusal.isAboutKey ? .neverReached : .refused(refusal.reason)
        case .answered(let body): return try refunded(order, body, account)
        }
    }

    /// One path answers the payment, the other the refund; either has to show ours, or nobody knows that it went back.
    private func refunded(
        _ order: RefundOrder, _ body: [UInt8], _ account: AccountAccess
    ) throws(OutcomeUnknown) -> RefundOutcome {
        if let payment = try? JSONDecoder().decode(AlmaResponse.Payment.self, from: Data(body)) {
            guard payment.id == order.reference else { throw OutcomeUnknown("Alma answered about another payment") }
            guard let refund = payment.refund(order.id) else {
                throw OutcomeUnknown("Alma answered a payment without the refund that was ordered")
            }
            return try outcome(of: refund, order, payment, account)
        }
        let refund: AlmaResponse.Refund = try decoded(body)
        guard refund.merchant_reference == order.id.description else {
            throw OutcomeUnknown("Alma answered about another refund")
        }
        return try outcome(of: refund, order, nil, account)
    }

    private func outcome(
        of refund: AlmaResponse.Refund, _ order: RefundOrder, _ payment: AlmaResponse.Payment?,
        _ account: AccountAccess
    ) throws(OutcomeUnknown) -> RefundOutcome {
        guard refund.amount.amount == order.amount else {
            throw OutcomeUnknown("Alma refunded another amount than was asked")
        }
        return .completed(reference: refund.id, schedule: payment.map { schedule(of: $0, account) } ?? [])
    }

    private func schedule(of payment: AlmaResponse.Payment, _ account: AccountAccess) -> [ScheduledInstalment] {
        (payment.payment_plan ?? []).schedule(account.localDate)
    }
}

extension AlmaResponse.Payment {
    /// The refund that carries a name of ours.
    fileprivate func refund(_ id: RefundID) -> AlmaResponse.Refund? {
        (refunds ?? []).first { $0.merchant_reference == id.description }
    }
}
