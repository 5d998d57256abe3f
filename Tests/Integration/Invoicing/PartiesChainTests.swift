import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `INV-4: the parties of issued documents in invoicing` {
    @Test(
        arguments: [
            ("UPDATE document_parties SET seller = jsonb_set(seller, '{vatScheme}', '\"exempt\"')", "it is not what"),
            ("UPDATE document_parties SET seller = seller || '{\"latePenalty\": \"none\"}'", "it is not what"),
            ("UPDATE document_parties SET establishment = 'Une autre'", "it is not what was issued"),
            (
                "UPDATE document_parties SET buyer = jsonb_set(buyer, '{siren}', '\"732829320\"')",
                "its buyer is not whom it was issued to"
            ),
            (
                "UPDATE document_parties SET buyer = jsonb_set(buyer, '{name}', '\"Luc\"')",
                "its buyer is not whom it was issued to"
            ),
            ("UPDATE document_parties SET salt = NULL", "its buyer is not whom it was issued to"),
            (
                """
                UPDATE document_parties SET buyer = buyer || '{"name": "Luc"}',
                    buyer_digest = salted_digest(salt, (buyer || '{"name": "Luc"}')::text)
                """, "it is not what was issued"
            ),
            ("UPDATE document_parties SET salt = NULL, buyer_digest = NULL", "it is not what was issued"),
            (
                "UPDATE document_parties SET buyer = forgotten_buyer(), salt = NULL",
                "its buyer was forgotten before its time"
            ),
            ("DELETE FROM document_parties", "who issued it to whom is missing"),
        ] as [(String, String)])
    func `INV-4: are in its hash, and whoever changes or removes them is found`(
        forgery: String, found: String
    ) async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        var invoices: [InvoiceID] = []
        for _ in 0..<3 { invoices.append(try await chain.invoice(1_000, for: client)) }
        #expect(try await chain.credit(invoices[0], 400, seen: 2).status == 201)
        let whole = ["A-LILAS-2026: 1 documents, whole", "F-LILAS-2026: 3 documents, whole"]
        #expect(try await bench.proof().lines == whole)
        for (number, place) in [("F-LILAS-2026-000002", 1), ("A-LILAS-2026-000001", 0)] {
            let documents = "(SELECT id, number FROM invoice UNION ALL SELECT id, number FROM credit_note) AS issued"
            let before: [String] = try await bench.askAll("SELECT to_jsonb(kept)::text FROM document_parties AS kept")
            try await bench.forge(
                "\(forgery) WHERE document = (SELECT id FROM \(documents) WHERE number = '\(number)')")
            let proof = try await bench.proof()
            #expect(!proof.holds && proof.lines[place].contains("\(number): \(found)"), "\(proof.lines)")
            #expect(proof.lines[1 - place] == whole[1 - place], "\(proof.lines)")
            try await bench.forge("DELETE FROM document_parties")
            for row in before {
                let quoted = row.replacing("'", with: "''")
                try await bench.forge(
                    """
                    INSERT INTO document_parties
                    SELECT (jsonb_populate_record(NULL::document_parties, '\(quoted)')).*
                    """)
            }
            #expect(try await bench.proof().lines == whole, "what was put back is whole again")
        }
        await bench.close()
    }

    @Test(arguments: [true, false])
    func `GEN-7, INV-4: a buyer is forgotten once the law lets go of the document, and the chain stays whole`(
        byErasure: Bool
    ) async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let file = """
            invoice_ref;clinic_code;issued_on;due_on;client_ref;client_last_name;client_first_name;client_phone;\
            client_email;client_language;client_town;line_label;quantity;unit_price_excluding_vat;vat_rate
            R-9;LILAS;2014-11-20;2014-12-20;C9;Petit;Ada;+33639981009;c9@example.org;fr;Lyon;Soin;1;10,00;20,00

            """
        let report = try await chain.imports(file)
        #expect(report.status == 200, "\(report.text)")
        let client: ClientID = try await bench.ask("SELECT id FROM client WHERE reference = 'C9'")
        let period = #"{"from":"2014-01-01","to":"2014-12-31","on":"2026-11-24","reason":"prescription"}"#
        #expect(try await chain.call(.post, "/v1/clients/\(client)/settlements", period).status == 201)
        _ = try await chain.invoice(1_000, for: try await chain.client())
        if byErasure {
            #expect(try await chain.erase(client).status == 200)
        } else {
            // As if both had been forgotten long ago.
            try await bench.forge("UPDATE client SET erased_on = '2020-01-01'")
            try await #require(bench.assembly.jobs.first { $0.name == "forget-buyers" }).run()
        }
        let left: [String] = try await bench.askAll(
            "SELECT concat_ws(' ', buyer ->> 'name', salt IS NULL) FROM document_parties ORDER BY 1")
        #expect(left == ["Ada Martin f", "– t"], "the other one's stays")
        let whole = ["F-LILAS-2014: 1 documents, whole", "F-LILAS-2026: 1 documents, whole"]
        #expect(try await bench.proof().lines == whole)
        let invoice: InvoiceID = try await bench.ask("SELECT id FROM invoice WHERE number = 'F-LILAS-2014-000001'")
        let page = try await chain.call(.get, "/v1/invoices/\(invoice)/pdf")
        #expect(page.status == 200, "\(page.text)")
        for kept in [
            "UPDATE document_parties SET buyer = forgotten_buyer(), salt = NULL WHERE salt IS NOT NULL",
            "UPDATE document_parties SET establishment = 'X' WHERE salt IS NULL",
        ] as [SQL] {
            await #expect(throws: PostgresError.self, "\(kept)") { try await bench.overseer.execute(kept) }
        }
        await bench.close()
    }

    @Test func `INV-4: a document that lost its parties names no others in their place`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let invoice = try await chain.invoice(1_000, for: try await chain.client())
        #expect(try await chain.call(.get, "/v1/invoices/\(invoice)/pdf").status == 200)
        try await bench.forge("DELETE FROM document_parties")
        #expect(try await chain.call(.get, "/v1/invoices/\(invoice)/pdf").problem == "conflict")
        await bench.close()
    }
}
