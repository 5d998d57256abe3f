import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// PAY-10: what goes back is known here though the notification that tells of it never comes.
@Suite struct `A refund of which no notification told` {
    @Test(arguments: ProviderStory.all)
    func `and that was made on the provider's own pages is found in the account's list, and a person is called`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        let (quiet, _) = try await story.accepted(bench)
        let refund = try await story.giveBackByHand(4_000, of: payment, bench)
        try await story.settle(refund, as: "succeeded", bench)
        try await bench.run("look-for-refunds")
        let alarm = try #require(try await bench.view(payment)["alarms"]?.elements?.first)
        #expect(alarm["kind"]?.text == "refunded-elsewhere" && alarm["providerReference"]?.text == refund, "\(alarm)")
        #expect(try await bench.view(quiet)["alarms"]?.elements?.isEmpty == true)
        let page = try await bench.timeline(payment)
        let listed = try #require(page.first { $0["operation"]?.text == "list of refunds" })
        #expect(listed["outcome"]?.text == "read back: paid", "PAY-11: with what the reading said: \(listed)")
        let count = """
            {"alarm":"refunded-elsewhere","providerReference":"\(refund)","resolution":"count","reason":"called"}
            """
        let counted = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", count, key: "count")
        #expect(counted.status == 200, "\(counted.text)")
        // It is in the books, so that nobody reads the payment for it any more.
        let read = try await reads(story, bench)
        bench.clock.move(.seconds(3_601))
        try await bench.run("look-for-refunds")
        #expect(try await reads(story, bench) == read)
        #expect(try await bench.bodies(payment, "refund-completed").count == 1)
    }

    @Test func `is read by no other clinic of the same merchant`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, _) = try await story.connected()
        try await connectOtherClinic(story, bench)
        let (payment, _) = try await story.accepted(bench)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "all")
        let (read, lists) = (try await reads(story, bench), try await bench.calls("stripe.list-refunds"))
        try await bench.run("look-for-refunds")
        #expect(try await bench.calls("stripe.list-refunds") == lists + 2, "each clinic's list was asked for")
        #expect(try await reads(story, bench) == read)
    }

    @Test(arguments: ProviderStory.all, ["refunds", "disputes"])
    func `PAY-14: and what an account lists that is another clinic's is read once, not at every look`(
        _ story: ProviderStory, _ what: String
    ) async throws {
        let (bench, _) = try await story.connected()
        try await connectOtherClinic(story, bench)
        let (payment, reference) = try await story.accepted(bench)
        if what == "refunds" {
            let refund = try await story.giveBackByHand(4_000, of: payment, bench)
            try await story.settle(refund, as: "succeeded", bench)
        } else {
            try await story.act("dispute", on: reference, bench)
        }
        var read = try await reads(story, bench)
        // Both clinics' accounts list it, and only one of them has it.
        for times in [2, 1, 1] {
            try await bench.run("look-for-\(what)")
            let now = try await reads(story, bench)
            #expect(now - read == times)
            read = now
            bench.clock.move(.seconds(3_601))
        }
    }

    /// Another clinic of the same merchant.
    private func connectOtherClinic(_ story: ProviderStory, _ bench: PaymentBench) async throws {
        let other = ClinicID(0xC2)
        let clinic = #"{"name":"Clinique des Saules","ownPhones":[],"ownEmails":[],"ownAddresses":[]}"#
        #expect(try await bench.call(.put, "/v1/clinics/\(other)", clinic).status < 300)
        let provider = story.provider.rawValue
        let account = #"{"clinicID":"\#(other)","provider":"\#(provider)",\#(story.credentials)}"#
        #expect(try await bench.call(.post, "/v1/provider-accounts", account, key: "other").status == 200)
    }

    @Test func `and that was made at Alma is found too`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        let reference = try await bench.provided(payment)[0]["id"].string
        let merchant = Merchant(sandbox: bench.sandbox, key: PaymentBench.key)
        let answer = try await merchant.call(.post, "/v1/payments/\(reference)/refunds", #"{"amount":4000}"#)
        #expect(answer.status == 200, "\(answer.text)")
        try await bench.run("look-for-refunds")
        #expect(try await bench.view(payment)["alarms"]?.elements?.map { $0["kind"]?.text } == ["refunded-elsewhere"])
    }

    @Test(arguments: ProviderStory.all)
    func `is found by the next look where a list could not be read, and that is said`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        try await bench.run("look-for-refunds")
        let refund = try await story.giveBackByHand(4_000, of: payment, bench)
        try await story.settle(refund, as: "succeeded", bench)
        let known = try await knownUntil("refunds", story, bench)
        let disputes = try await knownUntil("disputes", story, bench)
        let list = story.provider == .stripe ? "stripe.list-refunds" : "paypal.transactions"
        try await bench.fault(#"{"kind":"status","status":403,"operation":"\#(list)","times":0}"#)
        bench.clock.move(.seconds(3_601))
        try await bench.run("look-for-refunds")
        #expect(bench.log.lines.contains { $0.contains("an account's refunds are not all known") })
        #expect(try await knownUntil("refunds", story, bench) == known)
        try await bench.run("look-for-disputes")
        #expect(try await knownUntil("disputes", story, bench) != disputes, "one list holds up no other")
        try await bench.sandbox.control(.delete, "/faults")
        bench.clock.move(.seconds(3_601))
        try await bench.run("look-for-refunds")
        #expect(try await bench.view(payment)["alarms"]?.elements?.first?["kind"]?.text == "refunded-elsewhere")
        #expect(try await knownUntil("refunds", story, bench) != known)
    }

    @Test(arguments: ProviderStory.all, [1, 7, 30])
    func `and that comes back is found by a look a day, a week or a month after it was done`(
        _ story: ProviderStory, _ day: Int
    ) async throws {
        let (bench, _) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", part, key: "part")
        let days = [0, 1, 7, 30]
        for (last, next) in zip(days, days.dropFirst()) where next < day { try await ahead(bench, next - last) }
        #expect(try await bench.view(payment)["refunds"]?.elements?.first?["state"]?.text == "completed")
        let refund = try await story.held(payment, bench).first?["refunds"][0]["id"].string ?? ""
        let provider = story.provider.rawValue
        let fail = story.provider == .stripe ? ("", #"{"status":"failed"}"#) : ("/fail", "{}")
        try await bench.sandbox.control(.post, "/\(provider)/refunds/\(refund)\(fail.0)", fail.1)
        try await ahead(bench, day - (days.last { $0 < day } ?? 0))
        let view = try await bench.view(payment)
        #expect(view["refunds"]?.elements?.first?["state"]?.text == "returned", "\(view)")
        #expect(view["alarms"]?.elements?.first?["kind"]?.text == "refund-returned")
        #expect(try await bench.events(payment).last == "refund-failed")
    }

    @Test(arguments: ProviderStory.all)
    func `and that comes back is found minutes after the provider answers again, if it did not when it was looked`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "all")
        for days in [1, 6] { try await ahead(bench, days) }
        let read = story.provider == .stripe ? "stripe.get-session" : "paypal.get-order"
        try await bench.fault(#"{"kind":"status","status":503,"operation":"\#(read)","times":0}"#)
        // The last look.
        try await ahead(bench, 23)
        let refund = try await story.held(payment, bench).first?["refunds"][0]["id"].string ?? ""
        let fail = story.provider == .stripe ? ("", #"{"status":"failed"}"#) : ("/fail", "{}")
        try await bench.sandbox.control(
            .post, "/\(story.provider.rawValue)/refunds/\(refund)\(fail.0)", fail.1)
        try await bench.sandbox.control(.delete, "/faults")
        #expect(try await bench.view(payment)["refunds"]?.elements?.first?["state"]?.text == "completed")
        try await bench.sweep(after: .seconds(301))
        #expect(try await bench.view(payment)["refunds"]?.elements?.first?["state"]?.text == "returned")
    }

    @Test func `and that comes back is found in PayPal's list, whenever that is`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .paypal })
        let (bench, _) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "all")
        let refund = try await story.held(payment, bench).first?["refunds"][0]["id"].string ?? ""
        try await bench.sandbox.control(.post, "/paypal/refunds/\(refund)/fail", "{}")
        try await bench.run("look-for-refunds")
        let view = try await bench.view(payment)
        #expect(view["refunds"]?.elements?.first?["state"]?.text == "returned", "\(view)")
        #expect(view["alarms"]?.elements?.first?["kind"]?.text == "refund-returned")
    }

    @Test func `and that is a month old is looked at no more`() async throws {
        let story = try #require(ProviderStory.all.first)
        let (bench, _) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "all")
        for days in [1, 6, 23] { try await ahead(bench, days) }
        let read = try await reads(story, bench)
        for days in [1, 7, 30] { try await ahead(bench, days) }
        #expect(try await reads(story, bench) == read)
    }

    /// Lets days pass, and a minute for what is due at their end.
    private func ahead(_ bench: PaymentBench, _ days: Int) async throws {
        try await bench.sweep(after: .seconds(days * 86_400 + 60))
    }

    /// How often the provider was asked about a payment.
    private func reads(_ story: ProviderStory, _ bench: PaymentBench) async throws -> Int {
        try await bench.calls(story.provider == .stripe ? "stripe.get-intent" : "paypal.get-capture")
    }

    /// Until when all is known that the story's account lists.
    private func knownUntil(
        _ what: String, _ story: ProviderStory, _ bench: PaymentBench
    ) async throws -> [String] {
        let provider = story.provider.rawValue
        return try await bench.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT coalesce(to_jsonb(provider_account) ->> \("\(what)_known_until"), 'never') AS known
                FROM provider_account WHERE provider = \(provider)
                """
            ) { row in try row("known") as String }
        }
    }
}
