import PaymentModel
import ReconciliationDomain

/// A provider's report of one or several payouts.
struct SettlementReport: Sendable, Equatable {
    let payouts: [Payout]

    struct Payout: Sendable, Equatable {
        let reference: String
        let paidOn: LocalDate
        let lines: [SettlementLine]
        /// Lines whose reference is in the report twice; they count once.
        let duplicates: [String]
    }

    /// What the provider says it sent: the sum of its lines, each once.
    static func amount(of lines: [SettlementLine]) throws -> Money {
        var nets: [Money] = []
        for line in lines { nets.append(try line.net()) }
        return try Money.sum(nets, in: lines.first?.gross.currency ?? .eur)
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
        var rows = text.split(whereSeparator: \.isNewline).enumerated().map { ($0.offset + 1, fields($0.element)) }
        guard !rows.isEmpty else { throw missing(columns) }
        let header = rows.removeFirst().1
        let lacking = columns.filter { !header.contains($0) }
        guard lacking.isEmpty else { throw missing(lacking) }
        let places = Dictionary(uniqueKeysWithValues: columns.map { ($0, header.firstIndex(of: $0) ?? 0) })
        var order: [String] = []
        var payouts: [String: Draft] = [:]
        for (line, fields) in rows {
            guard fields.count == header.count else {
                throw FileProblem(
                    line: line, reason: "It has \(fields.count) columns, the header has \(header.count).",
                    remedy: "Export the report again.")
            }
            let row = SettlementRow(line: line) { fields[places[$0] ?? 0] }
            let reference = row.text("payout_id")
            var draft = try payouts[reference] ?? Draft(paidOn: row.day("payout_date"))
            if payouts[reference] == nil { order.append(reference) }
            draft.add(try row.settlementLine())
            payouts[reference] = draft
        }
        return SettlementReport(payouts: order.compactMap { payouts[$0]?.payout($0) })
    }

    private static func fields(_ line: Substring) -> [String] {
        line.split(separator: ",", omittingEmptySubsequences: false).map { field in
            let isQuoted = field.count >= 2 && field.hasPrefix("\"") && field.hasSuffix("\"")
            return String(isQuoted ? field.dropFirst().dropLast() : field)
        }
    }

    private static func missing(_ columns: [String]) -> FileProblem {
        FileProblem(
            line: 1, reason: "The header lacks \(columns.joined(separator: ", ")).",
            remedy: "Choose Alma's accounting_for_payout export as CSV.")
    }

    private struct Draft {
        let paidOn: LocalDate
        private var lines: [SettlementLine] = []
        private var duplicates: [String] = []
        private var seen: Set<String> = []

        init(paidOn: LocalDate) { self.paidOn = paidOn }

        mutating func add(_ line: SettlementLine) {
            guard seen.insert(line.reference).inserted else { return duplicates.append(line.reference) }
            lines.append(line)
        }

        func payout(_ reference: String) -> SettlementReport.Payout {
            SettlementReport.Payout(reference: reference, paidOn: paidOn, lines: lines, duplicates: duplicates)
        }
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

    func settlementLine() throws -> SettlementLine {
        let gross = try DecimalAmount.money(text("amount"), text("currency"), line: line)
        let fee = try DecimalAmount.money(text("merchant_fee"), text("currency"), line: line)
        let net = try DecimalAmount.money(text("net_amount"), text("currency"), line: line)
        guard try gross.subtracting(fee) == net else {
            throw FileProblem(
                line: line, reason: "\(gross) less \(fee) is not \(net).", remedy: "Export the report again.")
        }
        let payment = text("payment_id")
        return SettlementLine(
            kind: kind(), reference: text("transaction_id"), paymentReference: payment.isEmpty ? nil : payment,
            payoutReference: text("payout_id"), gross: gross, fee: fee)
    }

    private func kind() -> SettlementLine.Kind {
        switch text("type") {
        case "from_transaction": .payment
        case "from_refund": .refund
        default: .adjustment
        }
    }
}
