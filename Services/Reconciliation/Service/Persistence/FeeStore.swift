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

/// What the fee screen shows; nothing is written through it.
struct FeeStore {
    func rows(
        of organisation: OrganisationID, _ filter: FeeFilter, after: PaymentID, limit: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [FeeSummary] {
        try transaction.query(
            """
            \(selection(organisation, filter)) AND expectation.payment > \(after)
            ORDER BY expectation.payment LIMIT \(Int64(limit))
            """, read)
    }

    /// All rows in the same order, for a file of any length.
    func cursor(
        of organisation: OrganisationID, _ filter: FeeFilter, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(
            organisation: organisation, "\(selection(organisation, filter)) ORDER BY expectation.payment"
        ) { row in cells(try read(row)) }
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

    private func cells(_ fee: FeeSummary) -> [Cell] {
        [
            .text(fee.paymentID.description), Cell(fee.invoiceNumber), .text(fee.clientID.description),
            .text(fee.provider.rawValue), .day(fee.acceptedOn), .text(fee.amount.currency.code), .amount(fee.amount),
            .amount(fee.refunded), .amount(fee.fee), .amount(fee.feeVAT), .amount(fee.net), .day(fee.expectedOn),
            Cell(fee.payoutReference), .text(fee.isPaid ? "yes" : "no"),
        ]
    }

    private func selection(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        """
        SELECT expectation.*, invoice_number.number, payout.reference AS payout_reference,
            payout.pointed_at IS NOT NULL AS is_paid
        FROM \(tables(organisation, filter))
        """
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

    private func read(_ row: Row) throws -> FeeSummary {
        let currency = try row.currency()
        let amount: Int64 = try row("amount")
        let refunded: Int64 = try row("refunded")
        let fee: Int64 = try row("fee")
        let vat: Int64 = try row("fee_vat")
        return FeeSummary(
            paymentID: try row("payment"), invoiceID: try row("invoice"), invoiceNumber: try row("number"),
            clientID: try row("client"), provider: try row.word("provider"),
            acceptedOn: try row("accepted_on"), amount: Money(amount, currency), refunded: Money(refunded, currency),
            fee: Money(fee, currency), feeVAT: Money(vat, currency),
            net: Money(amount - refunded - fee - vat, currency), expectedOn: try row("expected_on"),
            payoutReference: try row("payout_reference"), isPaid: try row("is_paid"))
    }
}
