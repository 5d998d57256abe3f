import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `Migrations` {
    @Test func `are applied once however many instances start`() async throws {
        try await MessagingFixture.with { fixture in
            let own = Probe.migrations + [Migration("0002-more", "CREATE TABLE more (n int)")]
            let applied = try await withThrowingTaskGroup { tasks in
                for _ in 0..<6 {
                    tasks.addTask { try await Migrator(fixture.database.pool, logger: fixture.logger).migrate(own) }
                }
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
            #expect(applied == ["service/0002-more"])
            #expect(try await Migrator(fixture.database.pool, logger: fixture.logger).pending(own) == [])
        }
    }

    @Test func `refuse a step that was edited after it was applied`() async throws {
        try await MessagingFixture.with { fixture in
            let migrator = Migrator(fixture.database.pool, logger: fixture.logger)
            await #expect(throws: MigrationChanged(name: "service/0001-probe")) {
                try await migrator.migrate([Migration("0001-probe", "CREATE TABLE other (n int)")])
            }
        }
    }

    @Test func `leave nothing of a step that fails`() async throws {
        try await MessagingFixture.with { fixture in
            let migrator = Migrator(fixture.database.pool, logger: fixture.logger)
            let broken = Migration("0002-broken", "CREATE TABLE half (n int); SELECT 1 / 0;")
            await #expect(throws: PostgresError.self) { try await migrator.migrate(Probe.migrations + [broken]) }
            let pending = try await migrator.pending(Probe.migrations + [broken])
            #expect(pending == ["service/0002-broken"])
            await #expect(throws: PostgresError.self) { try await fixture.count("half") }
        }
    }

    @Test func `let others pass while they wait for a table`() async throws {
        try await MessagingFixture.with { fixture in
            let gate = try await fixture.database.pool.session()
            try await gate.transaction { try $0.execute("SELECT pg_advisory_lock(4712)") }
            let migrator = Migrator(fixture.database.pool, logger: fixture.logger)
            let wider = Probe.migrations + [Migration("0002-wider", "ALTER TABLE thing ADD COLUMN wide int")]
            async let reader: Void = fixture.database.pool.transaction { transaction in
                try transaction.execute("LOCK TABLE thing IN ACCESS SHARE MODE")
                try transaction.execute("SELECT pg_advisory_xact_lock(4712)")
            }
            // Who reads has the table by then, and the step does not yet.
            try await fixture.database.pool.waitForLocks(1)
            async let applied = migrator.migrate(wider)
            try await fixture.database.pool.waitForLocks(2)
            #expect(try await fixture.count("thing") == 0, "whoever comes now does not wait for the one who reads")
            await gate.close()
            try await reader
            #expect(try await applied == ["service/0002-wider"])
        }
    }

    @Test func `give a service's role what it needs and not the schema`() async throws {
        try await MessagingFixture.with { fixture in
            let service = try await fixture.asServiceRole()
            try await service.running(service.relay(), service.consumer()) {
                try await service.write(runs: 20, subjects: 3)
                try await service.expectPublished()
                try await service.expectEffects()
            }
            await #expect(throws: PostgresError.self) { try await service.execute(["CREATE TABLE mine (n int)"]) }
            await #expect(throws: PostgresError.self) { try await service.execute(["DELETE FROM migration"]) }
        }
    }

    @Test func `give it no way to the owner's rights through the upkeep of the journal`() async throws {
        try await MessagingFixture.with { fixture in
            let service = try await fixture.asServiceRole()
            // Whoever runs the upkeep would run this trigger as the owner, if it took the temporary table for its own.
            try await service.database.pool.transaction { transaction in
                try transaction.execute("CREATE TEMPORARY TABLE outbox_journal_rest (published_at timestamptz)")
                try transaction.execute(
                    """
                    CREATE FUNCTION pg_temp.seize() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN EXECUTE 'DROP TABLE dead_letter'; RETURN NULL; END $$
                    """)
                try transaction.execute(
                    """
                    CREATE TRIGGER seize AFTER DELETE ON outbox_journal_rest
                    FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.seize()
                    """)
                try transaction.execute("SELECT maintain_outbox_journal(1, 400)")
            }
            #expect(try await fixture.count("dead_letter") == 0)
            await #expect(throws: PostgresError.self) {
                try await service.execute(["SELECT maintain_outbox_journal(1, -1)"])
            }
        }
    }
}
