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
        // Each row writes what it is found by: one statement of all of them takes long beside other tests.
        for first in stride(from: Int64(1), to: 12_000, by: 1_500) {
            try await bench.fill(first...first + 1_499, chain)
        }
        try await bench.overseer.execute(
            """
            INSERT INTO document_series (organisation, clinic, kind, year, last)
            VALUES (\(chain.organisation), \(chain.clinic), 'F', 2026, 12000)
            """)
        try await bench.overseer.execute("VACUUM ANALYZE")
        let typed = [
            "autrefois", "zo%20du", "mart", "ma", "z", "06%2000%2000", "336", "000", "f-lilas-2026-000001", "001",
            "xyzzy", "elevage", "elevage%2011996", "vag", "on", "12", "zq", "e", "7", "a%207", "f", "2026",
            "as-2026-01", "2027", "6-0101", "010101",
        ]
        // More often than it takes the database to settle for one plan.
        for search in Array(repeating: typed, count: 7).joined() {
            let page = try await chain.call(.get, "/v1/clients?search=\(search)&limit=20")
            #expect(page.status == 200, "\(page.text)")
        }
        try await bench.endSessions()
        let read: [String] = try await bench.askAll(
            """
            SELECT relname || ': ' || seq_tup_read FROM pg_stat_user_tables
            WHERE relname IN ('client', 'billing_details', 'invoice', 'document_pieces') AND seq_tup_read > 0
            """)
        #expect(read == [], "so many were read from one end to the other")
        // Nothing would have been read either if nothing had been counted.
        let looked: Int64 = try await bench.ask(
            "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'client_by_pieces'")
        #expect(looked > 0, "what the searches did is counted")
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
        // Two hold what is open and nothing else, in the order of ids and of days; with nothing in them either will do.
        let used: [String] = try await bench.askAll(
            """
            SELECT kind FROM (
                SELECT CASE WHEN indexrelname LIKE 'invoice_open_%' THEN 'open' ELSE indexrelname::text END, idx_scan
                FROM pg_stat_user_indexes WHERE relname = 'invoice' AND (indexrelname LIKE 'invoice_open_%'
                    OR indexrelname IN ('invoice_draft_in_order', 'invoice_part_paid_in_order',
                        'invoice_corrected_in_order'))
            ) AS used (kind, scans) GROUP BY kind HAVING sum(scans) > 0 ORDER BY kind COLLATE "C"
            """)
        #expect(
            used == [
                "invoice_corrected_in_order", "invoice_draft_in_order", "invoice_part_paid_in_order", "open",
            ])
        let read: Int64 = try await bench.ask(
            "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'invoice'")
        #expect(read == 0, "\(read) invoices were read from one end to the other")
        await bench.close()
    }

    @Test func `INV-3, INV-4, INV-8, INV-9, INV-12, INV-14: a quiet clinic's pages are its own, among large ones`()
        async throws
    {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let quiet = try await chain.anotherClinic("CALME")
        let client = try await chain.client()
        let calm = Chain(bench: bench, organisation: chain.organisation, clinic: quiet)
        let payment: PaymentOnAccountID = try await calm.collect(
            500, for: client, by: "card", more: #","allocate":"keep""#
        ).id()
        let (invoice, quote) = try await (calm.invoice(1_000, for: client), calm.quote(for: client))
        let receivable = try await calm.receivable(300, for: client)
        let note = try #require(try await calm.credit(invoice, 100, seen: 2).json["id"]?.text)
        // Later than the quiet clinic's, and at the other one.
        try await bench.overseer.transaction { transaction in
            // What checks of foreign keys look up would be counted as well.
            try transaction.execute("SET LOCAL session_replication_role = replica")
            for rows in Self.othersRows(chain, client) { try transaction.execute(rows) }
        }
        try await bench.overseer.execute("VACUUM ANALYZE")
        let desk = chain.principal(role: .frontDesk, clinics: .some([quiet]))
        for (path, id) in [
            ("/v1/invoices", "\(invoice)"), ("/v1/invoices?status=issued", "\(invoice)"),
            ("/v1/payments-on-account", "\(payment)"), ("/v1/payments-on-account?clientID=\(client)", "\(payment)"),
            ("/v1/payments-on-account?archived=false", "\(payment)"),
            ("/v1/quotes", "\(quote)"), ("/v1/receivables", "\(receivable)"), ("/v1/credit-notes", note),
        ] {
            let answer = try await chain.call(.get, path, as: desk)
            #expect(answer.json["items"]?.elements?.compactMap { $0["id"]?.text } == [id], "\(path): \(answer.text)")
        }
        let asked = try await chain.call(.get, "/v1/invoices?clinicID=\(quiet)").json["items"]?.elements
        #expect(asked?.compactMap { $0["id"]?.text } == ["\(invoice)"])
        let late = try await chain.call(.get, "/v1/overdue?on=2027-01-15", as: desk).json["items"]?.elements
        #expect(
            late?.map { $0["invoiceID"]?.text ?? $0["receivableID"]?.text } == ["\(invoice)", "\(receivable)"], "INV-14"
        )
        for query in ["archived=true", "archived=true&from=2026-01-01", "archived=true&clinicID=\(chain.clinic)"] {
            let away = try await chain.call(.get, "/v1/payments-on-account?\(query)").json["items"]?.elements
            #expect(away?.isEmpty == true, "INV-12: \(query)")
        }
        let walked = try await bench.listsReadAtLength()
        #expect(walked == [], "so many rows were read for pages of one")
        await bench.close()
    }

    /// Of each kind more than a page may have read, of a clinic that is asked about by nobody.
    private static func othersRows(_ chain: Chain, _ client: ClientID) -> [SQL] {
        let (organisation, clinic) = (chain.organisation, chain.clinic)
        let numbered: SQL =
            "SELECT ('ffffffff' || lpad(to_hex(n), 24, '0'))::uuid AS id, n FROM generate_series(1, 8000) AS n"
        return [
            """
            INSERT INTO invoice (id, organisation, clinic, client, currency, total, paid, due_on, number, issued_on)
            SELECT id, \(organisation), \(clinic), \(client), 'EUR', 1200, 1200, '2026-10-01',
                'F-LILAS-2026-' || lpad(n::text, 6, '0'), '2026-09-01' FROM (\(numbered)) AS made
            """,
            """
            INSERT INTO payment_on_account (id, organisation, clinic, client, method, currency, amount, allocated,
                unallocated, received_on)
            SELECT id, \(organisation), \(clinic), \(client), 'card', 'EUR', 1200, 0, 1200, '2026-09-01'
            FROM (\(numbered)) AS made
            """,
            """
            INSERT INTO quote (id, organisation, clinic, client, number, issued_on, valid_until, currency, total)
            SELECT id, \(organisation), \(clinic), \(client), 'D-LILAS-2026-' || lpad(n::text, 6, '0'), '2026-09-01',
                '2026-10-01', 'EUR', 1200 FROM (\(numbered)) AS made
            """,
            """
            INSERT INTO credit_note (id, organisation, invoice, client, number, issued_on, currency, total, reason,
                clinic, sequence, hash)
            SELECT id, \(organisation), id, \(client), 'A-LILAS-2026-' || lpad(n::text, 6, '0'), '2026-09-02', 'EUR',
                1, 'Geste', \(clinic), n, 'none' FROM (\(numbered)) AS made
            """,
            """
            INSERT INTO receivable (id, organisation, clinic, client, label, currency, amount, recorded_on, due_on)
            SELECT id, \(organisation), \(clinic), \(client), 'Soin', 'EUR', 1200, '2026-09-01', '2026-10-01'
            FROM (\(numbered)) AS made
            """,
        ]
    }
}

extension InvoicingBench {
    /// Tables of lists of which a thousand rows were read, from one end to the other or by an index, or none, which
    /// would be none counted; ends the sessions.
    func listsReadAtLength() async throws -> [String] {
        try await endSessions()
        return try await askAll(
            """
            SELECT relname || ': ' || seq_tup_read || ' and ' || coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables
            WHERE relname IN ('invoice', 'payment_on_account', 'quote', 'receivable', 'credit_note')
                AND seq_tup_read + coalesce(idx_tup_fetch, 0) NOT BETWEEN 1 AND 999
            """)
    }

    /// So many clients with a company for every fourth and an invoice each, the newest with the greatest ids; only the
    /// others were there "autrefois".
    fileprivate func fill(_ numbers: ClosedRange<Int64>, _ chain: Chain) async throws {
        let (first, last) = (numbers.lowerBound, numbers.upperBound)
        let statements: [SQL] = [
            """
            INSERT INTO client (id, organisation, clinic, last_name, first_name, phone, email, language, town, country)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(chain.organisation), \(chain.clinic),
                (ARRAY['Martin', 'Dupont', 'Garnier'])[1 + n % 3] || ' ' || substr(md5(n::text), 1, 5),
                (ARRAY['Ada', 'Zoé', 'Paul'])[1 + n % 3], '+336' || lpad((n * 37)::text, 8, '0'),
                CASE WHEN n < 10000 THEN 'c' || n || '@autrefois.example' END, 'fr', 'Lyon', 'FR'
            FROM generate_series(\(first), \(last)) AS n
            """,
            """
            INSERT INTO billing_details (client, organisation, company)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(chain.organisation), 'Élevage ' || n
            FROM generate_series(\(first), \(last)) AS n WHERE n % 4 = 0
            """,
            """
            INSERT INTO invoice (id, organisation, clinic, client, currency, total, due_on, number, issued_on)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(chain.organisation), \(chain.clinic),
                lpad(to_hex(n), 32, '0')::uuid, 'EUR', 1200, '2026-10-01', 'F-LILAS-2026-' || lpad(n::text, 6, '0'),
                '2026-09-01'
            FROM generate_series(\(first), \(last)) AS n
            """,
        ]
        for statement in statements { try await overseer.execute(statement) }
    }

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
