import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import Testing
import TransactionalMessaging

@Suite struct `The cause of a request` {
    /// Answers the cause it would have as text.
    static let route = Route(
        .post, "/v1/things", operation: "makeThing", access: .roles([.manager], scope: "things:write")
    ) { request in
        let cause = try request.cause()
        guard case .request(let key, let fingerprint) = cause.kind else { return .empty(500) }
        return .text(.ok, "\(key)|\(fingerprint)|\(cause.organisation)|\(cause.actor)|\(cause.traceparent ?? "-")")
    }

    func cause(_ subject: String, key: String?, body: String = "{}") async throws -> [String] {
        let caller = Callers.principal(scopes: ["things:write"], subject: subject)
        let answer = try await InProcessClient([Self.route]).call(
            .post, "/v1/things", as: caller, json: body, key: key)
        return answer.text.split(separator: "|").map(String.init)
    }

    @Test func `is the same for a retry and another for anyone else`() async throws {
        let first = try await cause("anna", key: "k")
        #expect(try await cause("anna", key: "k").prefix(2) == first.prefix(2))
        #expect(try await cause("berta", key: "k")[0] != first[0])
        let otherBody = try await cause("anna", key: "k", body: "{ }")
        #expect(otherBody[0] == first[0] && otherBody[1] != first[1])
    }

    @Test func `names organisation, actor and trace`() async throws {
        let cause = try await cause("anna", key: "k")
        #expect(cause[2] == Callers.organisation.description)
        #expect(cause[3] == "anna")
        #expect(cause[4].hasPrefix("00-"))
    }

    @Test func `is its own when the caller gave no key`() async throws {
        let client = try await InProcessClient([Self.route])
        let caller = Callers.principal(scopes: ["things:write"])
        let texts = [
            try await client.call(.post, "/v1/things", as: caller, json: "{}").text,
            try await client.call(.post, "/v1/things", as: caller, json: "{}").text,
        ]
        #expect(texts[0].prefix { $0 != "|" } != texts[1].prefix { $0 != "|" })
    }
}

@Suite struct `What an error of the database means for a caller` {
    @Test(arguments: [
        PostgresError.Kind.connection, .poolExhausted, .closed, .timeout, .commitUnknown, .cancelled,
        .server(SQLState(rawValue: "40001")),
    ])
    func `what may be well again is tried again`(kind: PostgresError.Kind) {
        let problem = StorageProblems.problem(of: PostgresError(kind, "the password is hunter2"))
        #expect(problem?.status == 503)
        #expect(problem?.headers["Retry-After"] != nil)
        #expect(problem?.detail.description.contains("hunter2") != true)
    }

    @Test(arguments: [PostgresError.Kind.decoding, .usage, .server(.uniqueViolation)])
    func `what is a mistake of ours is not passed on`(kind: PostgresError.Kind) {
        #expect(StorageProblems.problem(of: PostgresError(kind, "x")) == nil)
    }
}
