import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// Every text anybody can write of a client, by its place in the API, and every place it could still be in afterwards.
@Suite struct `GEN-7: the words of a forgotten client` {
    /// All words of the test begin so.
    private static let sign = "zqw"

    /// What stays on issued invoices and credit notes, and of what files brought, and the rule that wants it.
    private static let kept = [
        "document_parties.buyer": "CGI ann. II 242 nonies A I 1°: the customer's name and address",
        "invoice_line.label": "CGI ann. II 242 nonies A I 8°: what was sold",
        "invoice_line.practitioner": "Code rural R242-49: who did it, a part of the line",
        "invoice_line.exemption": "CGI ann. II 242 nonies A I 12°: why there is no VAT",
        "invoice.notes": "a part of the document, in its hash; C. com. L123-22, CGI 286 I 3° bis",
        "invoice.delivery_address": "CGI ann. II 242 nonies A I: where it was delivered, in its hash",
        "invoice.reference": "the number in the books it was taken from; the same file would bill it twice",
        "receivable.reference": "the number of a debt in the books it came from, C. com. L123-22; owed twice without",
        "payment_on_account.reference": "the number of a payment there, C. com. L123-22; counted twice without it",
        "credit_note.reason": "a part of the document, in its hash; CGI 289 I 5, C. com. L123-22",
    ]

    /// Where the words are before: without one of these the test would prove nothing of it.
    private static let filled: Set = [
        "client.last_name", "client.first_name", "client.email", "client.town", "client.reference",
        "client.known_by", "client_contact.last_name", "client_contact.first_name", "client_contact.email",
        "billing_details.company", "billing_details.street", "billing_details.postcode", "quote.notes",
        "quote.delivery_address", "quote_line.label", "quote_line.practitioner", "quote_line.exemption",
        "receivable.label", "settlement.reason", "settlement.undone_reason",
        "payment_on_account.payer_name", "payment_on_account.cheque_number", "payment_on_account.cheque_bank",
        "payment_on_account.cheque_drawer", "payment_on_account.notes", "payment_on_account.archived_reason",
        "credit_archive.reason", "audit_entry.before", "audit_entry.after", "cause.answer",
    ]

    @Test func `GEN-7: none is left in any column but those that some rule wants kept`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.writeEverything()
        let before = try await chain.places(of: [Self.sign])
        #expect(before.isSuperset(of: Self.filled.union(Self.kept.keys)), "\(Self.filled.subtracting(before))")
        #expect(!before.contains("outbox.value"), "nobody else is told what was typed")
        let done = try await chain.erase(client)
        #expect(done.status == 200, "\(done.text)")
        #expect(try await chain.places(of: [Self.sign]).subtracting(Self.kept.keys) == [])
        let numbers = ["+33612345677", "+33751234566", "+33751234567", "fr44732829320"]
        #expect(try await chain.places(of: numbers) == ["document_parties.buyer"], "the VAT number alone")
        let given: [String] = try await bench.askAll(
            """
            SELECT invoice.id::text FROM invoice LEFT JOIN invoice_line ON invoice_line.invoice = invoice.id
            WHERE number IS NULL AND strpos(concat(notes, delivery_address, reference, label, practitioner, exemption),
                \(Self.sign)) > 0
            """)
        #expect(given == [], "what was never issued is no document")
        #expect(try await #require(InvoicingService.verification).run(bench.context).holds)
        try await chain.expectReadable()
        await bench.close()
    }

    @Test func `GEN-7: a text the API takes of a client is one of those that are looked for above`() async throws {
        let document = try JSONParser.parse(Array(try await InvoicingBench.get().assembly.openAPI.utf8))
        var told: Set<String> = []
        for path in document["paths"]?.members?.names ?? [] where !Self.isOfNoClient(path) {
            for method in ["post", "put"] {
                let body = document["paths"]?[path]?[method]?["requestBody"]?["content"]?["application/json"]?["schema"]
                told.formUnion(Self.texts(of: body ?? .null, in: document).map { "\(path) \($0)" })
            }
        }
        #expect(told == Self.known)
    }

    /// What they say is of the organisation.
    private static let ofNoClient = [
        "/v1/organisation", "/v1/clinics", "/v1/payment-methods", "/v1/dunning-levels", "/v1/import-mappings",
        "/v1/collecting-rules",
    ]

    private static func isOfNoClient(_ path: String) -> Bool { ofNoClient.contains { path.hasPrefix($0) } }

    /// Names of members that hold any text, not those of a list, a day, an id, a currency or a country.
    private static func texts(of told: JSONValue, in document: JSONValue) -> Set<String> {
        var schema = told
        while let reference = schema["$ref"]?.text {
            schema = reference.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] ?? .null }
        }
        var found: Set<String> = []
        let members = schema["properties"]
        for name in members?.members?.names ?? [] {
            let member = members?[name] ?? .null
            found.formUnion(texts(of: member, in: document))
            if isText(member, in: document) { found.insert(name) }
        }
        if let items = schema["items"] { found.formUnion(texts(of: items, in: document)) }
        return found
    }

    private static func isText(_ told: JSONValue, in document: JSONValue) -> Bool {
        var schema = told
        while let reference = schema["$ref"]?.text {
            schema = reference.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] ?? .null }
        }
        let types = schema["type"]?.text.map { [$0] } ?? (schema["type"]?.elements ?? []).compactMap(\.text)
        guard types.contains("string"), schema["enum"] == nil else { return false }
        let isCode = ["^[A-Z]{3}$", "^[A-Z]{2}$"].contains(schema["pattern"]?.text ?? "")
        return !isCode && [nil, "email"].contains(schema["format"]?.text)
    }

    private static let known: Set<String> = Set(
        [
            ("/v1/clients", "lastName firstName phone email town reference"),
            ("/v1/clients/{clientID}", "lastName firstName phone email town reference"),
            ("/v1/clients/{clientID}/billing-details", "company siren vatNumber street postcode"),
            ("/v1/clients/{clientID}/contacts", "lastName firstName phone email"),
            ("/v1/clients/{clientID}/contacts/{contactID}", "lastName firstName phone email"),
            ("/v1/clients/{clientID}/settlements", "reason"),
            ("/v1/settlements/{settlementID}/undo", "reason"),
            ("/v1/payments-on-account/{paymentOnAccountID}/archive", "reason"),
            ("/v1/invoices", "reference label practitioner exemption notes name street postcode town"),
            ("/v1/invoices/{invoiceID}", "reference label practitioner exemption notes name street postcode town"),
            ("/v1/quotes", "label practitioner exemption notes name street postcode town"),
            ("/v1/invoices/{invoiceID}/credit-notes", "reason"),
            ("/v1/receivables", "label"), ("/v1/receivables/{receivableID}", "label"),
            // The method is a code of the organisation's, and who collected one of its people.
            ("/v1/collections", "phone method collectedBy name number bank drawer notes"),
        ].flatMap { path, names in names.split(separator: " ").map { "\(path) \($0)" } })
}

// MARK: A client of whom everything was written

extension Chain {
    fileprivate func writeEverything() async throws -> ClientID {
        let client = try await writePerson()
        let invoice = try await writeInvoice("issued", for: client, issuedOn: "2026-11-20")
        try await giveUp(for: client)
        try await writeQuotes(for: client)
        try await writeMoney(for: client)
        try await writeReasons(for: client, invoice)
        for mode in ["keep-good", "all-or-nothing"] {
            let report = try await imports(Self.badRow, mode: mode)
            #expect(report.status == 200 && report.text.contains("unit_price_excluding_vat"), "\(report.text)")
        }
        return client
    }

    private static let badRow = """
        invoice_ref;clinic_code;issued_on;due_on;client_ref;client_last_name;client_first_name;client_phone;\
        client_email;client_language;client_town;line_label;quantity;unit_price_excluding_vat;vat_rate
        R-9;LILAS;2026-11-20;2026-12-20;C9;Petit;Ada;+33639981009;c9@example.org;fr;Lyon;Soin;1;zqwcell;20,00

        """

    /// What is to be done is done: the answer, or the reason why not.
    @discardableResult
    private func mustDo(
        _ method: HTTPMethod, _ path: String, _ json: String? = nil, seen version: Int? = nil, as read: String? = nil
    ) async throws -> InProcessClient.Answer {
        var headers = version.map { Chain.seen($0) } ?? Headers()
        if let read { headers["If-Match"] = try await call(.get, read).headers["ETag"] }
        let answer = try await call(method, path, json, headers: headers)
        guard answer.status < 300 else {
            throw InvoicingBenchFailure(description: "\(method) \(path): \(answer.status) \(answer.text)")
        }
        return answer
    }

    private func writePerson() async throws -> ClientID {
        let details = { (mark: String) in
            """
            "lastName":"zqwlast\(mark)","firstName":"zqwfirst\(mark)","phone":"06 12 34 56 77",
            "email":"zqwmail\(mark)@example.org","town":"zqwtown\(mark)","reference":"zqwref\(mark)"
            """
        }
        let client: ClientID = try await mustDo(
            .post, "/v1/clients", #"{"clinicID":"\#(clinic)",\#(details("a"))}"#
        ).id()
        let path = "/v1/clients/\(client)"
        try await mustDo(.put, path, "{\(details("b"))}", seen: 1)
        try await mustDo(
            .put, "\(path)/billing-details",
            """
            {"company":"zqwcompany","siren":"732829320","vatNumber":"FR44732829320","street":"zqwstreet",
             "postcode":"zqwpostcode"}
            """, seen: 0)
        let person = { (name: String, phone: String) in
            #"{"lastName":"zqwcontact","firstName":"\#(name)","phone":"\#(phone)","email":"\#(name)@example.org"}"#
        }
        try await mustDo(.post, "\(path)/contacts", person("zqwluc", "07 51 23 45 66"))
        let gone: ContactID = try await mustDo(
            .post, "\(path)/contacts", person("zqwanne", "07 51 23 45 67")
        ).id()
        try await mustDo(.put, "\(path)/contacts/\(gone)", person("zqwannie", "07 51 23 45 67"), seen: 1)
        try await mustDo(.delete, "\(path)/contacts/\(gone)", seen: 2)
        try await standWithOthers()
        return client
    }

    /// The same person among the contacts of others: there still, by phone and by e-mail, with another phone since, and
    /// removed since.
    private func standWithOthers() async throws {
        let other = try await self.client()
        let path = "/v1/clients/\(other)/contacts"
        let named = #""lastName":"ZQWLASTB","firstName":"Zqwfïrstb""#
        try await mustDo(.post, path, #"{\#(named),"phone":"06 12 34 56 77"}"#)
        try await mustDo(.post, path, #"{\#(named),"email":"ZqwMailB@example.org"}"#)
        let moved: ContactID = try await mustDo(.post, path, #"{\#(named),"phone":"07 51 23 45 66"}"#).id()
        try await mustDo(.put, "\(path)/\(moved)", #"{\#(named),"phone":"06 12 34 56 77"}"#, seen: 1)
        let gone: ContactID = try await mustDo(.post, path, #"{\#(named),"phone":"06 12 34 56 77"}"#).id()
        try await mustDo(.delete, "\(path)/\(gone)", seen: 1)
    }

    private func content(_ mark: String) -> String {
        """
        "notes":"zqwnotes\(mark)",
        "deliveryAddress":{"name":"zqwdoor\(mark)","street":"zqwroad\(mark)","postcode":"69003",
                           "town":"zqwplace\(mark)"},
        "lines":[{"label":"zqwlabel\(mark)","practitioner":"zqwvet\(mark)","exemption":"zqwarticle\(mark)",
                  "unitPriceTenThousandths":100000,"vatBasisPoints":0}]
        """
    }

    private func writeInvoice(
        _ mark: String, for client: ClientID, issuedOn: String? = nil
    ) async throws -> InvoiceID {
        let issued = issuedOn.map { #","issuedOn":"\#($0)""# } ?? ""
        return try await mustDo(
            .post, "/v1/invoices",
            """
            {"clientID":"\(client)","clinicID":"\(clinic)","dueOn":"2026-12-20","reference":"zqwnumber\(mark)"\(issued),
             \(content(mark))}
            """
        ).id()
    }

    /// A draft that somebody gave up, and one that was written anew and is open still.
    private func giveUp(for client: ClientID) async throws {
        let gone = try await writeInvoice("gone", for: client)
        try await mustDo(.delete, "/v1/invoices/\(gone)", seen: 1)
        let open = try await writeInvoice("open", for: client)
        try await mustDo(
            .put, "/v1/invoices/\(open)",
            """
            {"clientID":"\(client)","clinicID":"\(clinic)","dueOn":"2026-12-20","reference":"zqwnumberanew",
             \(content("anew"))}
            """, seen: 1)
    }

    /// Quotes that were declined, invoiced, left open, and open with a deposit that was taken back.
    private func writeQuotes(for client: ClientID) async throws {
        var quotes: [QuoteID] = []
        for mark in ["declined", "invoiced", "left", "withdrawn"] {
            quotes.append(
                try await mustDo(
                    .post, "/v1/quotes",
                    """
                    {"clientID":"\(client)","clinicID":"\(clinic)","issuedOn":"2026-11-20","validUntil":"2026-12-21",
                     \(content(mark))}
                    """
                ).id())
        }
        try await mustDo(.post, "/v1/quotes/\(quotes[0])/decline", seen: 1)
        let days = #""issuedOn":"2026-11-20","dueOn":"2026-11-30""#
        try await mustDo(.post, "/v1/quotes/\(quotes[1])/invoice", "{\(days)}", seen: 1)
        let half = #"{"amount":{"minorUnits":500,"currency":"EUR"},\#(days)}"#
        let deposit: InvoiceID = try await mustDo(.post, "/v1/quotes/\(quotes[3])/deposits", half, seen: 1).id()
        try await credit(deposit, #"{"issuedOn":"2026-11-20","reason":"zqwwithdrawal"}"#)
    }

    private func credit(_ invoice: InvoiceID, _ json: String) async throws {
        try await mustDo(.post, "/v1/invoices/\(invoice)/credit-notes", json, as: "/v1/invoices/\(invoice)")
    }

    /// What is owed without an invoice, a cheque of somebody else's, credit that was archived twice, and what the
    /// client paid for another one.
    private func writeMoney(for client: ClientID) async throws {
        let terms = { (mark: String) in
            #""label":"zqwdebt\#(mark)","dueOn":"2026-12-31","amount":{"minorUnits":500,"currency":"EUR"}"#
        }
        let whose = #""clientID":"\#(client)","clinicID":"\#(clinic)","recordedOn":"2026-11-20""#
        let debt: ReceivableID = try await mustDo(.post, "/v1/receivables", "{\(whose),\(terms("a"))}").id()
        try await mustDo(.put, "/v1/receivables/\(debt)", "{\(terms("b"))}", seen: 1)
        let cheque = try await collect(
            500, for: client, by: "cheque",
            more: """
                ,"payer":{"name":"zqwpayer"},"notes":"zqwtill","collectedBy":"Léa",
                "cheque":{"number":"zqwcheque","bank":"zqwbank","drawer":"zqwdrawer"}
                """)
        #expect(cheque.status == 201, "\(cheque.text)")
        let credit: PaymentOnAccountID = try await collect(
            700, for: client, by: "card", more: #","allocate":"keep""#
        ).id()
        let path = "/v1/payments-on-account/\(credit)"
        try await mustDo(.post, "\(path)/archive", #"{"on":"2026-11-20","reason":"zqwarchive"}"#, as: path)
        try await mustDo(.post, "\(path)/restore", as: path)
        let today: String = try await bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date::text")
        try await mustDo(.post, "\(path)/archive", #"{"on":"\#(today)","reason":"zqwagain"}"#, as: path)
        let other = try await self.client()
        let forOther = #","payer":{"clientID":"\#(client)"},"notes":"zqwforanother""#
        #expect(try await collect(500, for: other, by: "card", more: forOther).status == 201)
        // As an import leaves them.
        for table in ["receivable", "payment_on_account"] {
            try await bench.overseer.execute(
                "UPDATE \(unescaped: table) SET reference = 'zqw' || left(id::text, 30) WHERE client = \(client)")
        }
    }

    /// Why what is left was given up, asked for again and given up for good; a credit note for a part.
    private func writeReasons(for client: ClientID, _ invoice: InvoiceID) async throws {
        try await credit(
            invoice, #"{"issuedOn":"2026-11-20","reason":"zqwerror","amount":{"minorUnits":100,"currency":"EUR"}}"#)
        let period = #""from":"2026-11-01","to":"2026-11-30","on":"2026-11-20""#
        let path = "/v1/clients/\(client)/settlements"
        let settlement: SettlementID = try await mustDo(
            .post, path, #"{\#(period),"reason":"zqwwriteoff"}"#
        ).id()
        let undoing = #"{"on":"2026-11-20","reason":"zqwundo"}"#
        try await mustDo(.post, "/v1/settlements/\(settlement)/undo", undoing, seen: 1)
        try await mustDo(.post, path, #"{\#(period),"reason":"zqwforgood"}"#)
    }

    /// What is left can be read as before, by people and as lists.
    fileprivate func expectReadable() async throws {
        for path in ["/v1/invoices", "/v1/quotes", "/v1/credit-notes", "/v1/receivables", "/v1/payments-on-account"] {
            let listed = try await call(.get, path)
            #expect(listed.status == 200, "\(listed.text)")
            let ids = (listed.json["items"]?.elements ?? []).compactMap { $0["id"]?.text }
            #expect(!ids.isEmpty, "\(path)")
            for id in ids {
                let one = try await call(.get, "\(path)/\(id)")
                #expect(one.status == 200, "\(path) \(one.text)")
            }
        }
        #expect(try await call(.get, "/v1/audit").status == 200)
    }

    /// Tables and columns of any type in which any of some texts is, whatever its capitals; bytes too.
    fileprivate func places(of texts: [String]) async throws -> Set<String> {
        let looks: [String] = try await bench.askAll(
            """
            SELECT format('SELECT %L::text AS place WHERE EXISTS (SELECT FROM %I AS entry WHERE EXISTS ('
                    'SELECT FROM unnest(%L::text[]) AS told WHERE strpos(lower(%s), told) > 0))',
                table_name || '.' || column_name, table_name, (\(texts)::text[])::text,
                CASE data_type WHEN 'bytea' THEN format('encode(entry.%I, ''escape'')', column_name)
                    ELSE format('entry.%I::text', column_name) END)
            FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
            WHERE table_schema = 'invoicing' AND table_type = 'BASE TABLE'
                AND data_type IN ('text', 'character', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea')
            """)
        #expect(looks.count > 100, "every column is looked at")
        return Set(try await bench.askAll("\(unescaped: looks.joined(separator: " UNION ALL "))"))
    }
}
