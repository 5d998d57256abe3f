import PaymentModel
import ReconciliationDomain

/// Reads Alma's `accounting_for_payout` export.
///
/// Its columns are not documented by Alma; they are found by their names, in any order, others are passed over.
struct AlmaSettlementReport: SettlementReader {
    static let columns = [
        "payout_id", "payout_date", "transaction_id", "type", "payment_id", "currency", "amount", "merchant_fee",
        "net_amount",
    ]

    private var table = SettlementTable(columns: columns, kind: "Alma's accounting_for_payout export as CSV")

    mutating func take(_ row: CSVRows.Row, into found: inout FoundSettlement) throws {
        guard let row = try table.take(row) else { return }
        let reference = try row.reference("payout_id")
        let payout = try found.payout(reference) { try row.day("payout_date") }
        let line = try row.almaLine()
        // The provider's own row of the transfer is the contrary of all others together.
        guard row.text("type") != "from_payout" else {
            return found.announce(try line.net().negated(), of: reference, line: row.line)
        }
        found.add(line, to: payout, number: row.line)
    }

    mutating func finish(into found: inout FoundSettlement) throws { try table.finish() }
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
