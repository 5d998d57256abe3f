import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `INV-4: the chain of issued documents in invoicing` {
    @Test func `INV-4: is whole after fifty issue at once, with credit notes, at two clinics`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let clinic = number.isMultiple(of: 2) ? chain.clinic : other
                    let id = try await chain.invoice(1_000, for: client, clinic: clinic)
                    if number.isMultiple(of: 5) { #expect(try await chain.credit(id, seen: 2).status == 201) }
                }
            }
            try await group.waitForAll()
        }
        #expect(
            try await verify(bench) == [
                "A-LILAS-2026: 5 documents, whole", "F-LILAS-2026: 25 documents, whole",
                "A-PANTIN-2026: 5 documents, whole", "F-PANTIN-2026: 25 documents, whole",
            ])
        await bench.close()
    }

    @Test func `INV-4: is whole whenever it is looked at while documents are issued`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask { for _ in 0..<12 { _ = try await chain.invoice(1_000, for: client) } }
            }
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<12 {
                        let lines = try await verify(bench)
                        #expect(lines.allSatisfy { $0.hasSuffix("whole") }, "\(lines)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await verify(bench) == ["F-LILAS-2026: 72 documents, whole"])
        await bench.close()
    }

    @Test func `INV-4: is whole with a place and a day of delivery, which nobody changes unseen`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let place = #"{"street":"8 chemin du Pré","postcode":"14600","town":"Honfleur"}"#
        let draft = chain.draft(1_000, for: try await chain.client())
            .replacing(#""lines""#, with: #""deliveryAddress":\#(place),"suppliedOn":"2026-11-18","lines""#)
        #expect(try await chain.call(.post, "/v1/invoices", draft).status == 201)
        #expect(try await verify(bench) == ["F-LILAS-2026: 1 documents, whole"])
        try await forge(
            #"UPDATE invoice SET delivery_address = jsonb_set(delivery_address, '{address,town}', '"Oz"')"#, on: bench)
        #expect(try await verify(bench).contains { $0.contains("000001: it is not") })
        try await forge(
            #"UPDATE invoice SET delivery_address = jsonb_set(delivery_address, '{address,town}', '"Honfleur"')"#,
            on: bench)
        #expect(try await verify(bench) == ["F-LILAS-2026: 1 documents, whole"])
        try await forge("UPDATE invoice SET supplied_on = '2026-11-19'", on: bench)
        #expect(try await verify(bench).contains { $0.contains("000001: it is not") })
        await bench.close()
    }

    @Test(
        arguments: [
            (
                "UPDATE invoice SET total = total - 1, paid = 0 WHERE number = 'F-LILAS-2026-000003'",
                "000003: it is not"
            ),
            ("UPDATE invoice SET client = gen_random_uuid() WHERE number = 'F-LILAS-2026-000002'", "000002: it is not"),
            (
                """
                UPDATE invoice_line SET label = 'Nothing' FROM invoice
                WHERE invoice.id = invoice AND number = 'F-LILAS-2026-000004'
                """, "000004: it is not"
            ),
            (
                """
                UPDATE invoice_line SET nature = 'goods' FROM invoice
                WHERE invoice.id = invoice AND number = 'F-LILAS-2026-000004'
                """, "000004: it is not"
            ),
            (
                """
                UPDATE invoice_line SET practitioner = 'Dr No' FROM invoice
                WHERE invoice.id = invoice AND number = 'F-LILAS-2026-000002'
                """, "000002: it is not"
            ),
            (
                """
                UPDATE invoice_line SET exemption = 'Article 0' FROM invoice
                WHERE invoice.id = invoice AND number = 'F-LILAS-2026-000003'
                """, "000003: it is not"
            ),
            (
                """
                UPDATE invoice_line SET unit = 'kg' FROM invoice
                WHERE invoice.id = invoice AND number = 'F-LILAS-2026-000002'
                """, "000002: it is not"
            ),
            ("DELETE FROM invoice WHERE number = 'F-LILAS-2026-000002'", "000003: the one before it is missing"),
            ("DELETE FROM invoice WHERE number = 'F-LILAS-2026-000005'", "the end is missing"),
            (
                "UPDATE invoice SET hash = repeat('0', 64) WHERE number = 'F-LILAS-2026-000001'", "000001: it is not"
            ),
            ("DELETE FROM invoice WHERE number = 'F-LILAS-2026-000001'", "000002: it is not"),
            ("DELETE FROM invoice", "the end is missing: 5 numbers were given"),
            ("UPDATE invoice SET notes = 'Payée' WHERE number = 'F-LILAS-2026-000003'", "000003: it is not"),
            (
                "UPDATE invoice SET supplied_on = issued_on WHERE number = 'F-LILAS-2026-000003'", "000003: it is not"
            ),
            ("DELETE FROM document_series", "what says where it ends is missing"),
            ("UPDATE document_series SET hash = NULL", "what says where it ends is missing"),
            (
                "UPDATE invoice SET sequence = NULL, hash = NULL WHERE number = 'F-LILAS-2026-000003'",
                "000004: the one before it is missing"
            ),
            (
                """
                INSERT INTO invoice (id, organisation, clinic, client, currency, total, due_on, number, issued_on)
                SELECT gen_random_uuid(), organisation, clinic, client, currency, total, due_on, 'F-LILAS-2026-000006',
                    issued_on
                FROM invoice LIMIT 1
                """, "000006: it is in no chain"
            ),
            (
                """
                DO $$ BEGIN
                    UPDATE invoice SET sequence = NULL, hash = NULL;
                    UPDATE document_series SET hash = NULL;
                END $$
                """, "000005: it is in no chain"
            ),
            (
                """
                DO $$ BEGIN
                    UPDATE invoice SET sequence = NULL, hash = NULL;
                    DELETE FROM document_series;
                    DELETE FROM clinic;
                END $$
                """, "000005: it is in no chain"
            ),
            (
                """
                DO $$ BEGIN
                    ALTER TABLE invoice DROP CONSTRAINT invoice_issued_as_a_whole;
                    UPDATE invoice SET number = NULL WHERE number = 'F-LILAS-2026-000003';
                END $$
                """, "a document in the chain has no number"
            ),
        ] as [(String, String)])
    func `INV-4: names the first document that is not what was issued`(forgery: String, found: String) async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        for _ in 0..<5 { _ = try await chain.invoice(1_000, for: client) }
        #expect(try await verify(bench) == ["F-LILAS-2026: 5 documents, whole"])
        try await forge(forgery, on: bench)
        let lines = try await verify(bench)
        #expect(lines.count == 1 && lines[0].contains(found), "\(lines)")
        #expect(try await outcome(bench).holds == false)
        await bench.close()
    }

    @Test func `INV-4: names a credit note that is in no chain and whose invoice is gone`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let id = try await chain.invoice(1_000, for: try await chain.client())
        #expect(try await chain.credit(id, 400, seen: 2).status == 201)
        try await forge(
            """
            DO $$ BEGIN
                UPDATE credit_note SET clinic = NULL, sequence = NULL, hash = NULL, invoice = gen_random_uuid();
                UPDATE document_series SET hash = NULL WHERE kind = 'A';
            END $$
            """, on: bench)
        #expect(
            try await verify(bench) == [
                "F-LILAS-2026: 1 documents, whole",
                "A-LILAS-2026: 1 documents, A-LILAS-2026-000001: its invoice is missing",
            ])
        #expect(try await outcome(bench).holds == false)
        await bench.close()
    }

    @Test func `INV-4: tells documents of before there were chains from those that were taken out`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        for _ in 0..<2 { _ = try await chain.invoice(1_000, for: client) }
        try await forge(
            """
            DO $$ BEGIN
                UPDATE invoice SET sequence = NULL, hash = NULL, created_at = created_at - interval '1 year';
                UPDATE document_series SET hash = NULL;
            END $$
            """, on: bench)
        #expect(try await verify(bench) == ["F-LILAS-2026: 0 documents, all were issued before there were chains"])
        #expect(try await outcome(bench).holds)
        await bench.close()
    }

    private func forge(_ forgery: String, on bench: InvoicingBench) async throws { try await bench.forge(forgery) }

    private func outcome(_ bench: InvoicingBench) async throws -> Verification.Outcome { try await bench.proof() }

    private func verify(_ bench: InvoicingBench) async throws -> [String] { try await bench.proof().lines }
}

extension InvoicingBench {
    /// As somebody who can do anything to the database: triggers and foreign keys are out of the way.
    func forge(_ forgery: String) async throws {
        try await overseer.transaction { transaction in
            try transaction.execute("SET LOCAL session_replication_role = replica")
            try transaction.execute("\(unescaped: forgery)")
        }
    }

    /// What `invoicing verify-chain` finds.
    func proof() async throws -> Verification.Outcome {
        try await #require(InvoicingService.verification).run(context)
    }
}

@Suite struct `INV-4: corrections by hand in invoicing` {
    @Test func `INV-4: a credit note takes off what is due, and what was paid is credit again`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        let payment: PaymentOnAccountID = try await chain.collect(7_000, for: client, by: "card").id()
        let first = try await chain.credit(invoice, 4_000, seen: 3)
        #expect(first.status == 201 && first.json.cents("freed") == 1_000, "\(first.text)")
        #expect(first.json["number"]?.text == "A-LILAS-2026-000001")
        #expect(try await chain.standing(of: invoice) == "paid 6000 4000 0")
        #expect(try await chain.payments(of: client) == ["7000 6000 1000 0"])
        #expect(
            try await chain.events(about: invoice)
                == ["invoice-issued", "invoice-part-paid", "credit-note-issued", "invoice-paid"])
        #expect(try await chain.credit(invoice, 4_000, seen: 3).status == 412)
        let rest = try await chain.credit(invoice, seen: 4)
        #expect(rest.status == 201 && rest.json.cents("total") == 6_000)
        #expect(try await chain.standing(of: invoice) == "credited 0 10000 0")
        #expect(try await chain.call(.get, "/v1/payments-on-account/\(payment)").json.cents("unallocated") == 7_000)
        #expect(try await chain.taken(from: invoice) == ["\(payment) 1000", "\(payment) 6000"])
        #expect(
            try await chain.days("issuedOn", toldAbout: invoice) == ["2026-11-20", "2026-11-22", "2026-11-22"])
        #expect(try await chain.credit(invoice, seen: 5).status == 409)
        let notes = try await chain.call(.get, "/v1/invoices/\(invoice)/credit-notes").json["items"]?.elements
        #expect(notes?.map { $0["number"]?.text } == ["A-LILAS-2026-000001", "A-LILAS-2026-000002"])
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-4: an invoice with discounts bills, shows and credits them to the cent`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let json = """
            {"clientID":"\(client)","clinicID":"\(chain.clinic)","dueOn":"2026-12-20","issuedOn":"2026-11-20",
             "discount":{"amount":{"minorUnits":333,"currency":"EUR"}},
             "lines":[{"label":"Soin","unitPriceTenThousandths":1000000,"vatBasisPoints":2000,
                       "discount":{"basisPoints":1000}},
                      {"label":"Croquettes","quantityThousandths":1500,"unitPriceTenThousandths":103333,
                       "vatBasisPoints":550}]}
            """
        let made = try await chain.call(.post, "/v1/invoices", json)
        // 90.00 and 15.50, less 3.33 in these proportions: 87.15 and 15.02.
        #expect(
            made.json["vat"]?.elements?.compactMap { $0.cents("base") } == [8_715, 1_502]
                && made.json.cents("total") == 8_715 + 1_743 + 1_502 + 83, "\(made.text)")
        let id: InvoiceID = try made.id()
        let read = try await chain.invoice(id)
        #expect(read["lines"]?.elements?.first?["discount"]?["basisPoints"]?.integer == 1_000)
        #expect(read["discount"]?.cents("amount") == 333)
        #expect(try await chain.credit(id, seen: 2).json.cents("total") == made.json.cents("total"))
        let much = json.replacing(#""minorUnits":333"#, with: #""minorUnits":99999"#)
        #expect(try await chain.call(.post, "/v1/invoices", much).json["errors"]?.elements?.count == 1)
        let foreign = json.replacing(#""minorUnits":333,"currency":"EUR""#, with: #""minorUnits":333,"currency":"USD""#)
        let refused = try await chain.call(.post, "/v1/invoices", foreign)
        #expect(refused.status == 422 && refused.text.contains("or in another currency"), "\(refused.text)")
    }

    @Test func `INV-4: credit notes and payments at once leave the books right`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(10_000, for: client)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<16 {
                group.addTask {
                    guard number.isMultiple(of: 2) else {
                        return try await chain.collect(1_500, for: client, by: "card").status
                    }
                    let version = try await chain.invoice(invoice)["version"]?.integer ?? 0
                    return try await chain.credit(invoice, 1_300, seen: Int(version)).status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { [201, 409, 412, 422].contains($0) }, "\(statuses)")
        try await chain.expectBalance(of: [client])
    }
}

@Suite struct `What a refused credit note says` {
    @Test func `INV-4: how much is left, in what currency, and how to go on`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(1_000, for: client)
        let more = try await chain.credit(invoice, 1_500, seen: 2)
        let error = more.json["errors"]?.elements?.first
        #expect(more.status == 422 && error?["pointer"]?.text == "/amount", "\(more.text)")
        #expect(error?["reason"]?.text == "15.00 EUR is more than the 10.00 EUR left of the invoice.")
        #expect(error?["remedy"]?.text == "Give 10.00 EUR or less.")
        let francs = try await chain.call(
            .post, "/v1/invoices/\(invoice)/credit-notes",
            #"{"issuedOn":"2026-11-22","reason":"error","amount":{"minorUnits":100,"currency":"CHF"}}"#,
            headers: Chain.seen(2))
        #expect(francs.status == 422 && francs.problem == "currency-mismatch", "\(francs.text)")
        let told = francs.json["errors"]?.elements?.first
        #expect(told?["pointer"]?.text == "/amount" && told?["reason"]?.text == "It is in CHF.")
        #expect(told?["remedy"]?.text == "Give the amount in the currency of the invoice.")
    }
}

extension Chain {
    /// Credits a part of an invoice, or all that is left.
    func credit(_ invoice: InvoiceID, _ cents: Int64? = nil, seen version: Int) async throws -> InProcessClient.Answer {
        let amount = cents.map { #","amount":{"minorUnits":\#($0),"currency":"EUR"}"# } ?? ""
        return try await call(
            .post, "/v1/invoices/\(invoice)/credit-notes", #"{"issuedOn":"2026-11-22","reason":"error"\#(amount)}"#,
            headers: Chain.seen(version))
    }
}

@Suite struct `An organisation that nobody has named` {
    @Test func `is told of first, before its clinics`() async throws {
        let bench = try await InvoicingBench.get()
        let manager = Chain.principal(of: IdentifierSource.system.make())
        let refused = try await bench.http.call(
            .post, "/v1/clinics", as: manager, json: #"{"code":"LILAS","name":"Clinique"}"#, key: "early")
        #expect(refused.status == 404 && refused.problem == "not-found", "\(refused.text)")
        #expect(refused.json["remedy"]?.text == "Say its name first: PUT /v1/organisation.")
    }
}
