import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

@Suite struct `When a clinic gets another merchant's key` {
    private static let other = "sk_test_other"

    @Test func `PAY-1: what the former merchant took is read and given back at the former merchant`() async throws {
        let bench = try await startWithOther()
        let former = try await bench.accepted()
        let waiting = try await bench.request()
        let reference = try #require(try await bench.open(waiting.token))
        #expect(try await bench.connect(Self.other).status == 200)
        #expect(try await states(bench) == ["retired", "connected"])

        let refunded = try await bench.call(.post, "/v1/payments/\(former)/refunds", "{}", key: "back")
        #expect(refunded.json["payment"]?["refunds"]?.elements?.first?["state"]?.text == "completed")
        #expect(try await bench.provided(former)[0]["amount_already_refunded"] == 20_000)

        try await bench.act("accept", on: reference)
        #expect(try await bench.notify(reference).status == 204, "the former key signs what the former merchant says")
        #expect(try await bench.state(waiting.id) == "accepted")
    }

    @Test func `new payments go to the new merchant, with the settings the clinic chose`() async throws {
        let bench = try await startWithOther()
        try await bench.choose(#""offeredPlans":["3x"]"#)
        let connected = try await bench.connect(Self.other)
        #expect(connected.json["offeredPlans"]?.elements?.compactMap(\.text) == ["3x"])
        #expect(connected.json["merchant"]?.text == "merchant_other")

        let payment = try await bench.request()
        try await bench.open(payment.token)
        #expect(try await bench.provided(payment.id)[0]["merchant_id"].string == "merchant_other")
    }

    @Test func `the former key brings the former account back, with its name`() async throws {
        let bench = try await startWithOther()
        let before = try await bench.call(.get, "/v1/provider-accounts").json["items"]?.elements?.first?["id"]
        _ = try await bench.connect(Self.other)
        let again = try await bench.connect(PaymentBench.key)
        #expect(again.json["id"] == before)
        #expect(try await states(bench) == ["connected", "retired"])
    }

    private func startWithOther() async throws -> PaymentBench {
        let bench = try await PaymentBench.start()
        try await bench.sandbox.control(
            .post, "/alma/accounts", #"{"apiKey":"\#(Self.other)","merchantID":"merchant_other"}"#)
        return bench
    }

    private func states(_ bench: PaymentBench) async throws -> [String] {
        let accounts = try await bench.call(.get, "/v1/provider-accounts").json["items"]?.elements ?? []
        return accounts.compactMap { $0["state"]?.text }
    }
}
