import EventContract
import KafkaClient
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `A message from its fact to the phone` {
    @Test func `NOT-10: leaves once and is told step by step`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        let message = try await bench.stack.message(about: payment.id, until: "delivered")
        let sent = try await bench.stack.sent(message.id)
        #expect(sent.count == 1)
        #expect(sent.first?["to"].string == payment.recipient.digits)
        #expect(sent.first?["shown"].string.contains("/p/\(payment.token)") == true)
        #expect(
            try await bench.stack.events(of: message.id) == ["message-requested", "message-sent", "message-delivered"])
    }

    @Test
    func `NOT-10, C-08, C-11: a fact that is delivered twice, or published again under another id, makes one message`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        let message = try await bench.stack.message(about: payment.id, until: "delivered")
        let told = try await bench.published(Topic.payments.rawValue, about: payment.id.description, atLeast: 1)
        let first = try #require(told.first).record
        let id: EventID = IdentifierSource.system.make()
        var again = first
        again.headers = first.headers.filter { $0.name != "ce_id" } + [KafkaHeader("ce_id", id.description)]
        try await bench.publish([first, first, again])
        try await bench.stack.takesIn(id)
        #expect(try await bench.stack.messages(about: payment.id).map(\.id) == [message.id])
        try await bench.goOn()
        #expect(try await bench.stack.sent(message.id).count == 1)
        #expect(
            try await bench.stack.events(of: message.id) == ["message-requested", "message-sent", "message-delivered"])
    }

    @Test(arguments: [true, false])
    func `NOT-3, C-10: a link that still waits is called off when the payment has ended`(isPaid: Bool) async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"rate-limit""#)
        _ = try await bench.turnedAway(payment)
        if isPaid { try await bench.accept(payment) } else { try await bench.cancel(payment) }
        let message = try await bench.stack.message(about: payment.id, until: "called-off")
        #expect(message.reason == "no longer wanted")
        #expect(try await bench.stack.events(of: message.id) == ["message-requested", "message-called-off"])
        if isPaid {
            try await bench.stack.message(about: payment.id, occasion: "payment-accepted", until: "sent")
            #expect(try await bench.mail.messages(to: payment.recipient.email).count == 1)
        }
        try await bench.goOn()
        #expect(try await bench.stack.sent(message.id).isEmpty)
    }

    @Test func `NOT-1, C-12: a link that could not leave in time is called off, and that is told`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"rate-limit""#)
        let message = try await bench.turnedAway(payment)
        // No longer than its link lives, which payment-orchestrator said.
        let hours = try await hoursLeft(bench, message.id)
        #expect(hours > 0 && hours <= 48)
        try await bench.stack.database.pool.transaction(
            .readWrite.setting("quittance.organisation", to: "every")
        ) { transaction in
            try transaction.execute("UPDATE message SET expires_at = now() WHERE id = \(message.id)")
        }
        let after = try await bench.stack.message(about: payment.id, until: "called-off")
        #expect(after.reason == "it would have come too late")
        #expect(try await bench.stack.events(of: message.id) == ["message-requested", "message-failed"])
        try await bench.goOn()
        #expect(try await bench.stack.sent(message.id).isEmpty)
    }

    private func hoursLeft(_ bench: NotificationBench, _ id: MessageID) async throws -> Double {
        try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT (extract(epoch FROM expires_at - now()) / 3600)::float8 AS hours FROM message
                WHERE id = \(id)
                """
            ) { row in try row("hours") }
        }
    }
}
