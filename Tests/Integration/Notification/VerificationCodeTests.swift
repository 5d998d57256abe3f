import EventContract
import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// PAY-5: the code a client reads out at the desk, from the click to the phone and back.
@Suite struct `A code by SMS` {
    private static let occasion = "verification-code"

    /// The digits in what the phone shows.
    private func code(on bench: NotificationBench, of message: MessageID) async throws -> String {
        let shown = try #require(try await bench.stack.sent(message).first?["shown"].string)
        let match = try #require(shown.firstMatch(of: /est ([0-9]{6})\./), "\(shown)")
        return String(match.1)
    }

    @Test func `PAY-5: reaches the phone, is taken when it is read out, and is kept nowhere`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(afterCode: true)
        let message = try await bench.stack.message(about: payment.id, occasion: Self.occasion, until: "delivered")
        let code = try await code(on: bench, of: message.id)
        let checked = try await bench.payments(
            .post, "/v1/payments/\(payment.id)/codes/check", #"{"code":"\#(code)"}"#)
        #expect(checked.status == 200 && checked.json["isConfirmed"] == .bool(true))
        let kept = try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT (SELECT m.proof || m.lane || m.facts || coalesce(m.body, '') FROM message m
                        WHERE m.id = \(message.id)) AS row,
                    (SELECT string_agg(convert_from(value, 'UTF8'), ' ') FROM outbox_journal) AS told
                """
            ) { row in (row: try row("row") as String, told: try row("told") as String) }
        }
        #expect(kept.row.contains("200,00 € est [...].") && kept.row.contains("urgent"), "\(kept.row)")
        let said = try kept.row + kept.told + bench.stack.log()
        #expect(!said.contains("est \(code)") && !said.contains("\"\(code)\""))
        #expect(try await bench.stack.messages(about: payment.id).isEmpty, "and no link is sent")
    }

    @Test func `PAY-5, NOT-1: is never sent when its ten minutes are over`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"rate-limit""#, afterCode: true)
        let waiting = try await bench.turnedAway(payment, occasion: Self.occasion)
        let left = try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.one(
                "SELECT extract(epoch FROM expires_at - created_at)::int8 AS left FROM message WHERE id = \(waiting.id)"
            ) { row in try row("left") as Int }
        }
        #expect((500...600).contains(left), "it has the code's time, not a message's")
        try await bench.stack.database.pool.transaction(
            .readWrite.setting("quittance.organisation", to: "every")
        ) { transaction in
            try transaction.execute("UPDATE message SET expires_at = now() WHERE id = \(waiting.id)")
        }
        let message = try await bench.stack.message(about: payment.id, occasion: Self.occasion, until: "called-off")
        #expect(message.reason == "it would have come too late")
        #expect(try await bench.stack.sent(message.id).isEmpty)
    }

    @Test func `PAY-5: is called off when another was asked for, and one that is not good is not written`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"rate-limit""#, afterCode: true)
        let first = try await bench.turnedAway(payment, occasion: Self.occasion)
        try await askForAnother(bench, payment.id)
        var messages: [MessageRow] = []
        try await waitUntil("both are called off") {
            messages = try await bench.stack.messages(about: payment.id, occasion: Self.occasion)
            return messages.count == 2 && messages.allSatisfy { $0.state == "called-off" }
        }
        #expect(messages.first { $0.id == first.id }?.reason == "no longer wanted")
        #expect(messages.first { $0.id != first.id }?.reason == "the code is not good any more")
        for message in messages { #expect(try await bench.stack.sent(message.id).isEmpty) }
    }

    /// Tells of a code payment-orchestrator knows nothing of, as of one that was replaced meanwhile.
    private func askForAnother(_ bench: NotificationBench, _ payment: PaymentID) async throws {
        let code: VerificationID = IdentifierSource.system.make()
        let cause = Cause(
            .job(name: "ask-for-code", run: "\(code)"), organisation: NotificationStack.organisation, actor: "tests",
            correlation: CorrelationID(4))
        try await bench.stack.database.change(because: cause) { change in
            change.announce(
                VerificationRequestedV1(
                    paymentID: payment, verificationID: code, clientID: ClientID(5),
                    expiresAt: TimeSource.system.now().adding(.seconds(600))),
                about: payment)
        }
    }

    @Test func `PAY-5: goes with its payment`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"rate-limit""#, afterCode: true)
        _ = try await bench.turnedAway(payment, occasion: Self.occasion)
        try await bench.cancel(payment)
        let message = try await bench.stack.message(about: payment.id, occasion: Self.occasion, until: "called-off")
        #expect(message.reason == "no longer wanted")
    }

    @Test func `PAY-5, NOT-11: is written before thousands that wait to be written`() async throws {
        let bench = try await NotificationBench.shared()
        let (organisation, clinic) = (NotificationStack.organisation, NotificationStack.clinic)
        // Nobody knows their payments, so that each costs a question and is called off.
        try await bench.stack.database.pool.transaction(
            .readWrite.setting("quittance.organisation", to: "every")
        ) { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, clinic, occasion, channel, lane, dedup_key, payment, client, facts,
                    state)
                SELECT gen_random_uuid(), \(organisation), \(clinic), 'payment-reminder', 'sms', 'normal',
                    'waiting/' || number, gen_random_uuid(), gen_random_uuid(), '{}', 'requested'
                FROM generate_series(1, 3000) AS number
                """)
        }
        let payment = try await bench.request(afterCode: true)
        try await bench.stack.message(about: payment.id, occasion: Self.occasion, until: "delivered")
        let waiting = try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.one(
                "SELECT count(*) AS count FROM message WHERE state = 'requested' AND dedup_key LIKE 'waiting/%'"
            ) { row in try row("count") as Int }
        }
        #expect(waiting > 0, "it waited for all of them")
        // The other tests need not wait for them.
        try await bench.stack.database.pool.transaction(
            .readWrite.setting("quittance.organisation", to: "every")
        ) { transaction in
            try transaction.execute(
                "DELETE FROM message WHERE state = 'requested' AND dedup_key LIKE 'waiting/%'")
        }
    }
}
