import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// How the database goes about a search, as it explains it itself.
@Suite struct `The plan of a search for clients` {
    @Test func `INV-1: asks the index of pieces shelf by shelf, and no further than the page wants`() async throws {
        let bench = try await InvoicingBench.start()
        try await bench.overseer.explainStatements(lasting: 0)
        let chain = try await Chain.open(on: bench)
        try await Self.fill(chain)
        let few = try await Self.billLittle(chain)
        try await bench.overseer.execute("VACUUM ANALYZE")
        for (typed, shelves) in [
            ("dupont", 1), ("d", 1), ("336", 1), ("autrefois", 2), ("dupont%20autrefois", 2), ("zz", 6), ("xyzzy", 6),
            ("martin%20garnier", 6), ("elevage", 1), ("vent%20levag", 1), ("elevage%20autrefois", 2), ("on", 1),
            ("12", 1), ("elevage%20xyzzy", 6), ("a", 1), ("o", 1), ("7", 1), ("d%207", 1), ("q%207", 6),
            ("f%20o", 2), ("1%202", 1),
        ] {
            let plan = try await bench.plan(of: "/v1/clients?search=\(typed)&limit=20", in: chain)
            let looks = plan.matches(of: /Index Scan on client_by_pieces[^\n]*loops=(\d+)/).map { $0.1 }
            #expect(!looks.isEmpty && looks.allSatisfy { $0 == "\(shelves)" }, "\(typed): \(plan)")
            #expect(!Self.walks(plan), "\(typed): \(plan)")
        }
        // Documents stand on 24 shelves, the newest of 449 clients.
        for (typed, shelves) in [
            ("f-lilas-2026-0", 1), ("2026", 1), ("f", 1), ("7", 1), ("2025", 5), ("as-2025-01", 5), ("999999", 24),
            ("lilas-2027", 24),
        ] {
            let plan = try await bench.plan(of: "/v1/clients?search=\(typed)&limit=20", in: chain)
            let looks = plan.matches(of: /Index Scan on document_by_pieces[^\n]*loops=(\d+)/).map { $0.1 }
            #expect(!looks.isEmpty && looks.allSatisfy { $0 == "\(shelves)" }, "\(typed): \(plan)")
            #expect(!Self.walks(plan), "\(typed): \(plan)")
        }
        // Each is in a hundred numbers at most, and all its threes are in a thousand or more, the last in a name too.
        for typed in ["020202", "02026", "2020", "6-0202", "-0202", "6-2026"] {
            let plan = try await bench.plan(of: "/v1/clients?search=\(typed)&limit=20", in: chain)
            let looks = plan.matches(of: /Bitmap Heap Scan on document_pieces[^\n]*rows=(\d+) loops=(\d+)/)
            let numbers = looks.reduce(0) { $0 + (Int($1.1) ?? 0) * (Int($1.2) ?? 0) }
            #expect(!looks.isEmpty && numbers <= 200, "\(typed): \(plan)")
        }
        let found = try await chain.call(.get, "/v1/clients?search=6-2026").json["items"]?.elements
        // Behind those whose phones have these digits.
        #expect(found?.suffix(3).compactMap { $0["id"]?.text } == few.reversed().map { "\($0)" })
        let unnamed = try await bench.plan(of: "/v1/clients?search=-26-&limit=20", in: chain)
        #expect(!unnamed.isEmpty && !unnamed.contains("document_pieces"), "no series' name has it: \(unnamed)")
        await bench.close()
    }

    /// Six shelves, the newest of 3,520; only those of long ago were there "autrefois", behind all of that shelf.
    private static func fill(_ chain: Chain) async throws {
        let bench = chain.bench
        for first in stride(from: 1, to: 24_000, by: 4_000) {
            try await bench.overseer.execute(
                """
                INSERT INTO client (id, organisation, clinic, last_name, first_name, phone, email, language, town,
                    country)
                SELECT lpad(to_hex(n), 32, '0')::uuid, \(chain.organisation), \(chain.clinic),
                    (ARRAY['Martin', 'Dupont', 'Garnier'])[1 + n % 3], 'Paul', '+336' || lpad((n * 37)::text, 8, '0'),
                    CASE WHEN n < 20000 THEN 'c' || n || '@autrefois.example' END, 'fr', 'Lyon', 'FR'
                FROM generate_series(\(Int32(first)), \(Int32(first + 3_999))) AS n
                """)
        }
        // Every thirtieth has a company, so that a page of them is on the newest shelf.
        try await bench.overseer.execute(
            """
            INSERT INTO billing_details (client, organisation, company)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(chain.organisation), 'Élevage des Vents'
            FROM generate_series(30, 24000, 30) AS n
            """)
        // Those who were there "autrefois" have invoices of that time and no others.
        try await bench.overseer.execute(
            """
            INSERT INTO invoice (id, organisation, clinic, client, currency, total, due_on, number, issued_on)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(chain.organisation), \(chain.clinic),
                lpad(to_hex(n), 32, '0')::uuid, 'EUR', 1200, '2026-10-01',
                'F-LILAS-' || CASE WHEN n < 20000 THEN '2025' ELSE '2026' END || '-' || lpad(n::text, 6, '0'),
                '2026-09-01'
            FROM generate_series(1, 24000) AS n
            """)
        try await bench.overseer.execute(
            """
            INSERT INTO document_series (organisation, clinic, kind, year, last)
            SELECT \(chain.organisation), \(chain.clinic), 'F', year, 24000 FROM unnest(ARRAY[2025, 2026]) AS year
            """)
    }

    /// Bills three who came first at a clinic that bills nobody else, in every kind of document, while the newest have
    /// quotes whose counts begin as a year does: with the year before them they have 6-2, 026 and 202, and no 6-2026.
    private static func billLittle(_ chain: Chain) async throws -> [ClientID] {
        let clinic = try await chain.anotherClinic("LILA6")
        let few: [ClientID] = try await chain.bench.askAll("SELECT client FROM client_pieces ORDER BY place LIMIT 3")
        for client in few.dropLast() {
            let invoice = try await chain.invoice(1_000, for: client, clinic: clinic)
            #expect(try await chain.credit(invoice, 100, seen: 2).status == 201)
        }
        let quiet = Chain(bench: chain.bench, organisation: chain.organisation, clinic: clinic)
        _ = try await quiet.quote(for: few[2])
        try await chain.bench.overseer.execute(
            """
            INSERT INTO quote (id, organisation, clinic, client, number, issued_on, valid_until, currency, total)
            SELECT gen_random_uuid(), \(chain.organisation), \(chain.clinic),
                lpad(to_hex(n), 32, '0')::uuid, 'D-LILAS-2026-' || 183000 + n, '2026-09-01', '2026-10-01', 'EUR', 1200
            FROM generate_series(20001, 24000) AS n
            """)
        try await chain.bench.overseer.execute(
            """
            INSERT INTO document_series (organisation, clinic, kind, year, last)
            VALUES (\(chain.organisation), \(chain.clinic), 'D', 2026, 207000)
            """)
        return few
    }

    /// Whether a table of which there are many rows is read from one end to the other.
    private static func walks(_ plan: String) -> Bool {
        plan.contains(/Seq Scan on (client|document|invoice|billing)/)
    }

    @Test func `INV-1: pieces that are others on another shelf hide nobody`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let json = { (name: String) in
            #"{"clinicID":"\#(chain.clinic)","lastName":"\#(name)","firstName":"Ada","town":"Lyon"}"#
        }
        let meant: ClientID = try await chain.call(.post, "/v1/clients", json("Zwiebel")).id()
        // All have what the name is on the newest shelf: one stands there, and more than a page on the oldest.
        for place in [10_000] + Array(1...9) {
            let other: ClientID = try await chain.call(.post, "/v1/clients", json("Dupont")).id()
            try await bench.overseer.execute(
                """
                UPDATE client_pieces SET place = \(Int64(place)),
                    pieces = shelved(word_pieces(\(chain.organisation), plain_words('Zwiebel'), true), 2)
                WHERE client = \(other)
                """)
        }
        try await bench.overseer.execute(
            """
            UPDATE client_pieces SET place = 5000,
                pieces = shelved(word_pieces(\(chain.organisation), plain_words('Zwiebel'), true), 1)
            WHERE client = \(meant)
            """)
        let newest: Int64 = try await bench.ask("SELECT setval('client_place', 10000)")
        #expect(newest == 10_000)
        let found = try await chain.call(.get, "/v1/clients?search=zwiebel&limit=1").json["items"]?.elements
        #expect(found?.map { $0["id"]?.text } == ["\(meant)"])
        await bench.close()
    }
}

extension InvoicingBench {
    /// How candidates were looked for during a call, each time that they were.
    fileprivate func plan(of path: String, in chain: Chain) async throws -> String {
        let cluster = try await PrivatePostgres.shared()
        let (answer, plans) = try await cluster.plans(with: "SELECT found.client") { try await chain.call(.get, path) }
        guard answer.status == 200 else { throw InvoicingBenchFailure(description: answer.text) }
        return plans.joined(separator: "\n")
    }
}
