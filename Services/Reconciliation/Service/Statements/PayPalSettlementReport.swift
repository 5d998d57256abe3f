import PaymentModel
import ReconciliationDomain

/// Reads PayPal's settlement report: rows that begin with what they are, amounts in minor units.
///
/// PayPal groups nothing: a payout is what lies between two withdrawals of one currency. What comes after the last one
/// is left to the report that has the next; what lies before one must be its sum, or the report begins too late.
struct PayPalSettlementReport: SettlementReader {
    static let columns = [
        "Transaction ID", "Invoice ID", "PayPal Reference ID", "Transaction Event Code",
        "Transaction Initiation Date", "Transaction Debit or Credit", "Gross Transaction Amount",
        "Gross Transaction Currency", "Fee Debit or Credit", "Fee Amount",
    ]

    private var table = SettlementTable(columns: columns, kind: "PayPal's settlement report (STL) as CSV")
    private var hasHeader = false
    /// What follows the last withdrawal of each currency.
    private var open: [String: Int32] = [:]

    /// Of each section the column header and the body are looked at; what is around them are sums.
    mutating func take(_ row: CSVRows.Row, into found: inout FoundSettlement) throws {
        guard let mark = row.fields.first, mark == "SB" && hasHeader || mark == "CH" && !hasHeader else { return }
        hasHeader = true
        guard let row = try table.take(row) else { return }
        let currency = row.text("Gross Transaction Currency")
        let payout = open[currency] ?? found.newPayout()
        open[currency] = payout
        guard try row.isWithdrawal() else {
            return found.add(try row.paypalLine(), to: payout, number: row.line)
        }
        try found.name(try row.withdrawal(of: payout))
        open[currency] = nil
    }

    mutating func finish(into found: inout FoundSettlement) throws {
        try table.finish()
        guard !found.heads.isEmpty else {
            throw FileProblem(
                line: nil, reason: "There is no withdrawal to the bank in it.",
                remedy: "Choose the report of a period in which PayPal paid out.")
        }
    }
}

extension SettlementTable.Row {
    private var code: String { text("Transaction Event Code") }

    fileprivate func isWithdrawal() throws -> Bool { try code.hasPrefix("T04") && gross().isNegative }

    private func gross() throws -> Money {
        try signed("Gross Transaction Amount", by: "Transaction Debit or Credit")
    }

    /// What PayPal keeps; positive when it does.
    private func fee() throws -> Money {
        guard !text("Fee Amount").isEmpty else { return .zero(try gross().currency) }
        return try signed("Fee Amount", by: "Fee Debit or Credit").negated()
    }

    private func signed(_ column: String, by side: String) throws -> Money {
        guard let currency = Currency(text("Gross Transaction Currency")), let units = Int64(text(column)), units >= 0,
            text(side) == "CR" || text(side) == "DR"
        else {
            throw FileProblem(
                line: line, reason: "\(column) \"\(text(column).prefix(20))\" is no amount with its side.",
                remedy: "Export the report again.")
        }
        return Money(text(side) == "CR" ? units : -units, currency)
    }

    fileprivate func withdrawal(of payout: Int32) throws -> FoundSettlement.Head {
        FoundSettlement.Head(
            payout: payout, reference: try reference("Transaction ID"),
            paidOn: try day("Transaction Initiation Date"), announced: try gross().negated(), line: line)
    }

    fileprivate func paypalLine() throws -> SettlementLine {
        let (gross, fee) = (try gross(), try fee())
        let isFee = paypalKind == .fee
        return SettlementLine(
            kind: paypalKind, reference: "\(try reference("Transaction ID"))/\(code)",
            paymentReference: try optionalReference("Invoice ID") ?? optionalReference("PayPal Reference ID"),
            payoutReference: "", gross: isFee ? .zero(gross.currency) : gross,
            fee: isFee ? try fee.subtracting(gross) : fee)
    }

    private var paypalKind: SettlementLine.Kind {
        switch code {
        case "T1107": .refund
        case "T1106", "T1114", "T1115", "T1116": .dispute
        case "T1108", "T1109": .fee
        case "T1110", "T1111": .carried
        default:
            switch code.prefix(3) {
            case "T00": .payment
            case "T01": .fee
            case "T12": .dispute
            case "T15", "T21": .carried
            default: .adjustment
            }
        }
    }
}
