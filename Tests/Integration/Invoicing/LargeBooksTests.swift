import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// What the database does for a page of large books, as it counts itself.
@Suite struct `Large books of invoicing` {
    @Test func `INV-1: no search has all clients read, whatever is typed`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        // The newest have the greatest ids; only the others were there "autrefois".
        try await bench.overseer.execute(
            """
            INSERT INTO client (id, organisation, clinic, last_name, first_name, phone, email, language, town, country)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(chain.organisation), \(chain.clinic),
                (ARRAY['Martin', 'Dupont', 'Garnier'])[1 + n % 3] || ' ' || substr(md5(n::text), 1, 5),
                (ARRAY['Ada', 'Zoé', 'Paul'])[1 + n % 3], '+336' || lpad((n * 37)::text, 8, '0'),
                CASE WHEN n < 10000 THEN 'c' || n || '@autrefois.example' END, 'fr', 'Lyon', 'FR'
            FROM generate_series(1, 12000) AS n
            """)
        try await bench.overseer.execute("ANALYZE")
        let typed = [
            "autrefois", "zo%20du", "mart", "ma", "z", "06%2000%2000", "336", "000", "f-lilas-2026-000001", "001",
            "xyzzy",
        ]
        // More often than it takes the database to settle for one plan.
        for search in Array(repeating: typed, count: 7).joined() {
            let page = try await chain.call(.get, "/v1/clients?search=\(search)&limit=20")
            #expect(page.status == 200, "\(page.text)")
        }
        try await bench.endSessions()
        let read: Int64 = try await bench.ask(
            "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'client'")
        #expect(read == 0, "\(read) clients were read from one end to the other")
        await bench.close()
    }

    @Test func `INV-4: drafts and what is open are listed by indexes that hold nothing else`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        try await bench.overseer.execute(
            """
            INSERT INTO invoice (id, organisation, clinic, client, currency, total, paid, due_on, number, issued_on)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(chain.organisation), \(chain.clinic), \(client), 'EUR', 1200, 1200,
                '2026-10-01', 'F-LILAS-2026-' || lpad(n::text, 6, '0'), '2026-09-01'
            FROM generate_series(1, 8000) AS n
            """)
        let draft = try await chain.invoice(1_000, for: client, issuedOn: nil)
        try await bench.overseer.execute("ANALYZE")
        for (status, ids) in [
            ("draft", ["\(draft)"]), ("part-paid", []), ("issued", []), ("credited", []), ("written-off", []),
            ("cancelled", []),
        ] as [(String, [String])] {
            let items = try await chain.call(.get, "/v1/invoices?status=\(status)").json["items"]?.elements
            #expect(items?.compactMap { $0["id"]?.text } == ids, "\(status)")
        }
        try await bench.endSessions()
        let unused: [String] = try await bench.askAll(
            """
            SELECT indexrelname::text FROM pg_stat_user_indexes
            WHERE relname = 'invoice' AND idx_scan = 0 AND indexrelname IN ('invoice_draft_in_order',
                'invoice_open_in_order', 'invoice_part_paid_in_order', 'invoice_corrected_in_order')
            """)
        #expect(unused == [])
        let read: Int64 = try await bench.ask(
            "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'invoice'")
        #expect(read == 0, "\(read) invoices were read from one end to the other")
        await bench.close()
    }
}

extension InvoicingBench {
    /// Sessions tell what they did at their end, and are listed until they have.
    fileprivate func endSessions() async throws {
        await database.pool.close()
        try await waitUntil("its sessions have told what they did") {
            try await ask(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = \(InvoicingService.schema)
                """) == (0 as Int64)
        }
    }
}
