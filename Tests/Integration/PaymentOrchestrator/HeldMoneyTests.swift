import EventContract
import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing

@Suite struct `PAY-12: money that comes after the end` {
    @Test func `of a cancelled payment is held for the client, listed, and goes back by one action`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let payment = try await bench.request(invoice: invoice)
        let reference = try #require(try await bench.open(payment.token))
        // The cancellation is lost on its way and one reading is wrong: we believe it is over, the client can pay.
        try await bench.fault(#"{"kind":"drop","operation":"alma.cancel-payment"}"#)
        try await bench.fault(
            #"{"kind":"alter","operation":"alma.get-payment","members":{"processing_status":"canceled"}}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        #expect(try await bench.state(payment.id) == "cancelled")
        let second = try await bench.accepted(invoice: invoice)

        try await bench.act("accept", on: reference)
        #expect(try await bench.notify(reference).status == 204)
        #expect(try await bench.held() == [payment.id.description])
        #expect(try await bench.bodies(payment.id, "payment-accepted")[0].contains("held-for-client"))
        #expect(try await bench.view(second)["disposition"]?.text == "receivable")

        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", "{}", key: "back")
        #expect(try await bench.view(payment.id)["refundable"]?["minorUnits"]?.integer == 0)
        #expect(try await bench.provided(payment.id)[0]["amount_already_refunded"] == 20_000)
        #expect(try await bench.provided(second)[0]["amount_already_refunded"] == 0)
        #expect(try await bench.held().isEmpty, "what went back is nobody's task any more")
        #expect(try await bench.held("disposition=held-for-client") == [payment.id.description])
    }

    @Test func `for an invoice paid at the till meanwhile is held for the client, and goes back by one action`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let payment = try await bench.request(invoice: invoice)
        let reference = try #require(try await bench.open(payment.token))
        // The client is first, and nobody has told us when the till takes the same money.
        try await bench.act("accept", on: reference)
        try await bench.hear(
            InvoicePaidV1(
                invoiceID: invoice, clientID: PaymentBench.client, total: .euros(cents: 20_000),
                paidOn: bench.clock.now.utcDate), about: invoice)
        _ = try await bench.notify(reference)
        let view = try await bench.view(payment.id)
        #expect(view["state"]?.text == "accepted" && view["disposition"]?.text == "held-for-client", "\(view)")
        #expect(try await bench.held() == [payment.id.description], "the list of what waits for a person")
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", part, key: "part")
        #expect(try await bench.held() == [payment.id.description], "a part of it waits on")
        let listed = try await bench.call(.get, "/v1/payments?held=true").json["items"]?.elements?.first
        #expect(listed?["refundable"]?["minorUnits"]?.integer == 15_000, "what is left, not what was paid")
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", "{}", key: "back")
        #expect(try await bench.provided(payment.id)[0]["amount_already_refunded"] == 20_000)
        #expect(try await bench.held().isEmpty)
        #expect(try await bench.held("held=false").contains(payment.id.description))
    }

    @Test func `whose refund is not known to be done stays a person's affair`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted().description
        _ = try await bench.overseer.execute("UPDATE payment SET disposition = 'held-for-client'")
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "all")
        #expect(try await bench.held().isEmpty)
        #expect(try await bench.held("held=false") == [payment])
        for state in ["requested", "unknown", "pending", "failed", "undone"] {
            _ = try await bench.overseer.execute("UPDATE refund SET state = \(state)")
            #expect(try await bench.held() == [payment], "\(state)")
            #expect(try await bench.held("held=false").isEmpty, "\(state)")
        }
    }

    @Test func `whose refund came back waits until it is noted that the client has it in another way`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, account) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        _ = try await bench.overseer.execute("UPDATE payment SET disposition = 'held-for-client'")
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "all")
        #expect(try await bench.held().isEmpty)
        let refund = try await story.held(payment, bench).first?["refunds"][0]["id"].string ?? ""
        try await bench.sandbox.control(.post, "/stripe/refunds/\(refund)", #"{"status":"failed"}"#)
        try await bench.eventually {
            _ = try await story.deliver(bench, to: account)
            return try await bench.held() == [payment.description]
        }
        let noted = try await bench.call(
            .post, "/v1/payments/\(payment)/resolutions",
            """
            {"alarm":"refund-returned","providerReference":"\(refund)","resolution":"note","reason":"paid in cash"}
            """, key: "noted")
        #expect(noted.status == 200, "\(noted.text)")
        #expect(try await bench.held().isEmpty)
    }

    @Test func `that is disputed waits for the provider, and for a person again once that is won`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let payment = try await bench.accepted(invoice: invoice)
        _ = try await bench.overseer.execute("UPDATE payment SET disposition = 'held-for-client'")
        for (state, isHeld) in [("open", false), ("lost", false), ("won", true)] {
            let dispute = """
                [{"reference":"dp","reason":"fraudulent","state":"\(state)","amount":{"minorUnits":20000,"currency":"EUR"}}]
                """
            _ = try await bench.overseer.execute("UPDATE payment SET disputes = \(dispute)::text::jsonb")
            #expect(try await bench.held() == (isHeld ? [payment.description] : []), "\(state)")
            let left = try await bench.view(payment)["refundable"]?["minorUnits"]?.integer
            #expect(left == (isHeld ? 20_000 : 0), "the list says the same as the payment: \(state)")
        }
        let changed = [("open", 5_000, "risenTo", 20_000), ("lost", 20_000, "chargedBack", 5_000)]
        for (state, claimed, member, taken) in changed {
            let dispute = """
                [{"reference":"dp","reason":"fraudulent","state":"\(state)",
                  "amount":{"minorUnits":\(claimed),"currency":"EUR"},"\(member)":{"minorUnits":\(taken),"currency":"EUR"}}]
                """
            _ = try await bench.overseer.execute("UPDATE payment SET disputes = \(dispute)::text::jsonb")
            #expect(try await bench.held() == (taken < 20_000 ? [payment.description] : []), "\(state)")
            let left = try await bench.view(payment)["refundable"]?["minorUnits"]?.integer
            #expect(left == Int64(20_000 - taken), "\(state)")
        }
    }
}

extension PaymentBench {
    /// The payments of a list, newest first; of what a person still has to give back when nothing else is asked for.
    fileprivate func held(_ query: String = "held=true") async throws -> [String] {
        let items = try await call(.get, "/v1/payments?\(query)").json["items"]?.elements ?? []
        return items.compactMap { $0["id"]?.text }
    }
}
