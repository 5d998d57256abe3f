import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

/// PAY-10: money that went back without an order from here, or after all, is a fact that the books follow.
@Suite struct `What goes back at the provider` {
    @Test func `without an order from here is counted when a manager says so, told once, and no news any more`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        let (reference, refund) = try await givenBack(4_000, of: payment, bench)
        #expect(try await bench.view(payment)["alarms"]?.elements?.first?["kind"]?.text == "refunded-elsewhere")
        #expect(try await !bench.events(payment).contains("refund-completed"), "nobody counts it by himself")
        let (path, count) = ("/v1/payments/\(payment)/resolutions", Self.decision("count", refund))
        let desk = PaymentBench.principal(role: .frontDesk)
        #expect(try await bench.call(.post, path, count, key: "desk", as: desk).status == 403)
        for _ in 0..<2 {
            let counted = try await bench.call(.post, path, count, key: "count")
            #expect(counted.status == 200 && counted.json["alarms"]?.elements?.isEmpty == true, "\(counted.text)")
            #expect(counted.json["refundable"]?["minorUnits"]?.integer == 16_000, "\(counted.text)")
        }
        let told = try await bench.bodies(payment, "refund-completed")
        #expect(told.count == 1 && told[0].contains(#""minorUnits":4000"#), "\(told)")
        _ = try await bench.notify(reference)
        let view = try await bench.view(payment)
        #expect(view["alarms"]?.elements?.isEmpty == true && view["refunds"]?.elements?.count == 1, "\(view)")
        #expect(try await bench.bodies(payment, "refund-completed").count == 1)
        // What is left can be given back, and no more.
        #expect(try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "rest").status == 201)
        #expect(try await bench.provided(payment)[0]["amount_already_refunded"] == 20_000)
    }

    @Test func `and was set right outside is noted, and the next reading raises it no more`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        let (reference, refund) = try await givenBack(4_000, of: payment, bench)
        let keep = try await bench.call(
            .post, "/v1/payments/\(payment)/resolutions", Self.decision("keep", refund), key: "keep")
        #expect(keep.status == 422 && keep.text.contains("count or note"), "\(keep.text)")
        let noted = try await bench.call(
            .post, "/v1/payments/\(payment)/resolutions", Self.decision("note", refund), key: "note")
        #expect(noted.status == 200, "\(noted.text)")
        _ = try await bench.notify(reference)
        #expect(try await bench.view(payment)["alarms"]?.elements?.isEmpty == true)
        #expect(try await bench.bodies(payment, "refund-completed").isEmpty)
    }

    @Test func `after it was told as come back is told as another refund, and a person is called`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, account) = try await story.connected()
        let (payment, _) = try await story.accepted(bench)
        let part = #"{"amount":{"minorUnits":5000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", part, key: "part")
        let refund = try await story.held(payment, bench).first?["refunds"][0]["id"].string ?? ""
        for (status, alarm) in [("failed", "refund-returned"), ("succeeded", "refund-arrived")] {
            try await bench.sandbox.control(.post, "/stripe/refunds/\(refund)", #"{"status":"\#(status)"}"#)
            try await bench.eventually {
                _ = try await story.deliver(bench, to: account)
                return try await bench.view(payment)["alarms"]?.elements?.map { $0["kind"]?.text } == [alarm]
            }
        }
        let told = try await bench.events(payment).filter { $0.hasPrefix("refund-") }
        #expect(told == ["refund-requested", "refund-completed", "refund-failed", "refund-completed"])
        let names = try await bench.bodies(payment, "refund-completed").compactMap {
            $0.split(separator: #""refundID":""#).last?.prefix(36)
        }
        #expect(Set(names).count == 2, "a fact that was told as undone is not told again: \(names)")
        let view = try await bench.view(payment)
        #expect(view["refundable"]?["minorUnits"]?.integer == 15_000, "\(view)")
        #expect(view["refunds"]?.elements?.map { $0["state"]?.text } == ["undone", "completed"], "\(view)")
        #expect(try await story.held(payment, bench).first?["refunded"] == 5_000)
    }

    private static func decision(_ resolution: String, _ refund: String) -> String {
        """
        {"alarm":"refunded-elsewhere","providerReference":"\(refund)","resolution":"\(resolution)","reason":"called"}
        """
    }

    /// Somebody gives money back on the provider's own page; answers its names for the payment and for the refund.
    private func givenBack(
        _ cents: Int, of payment: PaymentID, _ bench: PaymentBench
    ) async throws -> (reference: String, refund: String) {
        let reference = try await bench.provided(payment)[0]["id"].string
        let merchant = Merchant(sandbox: bench.sandbox, key: PaymentBench.key)
        let answer = try await merchant.call(.post, "/v1/payments/\(reference)/refunds", #"{"amount":\#(cents)}"#)
        guard answer.status == 200 else { throw BenchFailure(text: answer.text) }
        _ = try await bench.notify(reference)
        return (reference, try await bench.provided(payment)[0]["refunds"][0]["id"].string)
    }
}
