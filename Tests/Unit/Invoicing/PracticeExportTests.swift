import InvoicingDomain
import PaymentModel
import Testing

/// What an export's rows become, and what is said of those that become nothing.
@Suite struct `A practice's export` {
    @Test func `puts the rows of one reference together, whatever stands between them`() {
        let export = read(["R-1", "R-2", "R-1"].map { row($0) })
        #expect(export.invoices.map(\.reference) == ["R-1", "R-2"])
        #expect(export.invoices.map(\.lines.count) == [2, 1])
        #expect(export.problems.isEmpty)
    }

    @Test func `leaves an invoice out as a whole when one of its rows is bad`() {
        let export = read([row("R-1"), row("R-2"), row("R-1", price: "-1,00")])
        #expect(export.invoices.map(\.reference) == ["R-2"])
        #expect(export.problems.map(\.line) == [4])
    }

    @Test(arguments: [
        ("due_on", "2026-11-19", "10,00"), ("unit_price_excluding_vat", "2026-12-20", "0,00"),
    ])
    func `asks the invoice's own rules before anything is taken in`(column: String, dueOn: String, price: String) {
        let export = read([row("R-1"), row("R-2", dueOn: dueOn, price: price)])
        #expect(export.invoices.map(\.reference) == ["R-1"])
        #expect(export.problems.map(\.column) == [column] && export.problems.map(\.line) == [3])
    }

    @Test func `refuses an invoice of more lines than a document may have, not the file`() {
        let export = read([row("R-1")] + (0...DocumentContent.linesMax).map { _ in row("R-2") })
        #expect(export.invoices.map(\.reference) == ["R-1"])
        #expect(export.problems.map(\.column) == ["invoice_ref"])
    }

    @Test func `tells so many problems and no more, and how many are left`() {
        let bad = (1...PracticeExport.problemsMax + 50).map { row("R-\($0)", price: "douze") }
        let export = read(bad + [row("R-0")])
        #expect(export.invoices.map(\.reference) == ["R-0"])
        #expect(export.problems.count == PracticeExport.problemsMax + 1)
        #expect(export.problems.last?.reason.description.contains("50 problems more") == true)
    }

    @Test func `refuses a file of more rows than one import takes`() {
        let export = read((0...PracticeExport.rowsMax).map { _ in "a" })
        #expect(export.invoices.isEmpty && export.problems.count == 1)
        #expect(export.problems.first?.reason.description.contains("more than") == true)
    }

    @Test func `C-27: reads a byte order mark, Windows line ends, quotes and line breaks within them`() {
        let text =
            "\u{FEFF}"
            + ([header, row("R-1", label: "\"Soin \"\"A\"\";\r\nsuite\""), row("R-2", price: "1")])
            .joined(separator: "\r\n")
        let export = PracticeExport(text, at: ImportPlaces(["LILAS"]) { _, _ in nil })
        #expect(export.invoices.map(\.fileLine) == [4])
        #expect(export.problems.map(\.line) == [2] && export.problems.map(\.column) == ["line_label"])
        let quoted = read([row("R-1", label: "\"Soin \"\"A\"\";suite\"")])
        #expect(quoted.problems.isEmpty && quoted.invoices.first?.lines.first?.label == "Soin \"A\";suite")
    }

    @Test(arguments: ["\n", "\r\n", "\t", "\u{7}", "\u{85}", "\u{2028}", "\u{202E}", "\u{2066}", "\u{FFFF}"])
    func `INV-4: a text of one line holds nothing that breaks it, as in a request`(sign: String) {
        let export = read([row("R-1", label: "\"Soin\(sign)suite\""), row("R-2")])
        #expect(export.invoices.map(\.reference) == ["R-2"])
        #expect(export.problems.map(\.column) == ["line_label"])
        #expect(export.problems.first?.reason.description.contains("control character") == true)
    }

    @Test func `INV-4: a quote that is never closed refuses the file, not only what it swallowed`() {
        let export = read([row("R-1"), row("R-2", label: "\"Soin"), row("R-3"), row("R-4")])
        #expect(export.invoices.isEmpty && export.problems.map(\.line) == [3])
        #expect(export.problems.first?.reason.description == "A quotation mark is not closed.")
        let closed = read([row("R-1") + ";\"\""], header: header + ";nature")
        #expect(closed.problems.isEmpty && closed.invoices.count == 1, "a cell of two quotes is an empty one")
    }

    @Test(
        arguments: [
            ("goods", .goods), ("Biens", .goods), ("livraison  de biens", .goods), ("services", .services),
            ("PRESTATIONS DE SERVICES", .services), ("both", .both), (" mixte ", .both), ("", nil), (" ", nil),
        ] as [(String, Seller.Operations?)])
    func `INV-4: says of each line whether it is goods, services or both, if it says it`(
        word: String, nature: Seller.Operations?
    ) {
        let export = read([row("R-1") + ";" + word], header: header + ";nature")
        #expect(export.problems.isEmpty && export.invoices.first?.lines.map(\.nature) == [nature])
    }

    @Test func `INV-4: says who does what a line bills, if it says it`() {
        let header = header + ";nature;practitioner"
        let export = read([row("R-1") + ";;Dr Léa Morel", row("R-1") + ";services; "], header: header)
        #expect(export.problems.isEmpty)
        #expect(export.invoices.first?.lines.map(\.practitioner) == ["Dr Léa Morel", nil])
        let alone = read([row("R-1") + ";Dr Léa Morel"], header: self.header + ";practitioner")
        #expect(alone.problems.map(\.line) == [1], "each column is at its own place")
    }

    @Test func `INV-4: says why a line bears no VAT, if it says it, and not beside VAT`() {
        let header = header + ";nature;practitioner;exemption"
        let free = row("R-1").replacing("20,00", with: "0")
        let reason = "Exonération de TVA, art. 261, 4-4° du CGI"
        let export = read([free + ";;;" + reason, free + ";;;", row("R-1") + ";;;"], header: header)
        #expect(export.problems.isEmpty)
        #expect(export.invoices.first?.lines.map(\.exemption) == [reason, nil, nil])
        let refused = read([row("R-1") + ";;;" + reason], header: header)
        #expect(refused.invoices.isEmpty && refused.problems.map(\.column) == ["exemption"])
        let many = read((1...6).map { free + ";;;Article \($0)" }, header: header)
        #expect(many.invoices.isEmpty && many.problems.map(\.column) == ["exemption"])
    }

    @Test(
        arguments: [
            ("kg", .kilogram), (" Kg ", .kilogram), ("pièce", .piece), ("U.", .piece), ("heure", .hour), ("h", .hour),
            ("g", .gram), ("mL", .millilitre), ("litres", .litre), ("", nil),
        ] as [(String, BilledUnit?)])
    func `INV-4: says what a line's quantity counts, if it says it, in a word that is known`(
        word: String, unit: BilledUnit?
    ) {
        let header = header + ";nature;practitioner;exemption;unit"
        let export = read([row("R-1") + ";;;;" + word], header: header)
        #expect(export.problems.isEmpty && export.invoices.first?.lines.map(\.unit) == [unit])
        let refused = read([row("R-1") + ";;;;brouette"], header: header)
        #expect(refused.invoices.isEmpty && refused.problems.map(\.column) == ["unit"])
    }

    @Test func `INV-4: another word for it is refused, and so is a column that has no heading`() {
        let other = read([row("R-1") + ";chien"], header: header + ";nature")
        #expect(other.invoices.isEmpty && other.problems.map(\.column) == ["nature"])
        let unnamed = read([row("R-1") + ";goods"])
        #expect(unnamed.invoices.isEmpty && unnamed.problems.map(\.column) == [""])
        let strange = read([row("R-1") + ";goods"], header: header + ";type")
        #expect(strange.invoices.isEmpty && strange.problems.map(\.line) == [1])
    }

    private var header: String { PracticeExport.columns.joined(separator: ";") }

    private func read(_ rows: [String], header: String? = nil) -> PracticeExport {
        let text = ([header ?? self.header] + rows).joined(separator: "\n")
        return PracticeExport(text, at: ImportPlaces(["LILAS"]) { _, _ in nil })
    }

    private func row(
        _ reference: String, dueOn: String = "2026-12-20", label: String = "Soin", price: String = "10,00"
    ) -> String {
        [
            reference, "LILAS", "2026-11-20", dueOn, "C1", "Martin", "Ada", "+33639981001", "a@example.org", "fr",
            "Lyon", label, "1", price, "20,00",
        ].joined(separator: ";")
    }
}
