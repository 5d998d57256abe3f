import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `When the provider's amount is another than the one asked for` {
    @Test func `PAY-12: a manager keeps what was paid, held for the client, and the invoice is free again`()
        async throws
    {
        let (bench, payment, reference, invoice) = try await differing(.paid)
        let other = try await bench.request()
        #expect(try await bench.listed("alarm=true") == [payment])
        #expect(try await bench.listed("alarm=false") == [other.id])
        let body = Self.body(reference, "keep")
        let kept = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", body, key: "keep")
        #expect(kept.status == 200 && kept.json["state"]?.text == "accepted", "\(kept.text)")
        #expect(kept.json["disposition"]?.text == "held-for-client")
        #expect(kept.json["alarms"]?.elements?.isEmpty == true)
        #expect(try await bench.listed("alarm=true").isEmpty, "it was decided")
        #expect(kept.json["refundable"]?["minorUnits"]?.integer == 19_000)
        let again = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", body, key: "keep")
        #expect(again.status == 200)
        let told = try await bench.bodies(payment, "payment-accepted")
        #expect(told.count == 1 && told[0].contains(#""minorUnits":19000"#), "\(told)")
        #expect(try await bench.notify(reference).status == 204)
        #expect(try await bench.view(payment)["alarms"]?.elements?.isEmpty == true, "it is no news any more")
        let history = try await bench.call(.get, "/v1/payments/\(payment)/history").json["items"]?.elements
        let line = try #require(history?.first { $0["note"]?.text != nil })
        #expect(line["note"]?.text == "the client agreed" && line["actor"]?.text == "tester")
        #expect(try await bench.ask(invoice: invoice).status == 201)
    }

    @Test func `or gives it back, once`() async throws {
        let (bench, payment, reference, _) = try await differing(.paid)
        let body = Self.body(reference, "refund")
        for _ in 0..<2 {
            let refunded = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", body, key: "refund")
            #expect(refunded.json["refundable"]?["minorUnits"]?.integer == 0, "\(refunded.text)")
        }
        try await bench.sweep()
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 19_000)
        #expect(
            try await bench.events(payment).suffix(3) == ["payment-accepted", "refund-requested", "refund-completed"])
    }

    @Test func `or releases what nobody paid, after it was cancelled at the provider`() async throws {
        let (bench, payment, reference, invoice) = try await differing(.payable)
        #expect(try await bench.ask(invoice: invoice).problem == "other-payment-is-live")
        let keep = Self.body(reference, "keep")
        let refused = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", keep, key: "keep")
        #expect(refused.status == 409, "nothing was paid: \(refused.text)")
        let body = Self.body(reference, "release")
        let released = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", body, key: "release")
        #expect(released.json["state"]?.text == "cancelled", "\(released.text)")
        #expect(try await bench.events(payment).last == "payment-cancelled")
        #expect(try await bench.ask(invoice: invoice).status == 201)
    }

    @Test func `a release finds out that the client was first, and loses nothing`() async throws {
        let (bench, payment, reference, _) = try await differing(.paid)
        let body = Self.body(reference, "release")
        let refused = try await bench.call(.post, "/v1/payments/\(payment)/resolutions", body, key: "release")
        #expect(refused.status == 409 && refused.text.contains("190.00"), "\(refused.text)")
        #expect(try await bench.view(payment)["alarms"]?.elements?.count == 1)
    }

    @Test func `PAY-12: of an account whose key is gone ends by a note once the payment is over, until it can be read`()
        async throws
    {
        let (bench, payment, reference, _) = try await differing(.paid, ["QUITTANCE_ASK_QUESTIONS_MAX": "3"])
        let path = "/v1/payments/\(payment)/resolutions"
        try await bench.sandbox.control(.delete, "/faults")
        for operation in ["alma.get-payment", "alma.cancel-payment"] {
            try await bench.fault(#"{"kind":"status","status":401,"operation":"\#(operation)","times":0}"#)
        }
        let note = Self.body(reference, "note")
        #expect(try await bench.call(.post, path, note, key: "early").status == 422, "it may still be paid")
        _ = try await bench.call(.post, "/v1/payments/\(payment)/cancel")
        for _ in 0..<5 { try await bench.sweep() }
        let alarms = try await bench.view(payment)["alarms"]?.elements ?? []
        let silence = try #require(alarms.first { $0["kind"]?.text == "no-answer" })
        let release = Self.body(silence["providerReference"]?.text ?? "", "release")
            .replacing("amount-differs", with: "no-answer")
        #expect(try await bench.call(.post, path, release, key: "release").json["state"]?.text == "cancelled")
        #expect(try await bench.listed("alarm=true") == [payment], "nobody knows what was paid")
        let noted = try await bench.call(.post, path, note, key: "note")
        #expect(noted.status == 200, "\(noted.text)")
        try await bench.sweep()
        #expect(try await bench.listed("alarm=true").isEmpty)
        try await bench.sandbox.control(.delete, "/faults")
        try await bench.fault(Self.less)
        #expect(try await bench.notify(reference).status == 204)
        #expect(try await bench.listed("alarm=true") == [payment], "C-01: the books know nothing of it")
        let kept = try await bench.call(.post, path, Self.body(reference, "keep"), key: "keep")
        #expect(kept.json["disposition"]?.text == "held-for-client", "\(kept.text)")
    }

    @Test func `only a manager decides, of what there is, with a reason`() async throws {
        let (bench, payment, reference, _) = try await differing(.paid)
        let path = "/v1/payments/\(payment)/resolutions"
        let desk = PaymentBench.principal(role: .frontDesk)
        let body = Self.body(reference, "keep")
        #expect(try await bench.call(.post, path, body, key: "a", as: desk).status == 403)
        for (key, resolution) in [("b", "keep"), ("f", "release")] {
            let other = Self.body("payment_other", resolution)
            #expect(try await bench.call(.post, path, other, key: key).status == 404)
        }
        #expect(try await bench.state(payment) == "open", "what is not there to release calls nothing off")
        #expect(try await bench.call(.post, path, Self.body(reference, "note"), key: "c").status == 422)
        let silent = body.replacing(#","reason":"the client agreed""#, with: "")
        #expect(try await bench.call(.post, path, silent, key: "d").status == 422)
        let stranger = PaymentBench.principal(OrganisationID(0xB))
        #expect(try await bench.call(.post, path, body, key: "e", as: stranger).status == 404)
    }

    @Test(arguments: [false, true])
    func `PAY-12: what was paid twice goes back by one decision, also when its answer is lost`(
        _ isLost: Bool
    ) async throws {
        let (bench, payment, second) = try await paidTwice()
        let path = "/v1/payments/\(payment)/resolutions"
        let body = Self.body(second, "refund").replacing("amount-differs", with: "paid-twice")
        if isLost {
            try await bench.fault(#"{"kind":"lose-answer","operation":"alma.refund-payment"}"#)
            let lost = try await bench.call(.post, path, body, key: "lost")
            #expect(lost.status == 409, "nobody knows yet: \(lost.text)")
            #expect(try await bench.listed("alarm=true") == [payment])
        }
        for _ in 0..<2 {
            let refunded = try await bench.call(.post, path, body, key: "refund")
            #expect(refunded.status == 200 && refunded.json["alarms"]?.elements?.isEmpty == true, "\(refunded.text)")
        }
        let provided = try await bench.provided(payment)
        #expect(provided.count == 2)
        for object in provided {
            let isSecond = object["id"].string == second
            #expect(object["amount_already_refunded"].int == (isSecond ? 20_000 : 0), "\(object)")
        }
        #expect(try await bench.notify(second).status == 204)
        let view = try await bench.view(payment)
        #expect(view["alarms"]?.elements?.isEmpty == true && view["refundable"]?["minorUnits"]?.integer == 20_000)
        #expect(try await bench.events(payment).filter { $0.hasPrefix("refund") }.isEmpty, "the books had one payment")
        #expect(try await bench.call(.post, path, body, key: "again").status == 404)
    }

    @Test func `PAY-12: what an object beside the one that pays took in another amount goes back by one decision`()
        async throws
    {
        let (bench, payment, second) = try await paidTwice(differing: true)
        let path = "/v1/payments/\(payment)/resolutions"
        let kept = try await bench.call(.post, path, Self.body(second, "keep"), key: "keep")
        #expect(kept.status == 409 && kept.text.contains("Refund it"), "\(kept.text)")
        for _ in 0..<2 {
            let refunded = try await bench.call(.post, path, Self.body(second, "refund"), key: "refund")
            #expect(refunded.status == 200 && refunded.json["alarms"]?.elements?.isEmpty == true, "\(refunded.text)")
        }
        let provided = try await bench.provided(payment)
        #expect(provided.count == 2)
        for object in provided {
            let isSecond = object["id"].string == second
            #expect(object["amount_already_refunded"].int == (isSecond ? 19_000 : 0), "\(object)")
        }
        #expect(try await bench.notify(second).status == 204)
        let view = try await bench.view(payment)
        #expect(view["alarms"]?.elements?.isEmpty == true && view["refundable"]?["minorUnits"]?.integer == 20_000)
        #expect(try await bench.events(payment).filter { $0.hasPrefix("refund") }.isEmpty, "the books had one payment")
    }

    @Test func `PAY-12: what was paid twice and reads as paid no more is noted, as the refusal of its refund says`()
        async throws
    {
        let (bench, payment, second) = try await paidTwice()
        let path = "/v1/payments/\(payment)/resolutions"
        let refund = Self.body(second, "refund").replacing("amount-differs", with: "paid-twice")
        try await bench.fault(
            """
            {"kind":"alter","operation":"alma.get-payment","times":0,\
            "members":{"state":"not_started","processing_status":"awaiting_authorization"}}
            """)
        let refused = try await bench.call(.post, path, refund, key: "refund")
        #expect(refused.status == 409 && refused.text.contains("then note"), "\(refused.text)")
        #expect(try await bench.provided(payment).map { $0["amount_already_refunded"].int } == [0, 0])
        let note = Self.body(second, "note").replacing("amount-differs", with: "paid-twice")
        let noted = try await bench.call(.post, path, note, key: "note")
        #expect(noted.status == 200 && noted.json["alarms"]?.elements?.isEmpty == true, "\(noted.text)")
    }

    /// A payment whose first try was found too late: the client paid by the second, and by the first as well.
    private func paidTwice(
        differing: Bool = false
    ) async throws -> (bench: PaymentBench, payment: PaymentID, second: String) {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.create-payment"}"#)
        #expect(try await bench.open(payment.token) == nil)
        // The provider's list does not have it yet when the time of its call is over.
        _ = try await bench.overseer.execute("UPDATE attempt SET state = 'abandoned'")
        _ = try await bench.overseer.execute("UPDATE payment SET state = 'requested'")
        let first = try #require(try await bench.open(payment.token))
        let objects = try await bench.provided(payment.id).map { $0["id"].string }
        let second = try #require(objects.first { $0 != first })
        if differing {
            try await bench.fault(
                """
                {"kind":"alter","operation":"alma.get-payment","times":0,"containing":"\(second)",\
                "members":{"purchase_amount":19000}}
                """)
        }
        for reference in [first, second] {
            try await bench.act("accept", on: reference)
            #expect(try await bench.notify(reference).status == 204)
        }
        let kind = try await bench.view(payment.id)["alarms"]?.elements?.first?["kind"]?.text
        #expect(kind == (differing ? "amount-differs" : "paid-twice"))
        return (bench, payment.id, second)
    }

    @Test func `PAY-12: an alarm rings in a process that was started after it was raised`() async throws {
        let payments = try await MortalPayments.start()
        _ = try await payments.ask(MortalPayments.stories[0])
        let metric = "quittance_payments_with_alarms"
        try await waitUntil("none is counted") { try await payments.shown(metric) == 0 }
        try await payments.die()
        _ = try await payments.database.maintain(organisation: nil) { transaction in
            try transaction.execute(
                #"""
                UPDATE payment SET alarms =
                    '[{"paidTwice":{"reference":"payment_2","amount":{"minorUnits":20000,"currency":"EUR"}}}]'
                """#)
        }
        try await payments.live()
        try await waitUntil("one is counted") { try await payments.shown(metric) == 1 }
        try await payments.die()
    }

    private enum Object { case payable, paid }

    private static func body(_ reference: String, _ resolution: String) -> String {
        """
        {"alarm":"amount-differs","providerReference":"\(reference)","resolution":"\(resolution)",\
        "reason":"the client agreed"}
        """
    }

    private static let less =
        #"{"kind":"alter","operation":"alma.get-payment","times":0,"members":{"purchase_amount":19000}}"#

    /// A payment the provider has 190 euros for instead of 200, and says so whenever it is asked.
    private func differing(
        _ object: Object, _ settings: [String: String] = [:]
    ) async throws -> (bench: PaymentBench, payment: PaymentID, reference: String, invoice: InvoiceID) {
        let bench = try await PaymentBench.start(settings)
        let invoice = try await bench.invoice(20_000)
        let payment = try await bench.request(invoice: invoice)
        let reference = try #require(try await bench.open(payment.token))
        if object == .paid { try await bench.act("accept", on: reference) }
        try await bench.fault(Self.less)
        #expect(try await bench.notify(reference).status == 204)
        #expect(try await bench.view(payment.id)["alarms"]?.elements?.count == 1)
        return (bench, payment.id, reference, invoice)
    }
}
