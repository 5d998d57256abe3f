import PaymentModel
import ReconciliationDomain

/// What was read of a provider's report so far: lines are handed on as they come, of a payout only its head stays.
struct FoundSettlement: Sendable {
    /// A line with the place of its payout among those of the file.
    struct Line: Sendable {
        let payout: Int32
        let line: SettlementLine
        let number: Int
    }

    /// What the file says of a payout as a whole.
    struct Head: Sendable {
        let payout: Int32
        let reference: String
        let paidOn: LocalDate
        var announced: Money?
        /// Where it is announced.
        var line: Int?
    }

    /// Payouts of one file: what stays in memory until its end.
    static let payoutsMax = 100_000

    private(set) var heads: [Head] = []
    private(set) var count = 0
    private var places: [String: Int] = [:]
    private var waiting: [Line] = []
    private var next: Int32 = 0

    /// A place for a payout whose reference comes later.
    mutating func newPayout() -> Int32 {
        next += 1
        return next
    }

    /// The place of a payout, whose day is asked for when it is new.
    mutating func payout(_ reference: String, paidOn: () throws -> LocalDate) throws -> Int32 {
        if let place = places[reference] { return heads[place].payout }
        let payout = newPayout()
        try name(Head(payout: payout, reference: reference, paidOn: try paidOn()))
        return payout
    }

    /// Says which payout the lines of a place are.
    mutating func name(_ head: Head) throws {
        guard heads.count < Self.payoutsMax else {
            throw FileProblem(
                line: head.line, reason: "It has more than \(count: Self.payoutsMax) payouts.",
                remedy: "Hand it in in several parts.")
        }
        places[head.reference] = heads.count
        heads.append(head)
    }

    mutating func announce(_ amount: Money, of reference: String, line: Int) {
        guard let place = places[reference] else { return }
        (heads[place].announced, heads[place].line) = (amount, line)
    }

    mutating func add(_ line: SettlementLine, to payout: Int32, number: Int) {
        waiting.append(Line(payout: payout, line: line, number: number))
        count += 1
    }

    var waitingCount: Int { waiting.count }

    /// Hands the lines on and forgets them.
    mutating func handOn() -> [Line] {
        defer { waiting = [] }
        return waiting
    }
}

/// Makes lines of the rows of a provider's report.
protocol SettlementReader: Sendable {
    mutating func take(_ row: CSVRows.Row, into found: inout FoundSettlement) throws
    mutating func finish(into found: inout FoundSettlement) throws
}

/// The payout that all of a report is of.
struct NamedPayout: Sendable, Equatable {
    let reference: String
    /// Nil where the report itself must say it.
    let paidOn: LocalDate?
}

/// How a provider's report is read.
struct SettlementReading: Sendable {
    let provider: Provider
    /// What the organisation's reports of Alma's may call their columns.
    let columns: [AlmaReportColumns]
    /// The payout that it is all of, where whoever hands it in says so.
    var payout: NamedPayout?

    var reader: any SettlementReader {
        switch provider {
        case .alma: AlmaSettlementReport(columns, of: payout)
        case .stripe: StripeSettlementReport()
        case .paypal: PayPalSettlementReport()
        }
    }
}

/// The columns of a report with a header, found by their names.
struct SettlementTable: Sendable {
    /// One of its rows.
    struct Row {
        let line: Int
        let text: (String) -> String
    }

    let columns: [String]
    /// What the file should be, for whoever chose another.
    let kind: Sentence
    private var places: [String: Int]?
    private var width = 0
    private var hasRows = false

    init(columns: [String], kind: Sentence) { (self.columns, self.kind) = (columns, kind) }

    /// Nil for the header.
    mutating func take(_ row: CSVRows.Row) throws -> Row? {
        guard let places else {
            try begin(row)
            return nil
        }
        guard row.fields.count == width else {
            throw FileProblem(
                line: row.line, reason: "It has \(row.fields.count) columns, the header has \(width).",
                remedy: "Export the report again.")
        }
        hasRows = true
        return Row(line: row.line) { name in places[name].map { row.fields[$0] } ?? "" }
    }

    func finish() throws {
        guard places != nil else { throw FileProblem(line: 1, reason: "The file is empty.", remedy: "Choose \(kind).") }
        guard hasRows else {
            throw FileProblem(
                line: 1, reason: "There is only a header: no line, so no payout.",
                remedy: "Choose the report of a period in which the provider paid out.")
        }
    }

    private mutating func begin(_ header: CSVRows.Row) throws {
        let lacking = columns.filter { !header.fields.contains($0) }
        guard lacking.isEmpty else {
            throw FileProblem(
                line: header.line, reason: "The header lacks \(lacking.joined(separator: ", ")).",
                remedy: "Choose \(kind).")
        }
        places = Dictionary(header.fields.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        width = header.fields.count
    }
}

extension SettlementTable.Row {
    func day(_ column: String) throws -> LocalDate {
        guard let day = LocalDate(String(text(column).prefix(10).map { $0 == "/" ? "-" : $0 })) else {
            throw FileProblem(
                line: line, reason: "\"\(text(column).prefix(20))\" in \(column) is not a day.",
                remedy: "Export the report again.")
        }
        return day
    }

    func reference(_ column: String) throws -> String {
        let reference = text(column)
        guard (1...200).contains(reference.utf8.count) else {
            throw FileProblem(
                line: line, reason: "\(column) has no reference of at most 200 characters.",
                remedy: "Export the report again.")
        }
        return reference
    }

    func optionalReference(_ column: String) throws -> String? {
        text(column).isEmpty ? nil : try reference(column)
    }
}
