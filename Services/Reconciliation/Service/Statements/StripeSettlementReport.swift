import PaymentModel
import ReconciliationDomain

/// Reads Stripe's itemised report of payout reconciliation, with the column of our own metadata.
///
/// A line about a payout itself is passed over; a payout is the sum of the others.
struct StripeSettlementReport: SettlementReader {
    static let ourName = "payment_metadata[quittance_payment]"
    static let columns = [
        "automatic_payout_id", "automatic_payout_effective_at", "balance_transaction_id", "reporting_category",
        "currency", "gross", "fee", "net", "payment_intent_id", ourName,
    ]

    private var table = SettlementTable(
        columns: columns, kind: "Stripe's itemised payout reconciliation report, with the column \(ourName)")

    mutating func take(_ row: CSVRows.Row, into found: inout FoundSettlement) throws {
        // What is in no payout yet comes with the report that has its payout.
        guard let row = try table.take(row), !row.text("automatic_payout_id").isEmpty, !row.isAboutPayout else {
            return
        }
        let payout = try found.payout(row.reference("automatic_payout_id")) {
            try row.day("automatic_payout_effective_at")
        }
        found.add(try row.stripeLine(), to: payout, number: row.line)
    }

    mutating func finish(into found: inout FoundSettlement) throws { try table.finish() }
}

extension SettlementTable.Row {
    fileprivate var isAboutPayout: Bool { text("reporting_category") == "payout" }

    fileprivate func stripeLine() throws -> SettlementLine {
        let currency = text("currency").uppercased()
        let gross = try DecimalAmount.money(text("gross"), currency, line: line)
        let fee = try DecimalAmount.money(text("fee"), currency, line: line)
        let net = try DecimalAmount.money(text("net"), currency, line: line)
        guard try gross.subtracting(fee) == net else {
            throw FileProblem(
                line: line, reason: "\(gross) less \(fee) is not \(net).", remedy: "Export the report again.")
        }
        let isFee = stripeKind == .fee
        // What a payout that failed brings back names that payout, where the report has the column.
        let source = text("reporting_category") == "payout_reversal" ? try optionalReference("source_id") : nil
        return SettlementLine(
            kind: stripeKind, reference: try reference("balance_transaction_id"),
            paymentReference: try source ?? optionalReference(StripeSettlementReport.ourName)
                ?? optionalReference("payment_intent_id"),
            payoutReference: try reference("automatic_payout_id"), gross: isFee ? .zero(gross.currency) : gross,
            fee: isFee ? try net.negated() : fee, feeVAT: text("reporting_category") == "tax" ? try net.negated() : nil)
    }

    /// payment-orchestrator goes by the same words.
    private var stripeKind: SettlementLine.Kind {
        switch text("reporting_category") {
        case "charge": .payment
        case "refund", "refund_failure", "partial_capture_reversal", "charge_failure": .refund
        case "dispute", "dispute_reversal": .dispute
        case "fee", "tax", "network_cost": .fee
        // Money of a payout that failed, or that is kept back for a while, is in another payout.
        case "payout_reversal", "payout_minimum_balance_hold", "payout_minimum_balance_release": .carried
        default: .adjustment
        }
    }
}
