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

    /// A table's rows as texts.
    private func texts(_ sql: SQL, _ database: Database) async throws -> [String] {
        try await database.read(organisation: nil) { transaction in
            try transaction.query(sql) { row in try row("text") as String }
        }
    }

    @Test func `NOT-5, NOT-9: are the numbers they are read as now, once each, and no STOP is lost`() async throws {
        let cluster = try await PrivatePostgres.shared()
        let settings = try await cluster.databaseOfServices()
        let before = NotificationService.migrations.filter { $0.name < "0018" }
        try await cluster.migrate(NotificationService.schema, before, in: settings)
        let database = NotificationStack.database(settings, role: NotificationService.schema)
        try await seed(database)
        try await cluster.migrate(NotificationService.schema, NotificationService.migrations, in: settings)

        let contacts = try await texts(
            """
            SELECT phone || ' ' || array_to_string(groups, '+') || ' ' || coalesce(client::text, '-') AS text
            FROM contact ORDER BY phone
            """, database)
        #expect(
            contacts == [
                "+262692123456 a+b \(ClientID(7))", "+33612345678 a -", "+590690123456 a -", "+594694123456 a -",
                "+596696123456 a -",
            ])
        let decided = try await texts(
            """
            SELECT DISTINCT ON (address) address || ' ' || decision AS text FROM consent
            ORDER BY address, decided_at DESC, id DESC
            """, database)
        #expect(decided == ["+262692123456 withdrawn", "+590690123456 given", "+596696123456 given"])
        #expect(try await texts("SELECT address AS text FROM message", database) == ["+262692123456"])
        #expect(
            try await texts("SELECT phone AS text FROM campaign_recipient", database) == ["+262692123456"])
        #expect(
            try await texts("SELECT array_to_string(contacts, ',') AS text FROM campaign", database)
                == ["\(ContactID(2))"])
        await database.pool.close()
    }

    private func seed(_ database: Database) async throws {
        let organisation = Self.organisation
        let people: [(ContactID, String, String, ClientID?)] = [
            (ContactID(1), "+33692123456", "b", ClientID(7)), (ContactID(2), "+262692123456", "a", nil),
            (ContactID(3), "+33690123456", "a", nil), (ContactID(4), "+33694123456", "a", nil),
            (ContactID(5), "+33696123456", "a", nil), (ContactID(6), "+33612345678", "a", nil),
        ]
        let decisions = [
            ("+33692123456", "withdrawn", 3), ("+262692123456", "given", 1), ("+33690123456", "given", 2),
            ("+596696123456", "given", 1),
        ]
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
                    '+33692123456')
                """)
            try transaction.execute(
                """
                INSERT INTO campaign (id, organisation, name, state, identity, body, groups, contacts, phones,
                    created_by)
                VALUES (\(Self.campaign), \(organisation), 'A', 'draft', 'A', 'A', '{}',
                    \([ContactID(1), ContactID(2)])::uuid[], '{}', 'tests')
                """)
            try transaction.execute(
                """
                INSERT INTO campaign_recipient (campaign, position, organisation, phone, left_out)
                VALUES (\(Self.campaign), 1, \(organisation), '+33692123456', 'stop')
                """)
        }
    }
}
