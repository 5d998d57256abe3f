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

    @Test func `is followed by what was captured, to the end of a dispute`() async throws {
        let (bench, account) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        try await story.act("dispute", on: reference, bench)
        _ = try await story.deliver(bench, to: account, saying: "DISPUTE.CREATED")
        try await story.act("forget", on: reference, bench)
        try await story.act("lose-dispute", on: reference, bench)
        try await bench.sweep(after: .seconds(86_400))
        #expect(try await bench.view(payment)["disputes"]?.elements?.first?["state"]?.text == "lost")
        #expect(try await bench.events(payment).last == "dispute-closed")
    }

    @Test func `is known by what was captured also where it was accepted before that was kept`() async throws {
        let (bench, _) = try await story.connected()
        let (payment, reference) = try await story.accepted(bench)
        _ = try await bench.overseer.execute("UPDATE payment SET acceptance_capture = NULL")
        // Any reading while the order is there still tells it.
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", part, key: "part")
        try await story.act("forget", on: reference, bench)
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "rest")
        #expect(try await story.held(payment, bench).first?["refunded"] == 20_000)
        #expect(try await bench.view(payment)["refundable"]?["minorUnits"]?.integer == 0)
    }
}
