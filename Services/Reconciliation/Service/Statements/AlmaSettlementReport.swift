import PaymentModel
import ReconciliationDomain

/// A provider's report of one or several payouts.
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
}

/// Reads Alma's `accounting_for_payout` export.
///
/// Its columns are not documented by Alma; they are found by their names, in any order, others are passed over.
enum AlmaSettlementReport {
    static let columns = [
        "payout_id", "payout_date", "transaction_id", "type", "payment_id", "currency", "amount", "merchant_fee",
        "net_amount",
    ]

    static func read(_ text: String) throws -> SettlementReport {
        var rows = try CSVRows(text).rows
        guard !rows.isEmpty else { throw missing(columns) }
        let header = rows.removeFirst().fields
        let lacking = columns.filter { !header.contains($0) }
        guard lacking.isEmpty else { throw missing(lacking) }
        let places = Dictionary(uniqueKeysWithValues: columns.map { ($0, header.firstIndex(of: $0) ?? 0) })
        guard !rows.isEmpty else {
            throw FileProblem(
                line: 1, reason: "There is only a header: no line, so no payout.",
                remedy: "Choose the report of a period in which the provider paid out.")
        }
        var order: [String] = []
        var payouts: [String: PayoutDraft] = [:]
        for fields in rows {
            guard fields.fields.count == header.count else {
                throw FileProblem(
                    line: fields.line,
                    reason: "It has \(fields.fields.count) columns, the header has \(header.count).",
                    remedy: "Export the report again.")
            }
            let row = SettlementRow(line: fields.line) { fields.fields[places[$0] ?? 0] }
            let reference = try row.reference("payout_id")
            if payouts[reference] == nil {
                order.append(reference)
                payouts[reference] = PayoutDraft(paidOn: try row.day("payout_date"))
            }
            try payouts[reference]?.add(row)
        }
        return SettlementReport(payouts: try order.compactMap { try payouts[$0]?.payout($0) })
    }

    private static func missing(_ columns: [String]) -> FileProblem {
        FileProblem(
            line: 1, reason: "The header lacks \(columns.joined(separator: ", ")).",
            remedy: "Choose Alma's accounting_for_payout export as CSV.")
    }
}

/// A payout while its lines are read.
private struct PayoutDraft {
    let paidOn: LocalDate
    private var lines: [SettlementLine] = []
    private var duplicates: [String] = []
    private var known: [String: SettlementLine] = [:]
    /// What the report's own row about the payout says, when it has one.
    private var announced: (amount: Money, line: Int)?

    init(paidOn: LocalDate) { self.paidOn = paidOn }

    mutating func add(_ row: SettlementRow) throws {
        let line = try row.settlementLine()
        if row.isAboutPayout { return announced = (try line.net().negated(), row.line) }
        if let first = lines.first, first.gross.currency != line.gross.currency {
            throw FileProblem(
                line: row.line, reason: "It is in \(line.gross.currency), its payout in \(first.gross.currency).",
                remedy: "Export the report again.")
        }
        guard let before = known[line.reference] else {
            known[line.reference] = line
            return lines.append(line)
        }
        guard before == line else {
            throw FileProblem(
                line: row.line, reason: "The line \(line.reference) was told before with another content.",
                remedy: "Export the report again.")
        }
        duplicates.append(line.reference)
    }

    func payout(_ reference: String) throws -> SettlementReport.Payout {
        let nets = try lines.map { try $0.net() }
        let amount = try Money.sum(nets, in: lines.first?.gross.currency ?? .eur)
        if let announced, announced.amount != amount {
            throw FileProblem(
                line: announced.line,
                reason: "The payout \(reference) is \(announced.amount), its lines sum to \(amount).",
                remedy: "Export the report again.")
        }
        return SettlementReport.Payout(
            reference: reference, paidOn: paidOn, amount: amount, lines: lines, duplicates: duplicates)
    }
}

/// One row of the report.
private struct SettlementRow {
    let line: Int
    let text: (String) -> String

    func day(_ column: String) throws -> LocalDate {
        guard let day = LocalDate(String(text(column).prefix(10))) else {
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

    /// The provider's own row of the transfer, which is the contrary of all others together.
    var isAboutPayout: Bool { text("type") == "from_payout" }

    func settlementLine() throws -> SettlementLine {
        let gross = try DecimalAmount.money(text("amount"), text("currency"), line: line)
        let fee = try DecimalAmount.money(text("merchant_fee"), text("currency"), line: line)
        let net = try DecimalAmount.money(text("net_amount"), text("currency"), line: line)
        guard try gross.subtracting(fee) == net else {
            throw FileProblem(
                line: line, reason: "\(gross) less \(fee) is not \(net).", remedy: "Export the report again.")
        }
        return SettlementLine(
            kind: kind(), reference: try reference("transaction_id"),
            paymentReference: text("payment_id").isEmpty ? nil : try reference("payment_id"),
            payoutReference: try reference("payout_id"), gross: gross, fee: fee)
    }

    private func kind() -> SettlementLine.Kind {
        switch text("type") {
        case "from_transaction": .payment
        case "from_refund": .refund
        default: .adjustment
        }
    }
}
