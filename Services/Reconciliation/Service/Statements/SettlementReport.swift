import PaymentModel
import ReconciliationDomain

/// A provider's report of one or several payouts, whichever way it came.
struct SettlementReport: Sendable, Equatable {
    let payouts: [Payout]

    struct Payout: Sendable, Equatable {
        let reference: String
        let paidOn: LocalDate
        /// What the provider says it sent: the sum of the lines, each once.
        let amount: Money
        let lines: [SettlementLine]
        /// Lines whose reference is in the report twice; they count once.
        let duplicates: [String]
    }

    /// Reads a provider's file.
    static func read(_ text: String, of provider: Provider) throws -> SettlementReport {
        switch provider {
        case .alma: try AlmaSettlementReport.read(text)
        case .stripe: try StripeSettlementReport.read(text)
        case .paypal: try PayPalSettlementReport.read(text)
        }
    }
}

/// A payout while its lines are read.
struct SettlementDraft {
    let paidOn: LocalDate
    private var lines: [SettlementLine] = []
    private var duplicates: [String] = []
    private var known: [String: SettlementLine] = [:]

    init(paidOn: LocalDate) { self.paidOn = paidOn }

    mutating func add(_ line: SettlementLine, line number: Int?) throws {
        if let first = lines.first, first.gross.currency != line.gross.currency {
            throw FileProblem(
                line: number, reason: "It is in \(line.gross.currency), its payout in \(first.gross.currency).",
                remedy: "Export the report again.")
        }
        guard let before = known[line.reference] else {
            known[line.reference] = line
            return lines.append(line)
        }
        guard before == line else {
            throw FileProblem(
                line: number, reason: "The line \(line.reference) was told before with another content.",
                remedy: "Export the report again.")
        }
        duplicates.append(line.reference)
    }

    /// `announced` is what the report says of the payout as a whole, where it does.
    func payout(_ reference: String, announced: Money? = nil, line: Int? = nil) throws -> SettlementReport.Payout {
        let nets = try lines.map { try $0.net() }
        let amount = try Money.sum(nets, in: lines.first?.gross.currency ?? announced?.currency ?? .eur)
        if let announced, announced != amount {
            throw FileProblem(
                line: line, reason: "The payout \(reference) is \(announced), its lines sum to \(amount).",
                remedy: "Export the report again.")
        }
        return SettlementReport.Payout(
            reference: reference, paidOn: paidOn, amount: amount, lines: lines, duplicates: duplicates)
    }
}

/// The rows of a report with a header, whose columns are found by their names.
struct SettlementTable {
    /// One of its rows.
    struct Row {
        let line: Int
        let text: (String) -> String
    }

    let rows: [Row]

    /// `kind` is what the file should be, for whoever chose another.
    init(_ rows: [CSVRows.Row], columns: [String], kind: String) throws {
        guard let header = rows.first?.fields else {
            throw FileProblem(line: 1, reason: "It is empty.", remedy: "Choose \(kind).")
        }
        let lacking = columns.filter { !header.contains($0) }
        guard lacking.isEmpty else {
            throw FileProblem(
                line: rows.first?.line ?? 1, reason: "The header lacks \(lacking.joined(separator: ", ")).",
                remedy: "Choose \(kind).")
        }
        guard rows.count > 1 else {
            throw FileProblem(
                line: 1, reason: "There is only a header: no line, so no payout.",
                remedy: "Choose the report of a period in which the provider paid out.")
        }
        let places = Dictionary(header.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        self.rows = try rows.dropFirst().map { row in
            guard row.fields.count == header.count else {
                throw FileProblem(
                    line: row.line, reason: "It has \(row.fields.count) columns, the header has \(header.count).",
                    remedy: "Export the report again.")
            }
            return Row(line: row.line) { name in places[name].map { row.fields[$0] } ?? "" }
        }
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
