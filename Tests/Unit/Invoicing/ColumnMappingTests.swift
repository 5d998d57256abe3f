import InvoicingDomain
import PaymentModel
import Testing

/// How files of other software are read before anything of them is taken in.
@Suite struct `A mapping of columns` {
    @Test func `finds columns by their headings, whatever their order, case and spaces`() throws {
        let mapping = ColumnMapping(columns: ["payment_ref": "N° pièce", "amount": "Montant"])
        let header = [" MONTANT ", "clinic_code", "received_on", "method", "n° pièce"]
        let plan = try mapping.plan(of: .payments, header: header)
        let values = plan.values(of: ["1 234,50 €", "LILAS", "3/9/2026", "cash", "P-1"])
        #expect(plan.value("payment_ref", in: values) == "P-1")
        #expect(plan.value("amount", in: values) == "1234,50")
        #expect(plan.value("received_on", in: values) == "2026-09-03")
        #expect(plan.value("pays_ref", in: values).isEmpty)
    }

    @Test func `says which columns are missing, and takes constants in their place`() throws {
        #expect(throws: MissingColumns(headings: ["clinic_code", "received_on", "method"])) {
            try ColumnMapping().plan(of: .payments, header: ["payment_ref", "amount"])
        }
        let mapping = ColumnMapping(constants: ["clinic_code": "LILAS", "method": "card", "received_on": "2026-11-20"])
        let plan = try mapping.plan(of: .payments, header: ["payment_ref", "amount"])
        #expect(plan.value("method", in: plan.values(of: ["P-1", "1,00"])) == "card")
    }

    @Test func `INV-1: tells the headings of which nothing is read, but not those of a file of refused rows`() throws {
        let mapping = ColumnMapping(columns: ["client_ref": "N° client"], constants: ["clinic_code": "LILAS"])
        let header = [" n° CLIENT", "client_last_name", "Mobile", "", "client_ref", "town", "client_last_name"]
        let told = ["Mobile", "client_ref", "town", "client_last_name"]
        #expect(try mapping.plan(of: .clients, header: header).ignored == told)
        for own in [["ligne", "colonne", "motif", "remède"], ["line", "column", "reason", "remedy"]] {
            #expect(try mapping.plan(of: .clients, header: own + header).ignored == told)
        }
        #expect(try mapping.plan(of: .clients, header: ["Motif"] + header).ignored == ["Motif"] + told)
    }

    @Test func `a mapped column that is not there is missing, though it has a constant`() {
        let mapping = ColumnMapping(columns: ["method": "Mode"], constants: ["method": "card"])
        #expect(throws: MissingColumns(headings: ["Mode"])) {
            try mapping.plan(
                of: .payments, header: ["payment_ref", "clinic_code", "received_on", "amount", "client_ref"])
        }
    }

    @Test(arguments: [("1234.5", 123_450), ("12", 1_200), ("1,234.5", nil), ("1,250", nil), ("1,25", nil)])
    func `GEN-4: a decimal point is one only when the mapping says so, and thousands are not guessed`(
        written: String, cents: Int64?
    ) throws {
        let header = ["payment_ref", "clinic_code", "received_on", "amount", "method", "client_ref"]
        let plan = try ColumnMapping(decimal: .point).plan(of: .payments, header: header)
        let cells = ["P-1", "LILAS", "2026-11-20", written, "cash", "C1"]
        let told = ImportedPayment.read(
            SeparatedValues.Record(line: 2, fields: plan.values(of: cells)), at: ImportPlaces(["LILAS"]) { _, _ in nil }
        )
        #expect(told.value?.amount.minorUnits == cents)
        #expect(told.problems.map(\.column) == (cents == nil ? ["amount"] : []))
        let comma = try ColumnMapping().plan(of: .payments, header: header)
        let values = comma.values(of: ["P-1", "LILAS", "2026-11-20", "1234.5", "cash"])
        let places = ImportPlaces(["LILAS"]) { _, _ in nil }
        let row = ImportedPayment.read(SeparatedValues.Record(line: 2, fields: values), at: places)
        #expect(row.value == nil && row.problems.contains { $0.column == "amount" })
    }

    @Test
    func `a text that looks like a formula is disarmed in the file of refused rows, and is itself when it returns`()
        throws
    {
        let cells = ["=1+1", "@x", "-12,50", "+33639981001", "O'Hara", "'s", "\tx"]
        let header = ["=payment_ref", "clinic_code", "received_on", "amount", "method", "client_ref", "pays_ref"]
        let sheet = RefusedRowSheet(header: header, for: .english)
        #expect(sheet.head.contains("\"'=payment_ref\""))
        let problem = RowProblem(line: 2, column: "amount", reason: "=reason", remedy: "-")
        let line = sheet.line(SeparatedValues.Record(line: 2, fields: cells), problem)
        for cell in ["'=1+1", "'@x", "-12,50", "'+33639981001", "O'Hara", "'s", "'\tx", "'=reason"] {
            #expect(line.contains("\"\(cell)\""), "\(line)")
        }
        var reader = SeparatedValues.Reader(separator: ";")
        for scalar in (sheet.head.dropFirst() + line).unicodeScalars { reader.take(scalar) }
        let records = reader.drain()
        let plan = try ColumnMapping(columns: ["payment_ref": "=payment_ref"]).plan(
            of: .payments, header: try #require(records.first).fields)
        let values = plan.values(of: try #require(records.last).fields)
        #expect(plan.value("payment_ref", in: values) == "=1+1" && plan.value("clinic_code", in: values) == "@x")
        #expect(plan.value("client_ref", in: values) == "'s", "its own apostrophe stays")
    }

    @Test func `C-27: a quotation mark with an accent behind it ends no cell that is written`() {
        let cells = ["a\"\u{301};=1+1", "b"]
        let refused = RefusedRowSheet(header: ["payment_ref", "clinic_code"], for: .english)
        let problem = RowProblem(line: 2, column: "amount", reason: "=reason", remedy: "-")
        let lines = [
            refused.line(SeparatedValues.Record(line: 2, fields: cells), problem),
            SheetWriter(language: .french).line(cells),
        ]
        for line in lines {
            var reader = SeparatedValues.Reader(separator: ";")
            for scalar in line.unicodeScalars { reader.take(scalar) }
            #expect(reader.drain().first?.fields.suffix(2) == cells[...], "\(line)")
        }
    }

    @Test func `a reference is too long for an index long before it has 200 letters of many parts`() {
        let long = String(repeating: "e\u{301}\u{302}\u{303}\u{304}", count: 180)
        let cells = [long, "LILAS", "C1", "", "2026-11-20", "42,00", "cash", ""]
        let told = ImportedPayment.read(
            SeparatedValues.Record(line: 2, fields: cells), at: ImportPlaces(["LILAS"]) { _, _ in nil })
        #expect(long.count == 180 && told.problems.map(\.column) == ["payment_ref"])
    }

    @Test(
        arguments: [
            ("a;b;c", ";"), ("a,b,c", ","), ("a\tb", "\t"), ("\"a,b,c,d\";b", ";"), ("alone", ";"),
        ] as [(String, Unicode.Scalar)])
    func `C-27: the separator is the most frequent one of the header, outside quotes`(
        header: String, separator: Unicode.Scalar
    ) {
        #expect(SeparatedValues.separator(in: header + "\n,,,,,,,\n") == separator)
    }

    @Test(arguments: 1...40)
    func `C-27: a text is the same in each encoding, and its parts are the whole`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("abcÉèœ€’;\n\"ÿ×")
        let text = String(
            (0..<Int.random(in: 0...200, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? "a"
            })
        let plain = Array(text.utf8)
        #expect(ImportText.utf8(plain) == plain, "seed \(seed)")
        #expect(ImportText.utf8([0xEF, 0xBB, 0xBF] + plain) == plain, "seed \(seed)")
        let wide = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        #expect(ImportText.utf8([0xFE, 0xFF] + wide) == plain, "seed \(seed)")
        let parts = ImportText.parts(plain, bytes: Int.random(in: 4...30, using: &random))
        #expect(Array(parts.joined()) == plain, "seed \(seed)")
        #expect(parts.allSatisfy { String(validating: $0, as: UTF8.self) != nil }, "seed \(seed)")
    }

    @Test func `C-27: what is not UTF-8 is Latin-1 as Windows writes it, or no text`() {
        #expect(ImportText.utf8([0x4D, 0xFC, 0x80, 0x92]).map { String(decoding: $0, as: UTF8.self) } == "Mü€’")
        #expect(ImportText.utf8([0x89, 0x50, 0x81]) == nil)
    }

    @Test func `a quote that never ends is found, and whole records can be taken at any time`() {
        var reader = SeparatedValues.Reader(separator: ";")
        for scalar in "a;b\n\"c\nd\";e\n\"".unicodeScalars { reader.take(scalar) }
        #expect(reader.drain().map(\.line) == [1, 2] && reader.drain().isEmpty)
        for _ in 0...SeparatedValues.Reader.recordMax { reader.take("x") }
        #expect(reader.endlessLine == 4)
    }
}
