import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

/// PAY-1: accounts whose keys work and which the provider lets take no payments yet.
@Suite struct `An account that is not ready` {
    @Test func `PAY-1: is said to be so, takes no payment, and is ready within a minute once Stripe lets it`()
        async throws
    {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, account) = try await unready(story)
        #expect(try await state(account, bench) == "not-ready")
        let draft = bench.draft(plan: "1x", more: #""provider":"stripe","#)
        let refused = try await bench.call(.post, "/v1/payments", draft, key: "early")
        #expect(refused.status == 409 && refused.problem == "provider-account-not-ready", "\(refused.text)")
        let plans = try await offers(bench)
        #expect(!plans.isEmpty && plans.allSatisfy { $0["eligible"] == .bool(false) }, "\(plans)")
        #expect(plans.contains { $0["reason"]?.text?.contains("no payments yet") == true }, "\(plans)")
        bench.clock.move(.seconds(61))
        try await bench.run("check-accounts")
        #expect(try await state(account, bench) == "not-ready", "Stripe says the same again")
        try await bench.sandbox.control(.delete, "/faults")
        bench.clock.move(.seconds(61))
        try await bench.run("check-accounts")
        #expect(try await state(account, bench) == "connected")
        #expect(try await bench.call(.post, "/v1/payments", draft, key: "now").status == 201)
        #expect(try await offers(bench).contains { $0["eligible"] == .bool(true) })
    }

    @Test func `PAY-1: is no account that works, at Alma too, also when its key is entered anew`() async throws {
        let bench = try await PaymentBench.start()
        try await bench.fault(
            #"{"kind":"alter","operation":"alma.extended-data","times":0,"members":{"can_create_payments":false}}"#)
        let entered = try await bench.connect(PaymentBench.key)
        #expect(entered.status == 200 && entered.json["state"]?.text == "not-ready", "\(entered.text)")
        let refused = try await bench.ask()
        #expect(refused.problem == "provider-account-not-ready", "\(refused.text)")
    }

    @Test func `PAY-13: is no other way to pay`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, _) = try await unready(story)
        let first = try await bench.request()
        try await bench.act("decline", on: try #require(try await bench.open(first.token)))
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(first.id) == "refused")
        let page = try await bench.http.call(.get, "/p/\(first.token)").text
        #expect(!page.contains("/other"), "\(page)")
    }

    /// A clinic whose account at Stripe was entered before Stripe lets it take payments.
    private func unready(_ story: ProviderStory) async throws -> (bench: PaymentBench, account: String) {
        let (bench, account) = try await story.connected()
        try await bench.fault(
            #"{"kind":"alter","operation":"stripe.account","times":0,"members":{"charges_enabled":false}}"#)
        let again = try await story.connect(bench, story.credentials)
        #expect(again.status == 200 && again.json["id"]?.text == account, "\(again.text)")
        return (bench, account)
    }

    private func state(_ account: String, _ bench: PaymentBench) async throws -> String? {
        try await bench.call(.get, "/v1/provider-accounts/\(account)").json["state"]?.text
    }

    private func offers(_ bench: PaymentBench) async throws -> [JSONValue] {
        let body = """
            {"clinicID":"\(PaymentBench.clinic)","provider":"stripe","amount":{"minorUnits":20000,"currency":"EUR"}}
            """
        return try await bench.call(.post, "/v1/eligibility", body).json["items"]?.elements ?? []
    }
}
