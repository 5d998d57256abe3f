import NotificationService
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-5, NOT-9: numbers overseas that were written with the mainland's country code, when the service is brought up to
/// date.
@Suite struct `Numbers written before` {
    private static let organisation = OrganisationID(0xAB)
    private static let campaign = CampaignID(0xCD)

    /// The service's connections to a database with the steps of the schema before this one.
    private func database(before name: String) async throws -> Database {
        let settings = try await PrivatePostgres.shared().databaseOfServices(
            with: NotificationService.schema, NotificationService.migrations, before: name)
        return NotificationStack.database(settings, role: NotificationService.schema)
    }

    /// Takes the steps that are left.
    private func goOn(_ database: Database) async throws {
        try await PrivatePostgres.shared().migrate(
            NotificationService.schema, NotificationService.migrations, in: database.pool.settings)
    }

    /// A table's rows as texts.
    private func texts(_ sql: SQL, _ database: Database) async throws -> [String] {
        try await database.read(organisation: nil) { transaction in
            try transaction.query(sql) { row in try row("text") as String }
        }
    }

    /// The directory's numbers, each with the groups and the client it is of.
    private func contacts(_ database: Database) async throws -> [String] {
        try await texts(
            """
            SELECT phone || ' ' || array_to_string(groups, '+') || ' ' || coalesce(client::text, '-') AS text
            FROM contact ORDER BY phone
            """, database)
    }

    /// What was decided last of each number.
    private func decisions(_ database: Database) async throws -> [String] {
        try await texts(
            """
            SELECT DISTINCT ON (address) address || ' ' || decision AS text FROM consent
            ORDER BY address, decided_at DESC, id DESC
            """, database)
    }

    @Test func `NOT-5, NOT-9: are the numbers they are read as now, once each, and no STOP is lost`() async throws {
        let database = try await database(before: "0018-one-person-once")
        try await seed(
            database,
            [
                (ContactID(1), "+33692123456", "b", ClientID(7)), (ContactID(2), "+262692123456", "a", nil),
                (ContactID(3), "+33690123456", "a", nil), (ContactID(4), "+33694123456", "a", nil),
                (ContactID(5), "+33696123456", "a", nil), (ContactID(6), "+33612345678", "a", nil),
            ],
            decisions: [
                ("+33692123456", "withdrawn", 3), ("+262692123456", "given", 1), ("+33690123456", "given", 2),
                ("+596696123456", "given", 1),
            ], written: "+33692123456", named: [ContactID(1), ContactID(2)])
        try await goOn(database)

        let contacts = try await contacts(database)
        #expect(
            contacts == [
                "+262692123456 a+b \(ClientID(7))", "+33612345678 a -", "+590690123456 a -", "+594694123456 a -",
                "+596696123456 a -",
            ])
        let decided = try await decisions(database)
        #expect(decided == ["+262692123456 withdrawn", "+590690123456 given", "+596696123456 given"])
        #expect(try await texts("SELECT address AS text FROM message", database) == ["+262692123456"])
        #expect(
            try await texts("SELECT phone AS text FROM campaign_recipient", database) == ["+262692123456"])
        #expect(
            try await texts("SELECT array_to_string(contacts, ',') AS text FROM campaign", database)
                == ["\(ContactID(2))"])
        await database.pool.close()
    }

    @Test func `NOT-5, NOT-9: of Saint-Pierre-et-Miquelon are six digits each, and no STOP is lost`() async throws {
        let database = try await database(before: "0031-saint-pierre")
        try await seed(
            database,
            [
                (ContactID(1), "+33508412345", "a", nil), (ContactID(2), "+508508412345", "b", ClientID(7)),
                (ContactID(3), "+508412345", "c", nil), (ContactID(4), "+33508551234", "d", nil),
                (ContactID(5), "+33612345678", "a", nil),
            ],
            decisions: [
                ("+508508412345", "withdrawn", 3), ("+508412345", "given", 2), ("+33508412345", "given", 1),
                ("+33508551234", "given", 1),
            ], written: "+508508412345", named: [ContactID(1), ContactID(2), ContactID(3)])
        try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) { transaction in
            try transaction.execute("UPDATE message SET contact = \(ContactID(2))")
            try transaction.execute(
                """
                INSERT INTO reminder (id, organisation, client, payment, occasion, dedup_key, facts, state, local_day,
                    local_minutes, late_on, planned_by, contacts)
                VALUES (gen_random_uuid(), \(Self.organisation), gen_random_uuid(), gen_random_uuid(), 'debit-notice', 'a',
                    '{}', 'planned', '2026-12-01', 600, '2026-12-03', 'tests', \([ContactID(1), ContactID(2)])::uuid[])
                """)
        }
        try await goOn(database)

        let named = try await texts(
            """
            SELECT array_to_string(contacts, ',') AS text FROM reminder
            UNION ALL SELECT contact::text FROM message
            """, database)
        #expect(named == ["\(ContactID(3))", "\(ContactID(3))"], "who stays is reminded, and was written to")
        let contacts = try await contacts(database)
        #expect(contacts == ["+33612345678 a -", "+508412345 a+b+c \(ClientID(7))", "+508551234 d -"])
        let decided = try await decisions(database)
        #expect(decided == ["+508412345 withdrawn", "+508551234 given"])
        #expect(try await texts("SELECT address AS text FROM message", database) == ["+508412345"])
        #expect(
            try await texts("SELECT array_to_string(contacts, ',') AS text FROM campaign", database)
                == ["\(ContactID(3))"], "who has the number as it is read stays")
        #expect(
            try await texts("SELECT phone AS text FROM campaign_recipient", database) == ["+508412345"])
        await database.pool.close()
    }

    @Test func `NOT-9: decisions that were kept as they were typed count for the numbers they are of, and a STOP wins`()
        async throws
    {
        let database = try await database(before: "0032-consents-as-read")
        try await seed(
            database, [],
            decisions: [
                ("+330639983001", "withdrawn", 2), ("+33639983001", "given", 1), ("+33692123457", "withdrawn", 1),
                ("+330690123456", "given", 1), ("+2620693123456", "given", 1), ("+330508412345", "given", 1),
                ("+410791234567", "given", 1), ("+390612345678", "given", 1), ("+33612345678", "withdrawn", 2),
                ("+33612345678", "given", 1),
            ], written: "+330639983001", named: [])
        try await goOn(database)

        let decided = try await decisions(database)
        #expect(
            decided == [
                "+262692123457 withdrawn", "+262693123456 given", "+33612345678 given", "+33639983001 withdrawn",
                "+390612345678 given", "+41791234567 given", "+508412345 given", "+590690123456 given",
            ])
        for text in [
            "+330639983001", "+33692123457", "+330690123456", "+2620693123456", "+330508412345", "+410791234567",
            "+390612345678",
        ] {
            let read = try #require(WrittenNumbers().read(text)?.e164)
            #expect(decided.contains { $0.hasPrefix("\(read) ") }, "\(text) is read as \(read)")
        }
        #expect(try await texts("SELECT address AS text FROM message", database) == ["+33639983001"])
        await database.pool.close()
    }

    @Test func `NOT-9: a STOP kept for a client's number as it was typed is of all the numbers agreed to by then`()
        async throws
    {
        let database = try await database(before: "0032-consents-as-read")
        let (client, other) = (ClientID(7), ClientID(8))
        try await seed(
            database,
            [
                (ContactID(1), "+33612345671", "a", client), (ContactID(2), "+33612345672", "a", client),
                (ContactID(3), "+33612345673", "a", client), (ContactID(4), "+33612345674", "a", other),
            ],
            decisions: [
                ("+33612345671", "given", 3), ("+330612345672", "withdrawn", 2), ("+33612345673", "given", 1),
                ("+33612345674", "given", 3),
            ], written: "+33612345675", named: [])
        try await goOn(database)

        let decided = try await decisions(database)
        #expect(
            decided == [
                "+33612345671 withdrawn", "+33612345672 withdrawn", "+33612345673 given", "+33612345674 given",
            ], "what was agreed to since the STOP stands, and so does what is somebody else's")
        await database.pool.close()
    }

    /// A directory, what its people decided, and one message and one campaign of it.
    private func seed(
        _ database: Database, _ people: [(ContactID, String, String, ClientID?)],
        decisions: [(String, String, Int)], written: String, named: [ContactID]
    ) async throws {
        let organisation = Self.organisation
        try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) { transaction in
            for (id, phone, group, client) in people {
                try transaction.execute(
                    """
                    INSERT INTO contact (id, organisation, client, last_name, first_name, phone, language, groups)
                    VALUES (\(id), \(organisation), \(client), 'A', '', \(phone), 'fr', ARRAY[\(group)]::text[])
                    """)
            }
            for (phone, decision, days) in decisions {
                try transaction.execute(
                    """
                    INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
                    VALUES (gen_random_uuid(), \(organisation), 'sms', \(phone), \(decision), 'form',
                        now() - \(Int32(days)) * interval '1 day', 'tests')
                    """)
            }
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, facts, state, address)
                VALUES (gen_random_uuid(), \(organisation), 'payment-link', 'sms', 'urgent', 'a', '{}', 'sent',
                    \(written))
                """)
            try transaction.execute(
                """
                INSERT INTO campaign (id, organisation, name, state, identity, body, groups, contacts, phones,
                    created_by)
                VALUES (\(Self.campaign), \(organisation), 'A', 'draft', 'A', 'A', '{}', \(named)::uuid[], '{}',
                    'tests')
                """)
            try transaction.execute(
                """
                INSERT INTO campaign_recipient (campaign, position, organisation, phone, left_out)
                VALUES (\(Self.campaign), 1, \(organisation), \(written), 'stop')
                """)
        }
    }
}
