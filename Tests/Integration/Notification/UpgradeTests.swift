import NotificationService
import NotificationWorld
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// What steps of the schema make of rows that were there before, run as the owner, for whom the fence stands too.
@Suite struct `An upgrade of notification` {
    /// The superuser's connections to a database with the steps before this one.
    private func database(before name: String) async throws -> PostgresPool {
        let settings = try await PrivatePostgres.shared().databaseOfServices(
            with: NotificationService.schema, NotificationService.migrations, before: name)
        return PostgresPool(settings, logger: NotificationStack.logger)
    }

    /// Takes the steps up to this one, or all.
    private func goOn(_ pool: PostgresPool, before name: String? = nil) async throws {
        let steps = NotificationService.migrations.filter { step in name.map { step.name < $0 } ?? true }
        try await PrivatePostgres.shared().migrate(NotificationService.schema, steps, in: pool.settings)
    }

    private func texts(_ pool: PostgresPool, _ sql: SQL) async throws -> [String] {
        try await pool.query(sql) { row in try row("text") as String }
    }

    @Test func `NOT-3: clinics whose zone is their region's follow it from then on, the others keep theirs`()
        async throws
    {
        let pool = try await database(before: "0028-clocks-and-waits")
        try await pool.execute(
            """
            INSERT INTO sending_policy (organisation, version, transliterates, region, changed_by)
            VALUES (md5('islands')::uuid, 1, true, 'mayotte', 'tests'), (md5('islands')::uuid, 2, true, 'reunion', 'tests')
            """)
        try await pool.execute(
            """
            INSERT INTO clinic (organisation, id, time_zone, region)
            SELECT md5(organisation)::uuid, md5(zone || coalesce(region, ''))::uuid, zone, region
            FROM (VALUES ('islands', 'Indian/Reunion', NULL), ('islands', 'Indian/Mayotte', NULL),
                ('islands', 'America/Miquelon', 'saint-pierre-and-miquelon'), ('islands', 'Europe/Paris', NULL),
                ('islands', 'Europe/Paris', 'alsace-moselle'), ('mainland', 'Europe/Paris', NULL),
                ('mainland', 'Pacific/Noumea', 'mainland')) AS told (organisation, zone, region)
            """)
        try await goOn(pool)
        let kept = try await texts(
            pool,
            """
            SELECT concat_ws(' ', time_zone, region) AS text FROM clinic WHERE time_zone IS NOT NULL ORDER BY text
            """)
        #expect(kept == ["Europe/Paris", "Indian/Mayotte", "Pacific/Noumea mainland"])
        let following = try await texts(
            pool, "SELECT coalesce(region, '-') AS text FROM clinic WHERE time_zone IS NULL ORDER BY text")
        #expect(following == ["-", "-", "alsace-moselle", "saint-pierre-and-miquelon"])
        await pool.close()
    }

    @Test func `NOT-11: messages of before have waited since they could leave, and nobody is paged for what is held`()
        async throws
    {
        let pool = try await database(before: "0027-waits-since")
        let seed: SQL = """
            INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, payment, facts, state, reason, due_at,
                next_try_at, created_at, address, body)
            SELECT md5(name)::uuid, md5('o')::uuid, 'payment-reminder', 'sms', 'normal', name, md5(name)::uuid, '{}',
                state, reason, due::timestamptz, next_try::timestamptz, '2026-01-01 10:00Z', '+33600000000', 'a'
            FROM (VALUES ('held', 'ready', 'held until it may be sent', NULL, '2999-01-01 08:00Z'),
                ('due-later', 'requested', NULL, '2999-01-02 08:00Z', '2999-01-02 08:00Z'),
                ('due', 'ready', 'turned away', '2026-01-01 12:00Z', '2999-01-03 08:00Z'),
                ('asked-for', 'ready', NULL, NULL, '2026-01-01 10:00Z'),
                ('paused', 'ready', NULL, NULL, 'infinity'), ('resumed', 'ready', NULL, NULL, '2026-01-01 10:00Z'))
                AS told (name, state, reason, due, next_try)
            """
        try await pool.execute(seed)
        try await goOn(pool, before: "0028")
        try await pool.execute("UPDATE message SET waits_since = '2026-01-04 09:00Z' WHERE dedup_key = 'resumed'")
        try await goOn(pool)
        let waits = try await texts(
            pool,
            """
            SELECT dedup_key || ' ' || to_char(waits_since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24') AS text FROM message
            ORDER BY dedup_key
            """)
        #expect(
            waits == [
                "asked-for 2026-01-01 10", "due 2026-01-01 12", "due-later 2999-01-02 08", "held 2999-01-01 08",
                "paused 2026-01-01 10", "resumed 2026-01-04 09",
            ])
        await pool.close()
    }

    @Test func `NOT-2, NOT-6: campaigns of before, and of an instance of before, have one text for everybody`()
        async throws
    {
        func campaign(_ name: String) -> SQL {
            """
            INSERT INTO campaign (id, organisation, name, state, identity, body, groups, contacts, phones, created_by)
            VALUES (md5(\(name)::text)::uuid, md5('o')::uuid, \(name), 'draft', 'LesLilas', 'Vaccins', '{}', '{}', '{}',
                'tests')
            """
        }
        let pool = try await database(before: "0034-campaign-languages")
        try await pool.execute(campaign("before"))
        try await goOn(pool)
        try await pool.execute(campaign("during"))
        let kept = try await texts(
            pool, "SELECT concat_ws(' ', name, body, other_languages) AS text FROM campaign ORDER BY name")
        #expect(kept == ["before Vaccins {}", "during Vaccins {}"])
        await pool.close()
    }
}
