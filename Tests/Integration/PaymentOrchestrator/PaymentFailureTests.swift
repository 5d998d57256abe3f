import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

@Suite struct `When things go wrong with a payment` {
    @Test func `PAY-12: an answer lost after the effect is unknown, then found, then accepted once`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.create-payment"}"#)
        #expect(try await bench.open(payment.token) == nil)
        #expect(try await bench.state(payment.id) == "unknown")
        #expect(try await bench.open(payment.token) == nil, "a second start is kept out while nobody knows")

        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "open")
        let provided = try await bench.provided(payment.id)
        #expect(provided.count == 1)
        try await bench.act("accept", on: provided[0]["id"].string)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "accepted")
        #expect(
            try await bench.events(payment.id) == [
                "payment-requested", "payment-link-opened", "payment-unknown", "payment-accepted",
            ])
    }

    @Test func `a start that left no trace can be tried again, but only when its call had its time`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        try await bench.fault(#"{"kind":"drop","operation":"alma.create-payment"}"#)
        #expect(try await bench.open(payment.token) == nil)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "unknown", "it may still arrive")
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "requested")
        #expect(try await bench.open(payment.token) != nil)
        #expect(try await bench.provided(payment.id).count == 1)
    }

    @Test func `PAY-7: a cancel that comes after the client paid loses`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        try await bench.act("accept", on: try #require(try await bench.open(payment.token)))
        let answer = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        #expect(answer.status == 200 && answer.json["state"]?.text == "accepted")
        #expect(answer.json["disposition"]?.text == "receivable")
        let again = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        #expect(again.status == 409 && again.problem == "payment-already-paid")
    }

    @Test func `a cancel whose answer is lost ends as the provider decided`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        try await bench.open(payment.token)
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.cancel-payment"}"#)
        try await bench.fault(#"{"kind":"status","status":500,"operation":"alma.get-payment","times":3}"#)
        let answer = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        #expect(answer.status == 202 && answer.json["state"]?.text == "cancelling")
        try await bench.sweep()
        #expect(try await bench.state(payment.id) == "cancelled")
        #expect(try await bench.events(payment.id).suffix(2) == ["payment-unknown", "payment-cancelled"])
    }

    @Test func `NOT-3: who writes to the client is told that it is called off, also while nobody knows if it began`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        for operation in ["alma.create-payment", "alma.list-payments"] {
            try await bench.fault(#"{"kind":"drop","operation":"\#(operation)","times":0}"#)
        }
        _ = try await bench.open(payment.token)
        func isCancelling() async throws -> JSONValue? {
            let service = PaymentBench.principal(role: .service)
            return try await bench.call(.get, "/v1/payments/\(payment.id)/recipient", as: service).json["isCancelling"]
        }
        #expect(try await isCancelling() == .bool(false))
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        #expect(try await bench.state(payment.id) == "unknown")
        #expect(try await isCancelling() == .bool(true))
    }

    @Test func `PAY-12: what a provider never says is a manager's to end, and money that comes after it is held`()
        async throws
    {
        let bench = try await PaymentBench.start(["QUITTANCE_ASK_QUESTIONS_MAX": "3"])
        let invoice = try await bench.invoice(20_000)
        let payment = try await bench.request(invoice: invoice)
        let reference = try #require(try await bench.open(payment.token))
        for operation in ["alma.get-payment", "alma.cancel-payment"] {
            try await bench.fault(#"{"kind":"status","status":401,"operation":"\#(operation)","times":0}"#)
        }
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        for _ in 0..<2 { try await bench.sweep() }
        #expect(try await bench.listed("alarm=true").isEmpty, "it may still answer")
        for _ in 0..<3 { try await bench.sweep() }
        #expect(try await bench.listed("alarm=true") == [payment.id])
        #expect(try await bench.ask(invoice: invoice).problem == "other-payment-is-live")
        let alarm = try #require(try await bench.view(payment.id)["alarms"]?.elements?.first)
        #expect(alarm["kind"]?.text == "no-answer")
        let body = """
            {"alarm":"no-answer","providerReference":"\(alarm["providerReference"]?.text ?? "")",\
            "resolution":"release","reason":"the key was revoked"}
            """
        for _ in 0..<2 {
            let released = try await bench.call(.post, "/v1/payments/\(payment.id)/resolutions", body, key: "release")
            #expect(released.status == 200 && released.json["state"]?.text == "cancelled", "\(released.text)")
        }
        #expect(try await bench.events(payment.id).last == "payment-cancelled")
        #expect(try await bench.ask(invoice: invoice).status == 201)
        try await bench.sandbox.control(.delete, "/faults")
        try await bench.act("accept", on: reference)
        #expect(try await bench.notify(reference).status == 204)
        #expect(try await bench.listed("held=true") == [payment.id])
    }

    @Test func `C-06: of two payments asked for at once for one invoice, one is made`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<6 {
                group.addTask {
                    try await bench.call(.post, "/v1/payments", bench.draft(invoice: invoice), key: "k\(number)")
                        .status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == [201, 409, 409, 409, 409, 409])
    }

    @Test func `two browsers on one link open one payment at the provider`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<5 { group.addTask { _ = try await bench.open(payment.token) } }
            try await group.waitForAll()
        }
        #expect(try await bench.provided(payment.id).count == 1)
        #expect(try await bench.state(payment.id) == "open")
    }

    @Test func `PAY-10: two refunds at once never give back more than was paid`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        let body = #"{"amount":{"minorUnits":15000,"currency":"EUR"}}"#
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<2 {
                group.addTask {
                    try await bench.call(.post, "/v1/payments/\(payment)/refunds", body, key: "r\(number)").status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == [201, 409])
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 15_000)
        #expect(try await bench.events(payment).suffix(2) == ["refund-requested", "refund-completed"])
    }

    @Test func `C-05: a refund whose answer is lost is not made twice`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.refund-payment"}"#)
        let body = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        let first = try await bench.call(.post, "/v1/payments/\(payment)/refunds", body, key: "same")
        let again = try await bench.call(.post, "/v1/payments/\(payment)/refunds", body, key: "same")
        #expect(first.status == 201 && again.json["refundID"] == first.json["refundID"])
        try await bench.sweep()
        try await bench.sweep()
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 5_000)
        #expect(
            try await bench.events(payment).suffix(3) == [
                "refund-requested", "payment-unknown", "refund-completed",
            ])
    }

    @Test func `a refund that never reached the provider is ordered again`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"drop","operation":"alma.refund-payment"}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "all")
        try await bench.sweep()
        try await bench.sweep()
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 20_000)
        #expect(try await bench.events(payment).filter { $0 == "refund-completed" }.count == 1)
    }

    @Test func `C-05: another amount at the provider is never taken for the payment`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        try await bench.fault(#"{"kind":"wrong-amount","operation":"alma.get-payment","cents":-1}"#)
        #expect(try await bench.notify(reference).status == 204, "a refusal would be sent for ever")
        let view = try await bench.view(payment.id)
        #expect(view["state"]?.text == "open")
        #expect(view["alarms"]?.elements?.compactMap { $0["kind"]?.text } == ["amount-differs"])
        #expect(bench.log.errors.contains { $0.contains("amount-differs") && $0.contains(payment.id.description) })
    }
}
