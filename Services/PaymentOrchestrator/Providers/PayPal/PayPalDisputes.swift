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
        switch try await call(.disputes(ofCapture: id, pageSize: settings.disputePageSize), account) {
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

// MARK: All of an account's

extension PayPalProvider {
    /// A list says which disputes there are, and each one's own answer about which captures.
    package func disputed(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> NamedPayments {
        // What is listed no more cannot be asked for; a minute is for clocks that differ.
        let first = settings.time.now().adding(.seconds(60) - settings.disputesListedFor)
        var captures: Set<String> = []
        var unreadable = 0
        for id in try await disputeIDs(since: max(since, first), account) {
            do throws(OutcomeUnknown) {
                let found: PayPalResponse.Dispute? = try await object(.dispute(id), account)
                let disputed = found?.disputed_transactions ?? []
                captures.formUnion(disputed.compactMap(\.seller_transaction_id).filter { ProviderReference.isSafe($0) })
            } catch {
                unreadable += 1
            }
        }
        return NamedPayments(references: captures.map(PayPalWebhook.disputed), unreadable: unreadable)
    }

    /// Every dispute's name, page by page until one is the last.
    private func disputeIDs(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> [String] {
        var (ids, seen, place): ([String], Set<String>, PayPalRequest.DisputesPlace) = ([], [], .page(1))
        for page in 1...settings.disputePagesMax {
            let request = PayPalRequest.disputes(since: since, pageSize: settings.disputePageSize, place)
            let listed: PayPalResponse.Disputes
            switch try await call(request, account) {
            case .neverReached: throw OutcomeUnknown("PayPal was not reached")
            case .refused(let refusal): throw OutcomeUnknown("PayPal lists no disputes: \(refusal.reason)")
            case .answered(let body): listed = try decoded(body)
            }
            let items = listed.items ?? []
            let new = items.map(\.dispute_id).filter { seen.insert($0).inserted }
            ids += new.filter { ProviderReference.isSafe($0) }
            if let next = try listed.next {
                guard !new.isEmpty else { throw OutcomeUnknown("PayPal's list of disputes goes round") }
                place = next
            } else if items.count >= settings.disputePageSize, !new.isEmpty {
                // Lists that go by number need no link; one that has no other page says the same again, or nothing.
                place = .page(page + 1)
            } else {
                return ids
            }
        }
        throw OutcomeUnknown("PayPal's list of disputes is longer than was read")
    }
}

extension PayPalResponse.Disputes {
    /// Where the list's own link to its next page leads; the host and whatever else it names is not followed.
    fileprivate var next: PayPalRequest.DisputesPlace? {
        get throws(OutcomeUnknown) {
            guard let link = links?.first(where: { $0.rel == "next" }) else { return nil }
            let query = link.href.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            for part in query.split(separator: "&") {
                let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
                guard pair.count == 2 else { continue }
                if pair[0] == "next_page_token", Self.isToken(pair[1]) { return .token(pair[1]) }
                if pair[0] == "page", let page = Int(pair[1]), page > 1 { return .page(page) }
            }
            throw OutcomeUnknown("PayPal's list of disputes goes on nobody knows where")
        }
    }

    /// The letters of a token as a link has them: of base 64, or escaped.
    private static func isToken(_ text: String) -> Bool {
        text.utf8.count <= 1_024
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="),
                    UInt8(ascii: "%"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
