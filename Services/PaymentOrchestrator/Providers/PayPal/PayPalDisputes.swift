package import PaymentModel
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

    /// A list says which disputes there are, and each one's own answer about which captures.
    package func disputed(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> [String] {
        var captures: Set<String> = []
        for page in 1...settings.disputePagesMax {
            let listed: PayPalResponse.Disputes
            switch try await call(.disputes(since: since, page: page), account) {
            case .neverReached: throw OutcomeUnknown("PayPal was not reached")
            case .refused: return []
            case .answered(let body): listed = try decoded(body)
            }
            for item in listed.items ?? [] where ProviderReference.isSafe(item.dispute_id) {
                let found: PayPalResponse.Dispute? = try await object(.dispute(item.dispute_id), account)
                let disputed = found?.disputed_transactions ?? []
                captures.formUnion(disputed.compactMap(\.seller_transaction_id).filter { ProviderReference.isSafe($0) })
            }
            guard (listed.items ?? []).count == PayPalRequest.disputesPageSize else {
                return captures.sorted().map(PayPalWebhook.disputed)
            }
        }
        throw OutcomeUnknown("PayPal's list of disputes is longer than was read")
    }
}
