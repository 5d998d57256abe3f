import PaymentModel
import ReconciliationDomain

/// Reads Alma's `accounting_for_payout` export.
///
/// Its columns are found by their names, in any order, others are passed over; an organisation may say what they are
/// called, else the header shows which of those that are known it has.
struct AlmaSettlementReport: SettlementReader {
    /// What its columns may be called.
    private let sets: [AlmaReportColumns]
    private var columns: AlmaReportColumns
    /// The payout that the file is of, where whoever hands it in says so.
    private let payout: NamedPayout?
    private var table: SettlementTable
    private var isBegun = false

    init(_ sets: [AlmaReportColumns], of payout: NamedPayout?) {
        (self.sets, self.payout, columns) = (sets, payout, sets.first ?? .usual)
        table = Self.table(columns)
    }

    private static func table(_ columns: AlmaReportColumns) -> SettlementTable {
        SettlementTable(
            columns: columns.all,
            kind: """
                Alma's accounting_for_payout export as CSV, or say what its columns are called \
                (PUT /v1/report-columns/alma)
                """)
    }

    mutating func take(_ row: CSVRows.Row, into found: inout FoundSettlement) throws {
        if !isBegun {
            isBegun = true
            columns = AlmaReportColumns.fitting(row.fields, among: sets) ?? columns
            table = Self.table(columns)
        }
        guard let row = try table.take(row) else { return }
        let payout = try reference(in: row)
        let place = try found.payout(payout) { try day(in: row) }
        let (gross, fee) = try amounts(in: row)
        let kind = columns.lineKind(
            columns.kind.map { row.text($0) } ?? "", payment: row.text(columns.payment),
            refund: columns.refund.map { row.text($0) } ?? "")
        guard let kind else {
            return found.announce(try gross.subtracting(fee).negated(), of: payout, line: row.line)
        }
        // What Alma gives by itself is an amount; as a commission it is one below nothing.
        let isFee = kind == .fee
        let line = SettlementLine(
            kind: kind, reference: try row.reference(columns.line),
            paymentReference: try row.optionalReference(columns.payment), payoutReference: payout,
            gross: isFee ? .zero(gross.currency) : gross, fee: isFee ? try fee.subtracting(gross) : fee)
        found.add(line, to: place, number: row.line)
    }

    mutating func finish(into found: inout FoundSettlement) throws { try table.finish() }

    private func reference(in row: SettlementTable.Row) throws -> String {
        guard let column = columns.payout else {
            guard let payout else {
                throw FileProblem(
                    line: row.line, reason: "The file does not say which payout it is of.",
                    remedy: "Give payout and paidOn with it, or the columns that have them.")
            }
            return payout.reference
        }
        let reference = try row.reference(column)
        if let payout, payout.reference != reference {
            throw FileProblem(
                line: row.line, reason: "It is of the payout \(reference), and \(payout.reference) was asked for.",
                remedy: "Export the report again.")
        }
        return reference
    }

    private func day(in row: SettlementTable.Row) throws -> LocalDate {
        if let column = columns.payoutDay { return try row.day(column) }
        guard let day = payout?.paidOn else {
            throw FileProblem(
                line: row.line, reason: "The file does not say when the payout was sent.",
                remedy: "Give payout and paidOn with it, or the columns that have them.")
        }
        return day
    }

    private func amounts(in row: SettlementTable.Row) throws -> (gross: Money, fee: Money) {
        let currency = columns.currency.map { row.text($0) } ?? Currency.eur.code
        func amount(_ column: String) throws -> Money {
            try DecimalAmount.money(
                row.text(column), currency, digits: columns.unit == .cents ? 0 : nil, line: row.line)
        }
        let gross = try amount(columns.amount)
        let fee = try amount(columns.fee)
        let net = try amount(columns.net)
        guard try gross.subtracting(fee) == net else {
            throw FileProblem(
                line: row.line, reason: "\(gross) less \(fee) is not \(net).", remedy: "Export the report again.")
        }
        return (gross, fee)
    }
}
