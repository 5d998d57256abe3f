import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import Testing

@Suite struct `PAY-12: a free amount` {
    private static let alone = #""another":false,"#

    @Test func `is asked for once, however many desks ask for it at one moment, C-06`() async throws {
        let bench = try await PaymentBench.start()
        // All of them have found no other before the first of them is kept.
        let answers = try await bench.together(Array(0..<4)) { number in
            try await bench.call(.post, "/v1/payments", bench.draft(more: Self.alone), key: "desk-\(number)")
        }
        #expect(answers.map(\.status).sorted() == [201, 409, 409, 409])
        let made = try await bench.listed("state=requested")
        #expect(made.count == 1)
        let name = try #require(made.first?.description)
        for refused in answers where refused.status == 409 {
            #expect(refused.problem == "other-payment-is-live")
            #expect(refused.json["detail"]?.text?.contains(name) == true, "\(refused.text)")
            #expect(refused.json["remedy"]?.text?.contains("another") == true, "\(refused.text)")
        }
    }

    @Test func `of the same sum is another one where the desk says so, or the first has ended`() async throws {
        let bench = try await PaymentBench.start()
        #expect(try await bench.ask().status == 201)
        #expect(try await ask(bench, Self.alone).problem == "other-payment-is-live")
        #expect(try await ask(bench, "").status == 409, "saying nothing is the same")
        #expect(try await ask(bench, #""another":true,"#).status == 201)
        for payment in try await bench.listed("state=requested") {
            #expect(try await bench.call(.post, "/v1/payments/\(payment)/cancel").status == 200)
        }
        #expect(try await ask(bench, Self.alone).status == 201)
    }

    @Test func `of another sum, of an invoice or of another clinic stands in nobody's way`() async throws {
        let bench = try await PaymentBench.start()
        _ = try await bench.request(invoice: try await bench.invoice(20_000))
        _ = try await bench.request(15_000)
        let elsewhere = ClinicID(0xCC)
        _ = try await bench.overseer.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute("UPDATE payment SET clinic = \(elsewhere) WHERE amount = 15000")
        }
        #expect(try await ask(bench, Self.alone).status == 201)
        let same = bench.draft(15_000, more: Self.alone)
        #expect(try await bench.call(.post, "/v1/payments", same, key: "here").status == 201)
    }

    @Test func `gives way to another method as an invoice's payment does, PAY-13`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let bench = try await story.connected().bench
        let first = try await bench.request(more: Self.alone)
        try await bench.fault(#"{"kind":"rate-limit","operation":"alma.create-payment","times":0}"#)
        #expect(try await bench.open(first.token) == nil)
        let answer = try await bench.http.call(.post, "/p/\(first.token)/other")
        #expect(answer.status == 303 && answer.headers["Location"] != "../\(first.token)", "\(answer.headers)")
        #expect(try await bench.state(first.id) == "cancelled")
        #expect(try await bench.listed("state=requested").count == 1)
    }

    @Test(arguments: [true, false])
    func `or an invoice, beside whose payment it is refused, is not said to be payable once its client has agreed`(
        isInvoice: Bool
    ) async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, _) = try await story.connected()
        let invoice = try await isInvoice ? bench.invoice(20_000) : nil
        let payment = try await story.request(bench, invoice: invoice)
        let reference = try #require(try await story.open(payment.token, bench))
        #expect(try await remedy(bench, invoice).hasPrefix("Let the client pay by its link"))
        try await story.act("accept-slowly", on: reference, bench)
        try await bench.sweep(after: .seconds(4))
        let remedy = try await remedy(bench, invoice)
        #expect(remedy.hasPrefix("Wait: the client has agreed to it at the provider") && !remedy.contains("cancel"))
        #expect(remedy.contains("GET /v1/payments/\(payment.id) tells when it has."), "\(remedy)")
        #expect(remedy.contains("another") != isInvoice)
    }

    private func remedy(_ bench: PaymentBench, _ invoice: InvoiceID?) async throws -> String {
        let draft = bench.draft(invoice: invoice, more: Self.alone)
        let key = "ask-\(IdentifierSource.system.next())"
        let refused = try await bench.call(.post, "/v1/payments", draft, key: key)
        #expect(refused.problem == "other-payment-is-live", "\(refused.text)")
        return refused.json["remedy"]?.text ?? ""
    }

    private func ask(_ bench: PaymentBench, _ another: String) async throws -> InProcessClient.Answer {
        let draft = bench.draft().replacing(#""another":true,"#, with: another)
        return try await bench.call(.post, "/v1/payments", draft, key: "ask-\(IdentifierSource.system.next())")
    }
}
