import PaymentModel
import ReconciliationDomain

/// Reads Alma's `accounting_for_payout` export.
///
/// Its columns are not documented by Alma; they are found by their names, in any order, others are passed over.
enum AlmaSettlementReport {
    static let columns = [
        "payout_id", "payout_date", "transaction_id", "type", "payment_id", "currency", "amount", "merchant_fee",
        "net_amount",
    ]

    static func read(_ text: String) throws -> SettlementReport {
        let table = try SettlementTable(
            try CSVRows(text).rows, columns: columns, kind: "Alma's accounting_for_payout export as CSV")
        var order: [String] = []
        var payouts: [String: AlmaDraft] = [:]
        for row in table.rows {
            let reference = try row.reference("payout_id")
            if payouts[reference] == nil {
                order.append(reference)
                payouts[reference] = AlmaDraft(draft: SettlementDraft(paidOn: try row.day("payout_date")))
            }
            try payouts[reference]?.add(row)
        }
        return SettlementReport(payouts: try order.compactMap { try payouts[$0]?.payout($0) })
    }
}

/// A payout while its rows are read.
private struct AlmaDraft {
    var draft: SettlementDraft
    /// What the report's own row about the payout says, when it has one.
    private var announced: (amount: Money, line: Int)?

    init(draft: SettlementDraft) { self.draft = draft }

    mutating func add(_ row: SettlementTable.Row) throws {
        let line = try row.almaLine()
        // The provider's own row of the transfer is the contrary of all others together.
        if row.text("type") == "from_payout" { return announced = (try line.net().negated(), row.line) }
        try draft.add(line, line: row.line)
    }

    func payout(_ reference: String) throws -> SettlementReport.Payout {
        try draft.payout(reference, announced: announced?.amount, line: announced?.line)
    }
}

extension SettlementTable.Row {
    fileprivate func almaLine() throws -> SettlementLine {
        let gross = try DecimalAmount.money(text("amount"), text("currency"), line: line)
        let fee = try DecimalAmount.money(text("merchant_fee"), text("currency"), line: line)
        let net = try DecimalAmount.money(text("net_amount"), text("currency"), line: line)
        guard try gross.subtracting(fee) == net else {
            throw FileProblem(
                line: line, reason: "\(gross) less \(fee) is not \(net).", remedy: "Export the report again.")
        }
        let kind: SettlementLine.Kind =
            switch text("type") {
            case "from_transaction": .payment
            case "from_refund": .refund
            default: .adjustment
            }
        return SettlementLine(
            kind: kind, reference: try reference("transaction_id"),
            paymentReference: try optionalReference("payment_id"), payoutReference: try reference("payout_id"),
            gross: gross, fee: fee)
    }
}
