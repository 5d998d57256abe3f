import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// INV-4: issued documents never change; here under the service's own role, as a mistake of ours or a thief would try.
@Suite struct `INV-4: an issued document` {
    private static let onInvoice: [SQL] = [
        "UPDATE invoice SET total = total - 1",
        "UPDATE invoice SET due_on = due_on + 30",
        "UPDATE invoice SET issued_on = issued_on - 1",
        "UPDATE invoice SET number = 'F-LILAS-2026-000009'",
        "UPDATE invoice SET number = NULL, issued_on = NULL",
        "UPDATE invoice SET client = (SELECT id FROM client WHERE client.id <> invoice.client LIMIT 1)",
        "UPDATE invoice SET clinic = (SELECT id FROM clinic WHERE clinic.id <> invoice.clinic LIMIT 1)",
        "UPDATE invoice SET currency = 'USD'",
        "UPDATE invoice SET notes = 'Payée'",
        "UPDATE invoice SET delivery_address = '{}'",
        "UPDATE invoice SET supplied_on = issued_on - 1",
        "UPDATE invoice SET reference = 'another'",
        "UPDATE invoice SET id = gen_random_uuid()",
        "UPDATE invoice SET paid = total + 1",
        "DELETE FROM invoice",
        "TRUNCATE invoice CASCADE",
        "UPDATE invoice_line SET label = 'Nothing'", "UPDATE invoice_line SET label = '–'",
        "UPDATE invoice_line SET unit_price_ten_thousandths = 0",
        "UPDATE invoice_line SET nature = 'goods'",
        "UPDATE invoice_line SET practitioner = 'Dr No'",
        "UPDATE invoice_line SET exemption = 'Article 0'",
        "UPDATE invoice_line SET unit = 'kg'",
        "DELETE FROM invoice_line",
        "TRUNCATE invoice_line",
        """
        INSERT INTO invoice_line SELECT invoice, 2, organisation, 'More', 1000, 0, 0 FROM invoice_line
        """,
        "UPDATE invoice_vat SET base = base - 1",
        "DELETE FROM invoice_vat",
        "TRUNCATE invoice_vat",
        "INSERT INTO invoice_vat SELECT invoice, 550, organisation, 0, 0 FROM invoice_vat",
    ]

    private static let onCreditNote: [SQL] = [
        "UPDATE credit_note SET total = 1",
        "UPDATE credit_note SET number = 'A-LILAS-2026-000009'",
        "UPDATE credit_note SET reason = 'none'",
        "DELETE FROM credit_note",
        "TRUNCATE credit_note CASCADE",
        "UPDATE credit_note_vat SET vat = 0",
        "DELETE FROM credit_note_vat",
        "TRUNCATE credit_note_vat",
        "INSERT INTO credit_note_vat SELECT credit_note, 550, organisation, 100, 0 FROM credit_note_vat",
    ]

    @Test func `cannot be changed, added to or removed by SQL`() async throws {
        // On its own, since TRUNCATE waits for everybody.
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        _ = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        _ = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        let payment: PaymentID = IdentifierSource.system.make()
        try await Delivery.with(on: bench) { delivery in
            try await delivery.deliver([
                chain.accepted(10_000, by: client, for: invoice, payment: payment),
                chain.refunded(3_000, of: payment, to: client),
            ])
        }
        let before = try await contents(chain)
        for statement in Self.onInvoice + Self.onCreditNote {
            let error = await #expect(throws: PostgresError.self, "\(statement)") {
                try await attempt(statement, chain)
            }
            // A table is emptied by its owner only, and the service is not.
            let expected = statement.text.hasPrefix("TRUNCATE") ? "42501" : "23"
            #expect(
                error?.sqlState?.rawValue.hasPrefix(expected) == true, "\(statement): \(error?.description ?? "-")")
        }
        #expect(try await contents(chain) == before)
        await bench.close()
    }

    @Test func `differs from a draft: one without parts that is removed is gone, not kept without a word`() async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let draft: InvoiceID = IdentifierSource.system.make()
        try await attempt(
            """
            INSERT INTO invoice (id, organisation, clinic, client, currency, total, due_on)
            VALUES (\(draft), \(chain.organisation), \(chain.clinic), \(client), 'EUR', 1, current_date)
            """, chain)
        #expect(try await chain.standing(of: draft) == "draft 0 0 0")
        try await attempt("DELETE FROM invoice WHERE id = \(draft)", chain)
        #expect(try await chain.call(.get, "/v1/invoices/\(draft)").status == 404)
    }

    @Test func `differs from a draft: the lines of one go, to be written anew, until it is given up`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let draft = try await chain.invoice(1_000, for: client, issuedOn: nil)
        let gone = try await chain.invoice(2_000, for: client, issuedOn: nil)
        #expect(try await chain.call(.delete, "/v1/invoices/\(gone)", headers: Chain.seen()).status == 200)
        for part in ["invoice_line", "invoice_vat"] {
            try await attempt("DELETE FROM \(unescaped: part) WHERE invoice = \(draft)", chain)
            let error = await #expect(throws: PostgresError.self) {
                try await attempt("DELETE FROM \(unescaped: part) WHERE invoice = \(gone)", chain)
            }
            #expect(error?.sqlState?.rawValue.hasPrefix("23") == true, "\(part): \(error?.description ?? "-")")
        }
    }

    @Test func `is shown as it was issued, whatever is paid`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        let before = try await chain.invoice(invoice)
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(4_000, by: client, for: invoice)])
        }
        let after = try await chain.invoice(invoice)
        for field in ["number", "issuedOn", "dueOn", "clientID", "clinicID", "total", "vat", "lines"] {
            #expect(before[field] == after[field] && before[field] != nil)
        }
    }

    /// Under the role and the fence of the service.
    private func attempt(_ statement: SQL, _ chain: Chain) async throws {
        let options = TransactionOptions.readWrite.setting("quittance.organisation", to: "\(chain.organisation)")
        _ = try await chain.bench.database.pool.transaction(options) { transaction in
            try transaction.execute(statement)
        }
    }

    /// All that documents hold.
    private func contents(_ chain: Chain) async throws -> [String] {
        try await chain.bench.askAll(
            """
            SELECT invoice::text FROM invoice WHERE organisation = \(chain.organisation)
            UNION ALL SELECT invoice_line::text FROM invoice_line WHERE organisation = \(chain.organisation)
            UNION ALL SELECT invoice_vat::text FROM invoice_vat WHERE organisation = \(chain.organisation)
            UNION ALL SELECT credit_note::text FROM credit_note WHERE organisation = \(chain.organisation)
            UNION ALL SELECT credit_note_vat::text FROM credit_note_vat WHERE organisation = \(chain.organisation)
            ORDER BY 1
            """)
    }
}
