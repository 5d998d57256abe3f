import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `PAY-13: another way to pay` {
    @Test func `is offered when the first provider refused, once, and pays the invoice`() async throws {
        let (bench, stripe) = try await start()
        let invoice = try await bench.invoice(20_000)
        let first = try await bench.request(invoice: invoice)
        #expect(try await !page(first.token, bench).contains("/other"), "not before anything was tried")
        let reference = try #require(try await bench.open(first.token))
        #expect(try await !page(first.token, bench).contains("/other"), "not while the first could be paid")
        try await bench.act("decline", on: reference)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(first.id) == "refused")
        #expect(try await page(first.token, bench).contains("Payer en une fois par carte bancaire (Stripe)"))
        let second = try #require(try await other(first.token, bench))
        #expect(try await other(first.token, bench) == second, "pressed twice, it is one payment")
        let paid = try #require(try await stripe.open(second, bench))
        try await stripe.act("accept", on: paid, bench)
        try await bench.sweep(after: .seconds(4))
        let sales = try await bench.call(.get, "/v1/payments?invoiceID=\(invoice)").json["items"]?.elements ?? []
        #expect(sales.map { $0["state"]?.text } == ["accepted", "refused"], "\(sales)")
        #expect(sales.first?["insteadOf"]?.text == first.id.description && sales.first?["plan"]?.text == "1x")
        let made = try #require(sales.first?["id"]?.text.flatMap { PaymentID($0) })
        let told = try #require(try await bench.bodies(made, "payment-requested").first)
        #expect(told.contains(#""requestedBy":"tester""#), "who asked at the clinic, not the client: \(told)")
    }

    @Test func `ends the first one where its provider was never reached`() async throws {
        let (bench, stripe) = try await start()
        let invoice = try await bench.invoice(20_000)
        let first = try await bench.request(invoice: invoice)
        try await bench.fault(#"{"kind":"rate-limit","operation":"alma.create-payment","times":0}"#)
        #expect(try await bench.open(first.token) == nil)
        let second = try #require(try await other(first.token, bench))
        #expect(try await stripe.open(second, bench) != nil)
        let view = try await bench.view(first.id)
        #expect(view["state"]?.text == "cancelled" && view["cancellation"]?.text == "other-method", "\(view)")
        #expect(try await bench.provided(first.id).isEmpty)
    }

    @Test func `is not offered while nobody knows whether the first one charges, C-01`() async throws {
        let (bench, _) = try await start()
        let first = try await bench.request(invoice: try await bench.invoice(20_000))
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.create-payment"}"#)
        #expect(try await bench.open(first.token) == nil)
        #expect(try await bench.state(first.id) == "unknown")
        #expect(try await !page(first.token, bench).contains("/other"))
        #expect(try await other(first.token, bench) == first.token, "the form of an older page leads back")
        let sales = try await bench.call(.get, "/v1/payments").json["items"]?.elements ?? []
        #expect(sales.count == 1)
    }

    @Test func `is not offered where the clinic has no other, or does not offer it`() async throws {
        let bench = try await PaymentBench.start()
        let alone = try await bench.request()
        try await bench.act("decline", on: try #require(try await bench.open(alone.token)))
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(alone.id) == "refused")
        #expect(try await !page(alone.token, bench).contains("/other"))
        #expect(try await other(alone.token, bench) == alone.token)
    }

    @Test func `is not offered while another payment of the invoice can be paid`() async throws {
        let (bench, _) = try await start()
        let invoice = try await bench.invoice(20_000)
        let first = try await bench.request(invoice: invoice)
        try await bench.act("decline", on: try #require(try await bench.open(first.token)))
        try await bench.sweep(after: .seconds(4))
        #expect(try await page(first.token, bench).contains("/other"))
        let asked = try await bench.request(invoice: invoice)
        #expect(try await !page(first.token, bench).contains("/other"))
        #expect(try await other(first.token, bench) == first.token, "the form of an older page leads back")
        _ = try await bench.call(.post, "/v1/payments/\(asked.id)/cancel")
        #expect(try await bench.state(asked.id) == "cancelled")
        let made = try #require(try await other(first.token, bench))
        #expect(made != first.token)
        #expect(try await page(first.token, bench).contains("/other"), "it leads to the payment that was made by it")
    }

    @Test func `is offered for a free amount too, once, unless another of the client's could be paid, PAY-5`()
        async throws
    {
        let (bench, stripe) = try await start()
        let first = try await bench.request()
        try await bench.act("decline", on: try #require(try await bench.open(first.token)))
        try await bench.sweep(after: .seconds(4))
        #expect(try await page(first.token, bench).contains("/other"))
        let asked = try await bench.request(15_000)
        #expect(try await !page(first.token, bench).contains("/other"), "the desk asked for it anew, perhaps")
        #expect(try await other(first.token, bench) == first.token, "the form of an older page leads back")
        _ = try await bench.call(.post, "/v1/payments/\(asked.id)/cancel")
        let second = try #require(try await other(first.token, bench))
        #expect(second != first.token)
        #expect(try await other(first.token, bench) == second, "pressed twice, it is one payment")
        #expect(try await page(first.token, bench).contains("/other"), "it leads to the payment that was made by it")
        let paid = try #require(try await stripe.open(second, bench))
        try await stripe.act("accept", on: paid, bench)
        try await bench.sweep(after: .seconds(4))
        let sales = try await bench.call(.get, "/v1/payments").json["items"]?.elements ?? []
        #expect(sales.map { $0["state"]?.text } == ["accepted", "cancelled", "refused"], "\(sales)")
        #expect(sales.first?["insteadOf"]?.text == first.id.description && sales.first?["invoiceID"] == nil)
    }

    @Test func `is not offered for a free amount once another of the client's was paid since it was asked for`()
        async throws
    {
        let (bench, _) = try await start()
        _ = try await bench.accepted()
        bench.clock.move(.seconds(120))
        let first = try await bench.request()
        try await bench.act("decline", on: try #require(try await bench.open(first.token)))
        try await bench.sweep(after: .seconds(4))
        #expect(try await page(first.token, bench).contains("/other"), "what was paid before is something else")
        _ = try await bench.accepted()
        #expect(try await !page(first.token, bench).contains("/other"))
        #expect(try await other(first.token, bench) == first.token)
    }

    @Test func `PAY-12: of several free amounts of one client, paid otherwise at one moment, one begins`()
        async throws
    {
        let (bench, _) = try await start()
        var tokens: [String] = []
        for _ in 0..<4 {
            let payment = try await bench.request()
            try await bench.act("decline", on: try #require(try await bench.open(payment.token)))
            tokens.append(payment.token)
        }
        try await bench.sweep(after: .seconds(4))
        // All of them have found no other before the first of them is kept.
        let led = try await bench.together(tokens) { token in try await other(token, bench) }.compactMap(\.self)
        #expect(led.filter { !tokens.contains($0) }.count == 1, "the others lead back to their own page: \(led)")
        let sales = try await bench.call(.get, "/v1/payments").json["items"]?.elements ?? []
        #expect(sales.filter { $0["insteadOf"] != nil }.count == 1, "\(sales)")
        #expect(sales.filter { $0["state"]?.text == "requested" }.count == 1)
    }

    @Test func `is not offered for an amount the other contract does not take`() async throws {
        let (bench, _) = try await start()
        let first = try await bench.request(invoice: try await bench.invoice(20_000))
        try await bench.act("decline", on: try #require(try await bench.open(first.token)))
        try await bench.sweep(after: .seconds(4))
        #expect(try await page(first.token, bench).contains("/other"))
        _ = try await bench.overseer.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute(
                """
                UPDATE provider_account SET contract = jsonb_set(contract, '{plans,0,maximum,minorUnits}', '19999')
                WHERE provider = 'stripe'
                """)
        }
        #expect(try await !page(first.token, bench).contains("/other"))
        #expect(try await other(first.token, bench) == first.token, "the form of an older page leads back")
    }

    /// A clinic with an account at Alma, and one at Stripe.
    private func start() async throws -> (PaymentBench, ProviderStory) {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        return (try await story.connected().bench, story)
    }

    private func page(_ token: String, _ bench: PaymentBench) async throws -> String {
        try await bench.http.call(.get, "/p/\(token)").text
    }

    /// The client presses the button; the token of the page it leads to.
    private func other(_ token: String, _ bench: PaymentBench) async throws -> String? {
        let answer = try await bench.http.call(.post, "/p/\(token)/other")
        guard answer.status == 303 else { throw BenchFailure(text: answer.text) }
        return answer.headers["Location"].map { String($0.dropFirst("../".count)) }
    }
}
