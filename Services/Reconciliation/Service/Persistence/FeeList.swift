import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Which rows of the fee screen are asked for.
struct FeeFilter: Sendable {
    /// Whether the provider's payout was pointed.
    enum Paid: String, CaseIterable, Sendable {
        case all
        case notYet = "not-yet"
    }

    let from: LocalDate
    let to: LocalDate
    let paid: Paid
}

/// One row of the fee screen (REC-1).
struct FeeRow: Codable, Sendable {
    let paymentID: PaymentID
    let invoiceID: InvoiceID?
    let invoiceNumber: String?
    let clientID: ClientID
    let provider: Provider
    let acceptedOn: LocalDate
    let amount: Money
    let refunded: Money
    let fee: Money
    let feeVAT: Money
    let net: Money
    let expectedOn: LocalDate
    let payoutReference: String?
    let isPaid: Bool
}

/// The sums of the fee screen's rows in one currency.
struct FeeTotals: Codable, Sendable {
    let payments: Int64
    let amount: Money
    let refunded: Money
    let fee: Money
    let feeVAT: Money
    let net: Money
}

/// The fee screen's data.
struct FeeList {
    func rows(
        of organisation: OrganisationID, _ filter: FeeFilter, after: PaymentID = PaymentID(0), limit: Int? = nil,
        _ transaction: inout PostgresTransaction
    ) throws -> [FeeRow] {
        let limit: SQL = limit.map { "LIMIT \(Int64($0))" } ?? ""
        return try transaction.query(
            """
            SELECT expectation.*, invoice_number.number, payout.reference AS payout_reference,
                payout.pointed_at IS NOT NULL AS is_paid
            FROM \(tables(organisation, filter)) AND expectation.payment > \(after)
            ORDER BY expectation.payment \(limit)
            """, read)
    }

    /// The sums of each currency; amounts of different currencies are never added.
    func totals(
        of organisation: OrganisationID, _ filter: FeeFilter, _ transaction: inout PostgresTransaction
    ) throws -> [FeeTotals] {
        try transaction.query(
            """
            SELECT expectation.currency, count(*) AS payments, sum(expectation.amount)::bigint AS amount,
                sum(refunded)::bigint AS refunded, sum(fee)::bigint AS fee, sum(fee_vat)::bigint AS fee_vat,
                sum(expectation.amount - refunded - fee - fee_vat)::bigint AS net
            FROM \(tables(organisation, filter)) GROUP BY expectation.currency ORDER BY expectation.currency
            """
        ) { row in
            let currency = try row.currency()
            return FeeTotals(
                payments: try row("payments"), amount: try row.money("amount", currency),
                refunded: try row.money("refunded", currency), fee: try row.money("fee", currency),
                feeVAT: try row.money("fee_vat", currency), net: try row.money("net", currency))
        }
    }

    private func tables(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        let notYet = filter.paid == .notYet
        return """
            expectation LEFT JOIN invoice_number USING (organisation, invoice)
                LEFT JOIN payout ON payout.id = expectation.payout
            WHERE expectation.organisation = \(organisation) AND accepted_on BETWEEN \(filter.from) AND \(filter.to)
                AND NOT (\(notYet) AND payout.pointed_at IS NOT NULL)
            """
    }

    private func read(_ row: Row) throws -> FeeRow {
        let currency = try row.currency()
        let amount: Int64 = try row("amount")
        let refunded: Int64 = try row("refunded")
        let fee: Int64 = try row("fee")
        let vat: Int64 = try row("fee_vat")
        return FeeRow(
            paymentID: try row("payment"), invoiceID: try row("invoice"), invoiceNumber: try row("number"),
            clientID: try row("client"), provider: try row.word("provider"),
            acceptedOn: try row("accepted_on"), amount: Money(amount, currency), refunded: Money(refunded, currency),
            fee: Money(fee, currency), feeVAT: Money(vat, currency),
            net: Money(amount - refunded - fee - vat, currency), expectedOn: try row("expected_on"),
            payoutReference: try row("payout_reference"), isPaid: try row("is_paid"))
    }
}
