import PaymentModel
import PaymentOrchestratorDomain

extension PayPalProvider {
    /// Adds what clients complain of; nothing of an order says whether anybody does.
    ///
    /// Right after a payment nobody can have complained, so the question is spared while somebody waits for the light.
    func withDisputes(
        _ report: ProviderReport, ofCapture id: String?, takenAt instant: Instant?, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport {
        guard report.status == .paid, let id, ProviderReference.isSafe(id) else { return report }
        if let instant, settings.time.now() - instant < settings.undisputedFor { return report }
        var report = report
        report.disputes = try await disputes(ofCapture: id, account)
        return report
    }

    /// None where PayPal does not let the account's application read disputes: what was paid is read all the same.
    func disputes(ofCapture id: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> [Dispute] {
        let listed: PayPalResponse.Disputes
        switch try await call(.disputes(ofCapture: id), account) {
        case .neverReached: throw OutcomeUnknown("PayPal was not reached")
        case .refused: return []
        case .answered(let body): listed = try decoded(body)
        }
        var all: [Dispute] = []
        for item in listed.items ?? [] where ProviderReference.isSafe(item.dispute_id) {
            guard let dispute: PayPalResponse.Dispute = try await object(.dispute(item.dispute_id), account) else {
                continue
            }
            guard dispute.dispute_id == item.dispute_id else {
                throw OutcomeUnknown("PayPal answered about another dispute")
            }
            all.append(dispute.reported)
        }
        return all
    }
}
