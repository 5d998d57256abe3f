import FoundationEssentials
import HTTPClient
import Observability
package import PaymentModel
package import PaymentOrchestratorDomain

extension AlmaProvider {
    /// What an exchange with Alma comes to, before anybody reads the body.
    enum Answer: Sendable {
        /// Alma cannot have acted.
        case neverReached
        /// Alma said no, and did nothing.
        case refused(Refusal)
        /// Alma did what was asked.
        case answered([UInt8])
    }

    struct Refusal: Sendable {
        let status: Int
        let reason: String
    }

    func call(_ request: AlmaRequest, _ account: AccountAccess) async throws(OutcomeUnknown) -> Answer {
        guard settings.takes(account.key.reveal()) else {
            let reason = "not a key for Alma's \(settings.mode.rawValue) payments: sk_\(settings.mode.rawValue)_…"
            return .refused(Refusal(status: 401, reason: reason))
        }
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await transport.send(
                http(request, account), ProviderCall(account.id, leavesBefore: account.leavesBefore))
        } catch {
            guard error.effectIsPossible else { return .neverReached }
            throw OutcomeUnknown("Alma did not answer: \(error)")
        }
        return try meaning(of: response)
    }

    private func http(_ request: AlmaRequest, _ account: AccountAccess) -> HTTPRequest {
        var headers = [("Authorization", "Alma-Auth \(account.key.reveal())"), ("Accept", "application/json")]
        if request.body != nil { headers.append(("Content-Type", "application/json")) }
        return HTTPRequest(
            request.method, settings.baseURL + request.path, headers: headers, body: request.body,
            connectTimeout: settings.connectTimeout, totalTimeout: settings.totalTimeout,
            responseBytesMax: settings.responseBytesMax)
    }

    private func meaning(of response: HTTPResponse) throws(OutcomeUnknown) -> Answer {
        switch response.status {
        case 200..<300: return .answered(response.body)
        // Turned away before anything was looked at.
        case 429: return .neverReached
        case 401, 403: return .refused(Refusal(status: response.status, reason: "Alma does not accept this key"))
        case 400..<500: return .refused(Refusal(status: response.status, reason: reason(in: response.body)))
        default: throw OutcomeUnknown("Alma answered with status \(response.status)")
        }
    }

    private func reason(in body: [UInt8]) -> String {
        // The status already says no; a body that is not Alma's error, such as a proxy's page, adds nothing.
        let failure = try? JSONDecoder().decode(AlmaResponse.Failure.self, from: Data(body))
        return failure?.reason ?? "refused without a reason"
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
                return found.report(settings.localDate)
            }
            guard page.has_more == true, let last = page.data.last, !isOlder(last, than: oldest) else { return nil }
            guard AlmaRequest.isReference(last.id) else {
                throw OutcomeUnknown("Alma listed a payment whose name cannot be asked for")
            }
            after = last.id
        }
        throw OutcomeUnknown("the attempt is not among the newest payments, and older ones were not searched")
    }

    private func page(in answer: Answer) throws(OutcomeUnknown) -> AlmaResponse.Page {
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
