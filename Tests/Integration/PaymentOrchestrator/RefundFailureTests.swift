import HTTPClient
import HTTPServer
import PaymentModel
import PaymentOrchestratorService
import PaymentWorld
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `When a refund's answer is lost` {
    private static let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#

    @Test func `it is ordered once more, however many look at the same time`() async throws {
        let bench = try await PaymentBench.start()
        let (payment, token) = try await acceptedWithToken(bench)
        try await bench.fault(#"{"kind":"drop","operation":"alma.refund-payment"}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        try await bench.fault(#"{"kind":"slow","operation":"alma.get-payment","milliseconds":300,"times":0}"#)
        bench.clock.move(.seconds(31))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                // Each a replica of its own, to whom the payment is due although another looks at it.
                try await makeDue(payment, bench)
                group.addTask { try await bench.askAboutDue() }
            }
            for _ in 0..<10 { group.addTask { _ = try await bench.http.call(.get, "/p/\(token)/return") } }
            try await group.waitForAll()
        }
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 5_000)
        #expect(try await bench.events(payment).filter { $0 == "refund-completed" }.count == 1)
    }

    @Test func `the holder of the link cannot cause an order`() async throws {
        let bench = try await PaymentBench.start()
        let (payment, token) = try await acceptedWithToken(bench)
        try await bench.fault(#"{"kind":"drop","operation":"alma.refund-payment"}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        bench.clock.move(.seconds(31))
        _ = try await bench.http.call(.get, "/p/\(token)/return")
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 0)
    }

    @Test func `a refusal of the second order is not believed when the first came through`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.refund-payment"}"#)
        try await showNothingGivenBack(readings: 4, bench)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "all")
        try await bench.sweep()
        let view = try await bench.view(payment)
        #expect(view["refunds"]?.elements?.first?["state"]?.text == "completed", "\(view)")
        #expect(try await bench.events(payment).filter { $0.hasPrefix("refund-") }.last == "refund-completed")
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 20_000)
    }

    @Test func `always, a person is told`() async throws {
        let bench = try await PaymentBench.start(["QUITTANCE_ASK_QUESTIONS_MAX": "25"])
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"drop","operation":"alma.refund-payment","times":0}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        for _ in 0..<6 { try await bench.sweep() }
        let told = bench.log.errors.filter { $0.contains("ask the provider by hand") }
        #expect(!told.isEmpty && told.allSatisfy { $0.contains(payment.description) })
    }

    @Test func `PAY-12: it is ordered no more by a manager who waits for it no more`() async throws {
        let bench = try await PaymentBench.start(["QUITTANCE_ASK_QUESTIONS_MAX": "3"])
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"drop","operation":"alma.refund-payment","times":0}"#)
        let release = try await unanswered(payment, bench)
        // An order would come through from now on.
        try await bench.sandbox.control(.delete, "/faults")
        let path = "/v1/payments/\(payment)/resolutions"
        let early = try await bench.call(.post, path, release, key: "early")
        #expect(early.status == 409, "the last order may still arrive: \(early.text)")
        bench.clock.move(.seconds(31))
        let released = try await bench.call(.post, path, release, key: "release")
        #expect(released.status == 200, "\(released.text)")
        #expect(released.json["refunds"]?.elements?.map { $0["state"]?.text } == ["failed"], "\(released.text)")
        for _ in 0..<2 { try await bench.sweep() }
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 0, "the client got cash")
        #expect(try await bench.events(payment).last == "refund-failed")
    }

    @Test func `PAY-12: it is found done by the look of a manager who waits for it no more`() async throws {
        let bench = try await PaymentBench.start(["QUITTANCE_ASK_QUESTIONS_MAX": "3"])
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.refund-payment"}"#)
        // The look before the order is answered, none after it.
        try await bench.fault(#"{"kind":"status","status":401,"operation":"alma.get-payment","skip":1,"times":0}"#)
        let release = try await unanswered(payment, bench)
        try await bench.sandbox.control(.delete, "/faults")
        bench.clock.move(.seconds(31))
        let answer = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", release, key: "release")
        #expect(answer.status == 404, "it has its answer: \(answer.text)")
        #expect(try await bench.view(payment)["refunds"]?.elements?.first?["state"]?.text == "completed")
        #expect(try await alarms(payment, bench).isEmpty)
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 5_000)
    }

    /// Gives a part back and asks in vain what became of it; answers the decision that nobody waits for it any more.
    private func unanswered(_ payment: PaymentID, _ bench: PaymentBench) async throws -> String {
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        for _ in 0..<12 {
            if try await alarms(payment, bench).isEmpty { try await bench.sweep() }
        }
        let alarm = try #require(try await bench.view(payment)["alarms"]?.elements?.first)
        #expect(alarm["kind"]?.text == "refund-no-answer")
        return """
            {"alarm":"refund-no-answer","providerReference":"\(alarm["providerReference"]?.text ?? "")",\
            "resolution":"release","reason":"the client got cash"}
            """
    }

    @Test func `money that went back twice is seen and told`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        // The second order of the same refund leaves because no reading shows the first.
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.refund-payment"}"#)
        try await showNothingGivenBack(readings: 4, bench)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        try await bench.sweep()
        #expect(try await alarms(payment, bench) == ["refunded-twice"])
        #expect(bench.log.errors.contains { $0.contains("refunded-twice") })
    }

    @Test func `money that went back twice is told also where the first order took effect after all was known`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.refund-payment"}"#)
        // The readings after the second order was answered do not show the first either.
        try await showNothingGivenBack(readings: 6, bench)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        try await bench.sweep()
        #expect(try await bench.events(payment).last == "refund-completed")
        #expect(try await alarms(payment, bench) == [])
        try await bench.sweep(after: .seconds(3_601))
        #expect(try await alarms(payment, bench) == ["refunded-twice"])
    }

    @Test func `nothing is ordered again while the provider's own sum says that it went back and its list does not`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.refund-payment"}"#)
        try await bench.fault(
            #"{"kind":"alter","operation":"alma.get-payment","times":0,"members":{"refunds":[]}}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        for _ in 0..<3 { try await bench.sweep() }
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 5_000)
        #expect(try await bench.view(payment)["refunds"]?.elements?.first?["state"]?.text == "unknown")
        try await bench.sandbox.control(.delete, "/faults")
        try await bench.sweep()
        #expect(try await bench.view(payment)["refunds"]?.elements?.first?["state"]?.text == "completed")
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 5_000)
    }

    /// Alma's readings lag behind: before an order and after it, and before the next twice, since two look.
    private func showNothingGivenBack(readings: Int, _ bench: PaymentBench) async throws {
        try await bench.fault(
            """
            {"kind":"alter","operation":"alma.get-payment","times":\(readings),\
            "members":{"refunds":[],"amount_already_refunded":0}}
            """)
    }

    private func alarms(_ payment: PaymentID, _ bench: PaymentBench) async throws -> [String] {
        try await bench.view(payment)["alarms"]?.elements?.compactMap { $0["kind"]?.text } ?? []
    }

    @Test(arguments: [("count", 5_000), ("note", 10_000)])
    func `nothing is ordered on top of what the clinic gave back by hand meanwhile, until a manager says what it is`(
        decision: String, given: Int
    ) async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"drop","operation":"alma.refund-payment"}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        // The desk sees no outcome and gives it back on the provider's own page.
        let reference = try await bench.provided(payment)[0]["id"].string
        let merchant = Merchant(sandbox: bench.sandbox, key: PaymentBench.key)
        let byHand = try await merchant.call(.post, "/v1/payments/\(reference)/refunds", #"{"amount":5000}"#)
        #expect(byHand.status == 200)
        for _ in 0..<2 { try await bench.sweep() }
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 5_000, "nobody orders it beside")
        let alarms = try await bench.view(payment)["alarms"]?.elements ?? []
        #expect(alarms.map { $0["kind"]?.text } == ["refunded-elsewhere"])
        let name = alarms.first?["providerReference"]?.text ?? ""
        let decided = try await bench.call(
            .post, "/v1/payments/\(payment)/resolutions",
            """
            {"alarm":"refunded-elsewhere","providerReference":"\(name)","resolution":"\(decision)","reason":"x"}
            """, key: "decided")
        #expect(decided.status == 200, "\(decided.text)")
        for _ in 0..<2 { try await bench.sweep() }
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == .integer(given))
        let refunds = try await bench.view(payment)["refunds"]?.elements ?? []
        #expect(refunds.map { $0["state"]?.text } == ["completed"], "\(refunds)")
        #expect(try await bench.events(payment).filter { $0 == "refund-completed" }.count == 1)
    }

    @Test(arguments: ProviderStory.all)
    func `nothing is ordered beside one by hand that Stripe or PayPal has not carried out yet, PAY-10`(
        _ story: ProviderStory
    ) async throws {
        let (bench, _) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        let operation = story.provider == .stripe ? "stripe.create-refund" : "paypal.refund-capture"
        try await bench.fault(#"{"kind":"drop","operation":"\#(operation)","times":0}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        try await bench.sandbox.control(.delete, "/faults")
        let name = try await story.giveBackByHand(5_000, of: payment, bench)
        for _ in 0..<3 { try await bench.sweep() }
        #expect(try await story.held(payment, bench).first?["refunded"] == 5_000, "it may be what was ordered")
        #expect(try await bench.view(payment)["alarms"]?.elements?.isEmpty == true, "it has not gone back yet")
        try await story.settle(name, as: "succeeded", bench)
        for _ in 0..<2 { try await bench.sweep() }
        let alarms = try await bench.view(payment)["alarms"]?.elements ?? []
        #expect(alarms.map { $0["kind"]?.text } == ["refunded-elsewhere"])
        let counted = try await bench.call(
            .post, "/v1/payments/\(payment)/resolutions",
            """
            {"alarm":"refunded-elsewhere","providerReference":"\(name)","resolution":"count","reason":"by hand"}
            """, key: "counted")
        #expect(counted.status == 200, "\(counted.text)")
        for _ in 0..<2 { try await bench.sweep() }
        #expect(try await story.held(payment, bench).first?["refunded"] == 5_000)
        let refunds = try await bench.view(payment)["refunds"]?.elements ?? []
        #expect(refunds.map { $0["state"]?.text } == ["completed"], "\(refunds)")
    }

    private func acceptedWithToken(_ bench: PaymentBench) async throws -> (PaymentID, String) {
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        _ = try await bench.notify(reference)
        return payment
    }

    private func makeDue(_ payment: PaymentID, _ bench: PaymentBench) async throws {
        let past = bench.clock.now.adding(.seconds(-1))
        _ = try await bench.database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute("UPDATE payment SET ask_at = \(past) WHERE id = \(payment)")
        }
    }
}
