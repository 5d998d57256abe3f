import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing

/// PAY-10, PAY-14: PayPal keeps what it captured longer than the order it captured.
@Suite struct `A payment whose order PayPal has forgotten` {
    private let story: ProviderStory

    init() throws { story = try #require(ProviderStory.all.first { $0.provider == .paypal }) }

    @Test func `is given back by what was captured, once, also where the answer is lost`() async throws {
        let (bench, _) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        try await story.act("forget", on: reference, bench)
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        let answer = try await bench.call(.post, "/v1/payments/\(payment)/refunds", part, key: "part")
        #expect(answer.status == 201, "\(answer.text)")
        #expect(try await bench.events(payment).last == "refund-completed")
        try await bench.fault(#"{"kind":"lose-answer","operation":"paypal.refund-capture","times":3}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "rest")
        for _ in 0..<3 { try await bench.sweep() }
        #expect(try await bench.bodies(payment, "refund-completed").count == 2)
        #expect(try await story.held(payment, bench).first?["refunded"] == 20_000)
        let view = try await bench.view(payment)
        #expect(view["state"]?.text == "accepted" && view["alarms"]?.elements?.isEmpty == true, "\(view)")
    }

    @Test func `is not given back again while PayPal has not carried a refund out, and its end is known`() async throws
    {
        let (bench, _) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        try await story.act("forget", on: reference, bench)
        // The first answer, which PayPal says again to whoever repeats the order.
        try await bench.fault(
            #"{"kind":"alter","operation":"paypal.refund-capture","members":{"status":"PENDING"},"times":0}"#)
        let refund = try await orderPart(of: payment, bench)
        try await story.settle(refund, as: "pending", bench)
        try await lapse(days: 46, bench)
        #expect(try await state(payment, bench) == "pending")
        try await story.settle(refund, as: "succeeded", bench)
        try await bench.sweep(after: .seconds(3_600))
        #expect(try await state(payment, bench) == "completed")
        #expect(try await bench.events(payment).last == "refund-completed")
        #expect(try await story.held(payment, bench).first?["refunded"] == 5_000)
        #expect(try await bench.calls("paypal.refund-capture") == 1)
    }

    @Test func `is not given back again when PayPal may have forgotten a refund's order too`() async throws {
        let (bench, _) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        try await story.act("forget", on: reference, bench)
        try await bench.fault(#"{"kind":"lose-answer","operation":"paypal.refund-capture","times":0}"#)
        _ = try await orderPart(of: payment, bench)
        try await bench.sandbox.control(.delete, "/faults")
        try await lapse(days: 46, bench)
        #expect(try await state(payment, bench) == "unknown")
        #expect(try await story.held(payment, bench).first?["refunded"] == 5_000)
        // PayPal's list says what became of it.
        try await bench.run("look-for-refunds")
        #expect(try await state(payment, bench) == "completed")
        #expect(try await bench.view(payment)["alarms"]?.elements?.isEmpty == true)
    }

    @Test(arguments: [true, false])
    func `is known to have gone back on PayPal's own pages, PAY-8`(_ isTold: Bool) async throws {
        let (bench, account) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        try await story.act("forget", on: reference, bench)
        let refund = try await story.giveBackByHand(4_000, of: payment, bench)
        try await story.settle(refund, as: "succeeded", bench)
        if isTold {
            let statuses = try await story.deliver(bench, to: account, saying: "CAPTURE.REFUNDED")
            #expect(statuses.allSatisfy { $0 == 204 }, "\(statuses)")
        } else {
            try await bench.run("look-for-refunds")
        }
        let alarm = try #require(try await bench.view(payment)["alarms"]?.elements?.first)
        #expect(alarm["kind"]?.text == "refunded-elsewhere" && alarm["providerReference"]?.text == refund, "\(alarm)")
        let count = """
            {"alarm":"refunded-elsewhere","providerReference":"\(refund)","resolution":"count","reason":"called"}
            """
        let counted = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", count, key: "count")
        #expect(counted.status == 200, "\(counted.text)")
        #expect(try await bench.view(payment)["refundable"]?["minorUnits"]?.integer == 16_000)
    }

    @Test(arguments: [true, false])
    func `has the money again that was given back and came back, PAY-8`(_ isTold: Bool) async throws {
        let (bench, account) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        let refund = try await orderPart(of: payment, bench)
        try await story.act("forget", on: reference, bench)
        try await bench.sandbox.control(.post, "/paypal/refunds/\(refund)/fail", "{}")
        if isTold {
            _ = try await story.deliver(bench, to: account, saying: "REFUND.FAILED")
        } else {
            try await bench.sweep(after: .seconds(86_460))
        }
        #expect(try await state(payment, bench) == "returned")
        #expect(try await bench.view(payment)["alarms"]?.elements?.first?["kind"]?.text == "refund-returned")
    }

    @Test func `counts as paid when its capture is told of, though our capture had no answer, PAY-8, PAY-12`()
        async throws
    {
        let (bench, account) = try await story.connected()
        let payment = try await story.request(bench)
        _ = try await captured(payment, bench)
        let statuses = try await story.deliver(bench, to: account, saying: "CAPTURE.COMPLETED")
        #expect(statuses.allSatisfy { $0 == 204 }, "\(statuses)")
        #expect(try await bench.state(payment.id) == "accepted")
        #expect(try await bench.bodies(payment.id, "payment-accepted").count == 1)
        #expect(try await story.held(payment.id, bench).count == 1)
    }

    @Test func `counts as paid when PayPal takes no second order of the payment, PAY-12`() async throws {
        let (bench, _) = try await story.connected()
        let payment = try await story.request(bench)
        let first = try await captured(payment, bench)
        let second = try await story.agree(payment.token, bench)
        try await bench.fault(#"{"kind":"status","status":403,"operation":"paypal.transactions"}"#)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "open", "PayPal does not say yet by which order it was paid")
        for _ in 0..<4 { try await bench.sweep() }
        #expect(try await bench.state(payment.id) == "accepted")
        let view = try await bench.view(payment.id)
        #expect(view["alarms"]?.elements?.isEmpty == true, "\(view)")
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", part, key: "part")
        let held = try await story.held(payment.id, bench)
        #expect(held.first { $0["id"].string == first }?["refunded"] == 5_000)
        #expect(held.first { $0["id"].string == second }?["captured"] == false)
        let mark = held.first { $0["id"].string == second }?["custom_id"].string ?? ""
        #expect(mark.hasPrefix("called-off-"), "nobody pays by it any more")
    }

    @Test func `is begun no second time, nor by another method, where PayPal calls its invoice paid, PAY-12, PAY-13`()
        async throws
    {
        let (bench, _) = try await story.connected()
        try await bench.sandbox.control(
            .post, "/paypal/accounts",
            """
            {\(story.sandboxAccount),"webhookURL":"\(bench.sandbox.url)/sink/notifications","refusesPaidInvoices":true}
            """)
        let payment = try await story.request(bench)
        let first = try await captured(payment, bench)
        try await bench.fault(#"{"kind":"status","status":403,"operation":"paypal.transactions"}"#)
        for _ in 0..<2 {
            let answer = try await bench.http.call(.post, "/p/\(payment.token)")
            let location = answer.headers["Location"] ?? ""
            #expect(answer.status == 303 && location.hasSuffix("/p/\(payment.token)/return"), "\(location)")
            #expect(try await bench.state(payment.id) == "open", "nobody may pay it in another way")
        }
        for _ in 0..<4 { try await bench.sweep() }
        let view = try await bench.view(payment.id)
        #expect(view["state"]?.text == "accepted" && view["alarms"]?.elements?.isEmpty == true, "\(view)")
        #expect(try await story.held(payment.id, bench).map { $0["id"].string } == [first])
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", "{}", key: "all")
        #expect(try await story.held(payment.id, bench).first?["refunded"] == 20_000)
        #expect(try await bench.listed("alarm=true").isEmpty)
    }

    @Test func `gives back what it took beside another, PAY-12`() async throws {
        let (bench, _, payment, orders) = try await paidTwice()
        try await giveBack(orders.second, of: payment, bench)
        let held = try await story.held(payment, bench)
        #expect(held.first { $0["id"].string == orders.second }?["refunded"] == 20_000)
        #expect(held.first { $0["id"].string == orders.paid }?["refunded"] == 0)
        #expect(try await bench.view(payment)["refundable"]?["minorUnits"]?.integer == 20_000)
    }

    @Test(arguments: ["notification", "look", "list"])
    func `has again what it took beside another, was given back and came back, PAY-8, PAY-10, PAY-12`(
        _ news: String
    ) async throws {
        let (bench, account, payment, orders) = try await paidTwice()
        try await giveBack(orders.second, of: payment, bench)
        let held = try await story.held(payment, bench).first { $0["id"].string == orders.second }
        let refund = try #require(held?["refunds"][0]["id"].string)
        let before = try await bench.calls("paypal.get-capture")
        try await bench.run("look-for-refunds")
        #expect(try await bench.calls("paypal.get-capture") == before, "it is known, and read at its time")
        try await bench.sandbox.control(.post, "/paypal/refunds/\(refund)/fail", "{}")
        switch news {
        case "notification": _ = try await story.deliver(bench, to: account, saying: "REFUND.FAILED")
        case "look": try await bench.sweep(after: .seconds(86_460))
        default:
            bench.clock.move(.seconds(3_601))
            try await bench.run("look-for-refunds")
        }
        let alarms = try await bench.view(payment)["alarms"]?.elements ?? []
        #expect(alarms.map { $0["kind"]?.text } == ["refund-returned"], "\(alarms)")
        #expect(alarms.first?["providerReference"]?.text == refund)
        #expect(try await bench.listed("alarm=true") == [payment])
    }

    /// PayPal took two orders of a payment, and has forgotten the one that does not pay.
    private func paidTwice() async throws -> (
        bench: PaymentBench, account: String, payment: PaymentID, orders: (second: String, paid: String)
    ) {
        let (bench, account) = try await story.connected()
        try await bench.sandbox.control(
            .post, "/paypal/accounts",
            """
            {\(story.sandboxAccount),"webhookURL":"\(bench.sandbox.url)/sink/notifications","takesInvoicesTwice":true}
            """)
        let payment = try await story.request(bench)
        let first = try await captured(payment, bench)
        let second = try await story.agree(payment.token, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "accepted")
        _ = try await story.deliver(bench, to: account, saying: "CAPTURE.COMPLETED")
        let alarm = try #require(try await bench.view(payment.id)["alarms"]?.elements?.first)
        #expect(alarm["kind"]?.text == "paid-twice" && alarm["providerReference"]?.text == first, "\(alarm)")
        return (bench, account, payment.id, (first, second))
    }

    /// A person decides that what an order took beside another goes back.
    private func giveBack(_ order: String, of payment: PaymentID, _ bench: PaymentBench) async throws {
        let refund = """
            {"alarm":"paid-twice","providerReference":"\(order)","resolution":"refund","reason":"called"}
            """
        let refunded = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", refund, key: "refund")
        #expect(refunded.status == 200 && refunded.json["alarms"]?.elements?.isEmpty == true, "\(refunded.text)")
    }

    @Test(arguments: [true, false])
    func `is looked at by its capture when PayPal takes it back, whatever notification comes, PAY-8, PAY-14`(
        _ isOfTheOrder: Bool
    ) async throws {
        let (bench, account) = try await story.connected()
        let payment = try await story.request(bench)
        let reference = try await story.agree(payment.token, bench)
        if isOfTheOrder {
            // The client's agreement alone is told of, and late.
            try await bench.sandbox.control(
                .post, "/webhooks", #"{"channel":"paypal-event","behaviour":"never","times":0}"#)
        }
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "accepted")
        try await story.act("forget", on: reference, bench)
        try await story.act("reverse", on: reference, bench)
        _ = try await story.deliver(bench, to: account, saying: isOfTheOrder ? story.agreed : "CAPTURE.REVERSED")
        let alarms = try await bench.view(payment.id)["alarms"]?.elements ?? []
        #expect(alarms.map { $0["kind"]?.text } == ["no-longer-paid"])
    }

    /// The client agrees and PayPal takes the money, of which its notification alone tells; answers the order.
    private func captured(_ payment: (id: PaymentID, token: String), _ bench: PaymentBench) async throws -> String {
        let reference = try await story.agree(payment.token, bench)
        try await bench.fault(#"{"kind":"lose-answer","operation":"paypal.capture-order","times":0}"#)
        try await bench.sweep(after: .seconds(4))
        try await bench.sandbox.control(.delete, "/faults")
        try await story.act("forget", on: reference, bench)
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "requested", "nobody says any more that it was paid")
        return reference
    }

    /// Orders a part given back; answers PayPal's name for it.
    private func orderPart(of payment: PaymentID, _ bench: PaymentBench) async throws -> String {
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", part, key: "part")
        return try await story.held(payment, bench).first?["refunds"][0]["id"].string ?? ""
    }

    private func state(_ payment: PaymentID, _ bench: PaymentBench) async throws -> String? {
        try await bench.view(payment)["refunds"]?.elements?.first?["state"]?.text
    }

    /// Lets days pass here and at PayPal, and looks twice.
    private func lapse(days: Int, _ bench: PaymentBench) async throws {
        try await bench.sandbox.control(.post, "/clock", "{\"offsetSeconds\":\(days * 86_400)}")
        try await bench.sweep(after: .seconds(days * 86_400))
        try await bench.sweep(after: .seconds(3_600))
    }

    @Test func `is followed by what was captured, to the end of a dispute`() async throws {
        let (bench, account) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        try await story.act("dispute", on: reference, bench)
        _ = try await story.deliver(bench, to: account, saying: story.disputed)
        try await story.act("forget", on: reference, bench)
        try await story.act("lose-dispute", on: reference, bench)
        try await bench.sweep(after: .seconds(86_400))
        #expect(try await bench.view(payment)["disputes"]?.elements?.first?["state"]?.text == "lost")
        #expect(try await bench.events(payment).last == "dispute-closed")
    }

    @Test func `is known by what was captured also where it was accepted before that was kept`() async throws {
        let (bench, _) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        _ = try await bench.overseer.execute("UPDATE attempt SET capture = NULL")
        // Any reading while the order is there still tells it.
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", part, key: "part")
        try await story.act("forget", on: reference, bench)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "rest")
        #expect(try await story.held(payment, bench).first?["refunded"] == 20_000)
        #expect(try await bench.view(payment)["refundable"]?["minorUnits"]?.integer == 0)
    }
}
