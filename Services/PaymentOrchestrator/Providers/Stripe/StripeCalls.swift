import FoundationEssentials
import HTTPClient
import Observability
package import PaymentModel
package import PaymentOrchestratorDomain

extension StripeProvider {
    private static let dialect = ProviderDialect(name: "Stripe") { status, body in
        // A body that is not Stripe's error, such as a proxy's page, is no word of Stripe's.
        let failure = try? JSONDecoder().decode(StripeResponse.Failure.self, from: Data(body))
        let reason = status == 401 ? "Stripe does not accept this key" : failure?.reason ?? "refused without a reason"
        return ProviderRefusal(status: status, code: failure?.error?.code ?? failure?.error?.type, reason: reason)
    }

    func call(_ request: StripeRequest, _ account: AccountAccess) async throws(OutcomeUnknown) -> ProviderAnswer {
        guard settings.takes(account.key.reveal()) else {
            let reason =
                settings.mode == .test
                ? "not a key for Stripe's test payments: sk_test_…" : "not a key for Stripe's live payments: sk_live_…"
            return .refused(ProviderRefusal(status: 401, code: nil, reason: reason))
        }
        let call = ProviderCall(
            account.id, leavesBefore: account.leavesBefore, isRepeatable: request.idempotencyKey != nil)
        return try await transport.ask(http(request, account), call, Self.dialect)
    }

    private func http(_ request: StripeRequest, _ account: AccountAccess) -> HTTPRequest {
        let form = request.form.text
        var headers = [
            ("Authorization", "Bearer \(account.key.reveal())"), ("Accept", "application/json"),
            ("Stripe-Version", settings.version),
        ]
        if let key = request.idempotencyKey { headers.append(("Idempotency-Key", key)) }
        if !request.method.isSafe { headers.append(("Content-Type", "application/x-www-form-urlencoded")) }
        let query = request.method.isSafe && !form.isEmpty ? "?\(form)" : ""
        return HTTPRequest(
            request.method, settings.baseURL + request.path + query, headers: headers,
            body: request.method.isSafe ? nil : Array(form.utf8), connectTimeout: settings.connectTimeout,
            totalTimeout: settings.totalTimeout, responseBytesMax: settings.responseBytesMax)
    }

    func decoded<T: Decodable>(_ body: [UInt8]) throws(OutcomeUnknown) -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(body))
        } catch {
            // The details of a decoding error quote the body, which may hold personal data.
            throw OutcomeUnknown("Stripe answered something that is not \(T.self)")
        }
    }

    /// Reads an object; `nil` when Stripe itself says that it has none of that name.
    func object<T: Decodable>(
        _ request: StripeRequest, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> T? {
        switch try await call(request, account) {
        case .neverReached: throw OutcomeUnknown("Stripe was not reached")
        case .refused(let refusal):
            guard refusal.status == 404 else { throw OutcomeUnknown("Stripe answered \(refusal.reason)") }
            return nil
        case .answered(let body): return try decoded(body) as T
        }
    }
}

// MARK: Lists

extension StripeProvider {
    /// Searches the sessions made since an attempt began for the one that carries its name.
    ///
    /// Answers `nil` only when all of them were seen.
    package func find(
        _ attempt: AttemptID, startedAt: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        let since = startedAt.adding(.zero - settings.clockTolerance)
        let found: StripeResponse.Session? = try await first(
            account, id: \.id, pagesMax: settings.listPagesMax, where: { $0.attempt == attempt }
        ) {
            .sessions(since: since, pageSize: settings.listPageSize, after: $0)
        }
        guard let found else { return nil }
        return try await report(of: found, account)
    }

    /// Every refund of an intent, whatever became of it.
    func refunds(
        ofIntent intent: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [StripeResponse.Refund] {
        try await all(account, id: \.id, pagesMax: settings.listPagesMax) {
            .refunds(ofIntent: intent, pageSize: settings.listPageSize, after: $0)
        }
    }

    /// Every dispute of an intent, oldest first.
    func disputes(
        ofIntent intent: String, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [StripeResponse.Dispute] {
        try await all(account, id: \.id, pagesMax: settings.listPagesMax) {
            .disputes(ofIntent: intent, pageSize: settings.listPageSize, after: $0)
        }
    }

    package func disputed(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> NamedPayments {
        let found: [StripeResponse.Dispute] = try await all(account, id: \.id, pagesMax: settings.reportPagesMax) {
            .disputes(since: since, pageSize: settings.listPageSize, after: $0)
        }
        return NamedPayments(references: found.compactMap { $0.payment_intent?.id })
    }

    package func refunded(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> [ListedRefund] {
        let found: [StripeResponse.Refund] = try await all(account, id: \.id, pagesMax: settings.reportPagesMax) {
            .refunds(since: since, pageSize: settings.listPageSize, after: $0)
        }
        return found.compactMap { refund in
            refund.payment_intent.map { ListedRefund(reference: refund.id, subject: .payment($0.id)) }
        }
    }

    /// Every object of a list, oldest first.
    private func all<Item: Decodable>(
        _ account: AccountAccess, id: (Item) -> String, pagesMax: Int, page request: (_ after: String?) -> StripeRequest
    ) async throws(OutcomeUnknown) -> [Item] {
        var all: [Item] = []
        try await self.all(account, id: id, pagesMax: pagesMax, take: { all.append($0) }, page: request)
        return all.reversed()
    }

    /// Goes through all pages of a list.
    func all<Item: Decodable>(
        _ account: AccountAccess, id: (Item) -> String, pagesMax: Int, take: (Item) -> Void,
        page request: (_ after: String?) -> StripeRequest
    ) async throws(OutcomeUnknown) {
        _ = try await first(account, id: id, pagesMax: pagesMax) { item in
            take(item)
            return false
        } page: {
            request($0)
        }
    }

    /// Goes through the pages of a list until an object fits.
    private func first<Item: Decodable>(
        _ account: AccountAccess, id: (Item) -> String, pagesMax: Int, where fits: (Item) -> Bool,
        page request: (_ after: String?) -> StripeRequest
    ) async throws(OutcomeUnknown) -> Item? {
        var last: String?
        for _ in 0..<pagesMax {
            guard let page: StripeResponse.List<Item> = try await object(request(last), account) else {
                throw OutcomeUnknown("Stripe has no such list")
            }
            if let found = page.data.first(where: fits) { return found }
            guard page.has_more == true, let item = page.data.last else { return nil }
            last = id(item)
        }
        throw OutcomeUnknown("Stripe's list is longer than was read")
    }
}
