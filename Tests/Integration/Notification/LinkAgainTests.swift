import HTTPClient
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `A payment's link that is sent again` {
    @Test func `PAY-5: reaches the phone a second time, and no third`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        let first = try await bench.stack.message(about: payment.id, until: "delivered")
        #expect(try await bench.payments(.post, "/v1/payments/\(payment.id)/link-messages").status == 429)
        try await letAMinutePass(over: payment.id, bench)
        let answer = try await bench.payments(.post, "/v1/payments/\(payment.id)/link-messages")
        #expect(answer.status == 201)
        var messages: [MessageRow] = []
        try await waitUntil("both are delivered") {
            messages = try await bench.stack.messages(about: payment.id)
            return messages.count == 2 && messages.allSatisfy { $0.state == "delivered" }
        }
        let second = try #require(messages.first { $0.id != first.id })
        let sent = try await bench.stack.sent(second.id)
        #expect(sent.count == 1 && sent.first?["to"].string == payment.recipient.digits)
        #expect(sent.first?["shown"].string.contains("/p/\(payment.token)") == true, "the same link")
    }

    @Test func `PAY-5: takes the place of one that still waits, so that one SMS leaves`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"rate-limit""#)
        let waiting = try await bench.turnedAway(payment)
        try await letAMinutePass(over: payment.id, bench)
        _ = try await bench.payments(.post, "/v1/payments/\(payment.id)/link-messages")
        try await waitUntil("the second has left") {
            try await bench.stack.messages(about: payment.id).contains { row in
                row.id != waiting.id && ["sent", "delivered"].contains(row.state)
            }
        }
        let first = try await bench.stack.messages(about: payment.id).first { $0.id == waiting.id }
        #expect(first?.state == "called-off" && first?.reason == "no longer wanted")
        #expect(try await bench.stack.sent(waiting.id).isEmpty)
    }

    /// As if its link had been asked for earlier: within a minute it is not sent twice.
    private func letAMinutePass(over payment: PaymentID, _ bench: NotificationBench) async throws {
        let database = NotificationStack.database(bench.stack.settings, role: PaymentOrchestratorService.schema)
        try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) { transaction in
            try transaction.execute(
                """
                UPDATE payment SET link_asked_at = link_asked_at - interval '61 seconds' WHERE id = \(payment)
                """)
        }
        await database.pool.close()
    }
}
