import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

/// PAY-8: what a provider tells while it does not let its payment be read back.
@Suite struct `A notification whose payment cannot be read back` {
    @Test(arguments: ProviderStory.all)
    func `C-03: is not taken when nobody would ask about it, so that it comes again, PAY-8, PAY-14`(
        _ story: ProviderStory
    ) async throws {
        let (bench, account) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", part, key: "part")
        // PayPal's certificate is known from here on: what is missing below is the payment alone.
        #expect(try await story.deliver(bench, to: account).allSatisfy { $0 == 204 })
        let word = try await failRefund(of: payment, story, bench)
        try await bench.fault(
            #"{"kind":"status","status":503,"operation":"\#(story.provider.rawValue).*","times":0}"#)
        let away = try await story.deliver(bench, to: account, saying: word)
        #expect(away.allSatisfy { $0 == 503 }, "\(away)")
        #expect(try await refund(payment, bench) == "completed")
        try await bench.sandbox.control(.delete, "/faults")
        // Whatever break the account was given is over.
        bench.clock.move(.seconds(11))
        let back = try await story.deliver(bench, to: account, saying: word)
        #expect(back.allSatisfy { $0 == 204 }, "\(back)")
        #expect(try await refund(payment, bench) == "returned")
        #expect(try await bench.view(payment)["alarms"]?.elements?.first?["kind"]?.text == "refund-returned")
        let page = try await bench.call(.get, "/v1/payments/\(payment)/timeline").text
        #expect(page.contains("not read back"), "PAY-11: every webhook is on it")
    }

    @Test func `is taken while the payment is asked about anyway, which is the next to be`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        try await bench.fault(#"{"kind":"drop","operation":"alma.get-payment","times":0}"#)
        #expect(try await bench.notify(reference).status == 204)
        #expect(try await bench.state(payment.id) == "open")
        try await bench.sandbox.control(.delete, "/faults")
        try await bench.askAboutDue()
        #expect(try await bench.state(payment.id) == "accepted")
    }

    @Test func `is not taken when nobody here knows its payment by that name`() async throws {
        let bench = try await PaymentBench.start()
        #expect(try await bench.notify("payment_nobody").status == 204, "Alma says itself that there is none")
        try await bench.fault(#"{"kind":"html","status":404,"operation":"alma.get-payment"}"#)
        #expect(try await bench.notify("payment_nobody").problem == "provider-not-reached")
    }

    /// The bank sends back what went back; answers a word of the provider's notification of it.
    private func failRefund(
        of payment: PaymentID, _ story: ProviderStory, _ bench: PaymentBench
    ) async throws -> String {
        let refund = try await story.held(payment, bench).first?["refunds"][0]["id"].string ?? ""
        guard story.provider == .paypal else {
            try await bench.sandbox.control(.post, "/stripe/refunds/\(refund)", #"{"status":"failed"}"#)
            return "failure_reason"
        }
        try await bench.sandbox.control(.post, "/paypal/refunds/\(refund)/fail", "{}")
        return "REFUND.FAILED"
    }

    private func refund(_ payment: PaymentID, _ bench: PaymentBench) async throws -> String? {
        try await bench.view(payment)["refunds"]?.elements?.first?["state"]?.text
    }
}
