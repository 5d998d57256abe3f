import PaymentModel
import PostgresClient
import ReconciliationDomain
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
    /// Nil for all of them.
    var provider: Provider?
    /// Nil for all of them, and for what is no clinic's.
    var clinic: ClinicID?
    /// How the payout was pointed; nil for all of them.
    var rule: PayoutMatch.Rule?
}

/// A place in the order of the fee screen's rows.
struct FeePlace: Sendable {
    static let beginning = FeePlace(day: .earliest, id: FeeRowID(0))

    let day: LocalDate
    let id: FeeRowID
}

/// What the fee screen shows; nothing is written through it.
struct FeeStore {
    func rows(
        of organisation: OrganisationID, _ filter: FeeFilter, after place: FeePlace, limit: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [FeeSummary] {
        try transaction.query(
            """
            \(selection(organisation, filter)) AND (day, fee_row.id) > (\(place.day), \(place.id.value))
            ORDER BY day, fee_row.id LIMIT \(Int64(limit))
            """, read)
    }

    /// All rows in the same order, for a file of any length.
    func cursor(
        of organisation: OrganisationID, _ filter: FeeFilter, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(
            organisation: organisation, "\(selection(organisation, filter)) ORDER BY day, fee_row.id"
        ) { row in cells(try read(row)) }
    }

    /// The sums of each currency; amounts of different currencies are never added.
    func totals(
        of organisation: OrganisationID, _ filter: FeeFilter, _ transaction: inout PostgresTransaction
    ) throws -> [FeeTotals] {
        try transaction.query(
            """
            SELECT fee_row.currency, count(*) FILTER (WHERE kind = 'payment') AS payments,
                sum(fee_row.amount)::bigint AS amount, sum(fee_row.refunded)::bigint AS refunded,
                sum(fee)::bigint AS fee, sum(fee_vat)::bigint AS fee_vat,
                sum(fee_row.amount - fee_row.refunded - fee - fee_vat)::bigint AS net
            FROM \(tables(organisation, filter)) GROUP BY fee_row.currency ORDER BY fee_row.currency
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
            Cell(fee.paymentID?.description), Cell(fee.invoiceNumber), Cell(fee.clientID?.description),
            Cell(code: fee.provider.rawValue), .day(fee.day), .text(fee.amount.currency.code), .amount(fee.amount),
            .amount(fee.refunded), .amount(fee.fee), .amount(fee.feeVAT), .amount(fee.net), Cell(fee.expectedOn),
            Cell(fee.payoutReference), Cell(isTrue: fee.isPaid), Cell(code: fee.kind.rawValue),
            Cell(fee.clinician), Cell(fee.clinicID?.description), Cell(fee.account), Cell(fee.reason),
            Cell(code: fee.rule), Cell(fee.clearedInto),
        ]
    }

    private func selection(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        """
        SELECT fee_row.*, invoice_number.number, payout.reference AS payout_reference,
            payout.pointed_at IS NOT NULL AS is_paid, payout.rule,
            \(HeldDifferenceStore.clearing(of: "CASE fee_row.kind WHEN 'difference' THEN fee_row.payout_id END")),
            (SELECT requested_by FROM sale
                WHERE sale.payment = fee_row.payment AND sale.organisation = \(organisation)) AS clinician
        FROM \(tables(organisation, filter))
        """
    }

    private func tables(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        let (notYet, provider, rule) = (filter.paid == .notYet, filter.provider?.rawValue, filter.rule?.rawValue)
        return """
            (\(FeeRows.payments(organisation, filter)) UNION ALL \(FeeRows.refunds(organisation, filter))
                UNION ALL \(FeeRows.returned(organisation, filter))
                UNION ALL \(FeeRows.disputes(organisation, filter))
                UNION ALL \(FeeRows.corrections(organisation, filter))
                UNION ALL \(FeeRows.remainders(organisation, filter))) AS fee_row
                LEFT JOIN invoice_number
                    ON invoice_number.invoice = fee_row.invoice AND invoice_number.organisation = \(organisation)
                LEFT JOIN payout ON payout.id = fee_row.payout_id
            WHERE NOT (\(notYet) AND payout.pointed_at IS NOT NULL)
                AND (\(provider)::text IS NULL OR fee_row.provider = \(provider))
                AND (\(filter.clinic)::uuid IS NULL OR fee_row.clinic = \(filter.clinic))
                AND (\(rule)::text IS NULL OR payout.rule = \(rule))
            """
    }

    private func read(_ row: Row) throws -> FeeSummary {
        let currency = try row.currency()
        let amount: Int64 = try row("amount")
        let refunded: Int64 = try row("refunded")
        let fee: Int64 = try row("fee")
        let vat: Int64 = try row("fee_vat")
        return FeeSummary(
            id: FeeRowID(try row("id") as UInt128), kind: try row.word("kind"), day: try row("day"),
            paymentID: try row("payment"),
            invoiceID: try row("invoice"), invoiceNumber: try row("number"), clientID: try row("client"),
            provider: try row.word("provider"), amount: Money(amount, currency), refunded: Money(refunded, currency),
            fee: Money(fee, currency), feeVAT: Money(vat, currency),
            net: Money(amount - refunded - fee - vat, currency), expectedOn: try row("expected_on"),
            payoutReference: try row("payout_reference"), isPaid: try row("is_paid"), rule: try row("rule"),
            clinician: try row("clinician"), clinicID: try row("clinic"), account: try row("named_account"),
            reason: try row("named_because"), clearedInto: try row("cleared_into"),
            clearedBecause: try row("cleared_because"))
    }
}

/// Where the rows of the fee screen come from: what a row says never changes, only whether it is paid.
///
/// The rows of a payout sum to what the bank received: the payments and refunds its lines settle as their own events
/// told them, where a line says something else the difference, and what no line explains.
private enum FeeRows {
    static func payments(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        """
        SELECT accepted_on AS day, payment AS id, 'payment' AS kind, payment, invoice, client, provider, currency,
            amount, 0::bigint AS refunded, fee, fee_vat, expected_on, payout AS payout_id, clinic,
            NULL::text AS named_account, NULL::text AS named_because
        FROM expectation
        WHERE organisation = \(organisation) AND accepted_on BETWEEN \(filter.from) AND \(filter.to)
        """
    }

    static func refunds(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        """
        SELECT completed_on, refund, 'refund', expectation.payment, invoice, client, expectation.provider,
            expectation.currency, 0, counted_refund.amount, 0, 0, NULL, settlement_line.payout,
            expectation.clinic, NULL, NULL
        FROM counted_refund JOIN expectation ON expectation.payment = counted_refund.payment
            LEFT JOIN settlement_line ON settlement_line.id = counted_refund.settlement_line
        WHERE counted_refund.organisation = \(organisation)
            AND completed_on BETWEEN \(filter.from) AND \(filter.to)
        """
    }

    static func returned(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        """
        SELECT returned_on, md5(refund::text || ' returned')::uuid, 'refund-returned', expectation.payment, invoice,
            client, expectation.provider, expectation.currency, 0, -counted_refund.amount, 0, 0, NULL::date,
            settlement_line.payout, expectation.clinic, NULL, NULL
        FROM counted_refund JOIN expectation ON expectation.payment = counted_refund.payment
            LEFT JOIN settlement_line ON settlement_line.id = counted_refund.returned_line
        WHERE counted_refund.organisation = \(organisation)
            AND returned_on BETWEEN \(filter.from) AND \(filter.to)
        """
    }

    /// Opened, a dispute takes the money away; won, it gives it back; lost, at most a part of it.
    static func disputes(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        """
        SELECT step.on_day, step.id, step.kind, dispute.payment, invoice, client, expectation.provider,
            expectation.currency, step.amount, 0, 0, 0, NULL::date, settlement_line.payout,
            expectation.clinic, NULL, NULL
        FROM dispute JOIN expectation ON expectation.payment = dispute.payment
            CROSS JOIN LATERAL (VALUES
                (opened_on, dispute.id, 'dispute', -dispute.amount, opening_line),
                (CASE WHEN given_back <> 0 THEN closed_on END, md5(dispute.id::text || ' won')::uuid, 'dispute-won',
                    given_back, closing_line)) AS step (on_day, id, kind, amount, line)
            LEFT JOIN settlement_line ON settlement_line.id = step.line
        WHERE dispute.organisation = \(organisation) AND on_day BETWEEN \(filter.from) AND \(filter.to)
        """
    }

    static func corrections(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        """
        SELECT * FROM (
            SELECT paid_on, line.id, 'correction', line.payment, invoice, client, line.provider, line.currency,
                CASE line.kind WHEN 'refund' THEN 0 ELSE gross - told.amount END AS more,
                CASE line.kind WHEN 'refund' THEN -gross - told.refunded ELSE 0 END AS given_back,
                line.fee - line.fee_vat - told.fee AS more_fee, line.fee_vat AS more_vat, NULL::date, line.payout,
                expectation.clinic, NULL::text AS named_account, NULL::text AS named_because
            FROM settlement_line AS line JOIN payout ON payout.id = line.payout
                LEFT JOIN expectation ON expectation.payment = line.payment
                LEFT JOIN counted_refund ON counted_refund.settlement_line = line.id
                LEFT JOIN counted_refund AS returned ON returned.returned_line = line.id
                LEFT JOIN dispute AS opened ON opened.opening_line = line.id
                LEFT JOIN dispute AS won ON won.closing_line = line.id
                CROSS JOIN LATERAL (
                    SELECT coalesce(counted_refund.amount, 0) - coalesce(returned.amount, 0) AS refunded,
                        CASE WHEN expectation.settlement_line = line.id THEN expectation.amount ELSE 0 END
                            - coalesce(opened.amount, 0) + coalesce(won.given_back, 0) AS amount,
                        CASE WHEN expectation.settlement_line = line.id
                            THEN expectation.fee + expectation.fee_vat ELSE 0 END AS fee) AS told
            WHERE line.organisation = \(organisation) AND paid_on BETWEEN \(filter.from) AND \(filter.to)) AS line
        WHERE more <> 0 OR given_back <> 0 OR more_fee <> 0 OR more_vat <> 0
        """
    }

    /// What was given an account and a reason, by a person or by a rule of theirs, is explained.
    static func remainders(_ organisation: OrganisationID, _ filter: FeeFilter) -> SQL {
        """
        SELECT booked_on, id, CASE WHEN is_named THEN 'difference' ELSE 'unexplained' END, NULL, NULL, NULL, provider,
            currency, more, 0, 0, 0, NULL, payout_id, NULL, CASE WHEN is_named THEN tolerance_account END,
            CASE WHEN is_named THEN tolerance_because END
        FROM (
            SELECT booked_on, bank_line.id, provider, payout.currency, bank_line.amount - payout.amount AS more,
                payout.id AS payout_id, tolerance, tolerance_currency, tolerance_account, tolerance_because
            FROM payout JOIN bank_line ON bank_line.id = payout.bank_line
            WHERE payout.organisation = \(organisation) AND booked_on BETWEEN \(filter.from) AND \(filter.to)
            UNION ALL
            SELECT booked_on, payout.id, provider, payout.currency, received - payout.amount, payout.id, tolerance,
                tolerance_currency, tolerance_account, tolerance_because
            FROM payout JOIN joint_pointing ON joint_pointing.id = payout.joint_pointing
                JOIN joint_pointing_payout AS share
                    ON share.joint_pointing = joint_pointing.id AND share.payout = payout.id
            WHERE payout.organisation = \(organisation) AND booked_on BETWEEN \(filter.from) AND \(filter.to)
        ) AS received
            CROSS JOIN LATERAL (
                SELECT tolerance_currency = currency AND abs(more) <= tolerance AS is_named) AS said
        WHERE more <> 0
        """
    }
}
