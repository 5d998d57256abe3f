import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

@Suite struct `PAY-10: when a refund was done and the provider does not list it` {
    private static let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
    private static let nothing = """
        {"kind":"alter","operation":"alma.get-payment","times":0,"members":{"refunds":[],"amount_already_refunded":0}}
        """

    @Test(arguments: [#"{"id":"payment_other"}"#, #"{"refunds":[]}"#])
    func `an answer that does not show it is none, and it goes back once`(_ members: String) async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        try await bench.fault(#"{"kind":"alter","operation":"alma.refund-payment","members":\#(members)}"#)
        // Nor does a reading show it at first.
        try await bench.fault(Self.nothing.replacing(#""times":0"#, with: #""times":2"#))
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        #expect(try await state(payment, bench) == "unknown")
        try await bench.sweep()
        #expect(try await state(payment, bench) == "completed")
        #expect(try await bench.provided(payment)[0]["refunds"].list.count == 1)
        #expect(try await bench.events(payment).filter { $0 == "refund-completed" }.count == 1)
    }

    @Test func `a manager is called a day later, and has the money given once more`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        let refund = try await bench.provided(payment)[0]["refunds"][0]["id"].string
        try await bench.fault(Self.nothing)
        try await bench.sweep(after: .seconds(43_200))
        #expect(try await bench.listed("alarm=true").isEmpty)
        try await bench.sweep(after: .seconds(43_300))
        let alarm = try #require(try await bench.view(payment)["alarms"]?.elements?.first)
        #expect(alarm["kind"]?.text == "refund-missing" && alarm["providerReference"]?.text == refund, "\(alarm)")
        #expect(bench.log.errors.contains { $0.contains("refund-missing") })
        let keep = """
            {"alarm":"refund-missing","providerReference":"\(refund)","resolution":"keep","reason":"it never left"}
            """
        let path = "/v1/payments/\(payment)/resolutions"
        let kept = try await bench.call(.post, path, keep, key: "keep")
        #expect(kept.json["refundable"]?["minorUnits"]?.integer == 20_000, "\(kept.text)")
        #expect(try await bench.listed("alarm=true").isEmpty)
        #expect(try await bench.bodies(payment, "refund-failed").count == 1, "the books take it back")
    }

    @Test func `it ends by itself once the provider lists it`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", Self.part, key: "part")
        let reference = try await bench.provided(payment)[0]["id"].string
        try await bench.fault(Self.nothing)
        try await bench.sweep(after: .seconds(86_500))
        #expect(try await bench.listed("alarm=true") == [payment])
        try await bench.sandbox.control(.delete, "/faults")
        _ = try await bench.notify(reference)
        #expect(try await bench.listed("alarm=true").isEmpty)
        #expect(try await state(payment, bench) == "completed")
    }

    private func state(_ payment: PaymentID, _ bench: PaymentBench) async throws -> String? {
        try await bench.view(payment)["refunds"]?.elements?.first?["state"]?.text
    }
}
