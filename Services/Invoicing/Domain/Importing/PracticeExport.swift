package import PaymentModel

/// The invoices of a practice-management export, and every row of it that could not be read.
///
/// One row is one line of an invoice; rows with the same reference are one invoice. An invoice with a bad row is left
/// out as a whole, so that nobody is billed a part. The columns are in `deploy/demonstration/README.md`.
package struct PracticeExport: Hashable, Sendable {
    package let invoices: [ImportedInvoice]
    package let problems: [RowProblem]

    /// How many problems are told; who has more than these corrects them first.
    package static let problemsMax = 200

    package static let columns = [
        "invoice_ref", "clinic_code", "issued_on", "due_on", "client_ref", "client_last_name", "client_first_name",
        "client_phone", "client_email", "client_language", "client_town", "line_label", "quantity",
        "unit_price_excluding_vat", "vat_rate",
    ]

    /// With those that may come behind them: what a line is, by default what its seller sells, who does it, why it
    /// bears no VAT, and what its quantity counts.
    package static let allColumns = columns + ["nature", "practitioner", "exemption", "unit"]

    /// Rows of one file.
    package static let rowsMax = 100_000

    /// A row for a clinic that is not one of the places is a problem.
    package init(_ text: String, at places: ImportPlaces) {
        let (records, openQuoteLine) = SeparatedValues.records(text, max: PracticeExport.rowsMax + 2)
        if let openQuoteLine {
            let problem = RowProblem(
                line: openQuoteLine, column: "", reason: "A quotation mark is not closed.",
                remedy: "Close it, or take it out; what follows it would all be one cell.")
            self.init(invoices: [], problems: [problem])
        } else if let problem = PracticeExport.problem(of: records) {
            self.init(invoices: [], problems: [problem])
        } else {
            self.init(Array(records.dropFirst()), in: records.first?.fields ?? [], at: places)
        }
    }

    private init(invoices: [ImportedInvoice], problems: [RowProblem]) {
        self.invoices = invoices
        self.problems = problems
    }

    /// What is wrong with a file as a whole.
    private static func problem(of records: [SeparatedValues.Record]) -> RowProblem? {
        guard let header = records.first?.fields, header.starts(with: columns), allColumns.starts(with: header) else {
            return RowProblem(
                line: 1, column: "", reason: "The header is not the one of this format.",
                remedy: "Begin the file with: \(columns.joined(separator: ";"))")
        }
        guard records.count > rowsMax + 1 else { return nil }
        return RowProblem(
            line: records.last?.line ?? 1, column: "", reason: "The file has more than \(count: rowsMax) rows.",
            remedy: "Send it in several files, the rows of one invoice in one of them.")
    }

    /// The invoices of rows whose fields are in the order of the columns; at most `problemsMax` problems are told.
    package init(
        _ records: [SeparatedValues.Record], in columns: [String] = PracticeExport.allColumns,
        at places: ImportPlaces, problemsMax: Int = PracticeExport.problemsMax
    ) {
        var builder = ImportBuilder(places: places, columns: columns, problemsMax: problemsMax)
        for record in records { builder.add(record) }
        let (invoices, problems) = builder.result()
        self.init(invoices: invoices, problems: problems)
    }
}

/// The clinics rows may be of, and how people write phone numbers there.
package struct ImportPlaces: Sendable {
    let codes: Set<String>
    private let read: @Sendable (_ phone: String, _ clinicCode: String) -> Phone?

    package init(_ codes: Set<String>, read: @escaping @Sendable (_ phone: String, _ clinicCode: String) -> Phone?) {
        self.codes = codes
        self.read = read
    }

    /// A number as somebody typed it at a clinic; what is in E.164 already is taken as it is.
    package func phone(_ text: String, at clinicCode: String) -> Phone? {
        Phone(e164: text) ?? read(text, clinicCode)
    }

    package func includes(_ clinicCode: String) -> Bool { codes.contains(clinicCode) }
}

/// One thing that is wrong with one row.
package struct RowProblem: Hashable, Sendable {
    /// As an editor counts, from 1.
    package let line: Int
    package let column: String
    package let reason: Sentence
    package let remedy: Sentence
    /// Whether the row tells of a client who was forgotten: nothing of it is kept.
    package let isOfForgotten: Bool

    package init(line: Int, column: String, reason: Sentence, remedy: Sentence, isOfForgotten: Bool = false) {
        self.line = line
        self.column = column
        self.reason = reason
        self.remedy = remedy
        self.isOfForgotten = isOfForgotten
    }
}

/// An invoice as the practice's software tells it.
package struct ImportedInvoice: Hashable, Sendable {
    package let reference: String
    package let clinicCode: String
    package let issuedOn: LocalDate
    package let dueOn: LocalDate
    package let client: ImportedClient
    package fileprivate(set) var lines: [InvoiceLine]
    /// Where each of the lines is in the file.
    package fileprivate(set) var fileLines: [Int]

    /// Where it begins in the file.
    package var fileLine: Int { fileLines[0] }
}

/// A client as the practice's software tells it.
package struct ImportedClient: Hashable, Sendable {
    package let reference: String
    package let lastName: String
    package let firstName: String
    package let phone: Phone
    package let email: EmailAddress
    package let language: Language
    package let town: String
}

/// Puts rows together to invoices and sets aside those with a bad row.
private struct ImportBuilder {
    let places: ImportPlaces
    let columns: [String]
    let problemsMax: Int
    private var order: [String] = []
    private var invoices: [String: ImportedInvoice] = [:]
    private var spoilt: Set<String> = []
    private var problems: [RowProblem] = []
    private var untold = 0

    init(places: ImportPlaces, columns: [String], problemsMax: Int) {
        self.places = places
        self.columns = columns
        self.problemsMax = problemsMax
    }

    mutating func add(_ record: SeparatedValues.Record) {
        var row = ImportRow(record, columns: columns)
        let invoice = row.invoice(at: places)
        let reference = row.reference
        if let invoice, let known = invoices[reference], !known.isSameDocument(as: invoice) {
            row.refuse(
                "invoice_ref", reason: "The rows of \(reference) differ in clinic, dates or client.",
                remedy: "Make them agree.")
        }
        guard row.problems.isEmpty, let invoice else {
            // A file of nothing but bad rows must not fill the memory with what is wrong with each.
            let room = max(0, problemsMax - problems.count)
            problems += row.problems.prefix(room)
            untold += max(0, row.problems.count - room)
            spoilt.insert(reference)
            return
        }
        if invoices[reference] == nil {
            order.append(reference)
            invoices[reference] = invoice
        } else {
            invoices[reference]?.lines += invoice.lines
            invoices[reference]?.fileLines += invoice.fileLines
        }
    }

    func result() -> ([ImportedInvoice], [RowProblem]) {
        let whole = order.filter { !spoilt.contains($0) }.compactMap { invoices[$0] }
        let refused = whole.compactMap(\.problem)
        let lines = Set(refused.map(\.line))
        return (whole.filter { !lines.contains($0.fileLine) }, told(problems + refused))
    }

    private func told(_ all: [RowProblem]) -> [RowProblem] {
        let sorted = all.sorted { $0.line < $1.line }
        let rest = untold + max(0, all.count - problemsMax)
        let told = Array(sorted.prefix(problemsMax))
        guard rest > 0, let last = told.last else { return told }
        return told + [
            RowProblem(
                line: last.line, column: "", reason: "There are \(rest) problems more, here or further down.",
                remedy: "Correct these first.")
        ]
    }
}

extension ImportedInvoice {
    /// What it bills; the same computation as that of the invoice it becomes.
    package func total(in currency: Currency) throws -> Money { try VATBreakdown(of: lines, in: currency).total }

    /// Why it could not be issued, asked of the invoice's own rules; nil when it can.
    fileprivate var problem: RowProblem? {
        do throws(InvoiceRejection) {
            var trial = try Invoice(
                id: InvoiceID(0), clinic: ClinicID(0), client: ClientID(0),
                content: DocumentContent(currency: .eur, lines: lines), dueOn: dueOn)
            _ = try trial.issue(number: "-", on: issuedOn)
            return nil
        } catch {
            return problem(of: error)
        }
    }

    /// What is wrong with its rows when the invoice is refused.
    package func problem(of rejection: InvoiceRejection) -> RowProblem {
        func refuse(_ column: String, reason: Sentence, remedy: Sentence) -> RowProblem {
            RowProblem(line: fileLine, column: column, reason: reason, remedy: remedy)
        }
        return switch rejection {
        case .issuedInFuture(let day, let today):
            refuse(
                "issued_on", reason: "\(day) has not come yet: at the clinic it is \(today).",
                remedy: "Import it on its day.")
        case .issuedBeforeLast(let day, let last):
            refuse(
                "issued_on",
                reason:
                    "\(day) is before \(last), of which the clinic has a number already, and numbers follow the days.",
                remedy: "Import what is older first, or give \(last) or a later day.")
        case .dueBeforeIssue(let dueOn, let issuedOn):
            refuse(
                "due_on", reason: "\(dueOn) is before the day of issue, \(issuedOn).",
                remedy: "Give the day of issue or a later one.")
        case .nothingToPay:
            refuse(
                "unit_price_excluding_vat", reason: "The rows of \(reference) sum to nothing.",
                remedy: "Leave the invoice out.")
        case .tooManyLines(let max):
            refuse(
                "invoice_ref", reason: "\(reference) has more than \(max) rows.",
                remedy: "Make several invoices of it.")
        case .tooManyExemptions(let max):
            refuse(
                "exemption", reason: "\(reference) gives more than \(max) different reasons for bearing no VAT.",
                remedy: "Make several invoices of it.")
        case .amountTooLarge, .noLines, .notDraft, .notIssued, .otherCurrency, .notPositive, .moreThan,
            .nothingToCredit, .discountTooLarge, .creditedBeforeIssue, .creditedBeforeCount, .exemptionBesideVAT,
            .issuedTooLongAgo, .issuedInClosedYear:
            refuse(
                "unit_price_excluding_vat", reason: "\(reference) cannot be billed: \(rejection).",
                remedy: "Correct its rows.")
        }
    }
}

// MARK: VAT

extension ImportedInvoice {
    /// Why its seller could not issue it: it gets a number here as any other invoice; nil when it can.
    package func problem(by rule: VATRule) -> RowProblem? {
        do throws(VATRejection) {
            try rule.admitIssue(of: lines)
            return nil
        } catch {
            return problem(of: error)
        }
    }

    private func problem(of rejection: VATRejection) -> RowProblem {
        switch rejection {
        case .exemptSeller(let line):
            RowProblem(
                line: fileLines[line], column: "vat_rate", reason: "The seller bills no VAT (CGI, article 293 B).",
                remedy: "Give 0, or say in /v1/organisation/seller by vatScheme that it bills VAT.")
        case .noRate(let rate, let line):
            RowProblem(
                line: fileLines[line], column: "vat_rate", reason: "\(rate.percents) percent is no French rate.",
                remedy: FrenchVAT.meant(by: rate).map {
                    "Give \($0.percents) for \(rate.percents): rates are percents. They are \(Self.rates)."
                } ?? "Give one of: \(Self.rates).")
        case .noNature(let line):
            RowProblem(
                line: fileLines[line], column: "nature",
                reason: "The seller sells goods and services: it is not said which this is.",
                remedy: "Give goods, services or both.")
        }
    }

    private static var rates: String { FrenchVAT.rates.map(\.percents).joined(separator: "; ") }
}

extension BasisPoints {
    /// As files write it: `5,50`.
    fileprivate var percents: String { FixedPoint.text(Int64(value), digits: 2, separator: ",") }
}

extension ImportedInvoice {
    fileprivate func isSameDocument(as other: ImportedInvoice) -> Bool {
        (clinicCode, issuedOn, dueOn) == (other.clinicCode, other.issuedOn, other.dueOn) && client == other.client
    }
}
