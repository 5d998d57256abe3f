import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// What steps of the schema make of rows that were there before, run as the owner, for whom the fence stands too.
@Suite struct `An upgrade of invoicing` {
    @Test func `INV-1, INV-5, INV-12: clients are found, documents keep both parties, archives have a history`()
        async throws
    {
        let bench = try await Self.upgraded(from: "0010-chronological-numbers", with: Self.rows)
        // Before anybody else comes: a client who is added moves the place from which is looked.
        for typed in ["arti", "yo-1", "f-l"] {
            #expect(try await Self.found(by: typed, on: bench) == ["Martin"], "INV-1: \(typed)")
        }
        let parties: [String] = try await bench.askAll(
            "SELECT concat_ws(', ', seller ->> 'name', buyer ->> 'name', establishment) FROM document_parties")
        #expect(parties == ["Les Tilleuls, Ada Martin, Lyon 3"])
        let isPast: Bool = try await bench.ask("SELECT bool_and(last_on <= current_date) FROM document_series")
        #expect(isPast)
        let archived: String = try await bench.ask(
            "SELECT concat_ws(' ', amount, archived_on, archived_by, restored_on) FROM credit_archive")
        #expect(archived == "500 2026-11-20 ada", "INV-12")
        let places: [Int64] = try await bench.askAll(
            "SELECT place FROM client_pieces UNION ALL SELECT nextval('client_place')")
        #expect(places == [1, 2], "INV-1")
        await bench.close()
    }

    @Test func `INV-1: clients of before are found by their company, and at their place`() async throws {
        let more: [SQL] = [
            """
            INSERT INTO billing_details (client, organisation, company)
            VALUES (md5('a')::uuid, md5('o')::uuid, 'Haras du Pré')
            """,
            "UPDATE client_pieces SET place = 5000", "SELECT setval('client_place', 5000)",
        ]
        let bench = try await Self.upgraded(from: "0026-searching-inside", with: Self.rows.prefix(3) + more)
        for typed in ["aras", "pre%20martin", "rt", "h"] {
            #expect(try await Self.found(by: typed, on: bench) == ["Martin"], "\(typed)")
        }
        let places: [Int64] = try await bench.askAll("SELECT place FROM client_pieces")
        #expect(places == [5000])
        await bench.close()
    }

    @Test func `INV-1: a client who is being added when everybody is digested anew is found like all others`()
        async throws
    {
        let rows = Self.rows
        let overseer = try await Self.database(before: "0026-searching-inside", with: Array(rows.prefix(2)))
        let pool = PostgresPool(overseer, logger: InvoicingBench.logger)
        let (added, rope) = AsyncStream.makeStream(of: Void.self)
        let adding = Task {
            defer { rope.finish() }
            try await pool.transaction { transaction in
                try transaction.execute(rows[2])
                rope.yield()
                try transaction.waitUntilWaitedFor()
            }
        }
        for await _ in added { break }
        try await PrivatePostgres.shared().migrate(InvoicingService.schema, InvoicingService.migrations, in: overseer)
        try await adding.value
        await pool.close()
        let bench = try await InvoicingBench.start(in: overseer)
        #expect(try await Self.found(by: "arti", on: bench) == ["Martin"])
        await bench.close()
    }

    @Test func `GEN-7: of those who were forgotten before, no word is left that is on no document`() async throws {
        let bench = try await Self.upgraded(from: "0034-erasing-words", with: Self.rows.prefix(3) + Self.forgotten)
        let left: [String] = try await bench.askAll(
            """
            SELECT concat_ws(' ', 'quote', notes, label) FROM quote JOIN quote_line ON quote_line.quote = quote.id
            UNION ALL SELECT concat_ws(' ', 'settlement', reason, undone_reason) FROM settlement
            UNION ALL SELECT concat_ws(' ', 'payment', reference, cheque_bank, archived_reason) FROM payment_on_account
            UNION ALL SELECT concat_ws(' ', 'trail', after::jsonb - 'parts') FROM audit_entry
            UNION ALL SELECT concat_ws(' ', 'found by', subject) FROM audit_mention
            UNION ALL SELECT concat_ws(' ', 'event', convert_from(value, 'UTF8')) FROM outbox
            """)
        #expect(
            left == [
                "quote –", "settlement –", "payment P-1", #"trail {"reason": "–", "settledOn": "2026-11-20"}"#,
                "found by 00000000-0000-0000-0000-00000000000a",
                #"event {"number": "A-1", "reason": "correction"}"#,
            ])
        await bench.close()
    }

    @Test func `INV-1, INV-4: documents of before are found and chained by what their hashes were over`() async throws {
        let bench = try await Self.upgraded(from: "0044-parties-in-chains", with: Self.rows.prefix(3) + Self.chained)
        #expect(try await bench.proof().lines == ["F-LYO-2026: 2 documents, whole"])
        let named: [String] = try await bench.askAll("SELECT buyer ->> 'name' FROM document_parties ORDER BY 1")
        #expect(named == ["Ada Martin", "Qui de droit"], "one of them had lost its parties before")
        #expect(try await Self.found(by: "6-00000", on: bench) == ["Martin"], "INV-1")
        let (organisation, clinic): (OrganisationID, ClinicID) = try await (
            bench.ask("SELECT organisation FROM organisation"), bench.ask("SELECT id FROM clinic")
        )
        let chain = Chain(bench: bench, organisation: organisation, clinic: clinic)
        _ = try await chain.invoice(1_000, for: bench.ask("SELECT id FROM client"))
        #expect(try await bench.proof().lines == ["F-LYO-2026: 3 documents, whole"])
        try await bench.forge("UPDATE document_parties SET buyer = jsonb_set(buyer, '{name}', '\"X\"')")
        let proof = try await bench.proof()
        #expect(proof.lines.first?.hasSuffix("000003: its buyer is not whom it was issued to") == true, "the new one's")
        await bench.close()
    }

    @Test func `GEN-6: money that came by a file before is found in the trail by what it was counted for, once`()
        async throws
    {
        let bench = try await Self.upgraded(
            from: "0046-waiting-receivables-stay", with: Self.rows.prefix(1) + Self.imported)
        let found: [String] = try await bench.askAll(
            "SELECT concat_ws(' ', subject, entry) FROM audit_mention ORDER BY 1")
        let entry: String = try await bench.ask("SELECT id::text FROM audit_entry")
        #expect(
            found == [
                "00000000-0000-0000-0000-00000000000a \(entry)", "00000000-0000-0000-0000-00000000000b \(entry)",
            ])
        await bench.close()
    }

    @Test func `INV-1: French numbers are kept as they are read, but for one that another client has`() async throws {
        let phones = ["+33639012345", "+33692123456", "+262692123456", "+33690001234", "+33612345678", "+262639981001"]
        let bench = try await Self.upgraded(
            from: "0047-overseas-and-archived",
            with: Self.reached(by: phones, contact: "+33696201234", row: "+33639012345"))
        let kept: [String] = try await bench.askAll("SELECT phone || ' ' || version FROM client ORDER BY last_name")
        #expect(
            kept == [
                "+262639012345 2", "+33692123456 1", "+262692123456 1", "+590690001234 2", "+33612345678 1",
                "+33639981001 2",
            ])
        let others: [String] = try await bench.askAll(
            "SELECT phone FROM client_contact UNION ALL SELECT phone FROM import_row")
        #expect(others == ["+596696201234", "+262639012345"])
        #expect(try await Self.found(by: "%2B262639", on: bench) == ["Martin 1"])
        // One person twice, who can be merged.
        let both = try await Self.found(by: "0692123456", "phone", on: bench)
        #expect(both.sorted() == ["Martin 2", "Martin 3"])
        await bench.close()
    }

    @Test func `INV-1: numbers of Saint-Pierre-et-Miquelon are kept as they are read, by one client each`() async throws
    {
        let phones = ["+33508412345", "+508508412345", "+33508551234", "+508551234", "+508508430000", "+33508431234"]
        let bench = try await Self.upgraded(
            from: "0048-saint-pierre", with: Self.reached(by: phones, contact: "+508508412345", row: "+33508431234"))
        let kept: [String] = try await bench.askAll("SELECT phone || ' ' || version FROM client ORDER BY last_name")
        #expect(
            kept == [
                "+33508412345 1", "+508412345 2", "+33508551234 1", "+508551234 1", "+508430000 2", "+508431234 2",
            ], "of the first two, the second's id is the lower one")
        let others: [String] = try await bench.askAll(
            "SELECT phone FROM client_contact UNION ALL SELECT phone FROM import_row")
        #expect(others == ["+508412345", "+508431234"])
        let both = try await Self.found(by: "%2B508551234", "phone", on: bench)
        #expect(both.sorted() == ["Martin 3", "Martin 4"])
        await bench.close()
    }

    @Test func `INV-9: credit of before knows when a note freed it or a refund of it came back`() async throws {
        let bench = try await Self.upgraded(from: "0049-days-of-credit", with: Self.rows.prefix(3) + Self.freed)
        let found: [String] = try await bench.askAll(
            "SELECT concat_ws(' ', method, freed_on) FROM payment_on_account ORDER BY method")
        #expect(found == ["came-back 2026-11-23", "freed 2026-11-22", "other", "used"])
        await bench.close()
    }

    /// A database as it was before a step, in which these statements were run.
    private static func database(before step: String, with statements: [SQL]) async throws -> PostgresSettings {
        let settings = try await PrivatePostgres.shared().databaseOfServices(
            with: InvoicingService.schema, InvoicingService.migrations, before: step)
        let pool = PostgresPool(settings, logger: InvoicingBench.logger)
        for statement in statements { try await pool.execute(statement) }
        await pool.close()
        return settings
    }

    /// The service on such a database after all steps.
    private static func upgraded(from step: String, with statements: [SQL]) async throws -> InvoicingBench {
        try await InvoicingBench.start(in: database(before: step, with: statements))
    }

    /// A payment of a file; its entry is found by one of its two debts already.
    private static let imported: [SQL] = [
        """
        INSERT INTO audit_entry (id, organisation, subject, action, actor, after)
        VALUES (md5('e')::uuid, md5('o')::uuid, md5('p')::uuid, 'payment-imported', 'ada',
            '{"allocations":[
                {"receivableID":"00000000-0000-0000-0000-00000000000a","countedOn":"2026-11-20",
                 "amount":{"currency":"EUR","minorUnits":100}},
                {"invoiceID":"00000000-0000-0000-0000-00000000000b"}],"receivedOn":"2026-11-20"}')
        """,
        """
        INSERT INTO audit_mention (organisation, subject, entry)
        VALUES (md5('o')::uuid, '00000000-0000-0000-0000-00000000000b', md5('e')::uuid)
        """,
    ]

    /// One note took off what was paid, another one what was due alone; one payment has no credit left, and of one a
    /// refund came back.
    private static let freed: [SQL] = [
        """
        INSERT INTO invoice (id, organisation, clinic, client, currency, total, due_on)
        SELECT md5(name)::uuid, md5('o')::uuid, md5('c')::uuid, md5('a')::uuid, 'EUR', 100, '2026-12-20'
        FROM unnest(ARRAY['i', 'j']) AS name
        """,
        """
        INSERT INTO credit_note (id, organisation, invoice, client, number, issued_on, currency, total, reason)
        SELECT md5(number)::uuid, md5('o')::uuid, md5(invoice)::uuid, md5('a')::uuid, number, day::date, 'EUR', 50,
            'geste'
        FROM (VALUES ('A-1', 'i', '2026-11-22'), ('A-2', 'j', '2026-11-25')) AS told (number, invoice, day)
        """,
        """
        INSERT INTO audit_entry (id, organisation, subject, action, actor, after)
        SELECT md5(number)::uuid, organisation, invoice, 'credit-note-written', 'ada',
            CASE number WHEN 'A-1' THEN json_build_object('id', id, 'freed', json_build_object('minorUnits', 50))
                ELSE json_build_object('id', id) END
        FROM credit_note
        """,
        """
        INSERT INTO payment_on_account (id, organisation, clinic, client, method, currency, amount, allocated,
            unallocated, received_on)
        SELECT md5(name)::uuid, md5('o')::uuid, md5('c')::uuid, md5('a')::uuid, name, 'EUR', 100, 100 - free, free,
            '2026-11-20'
        FROM (VALUES ('freed', 50), ('used', 0), ('came-back', 100), ('other', 50)) AS told (name, free)
        """,
        """
        INSERT INTO allocation (payment_on_account, organisation, invoice, position, amount)
        SELECT md5(name)::uuid, md5('o')::uuid, md5(invoice)::uuid, 0, 0
        FROM (VALUES ('freed', 'i'), ('used', 'i'), ('other', 'j')) AS told (name, invoice)
        """,
        """
        INSERT INTO refund (id, organisation, payment_on_account, client, currency, amount, refunded_on, returned_on)
        VALUES (md5('r')::uuid, md5('o')::uuid, md5('came-back')::uuid, md5('a')::uuid, 'EUR', 40, '2026-11-21',
            '2026-11-23')
        """,
    ]

    /// Two issued invoices with hashes over the text of then, of which one has its parties.
    private static let chained: [SQL] = [
        """
        INSERT INTO invoice (id, organisation, clinic, client, currency, total, due_on)
        SELECT md5(name)::uuid, md5('o')::uuid, md5('c')::uuid, md5('a')::uuid, 'EUR', 100, '2026-12-20'
        FROM unnest(ARRAY['i', 'j']) AS name
        """,
        """
        INSERT INTO invoice_line (invoice, organisation, position, label, quantity_thousandths,
            unit_price_ten_thousandths, vat_basis_points)
        SELECT id, organisation, 0, 'Soin', 1000, 10000, 0 FROM invoice
        """,
        """
        INSERT INTO invoice_vat (invoice, vat_basis_points, organisation, base, vat)
        SELECT id, 0, organisation, 100, 0 FROM invoice
        """,
        """
        UPDATE invoice SET issued_on = '2026-11-20', number = 'F-LYO-2026-00000' || place, sequence = place,
            hash = told.hash
        FROM (VALUES
            ('i', 1, 'fcaa6ce5903afdc57c8245a41886c83dc242225418c46aba9a50cdbdff43ce43'),
            ('j', 2, '2eceb224714b49dc8f3e0b3972b683c3e677e8243bfdc5155013022d848d553f')) AS told (name, place, hash)
        WHERE id = md5(name)::uuid
        """,
        """
        INSERT INTO document_series (organisation, clinic, kind, year, last, last_on, hash)
        SELECT organisation, clinic, 'F', 2026, 2, issued_on, hash FROM invoice WHERE sequence = 2
        """,
        """
        INSERT INTO document_parties (document, organisation, seller, buyer, establishment)
        SELECT md5('i')::uuid, organisation, seller, jsonb_set(buyer, '{name}', '"Qui de droit"'), establishment
        FROM parties_now(md5('c')::uuid, md5('a')::uuid)
        """,
    ]

    private static let forgotten: [SQL] = [
        "UPDATE client SET erased_on = '2026-11-21', last_name = '', first_name = ''",
        """
        INSERT INTO quote (id, organisation, clinic, client, number, issued_on, valid_until, currency, total, declined,
            notes)
        VALUES (md5('q')::uuid, md5('o')::uuid, md5('c')::uuid, md5('a')::uuid, 'D-1', '2026-11-20', '2026-12-20',
            'EUR', 100, true, 'Rex')
        """,
        """
        INSERT INTO quote_line (quote, organisation, position, label, quantity_thousandths, unit_price_ten_thousandths,
            vat_basis_points)
        VALUES (md5('q')::uuid, md5('o')::uuid, 1, 'Rex', 1000, 10000, 0)
        """,
        """
        INSERT INTO settlement (id, organisation, client, first_day, last_day, reason, author, currency, settled_on,
            undone_on, undone_by, undone_reason)
        VALUES (md5('s')::uuid, md5('o')::uuid, md5('a')::uuid, '2026-11-01', '2026-11-30', 'Rex', 'ada', 'EUR',
            '2026-11-20', '2026-11-20', 'ada', 'Rex')
        """,
        """
        INSERT INTO payment_on_account (id, organisation, clinic, client, method, currency, amount, allocated,
            unallocated, received_on, cheque_bank, archived, archived_on, archived_reason, reference)
        VALUES (md5('p')::uuid, md5('o')::uuid, md5('c')::uuid, md5('a')::uuid, 'cheque', 'EUR', 100, 0, 0,
            '2026-11-20', 'Rex', 100, '2026-11-20', 'Rex', 'P-1')
        """,
        """
        INSERT INTO audit_entry (id, organisation, subject, action, actor, after, person_erased)
        VALUES (md5('e')::uuid, md5('o')::uuid, md5('a')::uuid, 'debts-settled', 'ada',
            '{"parts":[{"invoiceID":"00000000-0000-0000-0000-00000000000a"}],"reason":"Rex","settledOn":"2026-11-20"}',
            true)
        """,
        """
        INSERT INTO outbox (shard, topic, key, value, headers, event_id, type, subject, sequence)
        VALUES (0, 't', 'k', '{"reason":"Rex","number":"A-1"}', '{}', md5('v')::uuid,
            'org.quittance.invoicing.credit-note-issued.v1', md5('i')::uuid, 1)
        """,
    ]

    /// The last names of whom a search finds.
    private static func found(
        by text: String, _ field: String = "search", on bench: InvoicingBench
    ) async throws -> [String] {
        let organisation: OrganisationID = try await bench.ask("SELECT organisation FROM organisation")
        let answer = try await bench.http.call(
            .get, "/v1/clients?\(field)=\(text)", as: Chain.principal(of: organisation))
        return answer.json["items"]?.elements?.compactMap { $0["lastName"]?.text } ?? []
    }

    /// Clients of a clinic who have these numbers, a contact of one of them, and a row of a file.
    private static func reached(by phones: [String], contact: String, row: String) -> [SQL] {
        let people: [SQL] = [
            """
            INSERT INTO client (id, organisation, clinic, last_name, first_name, phone, language, town, country)
            SELECT md5('k' || n)::uuid, md5('o')::uuid, md5('c')::uuid, 'Martin ' || n, 'Ada', phone, 'fr', 'Lyon', 'FR'
            FROM unnest(\(phones)::text[]) WITH ORDINALITY AS told (phone, n)
            """,
            """
            INSERT INTO client_contact (id, organisation, client, last_name, first_name, phone)
            SELECT gen_random_uuid(), organisation, id, 'Petit', 'Bob', \(contact)::text FROM client LIMIT 1
            """,
            """
            INSERT INTO import_file (id, organisation, kind, mode, mapping, actor, correlation, state)
            VALUES (md5('f')::uuid, md5('o')::uuid, 'clients', 'keep-good', '{}', 'ada', md5('f')::uuid, 'done')
            """,
            """
            INSERT INTO import_row (import_file, line, organisation, cells, document, phone)
            VALUES (md5('f')::uuid, 2, md5('o')::uuid, '{}', '', \(row))
            """,
        ]
        return rows.prefix(2) + people
    }

    private static let rows: [SQL] = [
        "INSERT INTO organisation (organisation, name) VALUES (md5('o')::uuid, 'Les Tilleuls')",
        """
        INSERT INTO clinic (id, organisation, code, name, time_zone)
        VALUES (md5('c')::uuid, md5('o')::uuid, 'LYO', 'Lyon 3', 'Europe/Paris')
        """,
        """
        INSERT INTO client (id, organisation, clinic, last_name, first_name, language, town, country)
        VALUES (md5('a')::uuid, md5('o')::uuid, md5('c')::uuid, 'Martin', 'Ada', 'fr', 'Lyon', 'FR')
        """,
        """
        INSERT INTO document_series (organisation, clinic, kind, year, last)
        VALUES (md5('o')::uuid, md5('c')::uuid, 'F', extract(year FROM current_date + 400)::int, 1)
        """,
        """
        INSERT INTO invoice (id, organisation, clinic, client, currency, total, due_on, number, issued_on)
        VALUES (md5('i')::uuid, md5('o')::uuid, md5('c')::uuid, md5('a')::uuid, 'EUR', 100, current_date + 430,
            'F-LYO-1', current_date + 400)
        """,
        """
        INSERT INTO payment_on_account (id, organisation, client, method, currency, amount, allocated, unallocated,
            received_on, archived, archived_on)
        VALUES (md5('p')::uuid, md5('o')::uuid, md5('a')::uuid, 'card', 'EUR', 500, 0, 0, '2026-11-19', 500,
            '2026-11-20')
        """,
        """
        INSERT INTO audit_entry (id, organisation, subject, action, actor)
        VALUES (md5('e')::uuid, md5('o')::uuid, md5('p')::uuid, 'payment-archived', 'ada')
        """,
    ]
}
