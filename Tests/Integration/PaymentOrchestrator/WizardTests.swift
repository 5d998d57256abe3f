import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `The wizard` {
    private static let feeKey = "sk_test_with_client_fees"
    private static let plan = #""min_purchase_amount":5000,"max_purchase_amount":300000,"merchant_fee_variable":360"#

    @Test func `PAY-2: ceilings of an earlier quarter are told of in the log and in the health`() async throws {
        let first = try await PaymentBench.start(["QUITTANCE_USURY_CEILINGS": "2020-01-01 *=2000"])
        let today = first.clock.now.utcDate
        let renewed = try await first.again(["QUITTANCE_USURY_CEILINGS": "2020-01-01 *=2000\n\(today) *=2100"])
        for (bench, isOutdated) in [(first, true), (renewed, false)] {
            try await bench.run("check-ceilings")
            let lines = bench.log.lines.filter { $0.contains("QUITTANCE_USURY_CEILINGS") }
            #expect(lines.count == (isOutdated ? 1 : 0), "\(lines)")
            let health = await bench.assembly.checks.last?.run()
            let told = HealthChecks.Outcome.impaired("QUITTANCE_USURY_CEILINGS has no line of this quarter.")
            #expect(health == (isOutdated ? told : .well))
        }
    }

    @Test func `PAY-4: offers to take over the client's fee only where there is one, and says what it costs`()
        async throws
    {
        let bench = try await startWithFees(155)
        let plans = try await ask(bench)
        let three = try #require(plans.first { $0["plan"]?.text == "3x" })
        #expect(three["customerFee"]?["minorUnits"]?.integer == 310 && three["feeOffered"] == .bool(false))
        // 360 + 155 basis points of 200 euros, with VAT on each step.
        #expect(three["clinicFeeIfOffered"]?["minorUnits"]?.integer == 1_236, "\(three)")
        let offered = try await ask(bench, more: #","feeOffered":true"#)
        let free = try #require(offered.first { $0["plan"]?.text == "3x" })
        #expect(free["customerFee"]?["minorUnits"]?.integer == 0 && free["feeOffered"] == .bool(true))
        let two = try #require(offered.first { $0["plan"]?.text == "2x" })
        #expect(two["clinicFeeIfOffered"] == nil && two["feeOffered"] == .bool(false))
        let refused = try await bench.call(
            .post, "/v1/payments", bench.draft(plan: "2x", more: #""feeOffered":true,"#), key: "two")
        #expect(refused.json["errors"]?.elements?.first?["pointer"]?.text == "/feeOffered", "\(refused.text)")
    }

    @Test func `PAY-3: says of every plan that is not offered why, in words a person understands`() async throws {
        let bench = try await startWithFees(0)
        let (small, large) = (try await reasons(bench, 4_999), try await reasons(bench, 300_001))
        #expect(small["3x"] == "The smallest amount is 50.00 EUR.", "\(small)")
        #expect(large["3x"] == "The largest amount is 3000.00 EUR.", "\(large)")
        let missing = try await reasons(bench, 20_000)
        #expect(missing["2x"] == "none" && missing["4x"] == "It is not in the contract.", "\(missing)")
        #expect(missing["1x+15d"] == "It is not in the contract.", "\(missing)")
        try await bench.choose(#""offeredPlans":["2x"],"freePlans":[]"#)
        let chosen = try await reasons(bench, 20_000)
        #expect(chosen["3x"] == "The clinic does not offer it." && chosen["4x"] == "It is not in the contract.")
    }

    @Test func `PAY-2: a plan can be chosen once the contract has it, which is seen within the hour`() async throws {
        let bench = try await startWithFees(0)
        try await bench.choose(#""offeredPlans":["2x","3x","4x"]"#)
        try await bench.choose(#""offeredPlans":["2x"]"#)
        let said = try await refusal { try await bench.choose(#""offeredPlans":["2x","4x"]"#) }
        #expect(said.contains("4x: It is not in the contract.") && said.contains("/offeredPlans"), "\(said)")
        #expect(try await account(bench)["contractPlans"]?.elements?.map(\.text) == ["2x", "3x"])
        try await setContract(bench, #"{"installments_count":4,\#(Self.plan)}"#)
        bench.clock.move(.seconds(3_601))
        try await bench.run("check-accounts")
        let renewed = try await account(bench)
        #expect(renewed["contractPlans"]?.elements?.map(\.text) == ["4x"], "\(renewed)")
        #expect(renewed["state"]?.text == "connected")
        try await bench.choose(#""offeredPlans":["2x","4x"]"#)
        let four = try #require(try await ask(bench).first { $0["plan"]?.text == "4x" })
        // 360 basis points of 200 euros.
        #expect(four["eligible"] == .bool(true) && four["clinicFee"]?["minorUnits"]?.integer == 720, "\(four)")
        #expect(try await reasons(bench, 20_000)["3x"] == "It is not in the contract.")
    }

    private func account(_ bench: PaymentBench) async throws -> JSONValue {
        let accounts = try await bench.call(.get, "/v1/provider-accounts").json["items"]?.elements
        return try #require(accounts?.first { $0["state"]?.text == "connected" })
    }

    @Test func `PAY-2: an account begins with seven days and 20 % VAT, and what is chosen rules what comes after`()
        async throws
    {
        let bench = try await PaymentBench.start()
        try await bench.stand(at: "2026-11-20T10:00:00Z")
        let account = try await bench.call(.get, "/v1/provider-accounts").json["items"]?.elements?.first
        #expect(account?["payoutOffsetDays"]?.integer == 7 && account?["feeVATRate"]?.integer == 2_000)
        let usual = try await bench.view(try await bench.accepted())
        #expect(usual["expectedPayoutOn"]?.text == "2026-11-27", "\(usual)")
        try await bench.choose(#""offeredPlans":["3x"],"freePlans":[]"#)
        let chosen = try await bench.view(try await bench.accepted())
        #expect(chosen["expectedPayoutOn"]?.text == "2026-11-23", "three days, as was chosen")
    }

    @Test func `PAY-2: a plan can be free for the client unless it is said otherwise`() async throws {
        let bench = try await startWithFees(155)
        try await bench.choose(#""offeredPlans":["2x","3x"],"freePlans":["3x"]"#)
        let usual = try await bench.call(.post, "/v1/payments", bench.draft(), key: "usual")
        #expect(usual.json["payment"]?["feeOffered"] == .bool(true), "\(usual.text)")
        let other = try await bench.call(
            .post, "/v1/payments", bench.draft(more: #""feeOffered":false,"#), key: "other")
        #expect(other.json["payment"]?["feeOffered"] == .bool(false))
    }

    @Test func `PAY-2: the plans that are chosen are the provider's, each once, and the free ones among them`()
        async throws
    {
        let bench = try await startWithFees(155)
        for (plans, pointer) in [
            (#""offeredPlans":["1x"]"#, "offeredPlans"), (#""offeredPlans":["3x","3x"]"#, "offeredPlans"),
            (#""offeredPlans":["3x"],"freePlans":["2x"]"#, "freePlans"),
            (#""offeredPlans":[],"freePlans":["3x"]"#, "freePlans"),
        ] {
            let said = try await refusal { try await bench.choose(plans) }
            #expect(said.contains("\(pointer)\""), "\(plans): \(said)")
        }
        try await bench.choose(#""offeredPlans":["2x","3x"],"freePlans":["2x","3x"]"#)
        try await bench.choose(#""offeredPlans":["3x"]"#)
        let free = try await account(bench)["freePlans"]?.elements?.map(\.text)
        #expect(free == ["3x"], "what was not said stays, where it still can")
    }

    @Test func `a fee above the ceiling of the law is not offered, unless the clinic bears it`() async throws {
        let bench = try await startWithFees(400)
        let three = try #require(try await ask(bench).first { $0["plan"]?.text == "3x" })
        #expect(three["eligible"] == .bool(false))
        #expect(three["reason"]?.text?.contains("above what the law allows") == true, "\(three)")
        let refused = try await bench.call(.post, "/v1/payments", bench.draft(), key: "no")
        #expect(refused.problem == "plan-not-eligible", "\(refused.text)")
        let free = try await bench.call(.post, "/v1/payments", bench.draft(more: #""feeOffered":true,"#), key: "yes")
        #expect(free.status == 201)
    }

    @Test func `PAY-3: an amount that no plan takes is refused by the field that is to be changed`() async throws {
        let bench = try await PaymentBench.start()
        let tooSmall = try await bench.call(.post, "/v1/payments", bench.draft(100), key: "small")
        #expect(tooSmall.problem == "plan-not-eligible", "\(tooSmall.text)")
        #expect(tooSmall.json["errors"]?.elements?.map { $0["pointer"]?.text } == ["/amount"], "\(tooSmall.text)")
        let francs = bench.draft().replacing("EUR", with: "CHF")
        let amount = #"{"clinicID":"\#(PaymentBench.clinic)","amount":{"minorUnits":20000,"currency":"CHF"}}"#
        for refused in [
            try await bench.call(.post, "/v1/payments", francs, key: "francs"),
            try await bench.call(.post, "/v1/eligibility", amount),
        ] {
            let errors = refused.json["errors"]?.elements ?? []
            #expect(errors.map { $0["pointer"]?.text } == ["/amount/currency"], "\(refused.text)")
            #expect(refused.status == 422 && errors.first?["remedy"]?.text?.contains("EUR") == true)
        }
    }

    @Test(arguments: ProviderStory.all)
    func `what is not in euros is asked for nowhere, though the provider would take it`(
        story: ProviderStory
    ) async throws {
        let bench = try await story.connected().bench
        let euros = bench.draft(more: #""provider":"\#(story.provider.rawValue)","#).replacing("3x", with: "1x")
        let dollars = euros.replacing("EUR", with: "USD")
        let refused = try await bench.call(.post, "/v1/payments", dollars, key: "dollars")
        let error = refused.json["errors"]?.elements?.first
        #expect(refused.status == 422 && error?["pointer"]?.text == "/amount/currency", "\(refused.text)")
        #expect(error?["reason"]?.text == "The clinic's books are in euros.", "\(refused.text)")
        #expect(error?["remedy"]?.text == "Give the amount in EUR.", "\(refused.text)")
        #expect(try await bench.call(.post, "/v1/payments", euros, key: "euros").status == 201)
    }

    @Test func `the page of the link says how much today and how much later, and warns of credit only`() async throws {
        let bench = try await PaymentBench.start()
        let credit = try await bench.request()
        let page = try await bench.http.call(.get, "/p/\(credit.token)").text
        #expect(
            page.contains("Aujourd'hui <strong>66,68\u{202F}€</strong>, plus tard <strong>133,32\u{202F}€</strong>"))
        #expect(page.contains("Un crédit coûte de l'argent"))
    }

    @Test(arguments: [200, 401])
    func `one provider that refuses is no reason to offer nothing at the others`(status: Int) async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let bench = try await story.connected().bench
        // With 200 it is the currency that Alma refuses.
        if status == 401 {
            try await bench.fault(#"{"kind":"status","status":401,"operation":"alma.eligibility","times":0}"#)
        }
        let currency = status == 401 ? "EUR" : "CHF"
        let body =
            #"{"clinicID":"\#(PaymentBench.clinic)","amount":{"minorUnits":20000,"currency":"\#(currency)"}}"#
        let answer = try await bench.call(.post, "/v1/eligibility", body)
        let plans = try #require(answer.json["items"]?.elements, "\(answer.text)")
        let alma = plans.filter { $0["provider"]?.text == "alma" }
        #expect(!alma.isEmpty && alma.allSatisfy { $0["eligible"] == .bool(false) }, "\(answer.text)")
        #expect(alma.first?["reason"]?.text?.contains("The provider refused") == true, "\(answer.text)")
        #expect(plans.contains { $0["provider"]?.text == "stripe" }, "\(answer.text)")
        if status == 401 {
            #expect(plans.contains { $0["provider"]?.text == "stripe" && $0["eligible"] == .bool(true) })
        }
    }

    @Test(arguments: ProviderStory.all)
    func `PAY-3: the fee the clinic is shown, the least and the most are what is set for the provider`(
        _ story: ProviderStory
    ) async throws {
        let usual = try await story.connected().bench
        let name = "QUITTANCE_\(story.provider.rawValue.uppercased())"
        let bench = try await usual.again([
            "\(name)_FEE_RATE": "200", "\(name)_FEE_FIXED": "10", "\(name)_AMOUNT_MIN": "1000",
            "\(name)_AMOUNT_MAX": "30000",
        ])
        let only = #","provider":"\#(story.provider.rawValue)""#
        let published = try #require(try await ask(usual, more: only).first)
        let expected: Int64 = story.provider == .stripe ? 325 : 615
        #expect(published["clinicFee"]?["minorUnits"]?.integer == expected, "\(published)")
        #expect(try await story.connect(bench, story.credentials).status == 200)
        let agreed = try #require(try await ask(bench, more: only).first)
        // 200 basis points of 200 euros, and ten cents.
        #expect(agreed["clinicFee"]?["minorUnits"]?.integer == 410, "\(agreed)")
        let (small, large) = (try await ask(bench, 999, more: only), try await ask(bench, 30_001, more: only))
        #expect(small.first?["reason"]?.text == "The smallest amount is 10.00 EUR.", "\(small)")
        #expect(large.first?["reason"]?.text == "The largest amount is 300.00 EUR.", "\(large)")
    }

    @Test func `PAY-5: Alma is told whether the client pays by a link or on the clinic's own screen`() async throws {
        let usual = try await PaymentBench.start()
        let bench = try await usual.again(["QUITTANCE_ALMA_SCREEN_ORIGIN": "pos", "QUITTANCE_ALMA_ORIGIN": "pos_link"])
        for (bench, channel, origin) in [
            (usual, "browser", "online"), (bench, "browser", "pos"), (bench, "link", "pos_link"),
        ] {
            // Only a question that says the same is refused.
            let containing = #""containing":"\"origin\":\"\#(origin)\"""#
            try await bench.fault(#"{"kind":"status","operation":"alma.eligibility","status":401,\#(containing)}"#)
            let asked = #"{"clinicID":"\#(PaymentBench.clinic)","channel":"\#(channel)","provider":"alma","#
            let plans = asked + #""amount":{"minorUnits":20000,"currency":"EUR"}}"#
            #expect(try await bench.call(.post, "/v1/eligibility", plans).status != 200, "\(channel)")
            let payment = try await bench.request(channel: channel)
            #expect(try await bench.open(payment.token) != nil)
            let held = try await bench.sandbox.control(.get, "/alma/payments?merchant_reference=\(payment.id)").list
            #expect(held[0]["origin"].string == origin, "\(channel)")
        }
    }

    @Test func `PAY-10: one search of PayPal's transactions spans what is set`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .paypal })
        let usual = try await story.connected().bench
        // The first look is one of 180 days.
        try await usual.run("look-for-refunds")
        let before = try await usual.calls("paypal.transactions")
        // One more where a second has begun meanwhile.
        #expect((6...7).contains(before), "\(before)")
        let short = try await usual.again(["QUITTANCE_PAYPAL_SEARCH_SPAN": "10d"])
        _ = try await usual.overseer.execute(
            "UPDATE provider_account SET refunds_known_until = NULL, refunds_asked_at = now() - interval '1 day'")
        try await short.run("look-for-refunds")
        let more = try await usual.calls("paypal.transactions") - before
        #expect((18...19).contains(more), "\(more)")
    }

    private func refusal(_ act: () async throws -> Void) async throws -> String {
        do {
            try await act()
        } catch let failure as BenchFailure {
            return failure.text
        }
        return "nothing was refused"
    }

    /// Why each plan is not offered, `none` where it is.
    private func reasons(_ bench: PaymentBench, _ cents: Int) async throws -> [String: String] {
        let plans = try await ask(bench, cents)
        return Dictionary(plans.map { ($0["plan"]?.text ?? "", $0["reason"]?.text ?? "none") }) { one, _ in one }
    }

    private func ask(
        _ bench: PaymentBench, _ cents: Int = 20_000, more: String = ""
    ) async throws -> [JSONValue] {
        let body =
            #"{"clinicID":"\#(PaymentBench.clinic)","amount":{"minorUnits":\#(cents),"currency":"EUR"}\#(more)}"#
        return try #require(try await bench.call(.post, "/v1/eligibility", body).json["items"]?.elements)
    }

    /// A clinic whose clients pay `basisPoints` in three times and nothing in two.
    private func startWithFees(_ basisPoints: Int) async throws -> PaymentBench {
        let bench = try await PaymentBench.start()
        try await setContract(
            bench,
            """
            {"installments_count":2,\(Self.plan)},
            {"installments_count":3,\(Self.plan),"customer_fee_variable":\(basisPoints)}
            """)
        #expect(try await bench.connect(Self.feeKey).status == 200)
        return bench
    }

    private func setContract(_ bench: PaymentBench, _ plans: String) async throws {
        try await bench.sandbox.control(
            .post, "/alma/accounts",
            #"{"apiKey":"\#(Self.feeKey)","merchantID":"merchant_fees","feePlans":[\#(plans)]}"#)
    }
}
