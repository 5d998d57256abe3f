import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `PAY-14: what clients and banks undo` {
    @Test(arguments: ProviderStory.all, ["win-dispute", "lose-dispute"])
    func `a dispute is a state and a fact from the provider's word to its end`(
        _ story: ProviderStory, _ decision: String
    ) async throws {
        let (bench, account) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        try await story.act("dispute", on: reference, bench)
        _ = try await story.deliver(bench, to: account, times: 2, saying: story.disputed)
        let disputed = try await bench.view(payment)
        #expect(disputed["disputes"]?.elements?.first?["state"]?.text == "open", "\(disputed)")
        #expect(disputed["refundable"]?["minorUnits"]?.integer == 0, "what is disputed is not given back too")
        let refused = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "no")
        #expect(refused.problem == "payment-disputed", "\(refused.text)")
        #expect(try await listed("open", bench) == [payment.description])
        try await story.act(decision, on: reference, bench)
        // Nobody tells: an open dispute is looked at daily.
        try await bench.sweep(after: .seconds(86_400))
        let (state, left) = decision == "win-dispute" ? ("won", Int64(20_000)) : ("lost", 0)
        let decided = try await bench.view(payment)
        #expect(decided["disputes"]?.elements?.first?["state"]?.text == state, "\(decided)")
        #expect(decided["refundable"]?["minorUnits"]?.integer == left)
        if state == "lost" {
            let late = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "late")
            #expect(late.problem == "payment-disputed" && late.text.contains("charge-back"), "\(late.text)")
        }
        let told = try await bench.events(payment).suffix(2)
        #expect(Array(told) == ["dispute-opened", "dispute-closed"], "told once each")
        #expect(try await bench.bodies(payment, "dispute-closed").first?.contains(#""outcome":"\#(state)""#) == true)
        #expect(try await listed(state, bench) == [payment.description])
    }

    @Test(arguments: ["win-dispute", "lose-dispute"], [true, false])
    func `a case that PayPal takes up again after its end is open again, by its notification or a look a day later`(
        _ first: String, _ isTold: Bool
    ) async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .paypal })
        let (bench, account) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        try await story.act("dispute", on: reference, bench)
        _ = try await story.deliver(bench, to: account, saying: "DISPUTE.CREATED")
        try await story.act(first, on: reference, bench)
        try await bench.sweep(after: .seconds(86_400))
        #expect(try await listed("open", bench).isEmpty)
        try await story.act("reopen-dispute", on: reference, bench)
        if isTold {
            _ = try await story.deliver(bench, to: account, saying: "DISPUTE.UPDATED")
        } else {
            try await bench.sweep(after: .seconds(86_460))
        }
        #expect(try await listed("open", bench) == [payment.description])
        #expect(try await bench.view(payment)["refundable"]?["minorUnits"]?.integer == 0)
        try await story.act("win-dispute", on: reference, bench)
        try await bench.sweep(after: .seconds(86_400))
        let view = try await bench.view(payment)
        let states = view["disputes"]?.elements?.map { $0["state"]?.text }
        let told = try await bench.events(payment).filter { $0.hasPrefix("dispute") }
        if first == "win-dispute" {
            #expect(states == ["won", "won"] && view["refundable"]?["minorUnits"]?.integer == 20_000, "\(view)")
            #expect(told == ["dispute-opened", "dispute-closed", "dispute-opened", "dispute-closed"])
            let names = try await bench.bodies(payment, "dispute-opened").map { $0.contains(#"/2""#) }
            #expect(names == [false, true], "who keeps them keeps two")
        } else {
            #expect(states == ["lost"] && view["refundable"]?["minorUnits"]?.integer == 0, "\(view)")
            #expect(told == ["dispute-opened", "dispute-closed"])
            #expect(view["alarms"]?.elements?.map { $0["kind"]?.text } == ["dispute-won"])
            let page = try await bench.call(.get, "/v1/payments/\(payment)/timeline").text
            #expect(page.contains("dispute-reopened"))
        }
    }

    @Test(arguments: ProviderStory.all)
    func `a refund that was done and comes back is told, a person is called, and decides whether it is given again`(
        _ story: ProviderStory
    ) async throws {
        let (bench, account) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", part, key: "part")
        #expect(try await bench.events(payment).last == "refund-completed")
        let refund = try await story.held(payment, bench).first?["refunds"][0]["id"].string ?? ""
        let word = story.provider == .stripe ? "failure_reason" : "REFUND.FAILED"
        switch story.provider {
        case .stripe: try await bench.sandbox.control(.post, "/stripe/refunds/\(refund)", #"{"status":"failed"}"#)
        case .paypal: try await bench.sandbox.control(.post, "/paypal/refunds/\(refund)/fail", "{}")
        case .alma: break
        }
        _ = try await story.deliver(bench, to: account, saying: word)
        let view = try await bench.view(payment)
        #expect(view["refunds"]?.elements?.first?["state"]?.text == "returned", "\(view)")
        #expect(view["refundable"]?["minorUnits"]?.integer == 15_000, "it may have been made good in another way")
        #expect(view["alarms"]?.elements?.first?["kind"]?.text == "refund-returned")
        let bodies = try await bench.bodies(payment, "refund-failed")
        #expect(bodies.count == 1 && bodies.first?.contains(#""wasCompleted":true"#) == true, "\(bodies)")
        for known in [
            #""clientID":"\#(PaymentBench.client)""#, #""provider":"\#(story.provider.rawValue)""#, #""failedOn""#,
        ] {
            #expect(bodies.first?.contains(known) == true, "whoever books it needs \(known): \(bodies)")
        }
        let early = try await bench.call(
            .post, "/v1/payments/\(payment)/refunds", part.replacing("5000", with: "15001"), key: "early")
        #expect(early.problem == "refund-too-large", "\(early.text)")
        for resolution in ["note", "keep"] {
            let decided = try await bench.call(
                .post, "/v1/payments/\(payment)/resolutions", Self.decision(resolution, refund), key: resolution)
            #expect(decided.status == 200 && decided.json["alarms"]?.elements?.isEmpty == true, "\(decided.text)")
            let left = decided.json["refundable"]?["minorUnits"]?.integer
            #expect(left == (resolution == "note" ? 15_000 : 20_000), "\(resolution): \(decided.text)")
        }
        let again = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "again")
        #expect(again.status == 201, "\(again.text)")
        #expect(try await bench.events(payment).last == "refund-completed")
        #expect(try await bench.view(payment)["refundable"]?["minorUnits"]?.integer == 0)
        #expect(try await story.held(payment, bench).first?["refunded"] == 20_000, "and never more than was paid")
    }

    @Test(arguments: ProviderStory.all)
    func `one that no notification told of is found in the account's list, whatever else it has`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        var paid: [(payment: PaymentID, reference: String)] = []
        for _ in 0..<3 { paid.append(try await story.accepted(bench)) }
        let lists = "\(story.provider.rawValue).list-disputes"
        try await bench.run("look-for-disputes")
        #expect(try await bench.calls(lists) == 1, "one question for all payments")
        try await story.act("dispute", on: paid[1].reference, bench)
        try await bench.run("look-for-disputes")
        #expect(try await bench.calls(lists) == 1, "hourly is enough")
        // A list that cannot be read, or is refused, is read as far back the next time, and that is said.
        let known = try await knownUntil(story, bench)
        for status in [403, 500] {
            try await bench.fault(#"{"kind":"status","status":\#(status),"operation":"\#(lists)","times":0}"#)
            bench.clock.move(.seconds(3_601))
            try await bench.run("look-for-disputes")
            try await bench.sandbox.control(.delete, "/faults")
        }
        #expect(try await listed("open", bench).isEmpty)
        #expect(try await knownUntil(story, bench) == known)
        #expect(bench.log.lines.count { $0.contains("disputes are not all known") } == 2, "\(bench.log.lines)")
        bench.clock.move(.seconds(3_601))
        try await bench.run("look-for-disputes")
        #expect(try await listed("open", bench) == [paid[1].payment.description])
        #expect(try await knownUntil(story, bench) != known)
        bench.clock.move(.seconds(3_601))
        try await bench.run("look-for-disputes")
        #expect(try await bench.events(paid[1].payment).filter { $0 == "dispute-opened" }.count == 1, "once")
        let page = try await bench.call(.get, "/v1/payments/\(paid[1].payment)/timeline").text
        #expect(page.contains("list of disputes"))
    }

    @Test(arguments: ProviderStory.all)
    func `one that cannot be read hides no other, and the account is asked as far back until all are read`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        var paid: [(payment: PaymentID, reference: String)] = []
        for _ in 0..<3 { paid.append(try await story.accepted(bench)) }
        for payment in paid { try await story.act("dispute", on: payment.reference, bench) }
        let known = try await knownUntil(story, bench)
        let read = story.provider == .stripe ? "stripe.get-intent" : "paypal.get-dispute"
        try await bench.fault(#"{"kind":"html","status":200,"operation":"\#(read)","times":1}"#)
        try await bench.run("look-for-disputes")
        #expect(try await listed("open", bench).count == 2, "\(bench.log.lines.suffix(5))")
        #expect(try await knownUntil(story, bench) == known)
        #expect(bench.log.lines.contains { $0.contains("disputes are not all known") })
        bench.clock.move(.seconds(3_601))
        try await bench.run("look-for-disputes")
        #expect(try await listed("open", bench).count == 3)
        #expect(try await knownUntil(story, bench) != known)
    }

    @Test(arguments: ProviderStory.all)
    func `PAY-14: an account whose key works no longer is told of, and works again with another key`(
        _ story: ProviderStory
    ) async throws {
        let (bench, account) = try await story.connected()
        let payment = try await story.request(bench)
        // The key is taken back at the provider.
        let other = story.sandboxAccount.replacing("sk_test_story", with: "sk_test_other")
            .replacing("secret_story", with: "secret_other")
        try await bench.sandbox.control(.post, "/\(story.provider.rawValue)/accounts", "{\(other)}")
        if story.provider == .paypal { try await bench.sandbox.control(.delete, "/paypal/tokens") }
        #expect(try await story.open(payment.token, bench) == nil)
        #expect(try await bench.state(payment.id) == "requested", "a key that is refused refuses no client")
        for _ in 0..<2 {
            bench.clock.move(.seconds(61))
            try await bench.run("check-accounts")
        }
        let failed = try await bench.call(.get, "/v1/provider-accounts/\(account)").json
        #expect(failed["state"]?.text == "failed" && failed["failure"]?.text != nil, "\(failed)")
        if story.provider == .alma {
            let french = try await bench.http.call(
                .get, "/v1/provider-accounts/\(account)", as: PaymentBench.principal(),
                headers: ["Accept-Language": "fr"])
            #expect(french.json["failure"]?.text == "Alma n'accepte pas cette clé", "GEN-5")
        }
        #expect(try await events(of: account, bench).suffix(1) == ["provider-account-failed"], "once")
        let draft = bench.draft(more: #""provider":"\#(story.provider.rawValue)","#)
            .replacing(#""plan":"3x""#, with: #""plan":"1x""#)
        let refused = try await bench.call(.post, "/v1/payments", draft, key: "refused")
        #expect(refused.problem == "provider-account-failed", "\(refused.text)")
        let health = await bench.assembly.checks.first?.run()
        let expected = "Accounts that do not work: 1 (\(account)); given a break: 0."
        #expect(health == .impaired(expected), "\(String(describing: health))")
        let entered = story.credentials.replacing("sk_test_story", with: "sk_test_other")
            .replacing("secret_story", with: "secret_other")
        _ = try await story.connect(bench, entered)
        #expect(try await events(of: account, bench).last == "provider-account-connected")
        #expect(try await story.open(payment.token, bench) != nil, "what was asked for goes on")
    }

    @Test func `PAY-14: an account whose key cannot be read keeps no other from being tried`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let broken = try #require(ProviderStory.all.first { $0.provider == .paypal })
        let (bench, _) = try await broken.connected()
        try await bench.sandbox.control(.post, "/stripe/accounts", "{\(story.sandboxAccount)}")
        let account = try #require(try await story.connect(bench, story.credentials).json["id"]?.text)
        // The sealing keys of two were taken away too early, and the third's key, the last by its id and by its row, is
        // taken back at the provider.
        _ = try await bench.overseer.execute(
            "UPDATE provider_account SET sealed_with = 'gone' WHERE provider <> 'stripe'")
        _ = try await bench.overseer.execute("UPDATE provider_account SET version = version WHERE provider = 'stripe'")
        let other = story.sandboxAccount.replacing("sk_test_story", with: "sk_test_other")
        try await bench.sandbox.control(.post, "/stripe/accounts", "{\(other)}")
        bench.clock.move(.seconds(3_601))
        try await bench.run("check-accounts")
        #expect(bench.log.lines.count { $0.contains("an account's key could not be tried") } == 2)
        let failed = try await bench.call(.get, "/v1/provider-accounts/\(account)").json
        #expect(failed["state"]?.text == "failed", "\(failed)")
    }

    @Test func `PAY-14: a capture that PayPal takes back is told to a person, and the books follow the decision`()
        async throws
    {
        let story = try #require(ProviderStory.all.first { $0.provider == .paypal })
        let (bench, account) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        try await story.act("reverse", on: reference, bench)
        _ = try await story.deliver(bench, to: account, times: 2, saying: "CAPTURE.REVERSED")
        let view = try await bench.view(payment)
        #expect(view["alarms"]?.elements?.map { $0["kind"]?.text } == ["no-longer-paid"], "\(view)")
        #expect(view["state"]?.text == "accepted" && bench.log.errors.contains { $0.contains("no-longer-paid") })
        let decided = try await bench.call(
            .post, "/v1/payments/\(payment)/resolutions",
            """
            {"alarm":"no-longer-paid","providerReference":"\(reference)","resolution":"count","reason":"reversed"}
            """, key: "counted")
        #expect(decided.status == 200 && decided.json["alarms"]?.elements?.isEmpty == true, "\(decided.text)")
        #expect(try await bench.events(payment).last == "refund-completed")
        #expect(try await bench.view(payment)["refundable"]?["minorUnits"]?.integer == 0)
        _ = try await story.deliver(bench, to: account, saying: "CAPTURE.REVERSED")
        #expect(try await bench.view(payment)["alarms"]?.elements?.isEmpty == true, "it is no news")
    }

    private static func decision(_ resolution: String, _ refund: String) -> String {
        """
        {"alarm":"refund-returned","providerReference":"\(refund)","resolution":"\(resolution)","reason":"called"}
        """
    }

    /// Until when all disputes of the story's account are known.
    private func knownUntil(_ story: ProviderStory, _ bench: PaymentBench) async throws -> [String] {
        let provider = story.provider.rawValue
        return try await bench.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT coalesce(disputes_known_until::text, 'never') AS known FROM provider_account
                WHERE provider = \(provider)
                """
            ) { row in try row("known") as String }
        }
    }

    private func listed(_ dispute: String, _ bench: PaymentBench) async throws -> [String] {
        let page = try await bench.call(.get, "/v1/payments?dispute=\(dispute)").json
        return page["items"]?.elements?.compactMap { $0["id"]?.text } ?? []
    }

    private func events(of account: String, _ bench: PaymentBench) async throws -> [String] {
        guard let id = ProviderAccountID(account) else { return [] }
        return try await bench.database.read(organisation: nil) { transaction in
            try transaction.query("SELECT type FROM outbox WHERE subject = \(id) ORDER BY position") { row in
                let type: String = try row("type")
                return String(type.dropFirst("org.quittance.payments.".count).dropLast(".v1".count))
            }
        }
    }
}
