import EventContract
import HTTPServer
import PaymentModel
import PaymentOrchestratorService
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// GEN-7: what a client leaves behind here when the books forget the client.
@Suite struct `A client who is erased` {
    private static let traces = ["Martin", "firstName", "33612345678", "ada@example.org"]

    private func erase(_ bench: PaymentBench, _ client: ClientID = PaymentBench.client) async throws {
        try await bench.hear(ClientErasedV1(clientID: client, erasedOn: bench.clock.now.utcDate), about: client)
    }

    @Test func `GEN-7: is in no row, answer or line of the log any more; the money is, and can be given back`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let asked = try await bench.request(more: #""title":"Consultation du chien de Mme Martin","#)
        let reference = try #require(try await bench.open(asked.token))
        try await bench.act("accept", on: reference)
        _ = try await bench.notify(reference)
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(asked.id)/refunds", part, key: "part")
        try await note("Mme Martin called", about: asked.id, bench)
        let (before, history) = (try await bench.view(asked.id), try await bench.history(asked.id))

        try await erase(bench)
        let rows = try await bench.overseer.rows(of: PaymentOrchestratorService.schema)
        let answers = try await answers(about: asked, bench)
        for trace in Self.traces {
            #expect(!rows.contains(trace), "\(trace) is in the database")
            for (path, text) in answers { #expect(!text.contains(trace), "\(path): \(text)") }
            #expect(!bench.log.lines.contains { $0.contains(trace) })
        }
        #expect(answers.contains { $0.text.contains("Soins vétérinaires") })
        let after = try await bench.view(asked.id)
        #expect(after["client"] == nil && after["clientID"] == before["clientID"])
        for member in ["state", "amount", "fee", "refunds", "refundable", "schedule", "attempts", "expectedPayoutOn"] {
            #expect(before[member] != nil && after[member] == before[member], "\(member): \(after)")
        }
        #expect(try await bench.history(asked.id) == history + ["client-erased"])
        #expect(try await bench.reasons(asked.id) == [""], "one was given")
        #expect(try await bench.call(.get, "/v1/payments?search=martin").json["items"]?.elements?.isEmpty == true)

        let rest = try await bench.call(.post, "/v1/payments/\(asked.id)/refunds", "{}", key: "rest")
        #expect(rest.status == 201, "\(rest.text)")
        #expect(try await bench.view(asked.id)["refundable"]?["minorUnits"]?.integer == 0)
        #expect(try await bench.provided(asked.id)[0]["amount_already_refunded"] == 20_000)
    }

    @Test func `GEN-7: who is on the provider's page pays on; what no provider was asked about is called off`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let (open, waiting) = (try await bench.request(channel: "sms"), try await bench.request())
        let reference = try #require(try await bench.open(open.token))
        bench.clock.move(.seconds(61))
        try await erase(bench)
        #expect(try await bench.state(open.id) == "open")
        #expect(try await bench.state(waiting.id) == "cancelled")
        #expect(try await bench.view(waiting.id)["cancellation"]?.text == "client-erased")
        #expect(try await bench.open(waiting.token) == nil)
        #expect(try await bench.http.call(.get, "/p/\(waiting.token)").text.contains("annulée"))
        let again = try await bench.call(.post, "/v1/payments/\(open.id)/link-messages", key: "again")
        #expect(again.status == 410, "there is no phone it could go to: \(again.text)")

        try await bench.act("accept", on: reference)
        #expect(try await bench.notify(reference).status == 204)
        #expect(try await bench.state(open.id) == "accepted")
        #expect(try await bench.bodies(open.id, "payment-accepted").count == 1)
        #expect(try await bench.events(waiting.id) == ["payment-requested", "payment-cancelled"])
        #expect(try await bench.provided(waiting.id).isEmpty)
    }

    @Test func `GEN-7: is not named by the reason of whoever decides about its payment afterwards`() async throws {
        let bench = try await PaymentBench.start()
        let asked = try await bench.request()
        let reference = try #require(try await bench.open(asked.token))
        try await bench.act("accept", on: reference)
        try await bench.fault(
            #"{"kind":"alter","operation":"alma.get-payment","times":0,"members":{"purchase_amount":19000}}"#)
        #expect(try await bench.notify(reference).status == 204)
        try await erase(bench)
        let decision = """
            {"alarm":"amount-differs","providerReference":"\(reference)","resolution":"keep",\
            "reason":"Mme Martin agreed"}
            """
        let kept = try await bench.call(.post, "/v1/payments/\(asked.id)/resolutions", decision, key: "keep")
        #expect(kept.status == 200 && kept.json["state"]?.text == "accepted", "\(kept.text)")
        #expect(try await bench.history(asked.id).contains("keep-amount-differs"))
        #expect(try await bench.reasons(asked.id) == [""], "one was given")
        let rows = try await bench.overseer.rows(of: PaymentOrchestratorService.schema)
        for trace in Self.traces { #expect(!rows.contains(trace), "\(trace) is in the database") }
    }

    @Test func `GEN-7: is erased once however often it is told, and whoever asks the provider goes on as before`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        _ = try await bench.open(payment.token)
        for _ in 0..<3 { try await bench.sweep(after: .seconds(4)) }
        let before = try await asking(payment.id, bench)
        for _ in 0..<3 { try await erase(bench) }
        #expect(try await asking(payment.id, bench) == before)
        #expect(try await bench.history(payment.id).filter { $0 == "client-erased" }.count == 1)
    }

    @Test func `GEN-7: before anything else was heard of it, it is asked for nothing, whatever comes later`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let client: ClientID = IdentifierSource.system.make()
        try await erase(bench, client)
        try await bench.hear(
            ClientChangedV1(clientID: client, language: .french, hasEmail: true, hasPhone: true), about: client)
        let draft = bench.draft().replacing("\(PaymentBench.client)", with: "\(client)")
        let refused = try await bench.call(.post, "/v1/payments", draft, key: "late")
        let error = refused.json["errors"]?.elements?.first
        #expect(refused.status == 422 && error?["pointer"]?.text == "/clientID", "\(refused.text)")
        #expect(error?["reason"]?.text == "The client was erased.")
        #expect(try await bench.ask().status == 201, "another one is asked")
    }

    @Test(arguments: [0, 3])
    func `GEN-7: leaves nothing behind by whoever is asking for a payment at the same moment`(
        earlier: Int
    ) async throws {
        let bench = try await PaymentBench.start()
        let statuses = try await bench.ask(24, with: earlier) { try await erase(bench) }
        let (asked, refused) = (Array(repeating: 201, count: earlier), Array(repeating: 422, count: 24 - earlier))
        #expect(statuses.sorted() == asked + refused)
        let rows = try await bench.overseer.rows(of: PaymentOrchestratorService.schema)
        for trace in Self.traces { #expect(!rows.contains(trace), "\(trace): \(statuses)") }
    }

    /// A manager said something of a payment, in free words.
    private func note(_ words: String, about payment: PaymentID, _ bench: PaymentBench) async throws {
        _ = try await bench.overseer.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute(
                "UPDATE payment_history SET note = \(words) WHERE payment = \(payment) AND version = 1")
        }
    }

    /// Everything that tells of a payment.
    private func answers(
        about payment: (id: PaymentID, token: String), _ bench: PaymentBench
    ) async throws -> [(path: String, text: String)] {
        let one = "/v1/payments/\(payment.id)"
        var answers: [(path: String, text: String)] = []
        for path in [one, "/v1/payments", "\(one)/history", "\(one)/timeline", "/p/\(payment.token)"] {
            let answer = try await bench.call(.get, path)
            #expect(answer.status == 200, "\(path): \(answer.text)")
            answers.append((path, answer.text))
        }
        let recipient = try await bench.call(.get, "\(one)/recipient", as: PaymentBench.principal(role: .service))
        #expect(recipient.status == 410 && recipient.problem == "gone", "\(recipient.text)")
        return answers + [("recipient", recipient.text)]
    }

    /// How often the provider was asked since the last news, and when it is asked next.
    private func asking(_ payment: PaymentID, _ bench: PaymentBench) async throws -> String {
        try await bench.database.read(organisation: nil) { transaction in
            try transaction.one(
                "SELECT questions || ' ' || ask_at AS asking FROM payment WHERE id = \(payment)"
            ) { row in try row("asking") }
        }
    }
}

extension PaymentBench {
    /// The facts of a payment's history, in order.
    fileprivate func history(_ payment: PaymentID) async throws -> [String] {
        try await lines(payment).flatMap { $0["facts"]?.elements?.compactMap(\.text) ?? [] }
    }

    /// The reasons of its history, in order.
    fileprivate func reasons(_ payment: PaymentID) async throws -> [String] {
        try await lines(payment).compactMap { $0["note"]?.text }
    }

    private func lines(_ payment: PaymentID) async throws -> [JSONValue] {
        try await call(.get, "/v1/payments/\(payment)/history").json["items"]?.elements ?? []
    }
}
