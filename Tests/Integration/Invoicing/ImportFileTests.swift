import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// One after the other, since a run of the job goes on with the files of all.
@Suite(.serialized) struct `A practice's files` {
    private static let clients = """
        N° client;Nom;Prénom;Téléphone;Courriel;Ville;Société
        C1;Müller;Ada;06 39 98 10 01;ada@example.org;Lyon;
        C2;Lefèvre;Zoé;06.39.98.10.02;;Lyon;Élevage du Lac
        C3;Petit;Hugo;01 23;;Lyon;
        C4;Petit;Emma;0639981001;;Lyon;

        """

    private static let clientMapping = """
        {"kind":"clients","columns":{"client_ref":"N° client","client_last_name":"Nom","client_first_name":"Prénom",
         "client_phone":"Téléphone","client_email":"Courriel","client_town":"Ville","company":"Société"},
         "constants":{"clinic_code":"LILAS"}}
        """

    @Test(arguments: ["utf-8", "utf-8 with a mark", "latin-1", "utf-16", "commas"])
    func `INV-1: brings clients by a saved mapping, in whichever encoding and separator`(form: String) async throws {
        let chain = try await Chain.open()
        try await chain.map("vetapp-clients", Self.clientMapping)
        let file = try Self.bytes(of: Self.clients, as: form)
        let done = try await chain.takeFile(file, kind: "clients", mapping: "vetapp-clients")
        #expect(done == "done: 4 read 2 added 0 there 2 refused", "\(form)")
        let found = try await chain.call(.get, "/v1/clients?phone=0639981001").json["items"]?.elements
        #expect(found?.compactMap { $0["lastName"]?.text } == ["Müller"])
        let companies: [String] = try await chain.bench.askAll(
            "SELECT company FROM billing_details WHERE organisation = \(chain.organisation)")
        #expect(companies == ["Élevage du Lac"])
        #expect(
            try await chain.takeFile(file, kind: "clients", mapping: "vetapp-clients")
                == "done: 4 read 0 added 2 there 2 refused", "the same file twice")
    }

    @Test func `INV-4: a mapped column says of each line what is sold, and the seller's word stands where it is empty`()
        async throws
    {
        let chain = try await Chain.open()
        let seller = """
            {"name":"Les Tilleuls","siren":"732829320","vatNumber":"FR44732829320","vatScheme":"on-receipts",
             "address":{"street":"12 rue des Lilas","postcode":"69003","town":"Lyon"},"operations":"services"}
            """
        #expect(try await chain.call(.put, "/v1/organisation/seller", seller, headers: Chain.seen(0)).status == 200)
        try await chain.map("vetapp-invoices", #"{"kind":"invoices","columns":{"nature":"Type d'opération"}}"#)
        let header = "\(Chain.invoiceHeader.dropLast());Type d'opération\n"
        let rows = [("R-1", "Livraison de biens"), ("R-1", ""), ("R-2", "prestation"), ("R-3", "Mixte"), ("R-4", "?")]
        let file = rows.reduce(into: header) { text, row in
            text += "\(Chain.invoiceRow(row.0, day: 20, client: 1, label: "Soin").dropLast());\(row.1)\n"
        }
        let done = try await chain.takeFile(Array(file.utf8), kind: "invoices", mapping: "vetapp-invoices")
        #expect(done == "done: 5 read 4 added 0 there 1 refused")
        let natures: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', reference, coalesce(nature, '-')) FROM invoice
                JOIN invoice_line ON invoice_line.invoice = invoice.id
            WHERE invoice.organisation = \(chain.organisation) ORDER BY reference, position
            """)
        #expect(natures == ["R-1 goods", "R-1 -", "R-2 services", "R-3 both"])
        let first: InvoiceID = try await chain.bench.ask(
            "SELECT id FROM invoice WHERE organisation = \(chain.organisation) AND reference = 'R-1'")
        let electronic = try await chain.call(.get, "/v1/invoices/\(first)/factur-x").text
        #expect(electronic.contains("livraisons de biens et prestations de services"), "and what the seller sells")
    }

    @Test func `a dry run says what would happen and changes nothing`() async throws {
        let chain = try await Chain.open()
        try await chain.map("vetapp-clients", Self.clientMapping)
        let file = Array(Self.clients.utf8)
        #expect(
            try await chain.takeFile(file, kind: "clients", mode: "dry-run", mapping: "vetapp-clients")
                == "done: 4 read 2 added 0 there 2 refused")
        let clients: Int64 = try await chain.bench.ask(
            "SELECT count(*) FROM client WHERE organisation = \(chain.organisation)")
        #expect(clients == 0)
    }

    @Test func `refused rows are a file with line and reason, which is sent again once it is corrected`() async throws {
        let chain = try await Chain.open()
        try await chain.map("vetapp-clients", Self.clientMapping)
        let id = try await chain.sendFile(Array(Self.clients.utf8), kind: "clients", mapping: "vetapp-clients")
        try await chain.takeImports()
        let sheet = try await chain.call(.get, "/v1/imports/\(id)/refused-rows").text
        let lines = sheet.split(whereSeparator: \.isNewline)
        try #require(lines.count == 3, "\(sheet)")
        #expect(sheet.hasPrefix("\u{FEFF}\"ligne\";\"colonne\";\"motif\""), "\(sheet)")
        #expect(lines[1].hasPrefix("\"4\";\"client_phone\""))
        #expect(lines[2].hasPrefix("\"5\";\"client_phone\"") && lines[2].contains("d'un autre client, à la ligne 2."))
        let corrected = sheet.replacing("01 23", with: "01 44 55 66 77").replacing("\"0639981001\"", with: "\"\"")
        #expect(
            try await chain.takeFile(Array(corrected.utf8), kind: "clients", mapping: "vetapp-clients")
                == "done: 2 read 2 added 0 there 0 refused")
    }

    @Test func `GEN-5: refused rows are told in the language of who fetches them, those of an earlier version too`()
        async throws
    {
        let chain = try await Chain.open()
        try await chain.map("vetapp-clients", Self.clientMapping)
        let id = try await chain.sendFile(Array(Self.clients.utf8), kind: "clients", mapping: "vetapp-clients")
        try await chain.takeImports()
        let sheet = { (query: String, header: String) async throws -> String in
            try await chain.call(
                .get, "/v1/imports/\(id)/refused-rows\(query)", headers: ["Accept-Language": header]
            ).text
        }
        let english = "is that of another client, on line 2."
        #expect(try await sheet("", "en").contains(english))
        #expect(try await sheet("?language=en", "fr").contains(english))
        #expect(try await sheet("", "fr").contains("d'un autre client, à la ligne 2."))
        try await chain.bench.overseer.execute(
            "UPDATE import_row SET reason = 'It is empty.' WHERE import_file = \(id)::text::uuid AND line = 5")
        #expect(try await sheet("", "en").contains("\"It is empty.\""))
        #expect(try await sheet("", "fr").contains("\"Ce champ est vide.\""))
    }

    @Test func `INV-8, INV-9: brings open items and payments under the numbers of the other software, once`()
        async throws
    {
        let chain = try await Chain.open()
        try await chain.map("vetapp-clients", Self.clientMapping)
        _ = try await chain.takeFile(Array(Self.clients.utf8), kind: "clients", mapping: "vetapp-clients")
        let items = """
            item_ref,clinic_code,client_ref,issued_on,due_on,label,amount_due
            F-100,LILAS,C1,12/10/2026,12/11/2026,Opération,"1 234,56"
            F-101,LILAS,C1,13/10/2026,,,"100,00"
            F-102,LILAS,C9,13/10/2026,,,"100,00"
            F-103,LILAS,C2,13/10/2026,12/10/2026,,"100,00"

            """
        let payments = """
            payment_ref;clinic_code;client_ref;client_phone;received_on;amount;method;pays_ref
            P-1;LILAS;;06 39 98 10 01;20/10/2026;150,00;cheque;F-101
            P-2;LILAS;C2;;20/10/2026;20,00;cash;
            P-3;LILAS;C2;;20/10/2026;20,00;gold;
            P-4;LILAS;C2;;20/10/2026;20,00;card;F-101

            """
        for (twice, added, there) in [(false, 2, 0), (true, 0, 2)] {
            let done = "done: 4 read \(added) added \(there) there 2 refused"
            #expect(try await chain.takeFile(Array(items.utf8), kind: "open-items") == done, "\(twice)")
            #expect(try await chain.takeFile(Array(payments.utf8), kind: "payments") == done, "\(twice)")
        }
        let standing: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', reference, label, amount, paid, due_on) FROM receivable
            WHERE organisation = \(chain.organisation) ORDER BY reference
            """)
        // What P-1 pays beyond F-101 is credit: F-100 is what was left of it.
        #expect(standing == ["F-100 Opération 123456 0 2026-11-12", "F-101 F-101 10000 10000 2026-10-13"])
        #expect(try await chain.total("held") == 7_000)
        let audited = try await chain.call(.get, "/v1/audit").json["items"]?.elements
        #expect(audited?.count { $0["action"]?.text == "payment-imported" } == 2, "GEN-6")
        let days: [String] = try await chain.bench.askAll(
            """
            SELECT convert_from(value, 'UTF8')::json ->> 'receivedOn' AS day
            FROM outbox JOIN payment_on_account ON payment_on_account.id = outbox.subject
            WHERE payment_on_account.organisation = \(chain.organisation) AND type LIKE '%account-recorded%'
            """)
        #expect(days == ["2026-10-20", "2026-10-20"], "as the file says, not today")
        let tills: Int64 = try await chain.bench.ask(
            """
            SELECT count(*) FROM outbox JOIN payment_on_account ON payment_on_account.id = outbox.subject
            WHERE payment_on_account.organisation = \(chain.organisation) AND type LIKE '%cash-collected%'
            """)
        #expect(tills == 0, "it was in no till of ours")
    }

    @Test func `INV-4: issues invoices in the order of their days, whatever the order of the rows`() async throws {
        let chain = try await Chain.open()
        var file = Chain.invoiceHeader
        for number in stride(from: 120, to: 0, by: -1) {
            for line in 1...2 {
                file += Chain.invoiceRow("R-\(number)", day: 1 + number % 20, client: number, label: "Soin \(line)")
            }
        }
        #expect(
            try await chain.takeFile(Array(file.utf8), kind: "invoices") == "done: 240 read 240 added 0 there 0 refused"
        )
        let days: [String] = try await chain.bench.askAll(
            "SELECT issued_on::text FROM invoice WHERE organisation = \(chain.organisation) ORDER BY number")
        #expect(days.count == 120 && days == days.sorted())
        #expect(
            try await chain.takeFile(Array(file.utf8), kind: "invoices") == "done: 240 read 0 added 240 there 0 refused"
        )
    }

    @Test func `loses and doubles nothing when it is cut off anywhere and gone on with`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        try await bench.overseer.execute(
            """
            CREATE FUNCTION fail_sometimes() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF random() < 0.04 THEN RAISE EXCEPTION 'as the test wants'; END IF;
                RETURN NEW;
            END $$
            """)
        for table in ["import_row", "invoice"] {
            try await bench.overseer.execute(
                """
                CREATE TRIGGER fail_sometimes BEFORE UPDATE ON \(unescaped: table)
                FOR EACH STATEMENT EXECUTE FUNCTION fail_sometimes()
                """)
        }
        var file = Chain.invoiceHeader
        for number in 1...60 { file += Chain.invoiceRow("R-\(number)", day: 20, client: number, label: "Soin") }
        let id = try await chain.sendFile(Array(file.utf8), kind: "invoices")
        var standing = ""
        for _ in 1...200 where !standing.hasPrefix("done") {
            try await chain.takeImports()
            standing = try await chain.standing(ofImport: id)
        }
        #expect(standing == "done: 60 read 60 added 0 there 0 refused")
        #expect(try await chain.numbers().last == "F-LILAS-2026-000060")
        await bench.close()
    }

    @Test func `says why a file cannot be read, and takes nothing of it`() async throws {
        let chain = try await Chain.open()
        let id = try await chain.sendFile(Array("a;b\n1;2\n".utf8), kind: "clients")
        try await chain.takeImports()
        let answer = try await chain.call(.get, "/v1/imports/\(id)").json
        #expect(answer["state"]?.text == "failed")
        #expect(answer["failure"]?.text?.contains("client_ref") == true)
        let french = try await chain.call(.get, "/v1/imports/\(id)", headers: ["Accept-Language": "fr"])
        let failure = french.json["failure"]?.text ?? ""
        #expect(
            failure.hasPrefix("Il manque à l'en-tête\u{A0}: ") && failure.contains("client_ref"), "GEN-5: \(failure)")
        let endless = "client_ref;client_last_name;clinic_code\n\"" + String(repeating: "x", count: 300_000)
        let other = try await chain.sendFile(Array(endless.utf8), kind: "clients")
        try await chain.takeImports()
        let told = try await chain.call(.get, "/v1/imports/\(other)").json["failure"]?.text
        #expect(told?.contains("line 2 never ends") == true)
        let picture = try await chain.send([0x89, 0x50, 0x4E, 0x47, 0x81, 0x00], "kind=clients")
        #expect(picture.status == 415)
        #expect(try await chain.send([0x41], "kind=clients&mapping=none").status == 422)
        #expect(try await chain.send([0x41], "kind=cars").status == 422)
    }

    @Test func `a mapping may say only what rows of its kind can say, and is kept with its version`() async throws {
        let chain = try await Chain.open()
        let path = "/v1/import-mappings/vetapp"
        let slip = #"{"kind":"payments","columns":{"client_last_name":"Nom"}}"#
        #expect(try await chain.call(.put, path, slip, headers: Chain.seen(0)).status == 422)
        let right = #"{"kind":"payments","columns":{"amount":"Montant"},"decimal":"point"}"#
        #expect(try await chain.call(.put, path, right, headers: Chain.seen(0)).status == 200)
        #expect(try await chain.call(.put, path, right, headers: Chain.seen(0)).status == 412)
        #expect(try await chain.send([0x41], "kind=clients&mapping=vetapp").status == 422)
        let listed = try await chain.call(.get, "/v1/import-mappings").json["items"]?.elements
        #expect(listed?.map { $0["name"]?.text } == ["vetapp"])
        #expect(try await chain.call(.delete, path, headers: Chain.seen(1)).status == 204)
        #expect(try await chain.call(.get, path).status == 404)
        let audited = try await chain.call(.get, "/v1/audit").json["items"]?.elements
        #expect(audited?.prefix(2).map { $0["action"]?.text } == ["import-mapping-removed", "import-mapping-changed"])
    }

    @Test func `GEN-1: somebody of one clinic sees only what they sent, and brings rows of it only`() async throws {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let desk = chain.principal(role: .frontDesk, clinics: .some([other]))
        let id = try await chain.sendFile(Array(Self.clients.utf8), kind: "clients")
        var stranger = desk
        stranger = Principal(
            subject: "desk", organisation: stranger.organisation, clinics: stranger.clinics, role: .frontDesk,
            scopes: stranger.scopes)
        #expect(try await chain.call(.get, "/v1/imports/\(id)", as: stranger).status == 404)
        #expect(try await chain.call(.get, "/v1/imports", as: stranger).json["items"]?.elements?.isEmpty == true)
        let file = Chain.invoiceHeader + Chain.invoiceRow("R-1", day: 20, client: 1, label: "Soin")
        let own = try await chain.send(Array(file.utf8), "kind=invoices&mode=keep-good", as: stranger)
        let ownID = try #require(own.json["id"]?.text)
        try await chain.takeImports()
        #expect(try await chain.standing(ofImport: ownID) == "done: 1 read 0 added 0 there 1 refused")
    }

    @Test func `GEN-7: forgetting a client forgets the rows that name it`() async throws {
        let chain = try await Chain.open()
        try await chain.map("vetapp-clients", Self.clientMapping)
        let file = Self.clients + "C1;Müller;Hugo;;;Lyon;\n"
        _ = try await chain.takeFile(Array(file.utf8), kind: "clients", mapping: "vetapp-clients")
        let found = try await chain.call(.get, "/v1/clients?phone=0639981001").json["items"]?.elements
        let client = try #require(found?.first?["id"]?.text)
        let naming: SQL = """
            SELECT count(*) FROM import_row WHERE organisation = \(chain.organisation) AND 'Müller' = ANY(cells)
            """
        #expect(try await chain.bench.ask(naming) as Int64 == 1)
        let erased = try await chain.call(.post, "/v1/clients/\(client)/erasure", headers: Chain.seen(1))
        #expect(erased.status == 200, "\(erased.text)")
        #expect(try await chain.bench.ask(naming) as Int64 == 0)
    }

    /// A text as software writes it to a file.
    private static func bytes(of text: String, as form: String) throws -> [UInt8] {
        switch form {
        case "utf-8 with a mark": return [0xEF, 0xBB, 0xBF] + Array(text.utf8)
        case "latin-1":
            return try text.unicodeScalars.map { scalar in
                guard let byte = UInt8(exactly: scalar.value) else { throw BenchFailure(text: "not Latin-1") }
                return byte
            }
        case "utf-16": return [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case "commas": return Array(text.replacing(";", with: ",").replacing("\n", with: "\r\n").utf8)
        default: return Array(text.utf8)
        }
    }
}

// MARK: What tests do with files

extension Chain {
    static let invoiceHeader = """
        invoice_ref;clinic_code;issued_on;due_on;client_ref;client_last_name;client_first_name;client_phone;\
        client_email;client_language;client_town;line_label;quantity;unit_price_excluding_vat;vat_rate

        """

    /// A row of November 2026 in the format's own columns, its phone as people write it.
    static func invoiceRow(_ reference: String, day: Int, client: Int, label: String) -> String {
        let phone = "0639 98 \(1_000 + client)"
        let date = "\(day)/11/2026"
        return [
            reference, "LILAS", date, "20/12/2026", "C\(client)", "Martin", "Ada", phone, "c\(client)@example.org",
            "fr",
            "Lyon", label, "1", "10,00", "20,00",
        ].joined(separator: ";") + "\n"
    }

    func map(_ name: String, _ json: String) async throws {
        let answer = try await call(.put, "/v1/import-mappings/\(name)", json, headers: Chain.seen(0))
        guard answer.status == 200 else { throw InvoicingBenchFailure(description: answer.text) }
    }

    func send(
        _ file: [UInt8], _ query: String, as principal: Principal? = nil
    ) async throws -> InProcessClient.Answer {
        let token = try await bench.http.token(for: principal ?? self.principal())
        let headers: Headers = [
            "Authorization": "Bearer \(token)", "Content-Type": "text/csv", "Idempotency-Key": Chain.newKey(),
        ]
        return try await bench.http.call(
            IncomingRequest(method: "POST", target: "/v1/imports?\(query)", headers: headers, bytes: file))
    }

    func sendFile(
        _ file: [UInt8], kind: String, mode: String = "keep-good", mapping: String? = nil
    ) async throws -> String {
        let named = mapping.map { "&mapping=\($0)" } ?? ""
        let answer = try await send(file, "kind=\(kind)&mode=\(mode)\(named)")
        guard answer.status == 202, let id = answer.json["id"]?.text else {
            throw InvoicingBenchFailure(description: answer.text)
        }
        return id
    }

    /// Sends a file, lets the job take it in, and says how it ended.
    func takeFile(
        _ file: [UInt8], kind: String, mode: String = "keep-good", mapping: String? = nil
    ) async throws -> String {
        let id = try await sendFile(file, kind: kind, mode: mode, mapping: mapping)
        try await takeImports()
        return try await standing(ofImport: id)
    }

    /// Nobody waits between tries in a test.
    func takeImports() async throws {
        try await bench.overseer.execute(
            "UPDATE import_file SET next_try_at = NULL WHERE organisation = \(organisation)")
        try await runImportJob()
    }

    func runImportJob() async throws {
        try await bench.assembly.jobs.first { $0.name == "take-imports" }?.run()
    }

    func standing(ofImport id: String) async throws -> String {
        let answer = try await call(.get, "/v1/imports/\(id)").json
        let rows = answer["rows"]
        let numbers = [("read", "read"), ("added", "added"), ("alreadyThere", "there"), ("refused", "refused")].map {
            "\(rows?[$0]?.integer ?? -1) \($1)"
        }
        return "\(answer["state"]?.text ?? "none"): \(numbers.joined(separator: " "))"
    }
}
