import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

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

    @Test func `NOT-3: say until when the link can be used, which is before one that is planned for later is due`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await request(bench)
        let expiresAt = try await bench.payments(.get, "/v1/payments/\(payment)").json["expiresAt"]?.text
        let end = try #require(expiresAt.flatMap { Instant($0) })
        func expectEnd(_ reminder: JSONValue?) throws {
            let linkEnd = try #require(reminder?["linkEndsAt"]?.text.flatMap { Instant($0) })
            let dueAt = try #require(reminder?["dueAt"]?.text.flatMap { Instant($0) })
            #expect(linkEnd == end && linkEnd < dueAt, "\(String(describing: reminder))")
        }
        let planned = try await plan(bench, payment, "2999-01-01").json
        try expectEnd(planned)
        let path = "/v1/reminders/\(try #require(planned["id"]?.text))"
        try expectEnd(try await bench.stack.call(.get, path).json)
        let list = try await bench.stack.call(.get, "/v1/reminders?paymentID=\(payment)").json["items"]?.elements
        try expectEnd(list?.first)
        let moved = try await bench.stack.call(
            .put, path, #"{"day":"2999-01-02"}"#, headers: [("If-Match", "\"v1\"")])
        try expectEnd(moved.json)
    }

    @Test func `NOT-3: a second for the same moment is refused, also of two at once, and a move there`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await request(bench)
        async let one = plan(bench, payment, "2999-01-01", more: #","time":"17:30""#)
        async let two = plan(bench, payment, "2999-01-01", more: #","time":"17:30""#)
        let answers = try await [one, two].sorted { $0.status < $1.status }
        #expect(answers.map(\.status) == [201, 409])
        let id = try #require(answers[0].json["id"]?.text)
        #expect(answers[1].json["type"]?.text?.hasSuffix("/reminder-planned") == true)
        #expect(answers[1].json["detail"]?.text?.contains(id) == true, "it says which one is there")
        let other = try await plan(bench, payment, "2999-01-01")
        let path = "/v1/reminders/\(try #require(other.json["id"]?.text, "at another time"))"
        let move = #"{"day":"2999-01-01","time":"17:30"}"#
        let moved = try await bench.stack.call(.put, path, move, headers: [("If-Match", "\"v1\"")])
        #expect(moved.status == 409 && moved.json["detail"]?.text?.contains(id) == true, "\(moved.json)")
        let gone = try await bench.stack.call(.delete, "/v1/reminders/\(id)", headers: [("If-Match", "\"v1\"")])
        #expect(gone.status == 200)
        #expect(try await bench.stack.call(.put, path, move, headers: [("If-Match", "\"v1\"")]).status == 200)
        #expect(try await plan(bench, payment, "2999-01-01", more: #","time":"17:30""#).status == 409)
    }

    @Test func `NOT-3: a second for the moment of one that has just left is refused too`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await request(bench)
        let planned = [try await plan(bench, payment, "2999-01-01"), try await plan(bench, payment, "2999-01-02")]
        let ids = planned.compactMap { $0.json["id"]?.text.flatMap { MessageID($0) } }
        let (first, other) = (try #require(ids.first), try #require(ids.last))
        #expect(first != other)
        try await bench.stack.everybody { transaction in
            try transaction.execute("UPDATE reminder SET state = 'released' WHERE id = \(first)")
        }
        let moved = try await bench.stack.call(
            .put, "/v1/reminders/\(other)", #"{"day":"2999-01-01"}"#, headers: [("If-Match", "\"v1\"")])
        for refused in [try await plan(bench, payment, "2999-01-01"), moved] {
            #expect(refused.status == 409 && refused.json["type"]?.text?.hasSuffix("/reminder-planned") == true)
        }
    }

    @Test func `NOT-3: name each of the directory once`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await request(bench)
        let writer = NotificationStack.principal(scopes: ["contacts:write"])
        let entered = try await bench.stack.call(
            .post, "/v1/contacts", #"{"lastName":"Petit","phone":"\#(CampaignBench.randomPhone())"}"#, as: writer)
        let id = try #require(entered.json["id"]?.text)
        let planned = try await plan(bench, payment, "2999-01-01", more: #","contactIDs":["\#(id)","\#(id)"]"#)
        #expect(planned.json["contactIDs"]?.elements?.compactMap(\.text) == [id], "\(planned.json)")
    }
}
