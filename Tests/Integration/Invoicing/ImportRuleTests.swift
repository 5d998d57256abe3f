import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

// MARK: What files may not do to the books

extension `A practice's files` {
    @Test func `an invoice with a bad row, also one that could not even be read, is refused as a whole`() async throws {
        let chain = try await Chain.open()
        let file =
            Chain.invoiceHeader.replacing("clinic_code", with: "clinic\0_code")
            + Chain.invoiceRow("R-1", day: 20, client: 1, label: "Soin")
            + Chain.invoiceRow("R-1", day: 20, client: 1, label: "So\0in")
            + Chain.invoiceRow("R-2", day: 20, client: 2, label: "Soin")
        #expect(
            try await chain.takeFile(Array(file.utf8), kind: "invoices") == "done: 3 read 1 added 0 there 2 refused")
        #expect(try await chain.references() == ["R-2"])
    }

    @Test func `INV-1: a quote that is never closed takes nothing in, whatever it swallowed`() async throws {
        let chain = try await Chain.open()
        let file = """
            client_ref;clinic_code;client_last_name;client_first_name;client_phone
            Z1;LILAS;Martin;Ada;06 39 98 10 01
            Z2;LILAS;"Guille;P;06 39 98 10 02
            Z3;LILAS;Petit;Zoé;06 39 98 10 03

            """
        let id = try await chain.sendFile(Array(file.utf8), kind: "clients")
        try await chain.takeImports()
        let answer = try await chain.call(.get, "/v1/imports/\(id)", headers: ["Accept-Language": "fr"]).json
        let failure = answer["failure"]?.text ?? ""
        #expect(answer["state"]?.text == "failed")
        #expect(failure.contains("commence à la ligne 3") && failure.contains("guillemet"), "\(failure)")
        let listed = try await chain.call(.get, "/v1/clients").json["items"]?.elements
        #expect(listed?.isEmpty == true)
        let broken = file.replacing("\"Guille", with: "\"Guille\nPaul\"")
        let done = try await chain.takeFile(Array(broken.utf8), kind: "clients")
        #expect(done == "done: 3 read 2 added 0 there 1 refused")
    }

    @Test func `INV-1: a row with more cells than the header is refused, and what nothing is read of is told`()
        async throws
    {
        let chain = try await Chain.open()
        let file = """
            client_ref;clinic_code;client_last_name;client_town;Mobile
            C1;LILAS;Martin;Lyon;06 39 98 10 01
            C2;LILAS;Le;Goff;Brest;06 39 98 10 02
            C3;LILAS;Petit

            """
        let id = try await chain.sendFile(Array(file.utf8), kind: "clients")
        #expect(try await chain.call(.get, "/v1/imports/\(id)").json["ignoredColumns"] == nil, "it is not read yet")
        try await chain.takeImports()
        #expect(try await chain.standing(ofImport: id) == "done: 3 read 2 added 0 there 1 refused")
        let told = try await chain.call(.get, "/v1/imports/\(id)").json["ignoredColumns"]?.elements
        #expect(told?.map(\.text) == ["Mobile"])
        let sheet = try await chain.call(
            .get, "/v1/imports/\(id)/refused-rows", headers: ["Accept-Language": "en"]
        ).text
        #expect(sheet.contains("\"3\";\"\";\"It has 6 columns, not 5.\""), "\(sheet)")
        let names: [String] = try await chain.bench.askAll(
            "SELECT last_name FROM client WHERE organisation = \(chain.organisation) ORDER BY reference")
        #expect(names == ["Martin", "Petit"])
    }

    @Test(arguments: ["dry-run", "keep-good"])
    func `INV-4: VAT that could not be issued at the desk comes by no file, and its row is named`(mode: String)
        async throws
    {
        let chain = try await Chain.open()
        let row = { (number: String, rate: String) in
            Chain.invoiceRow(number, day: 20, client: 1, label: "Soin").replacing(";20,00", with: ";\(rate)")
        }
        let file = Chain.invoiceHeader + row("R-1", "5,50") + row("R-1", "19,60") + row("R-2", "2,10")
        let id = try await chain.sendFile(Array(file.utf8), kind: "invoices", mode: mode)
        try await chain.takeImports()
        #expect(try await chain.standing(ofImport: id) == "done: 3 read 1 added 0 there 2 refused")
        let sheet = try await chain.call(.get, "/v1/imports/\(id)/refused-rows?language=en").text
        #expect(sheet.contains("\"3\";\"vat_rate\";\"19,60 percent is no French rate.\""), "\(sheet)")
        #expect(sheet.contains("Line 3 of the same document is refused."), "\(sheet)")
        try await chain.sell(#""siren":"732829320","vatScheme":"exempt","#)
        let next = Chain.invoiceHeader + row("R-3", "0") + row("R-4", "0") + row("R-4", "20,00")
        let done = try await chain.takeFile(Array(next.utf8), kind: "invoices", mode: mode)
        #expect(done == "done: 3 read 1 added 0 there 2 refused")
        #expect(try await chain.references() == (mode == "dry-run" ? [] : ["R-2", "R-3"]))
        #expect(try await chain.numbers().count == (mode == "dry-run" ? 0 : 2), "what was refused took none")
    }

    @Test func `INV-8: a number is an open item or an invoice, never both, whichever comes first`() async throws {
        let chain = try await Chain.open()
        let known = Chain.invoiceHeader + Chain.invoiceRow("R-0", day: 19, client: 1, label: "Soin")
        _ = try await chain.takeFile(Array(known.utf8), kind: "invoices")
        let items = Chain.itemHeader + Chain.item("R-0") + Chain.item("R-1")
        #expect(
            try await chain.takeFile(Array(items.utf8), kind: "open-items") == "done: 2 read 1 added 0 there 1 refused")
        let file = Chain.invoiceHeader + Chain.invoiceRow("R-1", day: 20, client: 1, label: "Soin")
        for mode in ["dry-run", "keep-good"] {
            #expect(
                try await chain.takeFile(Array(file.utf8), kind: "invoices", mode: mode)
                    == "done: 1 read 0 added 0 there 1 refused", "\(mode)")
        }
        let plain = file.replacing("20/11/2026", with: "2026-11-20").replacing("20/12/2026", with: "2026-12-20")
        for mode in ["dry-run", "keep-good", "all-or-nothing"] {
            let answer = try await chain.imports(plain, mode: mode)
            let told = answer.json["problems"]?.elements?.first?["reason"]?.text
            #expect(told == "R-1 is in the books as an open item.", "\(mode): \(answer.text)")
        }
        #expect(try await chain.references() == ["R-0"])
    }

    @Test func `INV-8: open items and invoices that come at once share no number`() async throws {
        let chain = try await Chain.open()
        let known = Chain.invoiceHeader + Chain.invoiceRow("R-0", day: 19, client: 1, label: "Soin")
        _ = try await chain.takeFile(Array(known.utf8), kind: "invoices")
        let numbers = 1...60
        let items = Chain.itemHeader + numbers.reversed().map { Chain.item("R-\($0)") }.joined()
        let file =
            Chain.invoiceHeader
            + numbers.map { Chain.invoiceRow("R-\($0)", day: 20, client: 1, label: "Soin") }.joined()
        let plain = file.replacing("20/11/2026", with: "2026-11-20").replacing("20/12/2026", with: "2026-12-20")
            .replacing("0639 98 1001", with: "+33639981001")
        let id = try await chain.sendFile(Array(items.utf8), kind: "open-items")
        async let billed = chain.imports(plain)
        try await chain.takeImports()
        #expect(try await billed.status == 200)
        #expect(try await chain.standing(ofImport: id).hasPrefix("done: 60 read"))
        let both: Int64 = try await chain.bench.ask(
            """
            SELECT count(*) FROM invoice JOIN receivable USING (organisation, reference)
            WHERE organisation = \(chain.organisation)
            """)
        let all: Int64 = try await chain.bench.ask(
            """
            SELECT (SELECT count(*) FROM invoice WHERE organisation = \(chain.organisation))
                + (SELECT count(*) FROM receivable WHERE organisation = \(chain.organisation))
            """)
        #expect(both == 0 && all == 61)
    }

    @Test func `INV-1: a client of whom a file said the last name alone is saved as it was read`() async throws {
        let chain = try await Chain.open()
        let file = "client_ref;clinic_code;client_last_name\nC1;LILAS;Martin\n"
        #expect(try await chain.takeFile(Array(file.utf8), kind: "clients") == "done: 1 read 1 added 0 there 0 refused")
        let listed = try await chain.call(.get, "/v1/clients").json["items"]?.elements?.first
        let id = try #require(listed?["id"]?.text)
        #expect(listed?["town"]?.text == "" && listed?["firstName"]?.text == "")
        let read = #"{"lastName":"Martin","firstName":"","town":"","reference":"C1","phone":"0612981001"}"#
        let saved = try await chain.call(.put, "/v1/clients/\(id)", read, headers: Chain.seen())
        #expect(saved.status == 200 && saved.json["phone"]?.text == "+33612981001", "\(saved.text)")
    }

    @Test func `INV-9: the same number of another clinic, client, day or amount is another payment, and refused`()
        async throws
    {
        let chain = try await Chain.open()
        _ = try await chain.anotherClinic("PANTIN")
        let clients = "client_ref;clinic_code;client_last_name\nC1;LILAS;Martin\nC2;PANTIN;Petit\n"
        _ = try await chain.takeFile(Array(clients.utf8), kind: "clients")
        let pay = "payment_ref;clinic_code;client_ref;received_on;amount;method\n"
        let owe = "item_ref;clinic_code;client_ref;issued_on;amount_due\n"
        let rows = [
            ("X;LILAS;C1;20/10/2026;20,00", "1 added 0 there 0 refused"),
            ("X;LILAS;C1;20/10/2026;20,00", "0 added 1 there 0 refused"),
            ("X;PANTIN;C1;20/10/2026;20,00", "0 added 0 there 1 refused"),
            ("X;LILAS;C2;20/10/2026;20,00", "0 added 0 there 1 refused"),
            ("X;LILAS;C1;21/10/2026;20,00", "0 added 0 there 1 refused"),
            ("X;LILAS;C1;20/10/2026;21,00", "0 added 0 there 1 refused"),
        ]
        for (row, outcome) in rows {
            let payment = Array((pay + row + ";card\n").utf8)
            #expect(try await chain.takeFile(payment, kind: "payments") == "done: 1 read \(outcome)", "\(row)")
            let item = Array((owe + row + "\n").utf8)
            #expect(try await chain.takeFile(item, kind: "open-items") == "done: 1 read \(outcome)", "\(row)")
        }
    }

    @Test func `GEN-7, INV-8, INV-9: what files brought of a forgotten client is not taken in again`() async throws {
        let chain = try await Chain.open()
        let clients = """
            client_ref;clinic_code;client_last_name;client_first_name;client_phone
            C1;LILAS;Martin;Ada;0639 98 1001

            """
        let payments = """
            payment_ref;clinic_code;client_ref;received_on;amount;method;pays_ref
            P-1;LILAS;C1;21/10/2026;42,00;card;F-1
            P-2;LILAS;C1;22/10/2026;42,00;card;F-2

            """
        let items = Chain.itemHeader + Chain.item("F-1") + Chain.item("F-2")
        // What is owed under these numbers as the other software would bill it.
        let invoices = ["F-1", "F-2"].reduce(Chain.invoiceHeader) { text, number in
            text + Chain.invoiceRow(number, day: 20, client: 1, label: "Soin")
        }
        let take = { (file: String, kind: String) async throws -> String in
            try await chain.takeFile(Array(file.utf8), kind: kind)
        }
        let people: SQL = "SELECT count(*) FROM client WHERE organisation = \(chain.organisation)"
        #expect(try await take(clients, "clients") == "done: 1 read 1 added 0 there 0 refused")
        for (file, kind) in [(items, "open-items"), (payments, "payments")] {
            #expect(try await take(file, kind) == "done: 2 read 2 added 0 there 0 refused", "\(kind)")
        }
        let amounts = { () async throws -> [Int64?] in
            let totals = try await chain.totals()
            return ["billed", "paid", "due", "held"].map { totals.cents($0) }
        }
        #expect(try await amounts() == [8_400, 8_400, 0, 0])
        let client: ClientID = try await chain.bench.ask(
            "SELECT id FROM client WHERE organisation = \(chain.organisation)")
        let erased = try await chain.erase(client)
        #expect(erased.status == 200, "\(erased.text)")
        for (file, kind) in [(items, "open-items"), (payments, "payments")] {
            #expect(try await take(file, kind) == "done: 2 read 0 added 2 there 0 refused", "\(kind)")
        }
        let id = try await chain.sendFile(Array(invoices.utf8), kind: "invoices")
        try await chain.takeImports()
        #expect(try await chain.standing(ofImport: id) == "done: 2 read 0 added 0 there 2 refused")
        let sheet = try await chain.call(.get, "/v1/imports/\(id)/refused-rows?language=en").text
        #expect(sheet.contains("F-1 is in the books as an open item."), "\(sheet)")
        #expect(try await chain.bench.ask(people) as Int64 == 1, "nobody is made anew")
        // Nor by the list of clients itself. Who comes back is added by hand, and owes nothing.
        #expect(try await take(clients, "clients") == "done: 1 read 0 added 0 there 1 refused")
        #expect(try await chain.bench.ask(people) as Int64 == 1)
        let details = #""lastName":"Martin","firstName":"Ada","phone":"+33639981001","town":"Lyon","reference":"C1""#
        let again = try await chain.call(.post, "/v1/clients", #"{"clinicID":"\#(chain.clinic)",\#(details)}"#)
        #expect(again.status == 201, "\(again.text)")
        #expect(try await take(clients, "clients") == "done: 1 read 0 added 1 there 0 refused")
        for (file, kind) in [(items, "open-items"), (payments, "payments"), (invoices, "invoices")] {
            #expect(try await take(file, kind) == "done: 2 read 0 added 0 there 2 refused", "\(kind)")
        }
        #expect(try await amounts() == [8_400, 8_400, 0, 0])
    }

    @Test func `INV-4: two files of invoices come one after the other, so that neither makes the other too old`()
        async throws
    {
        let chain = try await Chain.open()
        // More than one round of the job takes of a file.
        var old = Chain.invoiceHeader
        for number in 1...520 {
            old += Chain.invoiceRow("A-\(number)", day: 1 + number / 60, client: 1 + number % 7, label: "Soin")
        }
        let new = Chain.invoiceHeader + Chain.invoiceRow("B-1", day: 20, client: 1, label: "Soin")
        let first = try await chain.sendFile(Array(old.utf8), kind: "invoices")
        let second = try await chain.sendFile(Array(new.utf8), kind: "invoices")
        try await chain.takeImports()
        #expect(try await chain.standing(ofImport: first) == "done: 520 read 520 added 0 there 0 refused")
        #expect(try await chain.standing(ofImport: second) == "done: 1 read 1 added 0 there 0 refused")
    }

    @Test func `several runs of the job at once lose and double nothing`() async throws {
        let chain = try await Chain.open()
        var file = "client_ref;clinic_code;client_last_name\n"
        for number in 1...1_200 { file += "C\(number);LILAS;Martin \(number)\n" }
        let id = try await chain.sendFile(Array(file.utf8), kind: "clients")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...4 { group.addTask { for _ in 1...12 { try await chain.runImportJob() } } }
            try await group.waitForAll()
        }
        try await chain.takeImports()
        let clients: Int64 = try await chain.bench.ask(
            "SELECT count(*) FROM client WHERE organisation = \(chain.organisation)")
        #expect(try await chain.standing(ofImport: id) == "done: 1200 read 1200 added 0 there 0 refused")
        #expect(clients == 1_200)
    }

    @Test func `a row that fails time and again is refused at last, and is waited for between tries`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        try await bench.overseer.execute(
            """
            CREATE FUNCTION fail_for_one() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.last_name = 'Impossible' THEN RAISE EXCEPTION 'as the test wants'; END IF;
                RETURN NEW;
            END $$
            """)
        try await bench.overseer.execute(
            "CREATE TRIGGER fail_for_one BEFORE INSERT ON client FOR EACH ROW EXECUTE FUNCTION fail_for_one()")
        let file = "client_ref;clinic_code;client_last_name\nC1;LILAS;Martin\nC2;LILAS;Impossible\nC3;LILAS;Petit\n"
        let id = try await chain.sendFile(Array(file.utf8), kind: "clients")
        for _ in 1...3 { try await chain.runImportJob() }
        #expect(try await bench.ask("SELECT attempts FROM import_file") as Int32 == 1, "it waits")
        for _ in 1...5 { try await chain.takeImports() }
        #expect(try await chain.standing(ofImport: id) == "done: 3 read 2 added 0 there 1 refused")
        let bad = Chain.invoiceRow("R-2", day: 20, client: 2, label: "Soin").replacing("Martin", with: "Impossible")
        let invoices =
            Chain.invoiceHeader + Chain.invoiceRow("R-1", day: 20, client: 1, label: "Soin") + bad
            + Chain.invoiceRow("R-3", day: 20, client: 3, label: "Soin")
        let other = try await chain.sendFile(
            Array(invoices.replacing(";C", with: ";K").utf8), kind: "invoices")
        for _ in 1...7 { try await chain.takeImports() }
        #expect(try await chain.standing(ofImport: other) == "done: 3 read 2 added 0 there 1 refused")
        await bench.close()
    }
}

// MARK: Who may bring files and read what is left of them

extension `A practice's files` {
    @Test func `GEN-1: clients take their own scope, payments no front desk, refused rows the right to see people`()
        async throws
    {
        let chain = try await Chain.open()
        let file = Array("client_ref;clinic_code;client_last_name;client_phone\nC1;LILAS;Martin;12\n".utf8)
        let noWriting = chain.without("clients:write")
        #expect(try await chain.send(file, "kind=clients", as: noWriting).status == 403)
        #expect(try await chain.send(file, "kind=invoices", as: noWriting).status == 202)
        let desk = chain.principal(role: .frontDesk)
        #expect(try await chain.send(file, "kind=payments", as: desk).status == 403)
        #expect(try await chain.send(file, "kind=payments", as: chain.principal(role: .accountant)).status == 202)
        let id = try await chain.sendFile(file, kind: "clients")
        try await chain.takeImports()
        let rows = "/v1/imports/\(id)/refused-rows"
        #expect(try await chain.call(.get, rows, as: chain.without("clients:read")).status == 403)
        #expect(try await chain.call(.get, rows, as: desk).status == 200)
    }

    @Test func `more unfinished files than an organisation may have are refused`() async throws {
        let chain = try await Chain.open()
        for _ in 1...20 { #expect(try await chain.send([0x41], "kind=clients").status == 202) }
        #expect(try await chain.send([0x41], "kind=clients").status == 409)
        try await chain.takeImports()
        #expect(try await chain.send([0x41], "kind=clients").status == 202)
    }

    @Test func `GEN-7: forgetting a client refuses its waiting documents and nobody else's`() async throws {
        let chain = try await Chain.open()
        // Whose reference is also a word of other people's rows.
        let clients = "client_ref;clinic_code;client_last_name;client_first_name\n1;LILAS;Martin;Ada\n"
        _ = try await chain.takeFile(Array(clients.utf8), kind: "clients")
        let client: String = try await chain.bench.ask(
            "SELECT id::text FROM client WHERE organisation = \(chain.organisation)")
        let id = try await chain.sendFile([0x41], kind: "invoices")
        let own = { (label: String) in
            Chain.invoiceRow("R-1", day: 20, client: 8, label: label).replacing(";C8;", with: ";1;")
        }
        let rows = [own("Soin"), own("Vaccin"), Chain.invoiceRow("R-2", day: 20, client: 9, label: "Soin")]
        try await chain.stage(rows, of: id)
        let erased = try await chain.call(.post, "/v1/clients/\(client)/erasure", headers: Chain.seen(1))
        #expect(erased.status == 200, "\(erased.text)")
        let left: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', line, outcome, cardinality(cells), reason) FROM import_row
            WHERE import_file = \(id)::text::uuid ORDER BY line
            """)
        let refused = "refused 0 It names a client who was forgotten."
        #expect(left == ["2 \(refused)", "3 \(refused)", "4 15"])
        try await chain.takeImports()
        #expect(try await chain.standing(ofImport: id) == "done: 3 read 1 added 0 there 2 refused")
        #expect(try await chain.references() == ["R-2"])
    }
}

extension Chain {
    fileprivate static let itemHeader = "item_ref;clinic_code;client_ref;issued_on;amount_due\n"

    fileprivate static func item(_ reference: String) -> String { "\(reference);LILAS;C1;20/10/2026;42,00\n" }

    /// Of its invoices.
    fileprivate func references() async throws -> [String] {
        try await bench.askAll(
            "SELECT reference FROM invoice WHERE organisation = \(organisation) ORDER BY reference")
    }

    /// Rows of a file that were read and wait for their turn.
    fileprivate func stage(_ rows: [String], of file: String) async throws {
        let header = Self.invoiceHeader.filter { !$0.isNewline }.split(separator: ";").map(String.init)
        for (place, row) in rows.enumerated() {
            let cells = row.dropLast().split(separator: ";", omittingEmptySubsequences: false).map(String.init)
            let person = cells[4...6].joined(separator: "\u{1F}").lowercased()
            let phone = "+33\(cells[7].filter(\.isNumber).dropFirst())"
            try await bench.overseer.execute(
                """
                INSERT INTO import_row (import_file, line, organisation, cells, document, person, phone, turn)
                VALUES (\(file)::text::uuid, \(Int64(place + 2)), \(organisation), \(cells), \(cells[0]), \(person),
                    \(phone), \(Int64(cells[0] == "R-1" ? 1 : 2)))
                """)
        }
        try await bench.overseer.execute(
            """
            UPDATE import_file SET state = 'taking', header = \(header), rows_read = \(Int64(rows.count))
            WHERE id = \(file)::text::uuid
            """)
    }
}
