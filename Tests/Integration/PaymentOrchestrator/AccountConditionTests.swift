import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `What is known of a provider account` {
    @Test func `PAY-13: how its calls fare is shown, and a provider that fails gets a break`() async throws {
        let bench = try await PaymentBench.start()
        #expect(try await condition(bench)?["condition"]?.text == "working")
        try await bench.fault(#"{"kind":"status","operation":"alma.eligibility","status":500,"times":0}"#)
        let body = #"{"clinicID":"\#(PaymentBench.clinic)","amount":{"minorUnits":20000,"currency":"EUR"}}"#
        for _ in 0..<2 { _ = try await bench.call(.post, "/v1/eligibility", body) }
        #expect(try await condition(bench)?["condition"]?.text == "failing")
        for _ in 0..<10 { _ = try await bench.call(.post, "/v1/eligibility", body) }
        let broken = try #require(try await condition(bench))
        #expect(broken["condition"]?.text == "not-asked" && broken["asksAgainAt"] != nil, "\(broken)")
        #expect(try await bench.call(.post, "/v1/eligibility", body).problem == "provider-not-reached")
    }

    @Test func `PAY-13: what leaves for Stripe in a second is what is set for Stripe`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let slow = try await story.connected().bench.again(["QUITTANCE_STRIPE_RATE_MAX": "1"])
        let began = ContinuousClock.now
        for _ in 0..<2 { #expect(try await story.open(try await story.request(slow).token, slow) != nil) }
        #expect(ContinuousClock.now - began >= .milliseconds(900))
    }

    @Test func `PAY-13: its failures and its break are in the metrics and the health of the process`() async throws {
        let payments = try await MortalPayments.start()
        try await payments.stack.fault(#"{"kind":"status","operation":"alma.eligibility","status":500,"times":0}"#)
        let body = #"{"clinicID":"\#(NotificationStack.clinic)","amount":{"minorUnits":20000,"currency":"EUR"}}"#
        // A look for what nobody told of may come in between, and works.
        try await waitUntil("it is given a break") {
            for _ in 0..<12 { _ = try await payments.call(.post, "/v1/eligibility", body) }
            return try await payments.counted("quittance_provider_account_broken") == 1
        }
        #expect(try await payments.counted("quittance_provider_account_failures") >= 10)
        #expect(try await payments.counted("quittance_provider_account_waiting") == 0)
        let health = try await payments.call(.get, "/health/ready")
        let accounts = try await payments.call(.get, "/v1/provider-accounts").json["items"]?.elements ?? []
        let alma = accounts.first { $0["provider"]?.text == "alma" }?["id"]?.text ?? "none"
        let text = String(decoding: health.body, as: UTF8.self)
        #expect(health.status == 200 && text.contains("given a break: 1 (\(alma))"), "\(text)")
        try await payments.die()
    }

    @Test func `PAY-13: the health of the process names the first twenty that do not work, and counts the rest`()
        async throws
    {
        let bench = try await PaymentBench.start()
        _ = try await bench.overseer.execute(
            """
            INSERT INTO provider_account (id, organisation, clinic, provider, sealed_key, sealed_with, contract,
                payout_offset_days, fee_vat_rate, offered_plans, link_lifetime_hours, connected_at, version, failed_at,
                failure)
            SELECT lpad(number::text, 32, '0')::uuid, organisation, gen_random_uuid(), provider, sealed_key, sealed_with,
                contract, payout_offset_days, fee_vat_rate, offered_plans, link_lifetime_hours, connected_at, version,
                now(), 'the key is not accepted'
            FROM provider_account, generate_series(1, 21) AS number
            """)
        let health = await bench.assembly.checks.first?.run()
        guard case .impaired(let text)? = health else { Issue.record("\(String(describing: health))"); return }
        #expect(text.hasPrefix("Accounts that do not work: 21 (00000000-0000-0000-0000-000000000001, "), "\(text)")
        #expect(text.hasSuffix("-000000000020, …); given a break: 0."), "\(text)")
    }

    @Test func `PAY-14: one that another process found to fail is in the metrics until it works or is stopped`()
        async throws
    {
        let payments = try await MortalPayments.start()
        try await payments.changeAlma("failed_at = now(), failure = 'the key is not accepted', checked_at = now()")
        try await waitUntil("it is shown as failed") {
            (try? await payments.counted("quittance_provider_account_failed")) == 1
        }
        try await payments.changeAlma("retired_at = now()")
        try await waitUntil("it is shown so no more") {
            try await payments.counted("quittance_provider_account_failed") == 0
        }
        try await payments.die()
    }

    @Test func `PAY-1: secrets are sealed anew with the current key, and the old one can go`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        // What the bench's key sealed is handed to a service whose first key is another.
        let both = try await bench.again(["QUITTANCE_SEALING_KEYS": PaymentBench.sealingKeys("second", "first")])
        try await both.run("reseal-secrets")
        let sealedWith = try await bench.database.read(organisation: nil) { transaction in
            try transaction.query("SELECT sealed_with FROM provider_account UNION SELECT sealed_with FROM payment") {
                row in try row("sealed_with") as String
            }
        }
        #expect(sealedWith == ["second"])
        let without = try await bench.again(["QUITTANCE_SEALING_KEYS": PaymentBench.sealingKeys("second")])
        #expect(try await without.open(payment.token) != nil, "the key of the account and the link both open")
        let link = try await without.call(
            .get, "/v1/payments/\(payment.id)/recipient", as: PaymentBench.principal(role: .service))
        #expect(link.json["payLink"]?.text?.hasSuffix(payment.token) == true)
    }

    @Test func `PAY-16: its referral link is kept with its state, and only moves on`() async throws {
        let bench = try await PaymentBench.start()
        let id = try #require(try await condition(bench)?["id"]?.text)
        #expect(try await condition(bench)?["referral"] == nil)
        let kept = try await put(bench, id, "active", seen: 1)
        #expect(kept.json["referral"]?["state"]?.text == "active", "\(kept.text)")
        #expect(try await put(bench, id, "used", seen: 1).status == 412, "somebody else was faster")
        #expect(try await put(bench, id, "used", seen: 2).json["referral"]?["state"]?.text == "used")
        let back = try await put(bench, id, "active", seen: 3)
        #expect(back.json["errors"]?.elements?.first?["pointer"]?.text == "/state", "\(back.text)")
        #expect(try await put(bench, id, "active", seen: 3, "ftp://alma.example").status == 422)
        let other = try await put(bench, id, "active", seen: 3, "https://alma.example/r/2")
        #expect(other.json["referral"]?["url"]?.text == "https://alma.example/r/2")
        #expect(try await condition(bench)?["state"]?.text == "connected", "nothing else changed")
    }

    private func put(
        _ bench: PaymentBench, _ id: String, _ state: String, seen version: Int,
        _ url: String = "https://alma.example/r/1"
    ) async throws -> InProcessClient.Answer {
        try await bench.http.call(
            .put, "/v1/provider-accounts/\(id)/referral", as: PaymentBench.principal(),
            json: #"{"url":"\#(url)","state":"\#(state)"}"#, headers: ["If-Match": "\"v\(version)\""])
    }

    private func condition(_ bench: PaymentBench) async throws -> JSONValue? {
        try await bench.call(.get, "/v1/provider-accounts").json["items"]?.elements?.first
    }
}

extension MortalPayments {
    /// What another process wrote of the clinic's account at Alma.
    fileprivate func changeAlma(_ change: SQL) async throws {
        try await overseeing { overseer in
            _ = try await overseer.execute("UPDATE provider_account SET \(change) WHERE provider = 'alma'")
        }
    }
}
