import PostgresClient
import ServiceRuntime

/// What must always hold in the books, each with what finds its breaches.
enum BooksInvariants {
    static let all = [
        selfAssessedIsDeducted, jointPointingsSumUp, jointPointingsAreWhole, rowsSumToTheBank,
        entriesBalance, entriesHaveLines, paymentsAreBooked, refundsAreCounted, refundsAreBooked, payoutsAreTheirLines,
        returnedRefundsAreBooked, disputesAreWithheld, disputesAreBooked, disputesEndAtTheirLoser, disputesAreToldOnce,
        pointingIsBooked, bankIsItsLines, linesAreOfTheirBank, remaindersAreNamed, arrivalsAreNoted,
        wordsWereSaid, failedFollowTheirMoney, numbersAreContinuous, closedPeriodsAreValidated,
    ]

    private static let entriesBalance = Invariant(
        "every entry balances in each of its currencies",
        breaches: """
            SELECT organisation, 'entry ' || entry || ' is out by ' || sum(amount) || ' ' || currency AS breach
            FROM ledger_line GROUP BY organisation, entry, currency HAVING sum(amount) <> 0
            """)

    private static let entriesHaveLines = Invariant(
        "every entry has lines",
        breaches: """
            SELECT organisation, 'entry ' || id || ' is empty' AS breach FROM ledger_entry
            WHERE NOT EXISTS (SELECT FROM ledger_line WHERE entry = ledger_entry.id)
            """)

    private static let paymentsAreBooked = Invariant(
        "every payment that is expected was booked with its amount",
        breaches: """
            SELECT organisation, 'payment ' || payment || ' of ' || amount || ' is not booked so' AS breach
            FROM expectation
            WHERE (
                SELECT count(*) FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                WHERE kind = 'payment' AND subject = expectation.payment AND line.currency = expectation.currency
                    AND (line.amount = expectation.amount OR (line.amount = -expectation.amount
                        AND account = CASE WHEN is_held THEN '419100' ELSE '411000' END))) <> 2
            """)

    private static let refundsAreCounted = Invariant(
        "what was given back is the sum of the refunds",
        breaches: """
            SELECT organisation, 'payment ' || payment || ' counts ' || refunded || ' as given back' AS breach
            FROM expectation
            WHERE refunded <> (
                SELECT coalesce(sum(amount), 0) FROM counted_refund
                WHERE counted_refund.payment = expectation.payment AND returned_on IS NULL)
            """)

    private static let refundsAreBooked = Invariant(
        "every refund that was counted was booked with its amount",
        breaches: """
            SELECT counted_refund.organisation, 'refund ' || refund || ' of ' || counted_refund.amount
                || ' is not booked so' AS breach
            FROM counted_refund JOIN expectation USING (payment)
            WHERE NOT EXISTS (\(booking(of: "refund", "counted_refund.amount")))
            """)

    private static let returnedRefundsAreBooked = Invariant(
        "a refund that came back was booked back with its amount, and no other",
        breaches: """
            SELECT counted_refund.organisation, 'refund ' || refund || ' of ' || counted_refund.amount
                || CASE WHEN returned_on IS NULL THEN ' is' ELSE ' is not' END || ' booked back' AS breach
            FROM counted_refund JOIN expectation USING (payment)
            WHERE CASE WHEN returned_on IS NULL
                THEN EXISTS (SELECT FROM ledger_entry WHERE kind = 'refund-returned' AND subject = refund)
                ELSE NOT EXISTS (\(booking(of: "refund-returned", "-counted_refund.amount"))) END
            """)

    /// The entry about a refund that gives its client so much.
    private static func booking(of kind: String, _ amount: SQL) -> SQL {
        """
        SELECT FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
        WHERE kind = '\(unescaped: kind)' AND subject = refund AND line.amount = \(amount)
            AND line.currency = expectation.currency
            AND account = CASE WHEN is_held THEN '419100' ELSE '411000' END
        """
    }

    private static let disputesAreWithheld = Invariant(
        "what is withheld of a payment is the sum of its disputes that are open or lost",
        breaches: """
            SELECT organisation, 'payment ' || payment || ' counts ' || withheld || ' as withheld' AS breach
            FROM expectation
            WHERE withheld <> (
                SELECT coalesce(sum(amount - given_back), 0) FROM dispute
                WHERE dispute.payment = expectation.payment AND dispute.currency = expectation.currency)
            """)

    private static let disputesAreBooked = Invariant(
        "a dispute is on the account of what is withheld while it is open, and not when it is closed",
        breaches: """
            SELECT organisation, 'dispute ' || reference || ' of ' || amount || ' withholds ' || booked AS breach
            FROM (
                SELECT dispute.organisation, reference, dispute.amount, outcome, (
                    SELECT coalesce(sum(line.amount), 0)
                    FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                    WHERE subject = dispute.id AND kind IN ('dispute-opened', 'dispute-closed')
                        AND account = '467000') AS booked
                FROM dispute JOIN expectation ON expectation.payment = dispute.payment
                    AND expectation.currency = dispute.currency) AS counted
            WHERE booked <> CASE WHEN outcome IS NULL THEN amount ELSE 0 END
            """)

    private static let disputesEndAtTheirLoser = Invariant(
        "a dispute that was closed went back to the provider's account, and what was lost of it to that of the client",
        breaches: """
            SELECT dispute.organisation, 'dispute ' || reference || ' of ' || dispute.amount || ', of which '
                || given_back || ' came back, is not booked as ' || outcome AS breach
            FROM dispute JOIN expectation ON expectation.payment = dispute.payment
                AND expectation.currency = dispute.currency
                CROSS JOIN LATERAL (
                    SELECT coalesce(sum(line.amount) FILTER (
                            WHERE account = \(ClearingAccounts.account(of: "expectation"))), 0) AS owed_again,
                        coalesce(sum(line.amount) FILTER (WHERE account = CASE
                            WHEN is_held THEN '419100' ELSE '411000' END), 0) AS due_again
                    FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                    WHERE kind = 'dispute-closed' AND subject = dispute.id) AS booked
            WHERE outcome IS NOT NULL AND (owed_again, due_again) <> (given_back, dispute.amount - given_back)
            """)

    private static let disputesAreToldOnce = Invariant(
        "a provider's line about a dispute waits on its own account, or an event tells of it, never both",
        breaches: """
            SELECT organisation, 'line ' || reference || ' has ' || booked || ' bookings' AS breach
            FROM (
                SELECT organisation, id, reference, payment, (
                    SELECT count(*) FILTER (WHERE kind = 'adjustment')
                        - count(*) FILTER (WHERE kind = 'adjustment-undone')
                    FROM ledger_entry WHERE subject = line.id AND kind IN ('adjustment', 'adjustment-undone')) AS booked
                FROM settlement_line AS line WHERE kind = 'dispute' AND payment IS NOT NULL AND gross <> 0) AS counted
            WHERE booked <> (NOT EXISTS (
                SELECT FROM dispute WHERE counted.id IN (opening_line, closing_line)
                    AND dispute.payment = counted.payment))::int
            """)

    private static let payoutsAreTheirLines = Invariant(
        "every payout is the sum of its lines",
        breaches: """
            SELECT payout.organisation, 'payout ' || payout.reference || ' is ' || payout.amount || ', its lines '
                || coalesce(sum(gross - fee), 0) AS breach
            FROM payout LEFT JOIN settlement_line ON settlement_line.payout = payout.id
                AND settlement_line.currency = payout.currency
            GROUP BY payout.id HAVING payout.amount <> coalesce(sum(gross - fee), 0)
            """)

    private static let pointingIsBooked = Invariant(
        "a payout is booked as received once when it is pointed by more than the provider's word, else not",
        breaches: """
            SELECT organisation, 'payout ' || reference || ' has ' || booked || ' bookings' AS breach
            FROM (
                SELECT organisation, reference, amount, is_received, bank_line, (
                    SELECT count(*) FILTER (WHERE kind = 'payout') - count(*) FILTER (WHERE kind = 'payout-undone')
                    FROM ledger_entry WHERE subject = payout.id AND kind IN ('payout', 'payout-undone')) AS booked
                FROM payout) AS counted
            WHERE booked <> (is_received AND (amount <> 0 OR bank_line IS NOT NULL))::int
            """)

    /// Versions before migration `0039` booked what was pointed without a line there; that stays until it is
    /// un-pointed.
    private static let bankIsItsLines = Invariant(
        "the account of the bank holds the bank lines that payouts and remittances were pointed to, and nothing else",
        breaches: """
            SELECT organisation, 'account 512 is out by ' || sum(amount) || ' ' || currency AS breach
            FROM (
                SELECT organisation, currency, amount FROM ledger_line WHERE account = '512000'
                UNION ALL
                SELECT line.organisation, line.currency, -line.amount
                FROM bank_line AS line JOIN payout ON payout.bank_line = line.id
                UNION ALL
                SELECT line.organisation, line.currency, -line.amount
                FROM bank_line AS line JOIN joint_pointing_line AS joined ON joined.bank_line = line.id AND is_live
                UNION ALL
                SELECT line.organisation, line.currency, -line.amount
                FROM bank_line AS line JOIN remittance ON remittance.bank_line = line.id
                UNION ALL
                SELECT organisation, currency, -amount FROM payout WHERE no_line_account = '512000') AS held
            GROUP BY organisation, currency HAVING sum(amount) <> 0
            """)

    /// Versions before migration `0039` did not note it.
    private static let linesAreOfTheirBank = Invariant(
        "what is booked at the bank is booked on the account of the bank that received it",
        breaches: """
            SELECT entry.organisation, entry.kind || ' ' || entry.subject || ' is booked on ' || booked.bank AS breach
            FROM ledger_line AS booked JOIN ledger_entry AS entry ON entry.id = booked.entry
            WHERE booked.bank IS NOT NULL AND NOT EXISTS (
                SELECT FROM bank_line AS line
                WHERE line.organisation = entry.organisation AND line.iban = booked.bank
                    AND line.currency = booked.currency)
            UNION ALL
            SELECT payout.organisation, 'payout ' || payout.reference || ' is booked on ' || booked.bank
            FROM payout JOIN bank_line AS line ON line.id = payout.bank_line
                JOIN ledger_entry AS entry ON entry.kind = 'payout' AND entry.subject = payout.id
                    AND entry.run = payout.times_pointed
                JOIN ledger_line AS booked ON booked.entry = entry.id
            WHERE booked.bank <> line.iban
            UNION ALL
            SELECT remittance.organisation, 'remittance ' || remittance.reference || ' is booked on ' || booked.bank
            FROM remittance JOIN bank_line AS line ON line.id = remittance.bank_line
                JOIN ledger_entry AS entry ON entry.kind = 'deposit' AND entry.subject = remittance.id
                    AND entry.run = remittance.times_pointed
                JOIN ledger_line AS booked ON booked.entry = entry.id
            WHERE booked.bank <> line.iban
            """)

    private static let remaindersAreNamed = Invariant(
        "what a bank line differs from its payout is a discrepancy",
        breaches: """
            SELECT payout.organisation, 'payout ' || payout.reference || ' is out by '
                || bank_line.amount - payout.amount AS breach
            FROM payout JOIN bank_line ON bank_line.id = payout.bank_line
            WHERE bank_line.amount <> payout.amount
                AND abs(bank_line.amount - payout.amount) > coalesce(tolerance, 0) AND NOT EXISTS (
                SELECT FROM discrepancy WHERE discrepancy.payout = payout.id AND kind = 'payout-amount'
                    AND (closed_at IS NULL OR closed_by IS NOT NULL))
            """)

    /// A correction may also take back VAT that the provider was thought to charge.
    private static let selfAssessedIsDeducted = Invariant(
        "what the clinic owes for a fee from abroad is deducted by the same entry",
        breaches: """
            SELECT organisation, 'entry ' || entry || ' owes and deducts ' || sum(amount) AS breach
            FROM ledger_line AS line
            WHERE account IN ('445200', '445660')
                AND EXISTS (SELECT FROM ledger_line WHERE entry = line.entry AND account = '445200')
                AND NOT EXISTS (SELECT FROM ledger_entry WHERE id = line.entry AND kind = 'fee-correction')
            GROUP BY organisation, entry HAVING sum(amount) <> 0
            """)

    private static let jointPointingsSumUp = Invariant(
        "what was pointed together is the same sum on both sides, with its difference",
        breaches: """
            SELECT organisation, 'joint pointing ' || id || ' received ' || received || ' of ' || booked AS breach
            FROM (
                SELECT organisation, id, difference,
                    (SELECT sum(received) FROM joint_pointing_payout WHERE joint_pointing = joint.id) AS received,
                    (SELECT sum(bank_line.amount) FROM joint_pointing_line AS line
                        JOIN bank_line ON bank_line.id = line.bank_line
                        WHERE joint_pointing = joint.id) AS booked
                FROM joint_pointing AS joint) AS summed
            WHERE received IS DISTINCT FROM booked
            """)

    private static let jointPointingsAreWhole = Invariant(
        "what was pointed together is pointed as a whole or not at all",
        breaches: """
            SELECT joint.organisation, 'payout ' || payout.reference || ' of joint pointing ' || joint.id AS breach
            FROM joint_pointing AS joint JOIN joint_pointing_payout AS share ON share.joint_pointing = joint.id
                JOIN payout ON payout.id = share.payout
            WHERE (joint.undone_at IS NULL) <> (payout.joint_pointing IS NOT DISTINCT FROM joint.id)
            """)

    private static let rowsSumToTheBank = Invariant(
        "the rows of a payout sum to its bank line, or a discrepancy or a reason names the rest",
        breaches: """
            SELECT payout.organisation, 'payout ' || payout.reference || ' received ' || received || ', its rows are '
                || told || ' and ' || booked || ' was booked' AS breach
            FROM (
                SELECT payout.*, \(SumInvariants.received) AS received,
                    \(SumInvariants.told) AS told,
                    (SELECT coalesce(sum(line.amount) FILTER (
                            WHERE account = coalesce(payout.no_line_account, '512000')), 0)
                        FROM ledger_entry JOIN ledger_line AS line ON line.entry = ledger_entry.id
                        WHERE subject = payout.id AND kind IN ('payout', 'payout-undone')
                            AND line.currency = payout.currency) AS booked
                FROM payout WHERE is_received) AS payout
            WHERE received <> booked OR (received <> told AND abs(received - told) > coalesce(tolerance, 0)
                AND NOT EXISTS (
                    SELECT FROM discrepancy WHERE discrepancy.payout = payout.id AND kind = 'payout-amount'
                        AND (closed_at IS NULL OR closed_by IS NOT NULL)))
            """)

    private static let arrivalsAreNoted = Invariant(
        "a payment has arrived when its payout is pointed by more than the provider's word",
        breaches: """
            SELECT expectation.organisation, 'payment ' || payment || ' of payout ' || payout.reference AS breach
            FROM expectation JOIN payout ON payout.id = expectation.payout
            WHERE has_arrived <> is_received
            """)

    private static let wordsWereSaid = Invariant(
        "a payout that is pointed on the provider's word is one the provider says it paid, and something",
        breaches: """
            SELECT organisation, 'payout ' || reference || ' of ' || amount AS breach FROM payout
            WHERE rule = 'provider' AND (provider_says IS DISTINCT FROM 'paid' OR amount = 0)
            """)

    private static let failedFollowTheirMoney = Invariant(
        "a payout that failed is pointed as nothing while one that brought its money is pointed",
        breaches: """
            SELECT organisation, 'payout ' || reference AS breach FROM payout
            WHERE rule = 'nothing' AND EXISTS (
                    SELECT FROM settlement_line AS back
                    WHERE back.payout = payout.id AND back.kind = 'carried' AND back.gross < 0)
                AND NOT EXISTS (
                    SELECT FROM settlement_line AS line JOIN payout AS other ON other.id = line.payout
                    WHERE line.organisation = payout.organisation AND line.provider = payout.provider
                        AND line.payment_reference = payout.reference AND line.kind = 'carried' AND line.gross > 0
                        AND other.is_received)
            """)

    private static let numbersAreContinuous = Invariant(
        "numbers of validated entries have no gap",
        breaches: """
            SELECT organisation, 'year ' || financial_year || ' has ' || count(*) || ' numbers up to ' || max(number)
                AS breach
            FROM validated_entry GROUP BY organisation, financial_year HAVING count(*) <> max(number)
            """)

    private static let closedPeriodsAreValidated = Invariant(
        "every entry of a closed period is validated",
        breaches: """
            SELECT ledger_entry.organisation, 'entry ' || ledger_entry.id || ' of ' || booked_on AS breach
            FROM ledger_entry
                JOIN accounting_period ON accounting_period.organisation = ledger_entry.organisation
                    AND reopened_at IS NULL AND booked_on BETWEEN from_day AND to_day
            WHERE NOT EXISTS (SELECT FROM validated_entry WHERE entry = ledger_entry.id)
            """)
}
