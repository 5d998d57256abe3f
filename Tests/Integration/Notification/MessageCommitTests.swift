import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-10, NOT-11: which steps of a message wait for the disk: somebody at the desk waits with each that does.
@Suite struct `The steps of a message` {
    @Test(arguments: [false, true])
    func `NOT-10, NOT-11: are on the disk from its claim on; before that only what was promised of a quota is`(
        isLimited: Bool
    ) async throws {
        let owner = try PlayedRecipients()
        let stack = try await NotificationStack.start([
            "QUITTANCE_PAYMENTS_URL": owner.url, "QUITTANCE_SMSFACTOR_TOKEN": NotificationStack.silentToken,
        ])
        let overseer = PostgresPool(stack.settings)
        try await watchCommits(overseer)
        let processes = [try await stack.serve(), try stack.work()]
        if isLimited { try await limit(stack) }
        let id = try await ask(stack)
        try await waitUntil("it has left") { try await stack.message(id).state == "sent" }
        // Written, taken, claimed, answered for; later its parts are counted.
        let waits = try await waits(overseer).prefix(4)
        #expect(waits == [isLimited ? "ready on" : "ready off", "ready off", "claimed on", "sent on"])
        for process in processes { try await process.kill() }
        await overseer.close()
    }

    /// Of this organisation no message leaves without a promise of its quota.
    private func limit(_ stack: NotificationStack) async throws {
        let manager = NotificationStack.principal(scopes: ["policy:write", "quota:write"])
        let kept = try await stack.call(
            .put, "/v1/sending-policy", #"{"quotaLimitsAll":true}"#, as: manager, headers: [("If-Match", "\"v0\"")])
        let booked = try await stack.call(
            .post, "/v1/sms-quota/entries", #"{"parts":100,"note":"facture 12"}"#, as: manager)
        #expect(kept.isSuccess && booked.isSuccess)
    }

    /// A link that is to be written, to whom the played owner says.
    private func ask(_ stack: NotificationStack) async throws -> MessageID {
        let id: MessageID = IdentifierSource.system.make()
        let (organisation, clinic) = (NotificationStack.organisation, NotificationStack.clinic)
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, clinic, occasion, channel, lane, dedup_key, payment, client,
                    facts, state)
                VALUES (\(id), \(organisation), \(clinic), 'payment-link', 'sms', 'urgent', \("commits/\(id)"),
                    gen_random_uuid(), gen_random_uuid(), '{}', 'requested')
                """)
        }
        return id
    }

    /// Notes of every change of a message whether its commit will wait for the disk.
    private func watchCommits(_ overseer: PostgresPool) async throws {
        for statement in [
            """
            CREATE TABLE notification.commit_wait (
                number bigint GENERATED ALWAYS AS IDENTITY, state text NOT NULL, waits text NOT NULL)
            """,
            "GRANT INSERT ON notification.commit_wait TO PUBLIC",
            """
            CREATE FUNCTION notification.note_commit_wait() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO notification.commit_wait (state, waits)
                VALUES (NEW.state, current_setting('synchronous_commit'));
                RETURN NULL;
            END $$
            """,
            """
            CREATE CONSTRAINT TRIGGER note_commit_wait AFTER UPDATE ON notification.message
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION notification.note_commit_wait()
            """,
        ] as [SQL] {
            _ = try await overseer.execute(statement)
        }
    }

    /// What was noted: the state after each change, and whether its commit waited.
    private func waits(_ overseer: PostgresPool) async throws -> [String] {
        try await overseer.query(
            "SELECT state || ' ' || waits AS waits FROM notification.commit_wait ORDER BY number"
        ) { row in try row("waits") as String }
    }
}
