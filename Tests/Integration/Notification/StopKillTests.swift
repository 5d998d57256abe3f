import EventContract
import HTTPClient
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-9: the server dies while it takes a STOP; the gateway, which had no answer, says it again.
@Suite(.serialized) struct `A STOP whose server is killed` {
    private static let other = OrganisationID(0xB)

    @Test func `NOT-9: between its commit and the answer counts once for each organisation, and is told once`()
        async throws
    {
        let stack = try await NotificationStack.start()
        let server = try await stack.serve()
        let ids = try await stack.seed(2, by: "held")
        let phone = NotificationStack.phone(ids[0])
        try await stack.everybody { transaction in
            try transaction.execute(
                "UPDATE message SET organisation = \(Self.other), address = \(phone) WHERE id = \(ids[1])")
        }
        let owner = PostgresPool(stack.settings)
        // The one organisation's part is committed when the other's waits here.
        let gate = try await holdBack(owner)
        let first = Task { try? await push(phone, stack) }
        try await waitUntil("the second organisation's part waits") {
            try await owner.query(
                """
                SELECT count(*) AS count FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """
            ) { row in try row("count") as Int } == [1]
        }
        #expect(try await withdrawals(of: phone, stack) == [NotificationStack.organisation: 1])
        try await server.kill()
        #expect(await first.value != 200, "the gateway had no answer")
        await gate.close()
        let next = try await stack.serve()
        for _ in 0..<2 { #expect(try await push(phone, stack) == 200) }
        #expect(
            try await withdrawals(of: phone, stack) == [NotificationStack.organisation: 1, Self.other: 1])
        #expect(try await told(stack) == 2, "each organisation's client is told of once")
        try await next.kill()
        await owner.close()
    }

    /// Holds back what withdraws a consent of the second organisation until it is closed.
    private func holdBack(_ owner: PostgresPool) async throws -> PostgresSession {
        try await owner.execute(
            """
            CREATE FUNCTION notification.hold_back() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.organisation = '\(unescaped: Self.other.description)' THEN
                    PERFORM pg_advisory_xact_lock(77);
                END IF;
                RETURN NEW;
            END $$
            """)
        try await owner.execute(
            """
            CREATE TRIGGER hold_back BEFORE INSERT ON notification.consent
            FOR EACH ROW EXECUTE FUNCTION notification.hold_back()
            """)
        let gate = try await owner.session()
        try await gate.transaction { try $0.execute("SELECT pg_advisory_lock(77)") }
        return gate
    }

    /// As the gateway pushes it, which pushes it again until it is answered.
    private func push(_ phone: String, _ stack: NotificationStack) async throws -> Int {
        let body = #"{"date":"2026-11-20T10:00:00Z","message":"STOP","from":"\#(phone.dropFirst())"}"#
        return try await stack.callingAnew().call(
            .post, "/webhooks/smsfactor/replies", body, as: nil,
            headers: [("X-SMSFactor-Signature", NotificationStack.signature(of: body))]
        ).status
    }

    private func withdrawals(of phone: String, _ stack: NotificationStack) async throws -> [OrganisationID: Int] {
        let rows = try await stack.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT organisation, count(*) AS count FROM consent
                WHERE address = \(phone) AND decision = 'withdrawn' GROUP BY organisation
                """
            ) { row in (try row("organisation") as OrganisationID, try row("count") as Int) }
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    private func told(_ stack: NotificationStack) async throws -> Int {
        try await stack.database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT count(*) AS count FROM (SELECT type FROM outbox UNION ALL SELECT type FROM outbox_journal) AS told
                WHERE type = \(RecipientOptedOutV1.type.text)
                """
            ) { row in try row("count") }
        }
    }
}
