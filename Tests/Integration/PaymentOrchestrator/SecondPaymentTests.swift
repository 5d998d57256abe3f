import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing

/// PAY-12: what a client paid a second time and was given back is the client's until it has arrived.
@Suite struct `A refund of what was paid twice at Stripe` {
    @Test(arguments: [true, false])
    func `that comes back calls a person, by its notification or by a look a day later`(_ isTold: Bool) async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, account) = try await story.connected()
        let (payment, second) = try await paidTwice(story, bench, account)
        let refunded = try await decide("refund", "paid-twice", second, payment, bench)
        #expect(refunded.status == 200 && refunded.json["alarms"]?.elements?.isEmpty == true, "\(refunded.text)")
        let object = try #require(try await story.held(payment, bench).first { $0["id"].string == second })
        let refund = object["refunds"][0]["id"].string
        try await story.settle(refund, as: "failed", bench)
        if isTold {
            _ = try await story.deliver(bench, to: account, saying: "refund.updated")
        } else {
            try await bench.sweep(after: .seconds(86_460))
        }
        let alarms = try await bench.view(payment)["alarms"]?.elements ?? []
        #expect(alarms.map { $0["kind"]?.text } == ["refund-returned"], "\(alarms)")
        #expect(alarms.first?["providerReference"]?.text == refund)
        #expect(try await bench.listed("alarm=true") == [payment])
        let kept = try await decide("keep", "refund-returned", refund, payment, bench)
        #expect(kept.status == 422, "\(kept.text)")
        let noted = try await decide("note", "refund-returned", refund, payment, bench)
        #expect(noted.status == 200, "\(noted.text)")
        try await bench.sweep(after: .seconds(7 * 86_400))
        #expect(try await bench.listed("alarm=true").isEmpty, "it was decided")
        #expect(try await bench.events(payment).filter { $0.hasPrefix("refund") }.isEmpty, "the books had one payment")
    }

    private func decide(
        _ resolution: String, _ alarm: String, _ reference: String, _ payment: PaymentID, _ bench: PaymentBench
    ) async throws -> InProcessClient.Answer {
        let body = """
            {"alarm":"\(alarm)","providerReference":"\(reference)","resolution":"\(resolution)","reason":"seen"}
            """
        return try await bench.call(
            .post, "/v1/payments/\(payment)/resolutions", body, key: "\(resolution)-\(alarm)")
    }

    /// A payment whose first session nobody here knew of: the client paid by the second, and by the first as well.
    private func paidTwice(
        _ story: ProviderStory, _ bench: PaymentBench, _ account: String
    ) async throws -> (payment: PaymentID, second: String) {
        let payment = try await story.request(bench)
        let stray = try #require(try await story.open(payment.token, bench))
        _ = try await bench.overseer.execute(
            "UPDATE attempt SET state = 'abandoned', reference = NULL, pay_url = NULL")
        _ = try await bench.overseer.execute("UPDATE payment SET state = 'requested'")
        let known = try #require(try await story.open(payment.token, bench))
        #expect(known != stray)
        try await story.act("accept", on: known, bench)
        try await bench.sweep(after: .seconds(4))
        try await story.act("accept", on: stray, bench)
        _ = try await story.deliver(bench, to: account, saying: stray)
        let alarm = try await bench.view(payment.id)["alarms"]?.elements?.first
        #expect(alarm?["kind"]?.text == "paid-twice" && alarm?["providerReference"]?.text == stray, "\(alarm ?? .null)")
        return (payment.id, stray)
    }
}
