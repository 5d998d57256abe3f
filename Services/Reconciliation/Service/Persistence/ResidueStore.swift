import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// What discrepancies leave on an account, and its entry onto the account with which a person closed them.
///
/// What is booked follows what is left: the missing piece that comes after all, or a payout that is un-pointed, takes
/// the entry back.
struct ResidueStore {
    let ids: IdentifierSource

    /// Nil where nothing is left of it.
    func residue(of id: DiscrepancyID, in change: inout Change) throws -> Residue? {
        try change.first(
            """
            SELECT account FROM (\(Self.all)) AS residue
            WHERE organisation = \(change.cause.organisation) AND discrepancy = \(id) AND amount <> 0
            """
        ) { row in Residue(on: try row.account()) }
    }

    /// Books what is missing of one, or takes back what is too much; nothing where it is as it should be.
    func book(_ kind: DiscrepancyKind, _ subject: String, in change: inout Change) throws {
        try bookAll("discrepancy.kind = \(kind.rawValue) AND discrepancy.subject = \(subject)", in: &change)
    }

    /// The same of all that are about a payment.
    func bookAll(of payment: PaymentID, in change: inout Change) throws {
        try bookAll("payment = \(payment)", in: &change)
    }

    private func bookAll(_ condition: SQL, in change: inout Change) throws {
        let booked: [DiscrepancyID] = try change.query(
            """
            SELECT id FROM discrepancy
            WHERE organisation = \(change.cause.organisation) AND \(condition) AND (closed_into IS NOT NULL OR EXISTS (
                SELECT FROM ledger_entry
                WHERE ledger_entry.kind = 'discrepancy-closed' AND ledger_entry.subject = discrepancy.id))
            """
        ) { row in try row("id") }
        for id in booked { try book(id, in: &change) }
    }

    /// On the day of what is left, or on the first open one after it.
    func book(_ id: DiscrepancyID, in change: inout Change) throws {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            WITH line AS (
                SELECT account, currency, amount FROM (\(Self.missing)) AS missing
                WHERE organisation = \(organisation) AND discrepancy = \(id)
            ), place AS (
                SELECT coalesce((
                    SELECT max(on_day) FROM (\(Self.all)) AS residue WHERE discrepancy = \(id)
                ), max(happened_on)) AS day, coalesce(max(run), 0) AS run
                FROM ledger_entry WHERE kind = 'discrepancy-closed' AND subject = \(id)
            ), entry AS (
                INSERT INTO ledger_entry (id, organisation, kind, subject, run, piece, happened_on, booked_on)
                SELECT \(ids.next()), organisation, 'discrepancy-closed', id, run + 1, subject, day, greatest(day, (
                    SELECT max(to_day) + 1 FROM accounting_period
                    WHERE organisation = \(organisation) AND reopened_at IS NULL))
                FROM discrepancy CROSS JOIN place
                WHERE organisation = \(organisation) AND id = \(id) AND EXISTS (SELECT FROM line)
                RETURNING id, organisation
            )
            INSERT INTO ledger_line (entry, organisation, position, account, currency, amount)
            SELECT entry.id, entry.organisation, row_number() OVER (ORDER BY account, currency), account, currency,
                amount
            FROM entry CROSS JOIN line
            """)
        try FollowHeldDifference(ledger: LedgerStore(ids: ids)).run(.discrepancy, id, in: &change)
    }

    // MARK: What is left

    /// Of each discrepancy what has to be debited to an account so that nothing of it is left there: what a provider's
    /// line settled that no event tells of, what waits under its name, or what the bank received more than it is told.
    static let all: SQL = """
        SELECT discrepancy.id AS discrepancy, discrepancy.organisation, closed_into, told.provider, told.currency,
            paid_on AS on_day,
            CASE WHEN \(SumInvariants.waits) THEN '471000' ELSE \(ClearingAccounts.account(of: "told")) END AS account,
            CASE discrepancy.kind
                WHEN 'unknown-payment' THEN CASE WHEN told.payment IS NULL THEN told.gross - told.fee ELSE 0 END
                WHEN 'amount' THEN CASE
                    WHEN expectation.settlement_line = told.id THEN told.gross - expectation.amount
                    WHEN told.currency <> expectation.currency
                    THEN told.gross - CASE told.kind WHEN 'payment' THEN told.fee ELSE 0 END
                    WHEN told.kind = 'refund' THEN (\(givenBackTooMuch)) ELSE 0 END
                WHEN 'duplicate' THEN CASE
                    WHEN told.kind = 'payment' AND expectation.settlement_line IS DISTINCT FROM told.id
                        AND told.payment IS NOT NULL
                    THEN told.gross - told.fee ELSE 0 END
                WHEN 'unexplained' THEN CASE WHEN \(SumInvariants.waits) THEN told.gross ELSE 0 END
                WHEN 'dispute' THEN CASE WHEN \(SumInvariants.waits) THEN told.gross ELSE 0 END
                ELSE 0 END AS amount
        FROM discrepancy JOIN payout ON payout.id = discrepancy.payout
            JOIN settlement_line AS told ON told.organisation = discrepancy.organisation
                AND told.provider = payout.provider AND told.reference = discrepancy.subject
            LEFT JOIN expectation ON expectation.payment = told.payment
        UNION ALL
        SELECT discrepancy.id, discrepancy.organisation, closed_into, pointed.provider, pointed.currency, (
                SELECT max(happened_on) FROM ledger_entry
                WHERE ledger_entry.kind = 'payout' AND ledger_entry.subject = pointed.id
            ), '471000', pointed.amount
        FROM discrepancy JOIN (\(SumInvariants.unexplained)) AS pointed ON pointed.id = discrepancy.payout
        WHERE discrepancy.kind = 'payout-amount' AND NOT EXISTS (
            SELECT FROM held_clearing WHERE held_clearing.subject = pointed.id AND undone_at IS NULL)
        """

    /// What the entries of closed discrepancies lack, or have too much.
    static let missing: SQL = """
        SELECT discrepancy, organisation, account, currency, sum(amount)::bigint AS amount
        FROM (
            SELECT discrepancy, organisation, account, currency, amount FROM (\(all)) AS residue
            WHERE closed_into IS NOT NULL
            UNION ALL
            SELECT discrepancy, organisation, closed_into, currency, -amount FROM (\(all)) AS residue
            WHERE closed_into IS NOT NULL
            UNION ALL
            SELECT subject, ledger_entry.organisation, account, currency, -amount
            FROM ledger_entry JOIN ledger_line ON ledger_line.entry = ledger_entry.id
            WHERE kind = 'discrepancy-closed') AS wanted
        GROUP BY discrepancy, organisation, account, currency HAVING sum(amount) <> 0
        """

    /// How much a line gives back that no refund tells of, counted as its discrepancy is found
    /// (`ExpectedSettlement.discrepancies`).
    private static let givenBackTooMuch: SQL = """
        SELECT CASE WHEN gross > 0 THEN 0 ELSE greatest(gross, least(0, expectation.refunded
            + greatest(0, expectation.returned - coalesce(back, 0)) - given_back)) END
        FROM (
            SELECT refund.id, gross, sum(gross) FILTER (WHERE gross > 0) OVER () AS back,
                sum(-gross) OVER (ORDER BY (gross > 0) DESC, reference COLLATE "C") AS given_back
            FROM settlement_line AS refund
            WHERE refund.payment = told.payment AND refund.kind = 'refund'
                AND refund.currency = expectation.currency) AS counted
        WHERE counted.id = told.id
        """
}
