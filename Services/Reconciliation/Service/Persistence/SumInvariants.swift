import PostgresClient
import ServiceRuntime

/// What is kept in two places must come to the same in both, each with what finds its breaches.
enum SumInvariants {
    static let all = [
        feesAreBooked, feesAreCorrected, chargesAreBooked, reverseChargeIsBooked, providersOweWhatIsOpen,
        heldIsNotCounted, unidentifiedHasNames, clearingsAreOfWhatIsHeld, closingsAreBooked, receiptsAreOfTheirMoney,
        salesAreTheirPayments,
        statisticsAreTheirSales,
    ]

    private static let feesAreBooked = Invariant(
        "every fee that is expected was booked with its amount and its VAT",
        breaches: """
            SELECT organisation, 'payment ' || payment || ' costs ' || fee || ' and VAT of ' || fee_vat
                || ', booked are ' || booked_fee || ' and ' || booked_vat AS breach
            FROM expectation CROSS JOIN LATERAL (
                SELECT \(commission) AS booked_fee, \(commissionVAT) AS booked_vat
                FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                WHERE kind = 'fee' AND subject = expectation.payment
                    AND line.currency = expectation.currency) AS booked
            WHERE (booked_fee, booked_vat) <> (fee, fee_vat)
            """)

    private static let feesAreCorrected = Invariant(
        "what a provider keeps otherwise than was told was booked of the line that settles the payment, and no other",
        breaches: """
            SELECT told.organisation, 'line ' || told.reference || ' keeps ' || more || ' more with VAT of '
                || told.fee_vat || ', booked are ' || booked_fee || ' and ' || booked_vat AS breach
            FROM settlement_line AS told LEFT JOIN expectation ON expectation.settlement_line = told.id
                CROSS JOIN LATERAL (
                    SELECT coalesce(told.fee - expectation.fee - expectation.fee_vat, 0) AS more) AS kept
                CROSS JOIN LATERAL (
                    SELECT \(commission) AS booked_fee, \(commissionVAT) AS booked_vat
                    FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                    WHERE ledger_entry.kind = 'fee-correction' AND subject = told.id
                        AND line.currency = told.currency) AS booked
            WHERE told.kind = 'payment' AND (booked_fee, booked_vat) <> (more - told.fee_vat, told.fee_vat)
            """)

    private static let chargesAreBooked = Invariant(
        "what a provider's line costs was booked with its amount and its VAT",
        breaches: """
            SELECT organisation, 'line ' || reference || ' costs ' || fee || ' with VAT of ' || fee_vat
                || ', booked are ' || booked_fee || ' and ' || booked_vat AS breach
            FROM settlement_line AS told CROSS JOIN LATERAL (
                SELECT \(commission) AS booked_fee, \(commissionVAT) AS booked_vat
                FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                WHERE ledger_entry.kind IN ('fee', 'refund-fee', 'adjustment', 'adjustment-undone')
                    AND subject = told.id AND line.currency = told.currency) AS booked
            WHERE \(charges) AND (booked_fee, booked_vat) <> (fee - fee_vat, fee_vat)
            """)

    /// What was owed is noted of fees that are booked from migration `0039` on, of corrections somewhat later.
    private static let reverseChargeIsBooked = Invariant(
        "the VAT that the clinic owes for a fee itself was booked with its amount",
        breaches: """
            SELECT organisation, 'the fee of ' || subject || ' owes ' || owed || ', booked are ' || booked AS breach
            FROM (
                SELECT organisation, payment AS subject, fee_owed AS owed, (
                    SELECT coalesce(-sum(line.amount), 0)
                    FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                    WHERE kind = 'fee' AND subject = expectation.payment AND account = '445200') AS booked
                FROM expectation WHERE fee_owed IS NOT NULL
                UNION ALL
                SELECT organisation, told.id, fee_owed, (
                    SELECT coalesce(-sum(line.amount), 0)
                    FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                    WHERE kind IN ('fee', 'refund-fee', 'adjustment', 'fee-correction') AND subject = told.id
                        AND account = '445200')
                FROM settlement_line AS told WHERE fee_owed IS NOT NULL) AS owes
            WHERE owed <> booked
            """)

    private static let providersOweWhatIsOpen = Invariant(
        "the account of each provider holds what is open: payments and its own lines, less payouts that arrived",
        breaches: """
            SELECT organisation, 'the account of ' || provider || ' is out by ' || sum(amount) || ' ' || currency
                AS breach
            FROM (
                SELECT organisation, provider, currency, amount
                FROM ledger_line JOIN \(ClearingAccounts.all) USING (account)
                UNION ALL
                SELECT organisation, provider, currency, refunded + withheld + fee + fee_vat - amount FROM expectation
                UNION ALL
                SELECT line.organisation, line.provider, line.currency,
                    line.fee - expectation.fee - expectation.fee_vat
                FROM expectation JOIN settlement_line AS line ON line.id = expectation.settlement_line
                UNION ALL
                SELECT organisation, provider, currency, -amount FROM (\(ResidueStore.all)) AS residue
                WHERE closed_into IS NOT NULL AND account <> '471000'
                UNION ALL
                SELECT organisation, provider, currency,
                    CASE WHEN \(waits) THEN -gross ELSE 0 END + CASE WHEN \(charges) THEN fee ELSE 0 END
                FROM settlement_line AS told
                UNION ALL
                SELECT payout.organisation, payout.provider, payout.currency, gross - fee
                FROM payout JOIN settlement_line AS line ON line.payout = payout.id AND line.currency = payout.currency
                WHERE is_received) AS owed
            GROUP BY organisation, provider, currency HAVING sum(amount) <> 0
            """)

    private static let heldIsNotCounted = Invariant(
        "account 4191 holds what was paid for clients and is counted for nothing they owe, and nothing else",
        breaches: """
            SELECT organisation, 'account 4191 is out by ' || sum(amount) || ' ' || currency AS breach
            FROM (
                SELECT organisation, currency, amount FROM ledger_line WHERE account = '419100'
                UNION ALL
                SELECT organisation, currency, amount - refunded - \(HeldMoneyStore.lost) - \(HeldMoneyStore.counted)
                FROM expectation WHERE is_held) AS held
            GROUP BY organisation, currency HAVING sum(amount) <> 0
            """)

    private static let unidentifiedHasNames = Invariant(
        "what is on account 471 has a name: a provider's line, a payout without a bank line, or a difference",
        breaches: """
            SELECT organisation, 'account 471 is out by ' || sum(amount) || ' ' || currency AS breach
            FROM (
                SELECT organisation, currency, amount FROM ledger_line WHERE account = '471000'
                UNION ALL
                SELECT organisation, currency, gross FROM settlement_line AS told WHERE \(waits)
                UNION ALL
                SELECT organisation, currency, amount FROM (\(unexplained)) AS unexplained
                UNION ALL
                SELECT organisation, currency, -amount FROM (\(ResidueStore.all)) AS residue
                WHERE closed_into IS NOT NULL AND account = '471000'
                UNION ALL
                SELECT organisation, currency, amount FROM (\(ResidueStore.all)) AS residue
                WHERE closed_into = '471000'
                UNION ALL
                SELECT organisation, currency, -amount FROM payout WHERE no_line_account = '471000'
                UNION ALL
                SELECT organisation, currency, counted - expected FROM cash_up_line WHERE account = '471000'
                UNION ALL
                SELECT remittance.organisation, remittance.currency, bank_line.amount - remittance.amount
                FROM remittance JOIN bank_line ON bank_line.id = remittance.bank_line
                WHERE coalesce(difference_account, '471000') = '471000'
                UNION ALL
                SELECT organisation, currency, amount FROM held_clearing WHERE undone_at IS NULL) AS named
            GROUP BY organisation, currency HAVING sum(amount) <> 0
            """)

    private static let clearingsAreOfWhatIsHeld = Invariant(
        "what was cleared off account 471 was held there in that amount, and is on the account that took it",
        breaches: """
            SELECT clearing.organisation, clearing.kind || ' ' || piece || ' cleared ' || amount || ' into '
                || clearing.account || ', booked are ' || booked AS breach
            FROM held_clearing AS clearing CROSS JOIN LATERAL (
                SELECT coalesce(sum(line.amount), 0) AS booked
                FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                WHERE ledger_entry.kind IN ('suspense-cleared', 'suspense-cleared-undone')
                    AND ledger_entry.subject = clearing.subject AND ledger_entry.run = clearing.run
                    AND line.account = clearing.account AND line.currency = clearing.currency) AS entry
            WHERE booked <> CASE WHEN undone_at IS NULL THEN amount ELSE 0 END OR (undone_at IS NULL AND NOT EXISTS (
                SELECT FROM (\(HeldDifferenceStore.all)) AS held
                WHERE held.kind = clearing.kind AND held.subject = clearing.subject
                    AND held.position = clearing.position AND held.amount = clearing.amount
                    AND held.currency = clearing.currency))
            """)

    private static let closingsAreBooked = Invariant(
        "what a closed discrepancy leaves is on the account it was closed with, and on no other",
        breaches: """
            SELECT missing.organisation, 'discrepancy ' || kind || ' of ' || subject || ' lacks ' || missing.amount
                || ' ' || missing.currency || ' on account ' || account AS breach
            FROM (\(ResidueStore.missing)) AS missing JOIN discrepancy ON discrepancy.id = missing.discrepancy
            """)

    /// What a credit note freed, and what came back of a refund, may be counted for another invoice, and is told apart:
    /// what is counted since the money came is held against it a day later.
    ///
    /// What was told of before this service kept receipts may be taken back after. Of an invoice that is not followed
    /// nobody tells what was freed.
    private static let receiptsAreOfTheirMoney = Invariant(
        "what was counted for invoices of some money is not more than was received",
        breaches: """
            SELECT counted.organisation, 'money ' || counted.payment || ' counts ' || counted.amount || ' '
                || counted.currency || ' (' || kept || ' less all that may have been freed) of ' || received.amount
                || ' ' || received.currency AS breach
            FROM (
                SELECT organisation, payment, currency, sum(amount) AS amount, sum(at_once) AS at_once,
                    sum(kept) AS kept, bool_and(is_told) AS is_told
                FROM (\(countedByInvoice)) AS by_invoice
                GROUP BY organisation, payment, currency) AS counted
            JOIN (
                SELECT organisation, payment, currency, sum(amount) FILTER (WHERE act = 'taken') AS taken,
                    sum(amount) AS amount
                FROM till_movement GROUP BY organisation, payment, currency
                UNION ALL
                SELECT online_receipt.organisation, payment_on_account, currency, amount, amount + returned
                FROM online_receipt JOIN expectation ON expectation.payment = online_receipt.payment) AS received
                USING (organisation, payment)
            WHERE counted.currency <> received.currency OR at_once > taken
                OR (at_once IS NOT NULL AND counted.amount < 0) OR (is_told AND kept > received.amount)
            """)

    private static let salesAreTheirPayments = Invariant(
        "statistics know a payment that was accepted with its day, its amount and its fee",
        breaches: """
            SELECT expectation.organisation, 'payment ' || payment || ' counts as ' || sale.amount || ' with a fee of '
                || sale.fee || ' and VAT of ' || sale.fee_vat AS breach
            FROM expectation JOIN sale USING (payment)
            WHERE outcome = 'accepted'
                AND (sale.provider, sale.currency, sale.amount, sale.fee, sale.fee_vat, decided_on) <> (
                    expectation.provider, expectation.currency, expectation.amount, expectation.fee,
                    expectation.fee_vat, accepted_on)
            """)

    /// What changed since, or shortly before, may be counted or not; no change lasts an hour.
    private static let statisticsAreTheirSales = Invariant(
        "statistics are the sums of the payments that were accepted when they were made",
        breaches: """
            SELECT organisation, 'statistics of ' || provider || ' on ' || day || ' count ' || counted
                || ' payments of ' || amount || ' ' || currency || ', with fees of ' || fee || ' and VAT of '
                || fee_vat AS breach
            FROM (
                SELECT organisation, clinic, provider, day, currency, sum(accepted) AS counted, sum(amount) AS amount,
                    sum(fee) AS fee, sum(fee_vat) AS fee_vat, sum(surely) AS surely_counted,
                    sum(surely_amount) AS surely_amount, sum(surely_fee) AS surely_fee,
                    sum(surely_vat) AS surely_vat, sum(most) AS most_counted, sum(most_amount) AS most_amount,
                    sum(most_fee) AS most_fee, sum(most_vat) AS most_vat
                FROM (
                    SELECT organisation, clinic, provider, day, currency, accepted, amount, fee, fee_vat, 0 AS surely,
                        0 AS surely_amount, 0 AS surely_fee, 0 AS surely_vat, 0 AS most, 0 AS most_amount,
                        0 AS most_fee, 0 AS most_vat
                    FROM statistic
                    UNION ALL
                    SELECT organisation, clinic, provider, decided_on, currency, 0, 0, 0, 0, is_sure, is_sure * amount,
                        is_sure * fee, is_sure * fee_vat, 1, amount, fee, fee_vat
                    FROM sale JOIN statistic_run USING (organisation)
                        CROSS JOIN LATERAL (
                            SELECT (changed_at < made_at - interval '1 hour')::int AS is_sure) AS sureness
                    WHERE outcome = 'accepted') AS figures
                GROUP BY organisation, clinic, provider, day, currency) AS summed
            WHERE counted NOT BETWEEN surely_counted AND most_counted
                OR amount NOT BETWEEN surely_amount AND most_amount OR fee NOT BETWEEN surely_fee AND most_fee
                OR fee_vat NOT BETWEEN surely_vat AND most_vat
            """)

    /// What was counted of some money for each invoice, and what of it is kept where as much as may be was freed: a
    /// credit note that was told by an earlier version does not say of which money.
    private static let countedByInvoice: SQL = """
        SELECT receipt.organisation, payment, receipt.currency, sum(amount) AS amount,
            sum(amount) FILTER (WHERE is_first) AS at_once,
            greatest(sum(amount) - coalesce(min(freed), 0), 0) AS kept, bool_and(
                receipt.told_at < \(InvoiceInvariants.aDayAgo) AND (receipt.invoice IS NULL OR due IS NOT NULL)
            ) AS is_told
        FROM vat_receipt AS receipt LEFT JOIN invoice_number AS told
            ON told.invoice = receipt.invoice AND told.organisation = receipt.organisation
        GROUP BY receipt.organisation, payment, receipt.currency, receipt.invoice
        """

    /// Of the lines of some entries: what a provider keeps, without VAT.
    private static let commission: SQL = "coalesce(sum(line.amount) FILTER (WHERE account = '627000'), 0)"

    /// And the VAT it put on it: what the clinic owes itself is deducted by the same entry.
    private static let commissionVAT: SQL =
        "coalesce(sum(line.amount) FILTER (WHERE account IN ('445660', '445200')), 0)"

    /// Whether the books know what a line `told` costs from it alone.
    private static let charges: SQL =
        "(told.kind IN ('fee', 'adjustment') OR (told.kind IN ('refund', 'dispute') AND told.payment IS NOT NULL))"

    /// Whether what a line `told` brought waits under its own name, since no event tells of it.
    static let waits: SQL = """
        (told.kind = 'adjustment' OR (told.kind = 'dispute' AND told.payment IS NOT NULL AND NOT EXISTS (
            SELECT FROM dispute
            WHERE told.id IN (opening_line, closing_line) AND dispute.payment = told.payment)))
        """

    /// What was received for a `payout` that is received.
    static let received: SQL = """
        coalesce(
            (SELECT amount FROM bank_line WHERE bank_line.id = payout.bank_line),
            (SELECT share.received FROM joint_pointing_payout AS share
                WHERE share.joint_pointing = payout.joint_pointing AND share.payout = payout.id),
            payout.amount)
        """

    /// What the lines of a `payout` come to.
    static let told: SQL = """
        (SELECT coalesce(sum(gross - fee), 0) FROM settlement_line AS line
            WHERE line.payout = payout.id AND line.currency = payout.currency)
        """

    /// What the bank received of each payout more than its lines, where no account takes it.
    static let unexplained: SQL = """
        SELECT id, organisation, provider, currency, received - told AS amount FROM (
            SELECT id, organisation, provider, currency, tolerance, tolerance_currency, tolerance_account,
                \(received) AS received, \(told) AS told
            FROM payout WHERE is_received) AS pointed
        WHERE tolerance IS NULL OR tolerance_currency <> currency OR abs(received - told) > tolerance
            OR tolerance_account = '471000'
        """
}
