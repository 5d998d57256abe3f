import FoundationEssentials
import HTTPClient
import Observability
import PaymentModel

extension PayPalProvider {
    private static let dialect = ProviderDialect(name: "PayPal") { status, body in
        // A body that is not PayPal's error, such as a proxy's page, is no word of PayPal's.
        let failure = try? JSONDecoder().decode(PayPalResponse.Failure.self, from: Data(body))
        let reason = status == 401 ? "PayPal does not accept this client and secret" : failure?.reason
        return ProviderRefusal(
            status: status, code: failure?.name ?? failure?.error, reason: reason ?? "refused without a reason",
            issues: failure?.details?.compactMap(\.issue) ?? [])
    }

    private enum TokenAnswer {
        case token(Secret)
        case missing(ProviderAnswer)
    }

    func call(_ request: PayPalRequest, _ account: AccountAccess) async throws(OutcomeUnknown) -> ProviderAnswer {
        let token: Secret
        switch await self.token(account) {
        case .missing(let answer): return answer
        case .token(let known): token = known
        }
        let answer = try await send(request, account, token)
        guard case .refused(let refusal) = answer, refusal.status == 401 else { return answer }
        // A token may end before its time; turned away, nothing was done, so once more with a new one.
        await tokens.forget(account.id)
        switch await self.token(account) {
        case .missing(let answer): return answer
        case .token(let fresh): return try await send(request, account, fresh)
        }
    }

    private func send(
        _ request: PayPalRequest, _ account: AccountAccess, _ token: Secret
    ) async throws(OutcomeUnknown) -> ProviderAnswer {
        var headers = [
            ("Authorization", "Bearer \(token.reveal())"), ("Accept", "application/json"),
            ("Prefer", "return=representation"),
        ]
        if request.body != nil { headers.append(("Content-Type", "application/json")) }
        if let id = request.requestID { headers.append(("PayPal-Request-Id", id)) }
        let call = ProviderCall(
            account.id, leavesBefore: account.leavesBefore, isRepeatable: request.requestID != nil)
        return try await transport.ask(
            http(request.method, request.path, headers, request.body), call, Self.dialect)
    }

    func http(
        _ method: HTTPRequest.Method, _ path: String, _ headers: [(String, String)], _ body: [UInt8]?
    ) -> HTTPRequest {
        HTTPRequest(
            method, settings.baseURL + path, headers: headers, body: body, connectTimeout: settings.connectTimeout,
            totalTimeout: settings.totalTimeout, responseBytesMax: settings.responseBytesMax)
    }

    /// The account's token; without one nothing else was asked, so nothing can have happened.
    private func token(_ account: AccountAccess) async -> TokenAnswer {
        let now = settings.time.now()
        let credentials = account.credentials.text
        if let known = await tokens.token(of: account.id, for: credentials, at: now) { return .token(known) }
        do throws(OutcomeUnknown) {
            let answer = try await askForToken(account)
            guard case .answered(let body) = answer else { return .missing(answer) }
            let fresh: PayPalResponse.Token = try decoded(body)
            let token = Secret(fresh.access_token)
            let lifetime = Duration.seconds(min(max(fresh.expires_in ?? 0, 0), 86_400)) - settings.tokenMargin
            await tokens.keep(token, of: account.id, for: credentials, until: now.adding(lifetime))
            return .token(token)
        } catch {
            return .missing(.neverReached)
        }
    }

    func askForToken(_ account: AccountAccess) async throws(OutcomeUnknown) -> ProviderAnswer {
        guard let client = account.credentials.client else {
            return .refused(
                ProviderRefusal(status: 401, code: nil, reason: "PayPal wants the client's id beside its secret"))
        }
        let basic = Data("\(client):\(account.key.reveal())".utf8).base64EncodedString()
        let headers = [
            ("Authorization", "Basic \(basic)"), ("Accept", "application/json"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        let request = http(.post, "/v1/oauth2/token", headers, Array("grant_type=client_credentials".utf8))
        // Two tokens do no harm.
        let call = ProviderCall(account.id, leavesBefore: account.leavesBefore, isRepeatable: true)
        return try await transport.ask(request, call, Self.dialect)
    }

    func decoded<T: Decodable>(_ body: [UInt8]) throws(OutcomeUnknown) -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(body))
        } catch {
            // The details of a decoding error quote the body, which may hold personal data.
            throw OutcomeUnknown("PayPal answered something that is not \(T.self)")
        }
    }

    func request(_ make: () throws -> PayPalRequest) throws(OutcomeUnknown) -> PayPalRequest {
        do {
            return try make()
        } catch {
            throw OutcomeUnknown("a request to PayPal could not be written")
        }
    }

    /// Reads an object; `nil` when PayPal itself says that there is none of that name.
    func object<T: Decodable>(
        _ request: PayPalRequest, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> T? {
        switch try await call(request, account) {
        case .neverReached: throw OutcomeUnknown("PayPal was not reached")
        case .refused(let refusal):
            // A proxy's 404 is no word of PayPal's.
            guard refusal.status == 404, refusal.code == "RESOURCE_NOT_FOUND" else {
                throw OutcomeUnknown("PayPal answered \(refusal.reason)")
            }
            return nil
        case .answered(let body): return try decoded(body) as T
        }
    }
}
