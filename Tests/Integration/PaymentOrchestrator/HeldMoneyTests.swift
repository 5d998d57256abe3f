import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
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
        let held = try await bench.call(.get, "/v1/payments?disposition=held-for-client").json["items"]?.elements ?? []
        #expect(held.compactMap { $0["id"]?.text } == [payment.id.description])
        #expect(try await bench.bodies(payment.id, "payment-accepted")[0].contains("held-for-client"))
        #expect(try await bench.view(second)["disposition"]?.text == "receivable")

        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", "{}", key: "back")
        #expect(try await bench.view(payment.id)["refundable"]?["minorUnits"]?.integer == 0)
        #expect(try await bench.provided(payment.id)[0]["amount_already_refunded"] == 20_000)
        #expect(try await bench.provided(second)[0]["amount_already_refunded"] == 0)
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
        let held = try await bench.call(.get, "/v1/payments?disposition=held-for-client").json["items"]?.elements ?? []
        #expect(held.compactMap { $0["id"]?.text } == [payment.id.description], "the list of what waits for a person")
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", "{}", key: "back")
        #expect(try await bench.provided(payment.id)[0]["amount_already_refunded"] == 20_000)
    }
}
