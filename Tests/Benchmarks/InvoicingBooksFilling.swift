import Foundation
import PaymentModel
import PostgresClient
import TestSupport

/// Lays out large books: by the database itself, without looking at each row again, and with indexes made at the end.
struct InvoicingBooksFilling: Sendable {
    let world: InvoicingWorld
    let clinic: String
    let clients: Int
    let invoices: Int
    /// Invoices of the first client.
    let ofOneClient: Int

    private static let tables = [
        "client", "client_pieces", "invoice", "document_pieces", "payment_on_account", "allocation",
    ]
    private static let atOnce = 250_000
    /// Every client of so many has a company.
    static let companyEvery = 5

    func run() async throws {
        try await world.overseer.transaction { transaction in
            // No trigger and no foreign key is looked at; what triggers would have done is done here.
            try transaction.execute("SET LOCAL session_replication_role = replica")
            try transaction.execute("SET LOCAL maintenance_work_mem = '512MB'")
            let indexes = try dropIndexes(&transaction)
            try fillClients(&transaction)
            for first in stride(from: 1, through: invoices, by: Self.atOnce) {
                let numbers = first...min(first + Self.atOnce - 1, invoices)
                for statement in rows(numbers) { try transaction.execute(statement) }
                progress("\(numbers.upperBound) of \(invoices) invoices with their payments")
            }
            try fillSeries(&transaction)
            for index in indexes {
                try transaction.execute(SQL(unescaped: index))
                progress("an index: \(index.split(separator: " ").prefix { $0 != "ON" }.last ?? "")")
            }
        }
        try await world.overseer.execute("VACUUM ANALYZE")
        progress("vacuumed and analysed")
    }

    /// On standard error, since somebody may keep the figures.
    private func progress(_ text: String) {
        FileHandle.standardError.write(Data("    filling the books: \(text)\n".utf8))
    }

    /// Drops the indexes that are no constraints; answers the statements that make them again.
    private func dropIndexes(_ transaction: inout PostgresTransaction) throws -> [String] {
        let found = try transaction.query(
            """
            SELECT indexname::text, indexdef FROM pg_indexes
            WHERE schemaname = current_schema() AND tablename = ANY(\(Self.tables))
                AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY tablename, indexname
            """
        ) { row in (name: try row("indexname") as String, definition: try row("indexdef") as String) }
        for index in found { try transaction.execute(SQL(unescaped: "DROP INDEX \(index.name)")) }
        return found.map(\.definition)
    }

    private func fillClients(_ transaction: inout PostgresTransaction) throws {
        // But for the last thousandth they have an address of long ago.
        try transaction.execute(
            """
            INSERT INTO client (id, organisation, clinic, last_name, first_name, phone, email, language, town, country,
                reference)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(world.organisation), \(clinic)::uuid,
                (ARRAY['Martin', 'Lefèvre', 'Nguyen', 'Œuvrard', 'Dupont', 'Garnier', 'Moreau'])[1 + n % 7]
                    || ' ' || substr(md5(n::text), 1, 5),
                (ARRAY['Ada', 'Zoé', 'Noël', 'Inès', 'Paul'])[1 + n % 5], '+336' || lpad(n::text, 8, '0'),
                'client' || n || CASE WHEN n < \(Int32(clients - max(2_000, clients / 1_000)))
                    THEN '@example.autrefois.org' ELSE '@example.org' END, 'fr', 'Lyon', 'FR', 'C' || n
            FROM generate_series(1, \(Int32(clients))) AS n
            ON CONFLICT DO NOTHING
            """)
        try transaction.execute(
            """
            INSERT INTO billing_details (client, organisation, company, street, postcode)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(world.organisation),
                'Élevage des Quatre Vents ' || right(md5(n::text), 5), '1 rue du Lac', '69003'
            FROM generate_series(\(Int32(Self.companyEvery)), \(Int32(clients)), \(Int32(Self.companyEvery))) AS n
            ON CONFLICT DO NOTHING
            """)
        progress("\(clients) clients")
        try transaction.execute(
            """
            INSERT INTO client_pieces (client, place, pieces)
            SELECT id, place, pieces_at(place, organisation, known_by,
                (SELECT company FROM billing_details WHERE billing_details.client = placed.id))
            FROM (
                SELECT id, organisation, known_by, nextval('client_place') AS place
                FROM (SELECT * FROM client ORDER BY id) AS client
            ) AS placed
            ON CONFLICT DO NOTHING
            """)
        progress("what they are found by")
    }

    /// The series of the years of the invoices, each of which goes on behind the last of them.
    private func fillSeries(_ transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            INSERT INTO document_series (organisation, clinic, kind, year, last)
            SELECT \(world.organisation), \(clinic)::uuid, 'F', year, \(Int64(invoices))
            FROM generate_series(
                extract(year FROM current_date - 699)::int, extract(year FROM current_date)::int) AS year
            """)
    }

    /// Every fourth is not paid, so that something is late, and its client has credit instead; the first client has as
    /// many as its statement wants.
    private func rows(_ numbers: ClosedRange<Int>) -> [SQL] {
        let told: SQL = """
            (SELECT ('10000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid AS id, n, n % 4 <> 0 AS is_paid,
                current_date - n % 700 AS day, lpad(to_hex(
                    CASE WHEN n <= \(Int32(ofOneClient)) THEN 1 ELSE 2 + n % \(Int32(clients - 1)) END
                ), 32, '0')::uuid AS owner
            FROM generate_series(\(Int32(numbers.lowerBound)), \(Int32(numbers.upperBound))) AS n) AS told
            """
        let (organisation, clinic) = (world.organisation, clinic)
        return [
            """
            INSERT INTO invoice (id, organisation, clinic, client, currency, total, paid, due_on, number, issued_on)
            SELECT id, \(organisation), \(clinic)::uuid, owner, 'EUR', 1200, CASE WHEN is_paid THEN 1200 ELSE 0 END,
                day + 30, 'F-LIVRES-' || extract(year FROM day) || '-' || lpad(n::text, 7, '0'), day
            FROM \(told)
            """,
            """
            INSERT INTO document_pieces (document, client, place, pieces)
            SELECT invoice.id, invoice.client, place, number_pieces_at(place, invoice.organisation, number)
            FROM \(told) JOIN invoice ON invoice.id = told.id
                JOIN client_pieces ON client_pieces.client = invoice.client
            """,
            """
            INSERT INTO payment_on_account (id, organisation, clinic, client, method, currency, amount, allocated,
                unallocated, received_on)
            SELECT id, \(organisation), \(clinic)::uuid, owner, 'card', 'EUR', CASE WHEN is_paid THEN 1200 ELSE 100 END,
                CASE WHEN is_paid THEN 1200 ELSE 0 END, CASE WHEN is_paid THEN 0 ELSE 100 END, day
            FROM \(told)
            """,
            """
            INSERT INTO allocation (payment_on_account, invoice, organisation, position, amount)
            SELECT id, id, \(organisation), 0, 1200 FROM \(told) WHERE is_paid
            """,
        ]
    }
}
