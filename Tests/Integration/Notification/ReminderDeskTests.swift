import HTTPClient
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// NOT-3: what the desk sees of the reminders of a payment, and may plan beside them.
@Suite struct `Reminders at the desk` {
    private func plan(
        _ bench: NotificationBench, _ payment: PaymentID, _ day: String, more: String = ""
    ) async throws -> HTTPResponse {
        try await bench.stack.call(
            .post, "/v1/reminders", #"{"paymentID":"\#(payment)","day":"\#(day)"\#(more)}"#)
    }

    /// A payment whose link the client has.
    private func request(_ bench: NotificationBench) async throws -> PaymentID {
        let payment = try await bench.request()
        try await bench.stack.message(about: payment.id, until: "delivered")
        return payment.id
    }

    @Test func `NOT-3: are listed by payment and state, so that it sees what is still to come`() async throws {
        let bench = try await NotificationBench.shared()
        let payments = [try await request(bench), try await request(bench)]
        var planned: [String] = []
        for (payment, day) in [(payments[0], "2999-01-02"), (payments[0], "2999-01-01"), (payments[1], "2999-01-01")] {
            planned.append(try #require(try await plan(bench, payment, day).json["id"]?.text))
        }
        let gone = try await bench.stack.call(
            .delete, "/v1/reminders/\(planned[0])", headers: [("If-Match", "\"v1\"")])
        #expect(gone.status == 200)
        let lists: [(query: String, found: [String])] = [
            ("paymentID=\(payments[0])", [planned[1], planned[0]]),
            ("paymentID=\(payments[0])&state=planned", [planned[1]]),
            ("paymentID=\(payments[0])&state=called-off", [planned[0]]),
            ("paymentID=\(payments[1])&state=planned", [planned[2]]),
        ]
        for (query, found) in lists {
            let list = try await bench.stack.call(.get, "/v1/reminders?\(query)").json["items"]?.elements
            #expect(list?.compactMap { $0["id"]?.text } == found, "\(query), the newest first")
        }
        let wrong = try await bench.stack.call(.get, "/v1/reminders?state=gone")
        #expect(wrong.status == 422 && wrong.json["errors"]?.elements?.first?["pointer"]?.text == "?state")
    }
}
