import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// What files of other software said of somebody, once that person is forgotten.
@Suite struct `GEN-7: files that told of a forgotten client` {
    @Test func `GEN-7: no refused row of any file has its number, name, phone or mail, and others stay`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.takeFirst()
        for (kind, file) in Self.badFiles {
            let end = try await chain.takeFile(Array(file.utf8), kind: kind)
            #expect(end.contains(" 0 added 0 there"), "\(kind): \(end)")
        }
        let naming: SQL = """
            SELECT concat_ws(' ', document, array_to_string(cells, ' ')) FROM import_row
            WHERE organisation = \(chain.organisation) AND import_row::text ~* 'zqw|98.?10.?01'
            """
        let told: [String] = try await chain.bench.askAll(naming)
        #expect(told.count == 8, "there is something to forget: \(told)")
        let erased = try await chain.erase(client)
        #expect(erased.status == 200, "\(erased.text)")
        #expect(try await chain.bench.askAll(naming) as [String] == [])
        let left: [String] = try await chain.bench.askAll(
            """
            SELECT cells[1] FROM import_row
            WHERE organisation = \(chain.organisation) AND outcome = 'refused' AND cells <> '{}' ORDER BY 1
            """)
        #expect(left == ["C9", "I-9", "P-9"])
        let numbers: [String] = try await chain.bench.askAll(
            """
            SELECT document FROM import_row
            WHERE organisation = \(chain.organisation) AND cells = '{}' AND document !~ '^line ' ORDER BY 1
            """)
        #expect(numbers == ["I-1", "I-2", "P-1"], "what the other software calls a debt or a payment is nobody's name")
    }

    /// How a client has the number that rows give.
    enum Numbered: CaseIterable {
        case asItIsRead, asItWasRead, byOneWhoBecameIt
    }

    @Test(arguments: Numbered.allCases)
    func `GEN-7: rows that wait for their turn are refused where they give its number, and nobody else's`(
        numbered: Numbered
    ) async throws {
        let chain = try await Chain.open()
        var client = try await chain.takeFirst()
        switch numbered {
        case .asItIsRead: break
        case .asItWasRead: try await chain.keep("+262639981001", of: client)
        case .byOneWhoBecameIt:
            let other = try await chain.client(phone: "06 12 34 56 78")
            #expect(try await chain.merge(client, into: other).status == 200)
            client = other
        }
        let id = try await chain.sendFile([0x41], kind: "payments")
        // One of its own; one of somebody else's, who gave its phone; one that gives a phone alone.
        for (line, reference) in [(2, "zqwref"), (3, "C9"), (4, "")] {
            let person = reference.isEmpty ? nil : "\(reference.lowercased())\u{1F}\u{1F}"
            let phone = line == 2 ? nil : "+33639981001"
            try await chain.bench.overseer.execute(
                """
                INSERT INTO import_row (import_file, line, organisation, cells, document, person, phone, turn)
                VALUES (\(id)::text::uuid, \(Int64(line)), \(chain.organisation), ARRAY[\(reference)::text],
                    \("P-\(line)"), \(person), \(phone), \(Int64(line)))
                """)
        }
        #expect(try await chain.erase(client).status == 200)
        let left: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', line, outcome, cells[1]) FROM import_row
            WHERE import_file = \(id)::text::uuid ORDER BY line
            """)
        #expect(left == ["2 refused", "3 C9", "4 refused"])
    }

    @Test func `GEN-7: rows with a number that another client has, too, stay but where they name who is forgotten`()
        async throws
    {
        let chain = try await Chain.open()
        let (client, other) = try await (chain.takeFirst(), chain.client())
        try await chain.keep("+262639981001", of: other)
        let id = try await chain.sendFile([0x41], kind: "payments")
        let rows: [(person: String?, phone: String?, cell: String, outcome: String?)] = [
            ("c9\u{1F}\u{1F}", "+33639981001", "C9", "added"), (nil, nil, "0639 98 10 01", "refused"),
            (nil, "+33639981001", "C7", nil), ("c8\u{1F}zqwlast\u{1F}zqwfirst", "+33639981001", "C8", nil),
        ]
        for (place, row) in rows.enumerated() {
            let line = Int64(place + 2)
            try await chain.bench.overseer.execute(
                """
                INSERT INTO import_row (import_file, line, organisation, cells, document, person, phone, turn, outcome)
                VALUES (\(id)::text::uuid, \(line), \(chain.organisation), ARRAY[\(row.cell)::text], \("P-\(line)"),
                    \(row.person), \(row.phone), \(line), \(row.outcome))
                """)
        }
        #expect(try await chain.erase(client).status == 200)
        let left: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', line, outcome, cells[1], phone) FROM import_row
            WHERE import_file = \(id)::text::uuid ORDER BY line
            """)
        #expect(left == ["2 added C9 +33639981001", "3 refused 0639 98 10 01", "4 C7 +33639981001", "5 refused"])
    }

    @Test func `GEN-7: reports quote no cell and stay, whoever is forgotten; those of before that quoted some go`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.takeFirst()
        let bad =
            Chain.invoiceHeader
            + Chain.invoiceRow("R-1", day: 20, client: 9, label: "Soin").replacing("10,00", with: "zqwcell")
        var kept: [(mode: String, key: String, text: String)] = []
        for mode in ["keep-good", "all-or-nothing", "dry-run"] {
            let key = Chain.newKey()
            let report = try await chain.imports(bad, mode: mode, key: key)
            #expect(report.status == 200 && report.text.contains("unit_price_excluding_vat"), "\(report.text)")
            #expect(!report.text.contains("zqwcell"), "\(mode)")
            kept.append((mode, key, report.text))
        }
        let old = Chain.newKey()
        #expect(try await chain.imports(bad, key: old).status == 200)
        try await chain.bench.overseer.execute(
            """
            UPDATE cause SET answer = replace(answer, 'It is not in the form it should have.',
                \(#"\"zqwcell\" is not valid."#))
            WHERE strpos(key, \(old)) > 0 AND answer IS NOT NULL
            """)
        #expect(try await chain.imports(bad, key: old).text.contains("zqwcell"), "as an earlier version kept it")
        let erased = try await chain.erase(client)
        #expect(erased.status == 200, "\(erased.text)")
        #expect(try await chain.imports(bad, key: old).status == 410)
        for (mode, key, text) in kept {
            #expect(try await chain.imports(bad, mode: mode, key: key).text == text, "\(mode)")
        }
    }

    @Test func `GEN-7: no file of any kind makes it anew by its number, says why, and keeps nothing of such a row`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.takeFirst()
        #expect(try await chain.erase(client).status == 200)
        let own = { (number: String, label: String) in
            Chain.invoiceRow(number, day: 20, client: 8, label: label)
                .replacing(";C8;Martin;", with: ";zqwref;Zqwlast;")
        }
        let invoices =
            Chain.invoiceHeader + own("F-1", "Soin") + own("F-1", "Vaccin")
            + Chain.invoiceRow("F-2", day: 21, client: 9, label: "Soin")
        let clients = """
            client_ref;clinic_code;client_last_name;client_first_name
            zqwref;LILAS;Zqwlast;Zqwfirst
            C9;LILAS;Martin;Ada

            """
        let payments = """
            payment_ref;clinic_code;client_ref;received_on;amount;method
            P-1;LILAS;zqwref;20/10/2026;9,00;card

            """
        let items = "item_ref;clinic_code;client_ref;issued_on;amount_due\nI-1;LILAS;zqwref;20/10/2026;9,00\n"
        for (kind, file, counts) in [
            ("clients", clients, "2 read 1 added 0 there 1 refused"),
            ("invoices", invoices, "3 read 1 added 0 there 2 refused"),
            ("payments", payments, "1 read 0 added 0 there 1 refused"),
            ("open-items", items, "1 read 0 added 0 there 1 refused"),
        ] {
            for mode in ["dry-run", "keep-good"] {
                let id = try await chain.sendFile(Array(file.utf8), kind: kind, mode: mode)
                try await chain.takeImports()
                #expect(try await chain.standing(ofImport: id) == "done: \(counts)", "\(kind) \(mode)")
                let sheet = try await chain.call(.get, "/v1/imports/\(id)/refused-rows?language=en").text
                #expect(sheet.contains("asked to be forgotten and was, on "), "\(sheet)")
                #expect(!sheet.lowercased().contains("zqw"), "\(kind) \(mode): \(sheet)")
            }
        }
        let left: Int64 = try await chain.bench.ask(
            """
            SELECT count(*) FROM import_row WHERE organisation = \(chain.organisation) AND import_row::text ~* 'zqw'
            """)
        #expect(left == 0)
        let others = [("F-", "G-"), ("20/11/2026", "2026-11-20"), ("21/11/2026", "2026-11-21")].reduce(invoices) {
            $0.replacing($1.0, with: $1.1)
        }
        let whole = try await chain.imports(others.replacing("20/12/2026", with: "2026-12-20"), mode: "all-or-nothing")
        #expect(whole.json["imported"]?.integer == 0 && whole.text.contains("asked to be forgotten"), "\(whole.text)")
        let people: Int64 = try await chain.bench.ask(
            "SELECT count(*) FROM client WHERE organisation = \(chain.organisation)")
        #expect(people == 2, "who was forgotten, and who was not")
    }

    private static let badFiles = [
        (
            "clients",
            """
            client_ref;clinic_code;client_last_name;client_first_name;client_phone;client_email
            zqwref;LILAS;;;;
            X1;;LILAS;Zqwlast;Zqwfirst;;
            X2;;LILAS;Petit;Ada;06.39.98.10.01;
            X3;LILAS;Petit;Ada;12; ZQW@Example.org
            X4;LILAS;Zqwlast;Zqwfirst;12;
            C9;LILAS;Petit;Ada;12;c9@example.org

            """
        ),
        (
            "payments",
            """
            payment_ref;clinic_code;client_ref;received_on;amount;method
            P-1;LILAS;zqwref;20/10/2026;0,00;card
            P-9;LILAS;C9;20/10/2026;0,00;card

            """
        ),
        (
            "open-items",
            """
            item_ref;clinic_code;client_ref;client_phone;issued_on;amount_due
            I-1;LILAS;zqwref;;20/10/2026;0,00
            I-2;LILAS;;0639 98 1001;20/10/2026;0,00
            I-9;LILAS;C9;;20/10/2026;0,00

            """
        ),
    ]
}

extension Chain {
    /// A client whom a file brings.
    fileprivate func takeFirst() async throws -> ClientID {
        let file = """
            client_ref;clinic_code;client_last_name;client_first_name;client_phone;client_email
            zqwref;LILAS;Zqwlast;Zqwfirst;0639 98 1001;zqw@example.org

            """
        guard try await takeFile(Array(file.utf8), kind: "clients") == "done: 1 read 1 added 0 there 0 refused" else {
            throw InvoicingBenchFailure(description: "nobody was taken in")
        }
        return try await bench.ask("SELECT id FROM client WHERE organisation = \(organisation)")
    }
}
