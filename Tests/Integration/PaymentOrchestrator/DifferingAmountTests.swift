import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

@Suite struct `PAY-12: When Stripe contradicts itself about an amount` {
    @Test func `the session's other amount is an alarm, and what moved is kept by a manager's word`() async throws {
        let (bench, payment, reference) = try await paid(
            spoiling: "stripe.get-session", #"{"amount_total":20001}"#)
        let alarm = try #require(try await bench.view(payment)["alarms"]?.elements?.first)
        #expect(alarm["kind"]?.text == "amount-differs", "\(alarm)")
        #expect(try await bench.state(payment) == "open", "nothing reads as paid before a person said so")
        let kept = try await decide("keep", payment, reference, bench)
        #expect(kept.json["state"]?.text == "accepted", "\(kept.text)")
        #expect(kept.json["disposition"]?.text == "receivable", "it is what was asked for")
        #expect(kept.json["refundable"]?["minorUnits"]?.integer == 20_000, "what moved, by the intent")
        try await bench.sweep()
        #expect(try await bench.listed("alarm=true").isEmpty, "it is no news any more")
    }

    @Test func `what is kept of an invoice that was paid at the till meanwhile is held for the client`() async throws {
        let (bench, payment, reference) = try await paid(
            spoiling: "stripe.get-session", #"{"amount_total":20001}"#, forInvoice: true)
        let invoice = try #require(try await bench.view(payment)["invoiceID"]?.text.flatMap { InvoiceID($0) })
        try await bench.hear(
            InvoicePaidV1(
                invoiceID: invoice, clientID: PaymentBench.client, total: .euros(cents: 20_000),
                paidOn: bench.clock.now.utcDate), about: invoice)
        let kept = try await decide("keep", payment, reference, bench)
        #expect(kept.json["state"]?.text == "accepted", "\(kept.text)")
        #expect(kept.json["disposition"]?.text == "held-for-client", "the till has its money")
        #expect(try await bench.listed("held=true") == [payment])
    }

    @Test func `less that moved is an alarm, and goes back by a manager's word`() async throws {
        let (bench, payment, reference) = try await paid(
            spoiling: "stripe.get-intent", #"{"amount_received":19000}"#)
        #expect(try await bench.listed("alarm=true") == [payment])
        let refunded = try await decide("refund", payment, reference, bench)
        #expect(refunded.json["state"]?.text == "accepted", "\(refunded.text)")
        #expect(refunded.json["refundable"]?["minorUnits"]?.integer == 0)
        #expect(
            try await bench.events(payment).suffix(3) == ["payment-accepted", "refund-requested", "refund-completed"])
    }

    private func decide(
        _ resolution: String, _ payment: PaymentID, _ reference: String, _ bench: PaymentBench
    ) async throws -> InProcessClient.Answer {
        let body = """
            {"alarm":"amount-differs","providerReference":"\(reference)","resolution":"\(resolution)","reason":"seen"}
            """
        return try await bench.call(.post, "/v1/payments/\(payment)/resolutions", body, key: resolution)
    }

    /// A payment the client made, of which one of Stripe's objects says something else whenever it is read.
    private func paid(
        spoiling operation: String, _ members: String, forInvoice: Bool = false
    ) async throws -> (bench: PaymentBench, payment: PaymentID, reference: String) {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let bench = try await story.connected().bench
        let payment = try await story.request(bench, invoice: forInvoice ? try await bench.invoice(20_000) : nil)
        let reference = try await story.agree(payment.token, bench)
        try await bench.fault(#"{"kind":"alter","operation":"\#(operation)","times":0,"members":\#(members)}"#)
        try await bench.sweep(after: .seconds(4))
        return (bench, payment.id, reference)
    }
}
