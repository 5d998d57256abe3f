import FoundationEssentials
import HTTPClient
import Observability
package import PaymentModel
package import PaymentOrchestratorDomain

extension AlmaProvider {
    private static let dialect = ProviderDialect(name: "Alma") { status, body in
        // A body that is not Alma's error, such as a proxy's page, is no word of Alma's.
        let failure = try? JSONDecoder().decode(AlmaResponse.Failure.self, from: Data(body))
        let isAboutKey = status == 401 || status == 403
        let reason = isAboutKey ? "Alma does not accept this key" : failure?.reason
        return ProviderRefusal(
            status: status, code: failure?.error_code, reason: reason ?? "refused without a reason")
    }

    func call(_ request: AlmaRequest, _ account: AccountAccess) async throws(OutcomeUnknown) -> ProviderAnswer {
        guard settings.takes(account.key.reveal()) else {
            let reason =
                settings.mode == .test
                ? "not a key for Alma's test payments: sk_test_…" : "not a key for Alma's live payments: sk_live_…"
            return .refused(ProviderRefusal(status: 401, code: nil, reason: reason))
        }
        let call = ProviderCall(account.id, leavesBefore: account.leavesBefore)
        return try await transport.ask(http(request, account), call, Self.dialect)
    }

    private func http(_ request: AlmaRequest, _ account: AccountAccess) -> HTTPRequest {
        var headers = [("Authorization", "Alma-Auth \(account.key.reveal())"), ("Accept", request.accept)]
        if request.body != nil { headers.append(("Content-Type", "application/json")) }
        return HTTPRequest(
            request.method, settings.baseURL + request.path, headers: headers, body: request.body,
            connectTimeout: settings.connectTimeout, totalTimeout: settings.totalTimeout,
            responseBytesMax: request.bytesMax ?? settings.responseBytesMax)
    }

    func decoded<T: Decodable>(_ body: [UInt8]) throws(OutcomeUnknown) -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(body))
        } catch {
            // The details of a decoding error quote the body, which may hold personal data.
            throw OutcomeUnknown("Alma answered something that is not \(T.self)")
        }
    }

    func request(_ make: () throws -> AlmaRequest) throws(OutcomeUnknown) -> AlmaRequest {
        do {
            return try make()
        } catch {
            throw OutcomeUnknown("a request to Alma could not be written")
        }
    }
}

// MARK: Searching

extension AlmaProvider {
    /// Searches the newest payments for the one made for an attempt, back to when the attempt began.
    ///
    /// Answers `nil` only when the search went back far enough to be sure.
    package func find(
        _ attempt: AttemptID, startedAt: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        let oldest = startedAt.adding(.zero - settings.clockTolerance)
        var after: String?
        for _ in 0..<settings.searchPagesMax {
            let page = try page(in: try await call(.payments(pageSize: settings.searchPageSize, after: after), account))
            if let found = page.data.first(where: { $0.custom_data?.quittance_attempt == attempt.description }) {
                return found.report(account.localDate)
            }
            guard page.has_more == true, let last = page.data.last, !isOlder(last, than: oldest) else { return nil }
            guard ProviderReference.isSafe(last.id) else {
                throw OutcomeUnknown("Alma listed a payment whose name cannot be asked for")
            }
            after = last.id
        }
        throw OutcomeUnknown("the attempt is not among the newest payments, and older ones were not searched")
    }

    private func page(in answer: ProviderAnswer) throws(OutcomeUnknown) -> AlmaResponse.Page {
        switch answer {
        case .neverReached: throw OutcomeUnknown("Alma was not reached")
        case .refused(let refusal): throw OutcomeUnknown("Alma answered \(refusal.reason)")
        case .answered(let body): return try decoded(body)
        }
    }

    private func isOlder(_ payment: AlmaResponse.Payment, than instant: Instant) -> Bool {
        payment.created.map { Instant(secondsSince1970: $0) < instant } ?? false
    }
}
