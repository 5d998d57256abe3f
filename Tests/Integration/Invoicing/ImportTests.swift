import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// An export of practice-management software, row by row.
private struct Export {
    private var rows: [String] = []

    /// Every part of a row can be made wrong.
    mutating func add(
        _ reference: String, clinic: String = "LILAS", issuedOn: String = "2026-11-20", dueOn: String = "2026-12-20",
        client: Int = 1, lastName: String = "Martin", phone: String? = nil, label: String = "Consultation",
        price: String = "10,00"
    ) {
        rows.append(
            [
                reference, clinic, issuedOn, dueOn, "C\(client)", lastName, "Ada", phone ?? "+3363998\(1_000 + client)",
                "client\(client)@example.org", "fr", "Lyon", label, "1", price, "20,00",
            ].joined(separator: ";"))
    }

    static func of(_ numbers: ClosedRange<Int>, client: (Int) -> Int = { $0 }) -> Export {
        var export = Export()
        for number in numbers { export.add("R-\(number)", client: client(number)) }
        return export
    }

    var text: String {
        """
        invoice_ref;clinic_code;issued_on;due_on;client_ref;client_last_name;client_first_name;client_phone;\
        client_email;client_language;client_town;line_label;quantity;unit_price_excluding_vat;vat_rate
        \(rows.joined(separator: "\n"))

        """
    }
}

@Suite struct `Importing a practice's export` {
    @Test func `issues each invoice once, however often the file comes, and bills to the cent`() async throws {
        let chain = try await Chain.open()
        var export = Export()
        export.add("R-1", label: "Consultation", price: "42,00")
        export.add("R-1", label: "\"Radio; \"\"face\"\"\"", price: "0,3333")
        export.add("R-2", client: 2, price: "10,00")
        #expect(try await counts(chain.imports(export.text)) == "2 readable 2 imported 0 there 0 problems")
        #expect(try await counts(chain.imports(export.text)) == "2 readable 0 imported 2 there 0 problems")
        #expect(try await chain.numbers() == ["F-LILAS-2026-000001", "F-LILAS-2026-000002"])
        // 42.33 and 20 % of it, then 10.00 and 20 % of it.
        #expect(try await chain.total("billed") == 5_080 + 1_200)
        let items = try await chain.call(.get, "/v1/invoices").json["items"]?.elements ?? []
        let first = try #require(items.first { $0["reference"]?.text == "R-1" }?["id"]?.text)
        let lines = try await chain.call(.get, "/v1/invoices/\(first)").json["lines"]?.elements
        #expect(lines?.compactMap { $0["label"]?.text } == ["Consultation", #"Radio; "face""#])
    }

    @Test(arguments: ["dry-run", "keep-good"])
    func `INV-1: bills nobody whose phone or reference another person brings`(mode: String) async throws {
        let chain = try await Chain.open()
        _ = try await chain.imports(Export.of(1...2).text)
        var export = Export()
        // The phone of C1 under another reference, a third person's phone twice in the file, and C2 as before.
        export.add("R-3", client: 30, phone: "+33639981001")
        export.add("R-4", client: 40, phone: "+33639989999")
        export.add("R-5", client: 50, phone: "+33639989999")
        export.add("R-6", client: 2)
        let report = try await chain.imports(export.text, mode: mode)
        let imported = mode == "dry-run" ? 0 : 2
        #expect(try counts(report) == "4 readable \(imported) imported 0 there 2 problems")
        let problems = report.json["problems"]?.elements ?? []
        #expect(problems.allSatisfy { $0["column"]?.text == "client_ref" }, "\(report.text)")
    }

    @Test(arguments: ["keep-good", "all-or-nothing"])
    func `INV-1: bills nobody for somebody else, though two files bring both at once`(mode: String) async throws {
        let chain = try await Chain.open()
        // Each file is right by itself; the same references and phones are other people in the other one.
        let files = ["Martin", "Durand"].map { name in
            var export = Export()
            for number in 1...25 {
                export.add("\(name)-\(number)", client: number, lastName: name)
            }
            return export.text
        }
        let answers = try await withThrowingTaskGroup(of: InProcessClient.Answer.self) { group in
            for file in files { group.addTask { try await chain.imports(file, mode: mode) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 200 }, "\(answers.map(\.text))")
        #expect(answers.reduce(0) { $0 + ($1.json["imported"]?.integer ?? 0) } == 25)
        #expect(answers.reduce(0) { $0 + ($1.json["problems"]?.elements?.count ?? 0) } == 25)
        let wrong: Int64 = try await chain.bench.ask(
            """
            SELECT count(*) FROM invoice JOIN client ON client.id = invoice.client
            WHERE invoice.organisation = \(chain.organisation)
                AND invoice.reference NOT LIKE client.last_name || '-%'
            """)
        #expect(wrong == 0, "invoices that went to somebody else")
    }

    @Test func `INV-4: issues in the order of the days, and names the rows whose day is past or to come`() async throws
    {
        let chain = try await Chain.open()
        var export = Export()
        for day in ["2026-11-19", "2026-11-17", "2026-11-18"] {
            export.add("R-\(day)", issuedOn: day, client: Int(day.suffix(2)) ?? 0)
        }
        #expect(try await counts(chain.imports(export.text)) == "3 readable 3 imported 0 there 0 problems")
        let days: [String] = try await chain.bench.askAll(
            "SELECT issued_on::text FROM invoice WHERE organisation = \(chain.organisation) ORDER BY number")
        #expect(days == ["2026-11-17", "2026-11-18", "2026-11-19"])
        var late = Export()
        late.add("R-early", issuedOn: "2026-11-18", client: 40)
        late.add("R-next", issuedOn: "2026-11-19", client: 41)
        late.add("R-future", issuedOn: "2199-11-19", dueOn: "2199-12-19", client: 42)
        for mode in ["dry-run", "keep-good"] {
            let report = try await chain.imports(late.text, mode: mode)
            let imported = mode == "dry-run" ? 0 : 1
            #expect(try counts(report) == "3 readable \(imported) imported 0 there 2 problems")
            let problems = report.json["problems"]?.elements ?? []
            #expect(problems.map { $0["line"]?.integer } == [2, 4], "\(report.text)")
            #expect(problems.allSatisfy { $0["column"]?.text == "issued_on" })
            #expect(problems.first?["remedy"]?.text?.contains("2026-11-19") == true)
        }
    }

    @Test func `takes the rest of a file that overlaps with an earlier one`() async throws {
        let chain = try await Chain.open()
        _ = try await chain.imports(Export.of(1...6).text)
        #expect(
            try await counts(chain.imports(Export.of(4...9).text)) == "6 readable 3 imported 3 there 0 problems")
        #expect(try await chain.totals()["invoices"]?.integer == 9)
    }

    @Test func `loses and doubles nothing when overlapping files come at once`() async throws {
        let chain = try await Chain.open()
        // All invoices are of five clients whom no import knows yet: each has to find those of the others.
        let files = [1...12, 5...16, 9...20, 1...20].map { Export.of($0) { $0 % 5 + 1 }.text }
        let answers = try await withThrowingTaskGroup(of: InProcessClient.Answer.self) { group in
            for file in files { group.addTask { try await chain.imports(file) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 200 }, "\(answers.map(\.text))")
        #expect(answers.reduce(0) { $0 + ($1.json["imported"]?.integer ?? 0) } == 20)
        #expect(
            answers.allSatisfy { answer in
                let there = answer.json["alreadyThere"]?.integer ?? 0
                return (answer.json["imported"]?.integer ?? 0) + there == answer.json["readable"]?.integer
            })
        #expect(try await chain.numbers().count == 20)
        #expect(try await chain.numbers().last == "F-LILAS-2026-000020")
        let clients: Int64 = try await chain.bench.ask(
            "SELECT count(*) FROM client WHERE organisation = \(chain.organisation)")
        #expect(clients == 5)
    }

    @Test func `names line, column, reason and remedy of every bad row`() async throws {
        let chain = try await Chain.open()
        let report = try await chain.imports(badRows().text, mode: "dry-run").json
        let problems = report["problems"]?.elements ?? []
        #expect(
            problems.map { "\($0["line"]?.integer ?? 0) \($0["column"]?.text ?? "")" } == [
                "3 client_phone", "4 clinic_code", "5 issued_on", "6 line_label", "7 unit_price_excluding_vat",
                "8 due_on", "9 unit_price_excluding_vat", "12 invoice_ref", "13 ",
            ])
        #expect(problems.allSatisfy { $0["reason"]?.text?.isEmpty == false && $0["remedy"]?.text?.isEmpty == false })
        let french = try await chain.call(
            .post, "/v1/invoice-imports?mode=dry-run", badRows().text,
            headers: ["Content-Type": "text/csv", "Accept-Language": "fr"])
        let told = french.json["problems"]?.elements ?? []
        #expect(told.count == problems.count, "GEN-5")
        #expect(zip(told, problems).allSatisfy { $0["reason"]?.text != $1["reason"]?.text }, "GEN-5")
        #expect(report["readable"]?.integer == 2 && report["imported"]?.integer == 0)
        #expect(try await chain.numbers().isEmpty)
    }

    @Test func `takes nothing of a file with a bad row, and the good ones only when asked to`() async throws {
        let chain = try await Chain.open()
        let file = badRows().text
        #expect(
            try await counts(chain.imports(file, mode: "all-or-nothing"))
                == "2 readable 0 imported 0 there 9 problems")
        #expect(try await chain.numbers().isEmpty)
        #expect(try await counts(chain.imports(file)) == "2 readable 2 imported 0 there 9 problems")
        #expect(try await chain.numbers().count == 2)
        #expect(
            try await counts(chain.imports(Export.of(20...22).text, mode: "all-or-nothing"))
                == "3 readable 3 imported 0 there 0 problems")
    }

    @Test func `takes a whole file or nothing of it, whatever fails and wherever`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        try await bench.overseer.transaction { transaction in
            try transaction.execute(
                """
                CREATE FUNCTION fail_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'as the test wants'; END $$
                """)
            try transaction.execute(
                """
                CREATE TRIGGER fail_at_once AFTER UPDATE ON invoice FOR EACH ROW
                WHEN (NEW.number IS NOT NULL AND NEW.reference = 'R-7') EXECUTE FUNCTION fail_at_once()
                """)
        }
        let whole = Export.of(1...9).text
        #expect(try await chain.imports(whole, mode: "all-or-nothing", key: "whole").status == 500)
        #expect(try await chain.numbers().isEmpty)
        let clients = try await chain.call(.get, "/v1/clients").json["items"]?.elements
        #expect(clients?.isEmpty == true)
        try await bench.overseer.transaction { transaction in
            try transaction.execute("DROP TRIGGER fail_at_once ON invoice")
        }
        let report = try await chain.imports(whole, mode: "all-or-nothing", key: "whole")
        #expect(try counts(report) == "9 readable 9 imported 0 there 0 problems")
        #expect(try await chain.imports(whole, mode: "all-or-nothing", key: "whole").json == report.json)
        #expect(try await chain.numbers().count == 9)
        await bench.close()
    }

    @Test func `takes whole files that overlap, all at once, and doubles nothing`() async throws {
        let chain = try await Chain.open()
        let files = [1...12, 5...16, 9...20, 1...20].map { Export.of($0) { $0 % 5 + 1 }.text }
        let answers = try await withThrowingTaskGroup(of: InProcessClient.Answer.self) { group in
            for file in files { group.addTask { try await chain.imports(file, mode: "all-or-nothing") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 200 }, "\(answers.map(\.text))")
        #expect(answers.reduce(0) { $0 + ($1.json["imported"]?.integer ?? 0) } == 20)
        #expect(try await chain.numbers().last == "F-LILAS-2026-000020")
    }

    @Test func `says so when a known reference comes with another total, date or clinic`() async throws {
        let chain = try await Chain.open()
        _ = try await chain.anotherClinic("PANTIN")
        _ = try await chain.imports(Export.of(1...4).text)
        var other = Export()
        other.add("R-1", price: "11,00")
        other.add("R-2", clinic: "PANTIN", client: 2)
        other.add("R-3", dueOn: "2026-12-21", client: 3)
        other.add("R-4", client: 4)
        let report = try await chain.imports(other.text).json
        #expect(report["problems"]?.elements?.compactMap { $0["line"]?.integer } == [2, 3, 4])
        #expect(report["alreadyThere"]?.integer == 1 && report["imported"]?.integer == 0)
    }

    @Test func `bills nobody for a clinic the caller does not act for`() async throws {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let desk = chain.principal(role: .frontDesk, clinics: .some([other]))
        let answer = try await chain.imports(Export.of(1...1).text, as: desk)
        #expect(try counts(answer) == "0 readable 0 imported 0 there 1 problems")
    }

    @Test func `C-07: gives the first report again, and refuses the key for another file`() async throws {
        let chain = try await Chain.open()
        let first = try await chain.imports(Export.of(1...2).text, key: "same")
        let again = try await chain.imports(Export.of(1...2).text, key: "same")
        #expect(try counts(first) == "2 readable 2 imported 0 there 0 problems")
        #expect(again.json == first.json)
        for other in [
            try await chain.imports(Export.of(3...3).text, key: "same"),
            try await chain.imports(Export.of(1...2).text, mode: "dry-run", key: "same"),
        ] {
            #expect(other.status == 422 && other.problem == "idempotency-key-reused")
        }
        #expect(try await chain.numbers().count == 2)
    }

    @Test func `refuses what is no text, and says which header it wants`() async throws {
        let chain = try await Chain.open()
        let headers: Headers = [
            "Authorization": "Bearer \(try await chain.bench.http.token(for: chain.principal()))",
            "Content-Type": "text/csv", "Idempotency-Key": "latin-1",
        ]
        let latin = try await chain.bench.http.call(
            IncomingRequest(method: "POST", target: "/v1/invoice-imports", headers: headers, bytes: [0x43, 0x81]))
        #expect(latin.status == 415)
        let headless = try await chain.imports("a;b\n1;2\n").json["problems"]?.elements
        #expect(headless?.first?["remedy"]?.text?.contains("invoice_ref;clinic_code") == true)
    }

    /// Lines 2 and 10 are good.
    private func badRows() -> Export {
        var export = Export()
        export.add("R-1")
        export.add("R-2", phone: "06 39 98")
        export.add("R-3", clinic: "NOWHERE")
        export.add("R-4", issuedOn: "2026-11-31")
        export.add("R-5", label: "zero \0 byte")
        export.add("R-6", price: "douze")
        export.add("R-7", issuedOn: "2026-11-20", dueOn: "2026-11-19")
        export.add("R-8", price: "0,00")
        export.add("R-9", client: 9)
        export.add("R-10", client: 10)
        export.add("R-10", client: 11)
        export.add("R-11;one column too many")
        return export
    }

    private func counts(_ answer: InProcessClient.Answer) throws -> String {
        let report = answer.json
        guard answer.status == 200, let problems = report["problems"]?.elements?.count else {
            throw InvoicingBenchFailure(description: "\(answer.status) \(answer.text)")
        }
        let numbers = [("readable", "readable"), ("imported", "imported"), ("alreadyThere", "there")].map {
            field, word in
            "\(report[field]?.integer ?? -1) \(word)"
        }
        return "\(numbers.joined(separator: " ")) \(problems) problems"
    }
}
