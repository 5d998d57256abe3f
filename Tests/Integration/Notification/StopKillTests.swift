import EventContract
import HTTPClient
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-9: the server dies while it takes a STOP; the gateway, which had no answer, says it again, or keeps it.
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
        let gate = try await holdBack(owner, "notification.consent", when: "NEW.organisation = '\(Self.other)'")
        let first = Task { try? await push(phone, stack) }
        try await waitUntil("the second organisation's part waits") { try await heldBack(owner).count == 1 }
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

    /// After the STOP is kept, and after it is noted as heard.
    @Test(arguments: ["notification.heard_reply", "notification.reply_look"])
    func `NOT-9: that OVHcloud keeps is heard again by the next, and counts once`(
        unwritten table: String
    ) async throws {
        let stack = try await NotificationStack.start(
            [
                "QUITTANCE_SMS_GATEWAYS": "smsfactor,ovhcloud", "QUITTANCE_OVH_ACCOUNT": "sms-1",
                "QUITTANCE_OVH_APPLICATION_KEY": "ak", "QUITTANCE_OVH_APPLICATION_SECRET": "as",
                "QUITTANCE_OVH_CONSUMER_KEY": "ck", "QUITTANCE_REPLIES_EVERY": "300ms",
            ], urls: { ["QUITTANCE_OVH_URL": "\($0)/ovhcloud"] })
        try await stack.sandbox.control(
            .post, "/gateways/accounts/ovhcloud",
            #"{"account":"sms-1","applicationKey":"ak","applicationSecret":"as","consumerKey":"ck"}"#)
        let phone = NotificationStack.phone(try await stack.seed(1, by: "held")[0])
        try await stack.sandbox.control(.post, "/gateways/replies", #"{"from":"\#(phone)","text":"Stop svp"}"#)
        let owner = PostgresPool(stack.settings)
        let gate = try await holdBack(owner, table)
        let server = try await stack.serve()
        try await waitUntil("what comes after the STOP waits") { try await heldBack(owner).count == 1 }
        #expect(try await withdrawals(of: phone, stack) == [NotificationStack.organisation: 1])
        try await server.kill()
        // The order to commit is with the database already, which would go on without its client.
        for pid in try await heldBack(owner) { try await owner.execute("SELECT pg_terminate_backend(\(pid))") }
        try await waitUntil("it was never written") { try await heldBack(owner).isEmpty }
        await gate.close()
        try await agreeAgain(phone, stack)
        let next = try await stack.serve()
        try await waitUntil("the next has heard all there is") {
            try await owner.query("SELECT gateway FROM notification.reply_look") { row in
                try row("gateway") as String
            } == ["ovhcloud"]
        }
        #expect(try await withdrawals(of: phone, stack) == [NotificationStack.organisation: 1])
        #expect(try await told(stack) == 1)
        let latest = try await owner.query(
            "SELECT decision FROM notification.consent ORDER BY decided_at DESC LIMIT 1"
        ) { row in try row("decision") as String }
        #expect(latest == ["given"], "who agreed since then is not withdrawn by what was heard before")
        try await next.kill()
        await owner.close()
    }

    private func agreeAgain(_ phone: String, _ stack: NotificationStack) async throws {
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
                VALUES (gen_random_uuid(), \(NotificationStack.organisation), 'sms', \(phone), 'given', 'form', now(),
                    'tests')
                """)
        }
    }

    /// Holds back what is written to a table until it is closed.
    private func holdBack(
        _ owner: PostgresPool, _ table: String, when condition: String = "true"
    ) async throws -> PostgresSession {
        try await owner.execute(
            """
            CREATE FUNCTION notification.hold_back() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock(77);
                RETURN NEW;
            END $$
            """)
        try await owner.execute(
            """
            CREATE TRIGGER hold_back BEFORE INSERT ON \(unescaped: table)
            FOR EACH ROW WHEN (\(unescaped: condition)) EXECUTE FUNCTION notification.hold_back()
            """)
        let gate = try await owner.session()
        try await gate.transaction { try $0.execute("SELECT pg_advisory_lock(77)") }
        return gate
    }

    /// The database's processes that are held back.
    private func heldBack(_ owner: PostgresPool) async throws -> [Int32] {
        try await owner.query(
            """
            SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        ) { row in try row("pid") }
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
