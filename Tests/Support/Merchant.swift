package import HTTPClient

/// A merchant of the simulated provider, with the calls tests make most.
package struct Merchant: Sendable {
    /// Its check digits are right: the books know no account by another.
    package static let iban = "FR7612345000010000000000193"

    package let sandbox: PrivateSandbox
    package let key: String

    /// A merchant with this key at a sandbox.
    package init(sandbox: PrivateSandbox, key: String) {
        self.sandbox = sandbox
        self.key = key
    }

    /// Starts a sandbox with one merchant in it.
    package static func start(
        _ arguments: [String] = [], key: String = "sk_test_clinic_one", iban: String = Self.iban
    ) async throws -> Merchant {
        let sandbox = try await PrivateSandbox.start(["--alma-account", "\(key)=merchant_one=\(iban)"] + arguments)
        return Merchant(sandbox: sandbox, key: key)
    }

    package func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, timeout: Duration? = nil,
        bytesMax: Int? = nil
    ) async throws(HTTPClientError) -> SandboxAnswer {
        try await sandbox.call(
            method, "/alma" + path, body, headers: [("Authorization", "Alma-Auth \(key)")], timeout: timeout,
            bytesMax: bytesMax)
    }

    /// The id of a new payment whose notifications go to the sink "ipn".
    package func createPayment(
        _ amount: Int = 12_990, _ more: String = "\"installments_count\":3", reference: String = "F2026-0001"
    ) async throws -> String {
        let answer = try await call(
            .post, "/v1/payments",
            """
            {"payment":{"purchase_amount":\(amount),"ipn_callback_url":"\(sandbox.url)/sink/ipn",\
            "return_url":"\(sandbox.url)/sink/return?from=alma","customer_cancel_url":"\(sandbox.url)/sink/cancel",\(more)},
            "order":{"merchant_reference":"\(reference)"}}
            """)
        guard answer.status == 200 else { throw PrivateSandbox.Failure(description: answer.text) }
        return answer.json["id"].string
    }

    package func payment(_ id: String) async throws -> SandboxJSON { try await call(.get, "/v1/payments/\(id)").json }

    package func act(_ action: String, on id: String) async throws {
        try await sandbox.control(.post, "/alma/payments/\(id)/act", "{\"action\":\"\(action)\"}")
    }

    /// A payment the client has accepted.
    package func acceptedPayment(_ amount: Int = 12_990, reference: String = "F2026-0001") async throws -> String {
        let id = try await createPayment(amount, reference: reference)
        try await act("accept", on: id)
        return id
    }

    /// What the sink has taken, once there is as much as is waited for.
    package func seen(_ sink: String, atLeast count: Int) async throws -> [SandboxJSON] {
        try await poll("the sink \(sink) has taken \(count)") {
            let seen = try await sandbox.control(.get, "/sink/\(sink)").list
            return seen.count >= count ? seen : nil
        }
    }
}

/// Asks again until there is an answer or the deadline passes.
package func poll<Answer>(
    _ what: String, within limit: Duration = .seconds(20), _ ask: () async throws -> Answer?
) async throws -> Answer {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if let answer = try await ask() { return answer }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw PrivateSandbox.Failure(description: "not within \(limit): \(what)")
}
