import PostgresClient
import ServiceRuntime

/// What must always hold of tills and of what they bring to the bank, each with what finds its breaches.
enum TillInvariants {
    static let all = [
        movementsAreBooked, countsAreWhatTheyCount, differencesAreBooked, slipsAreTheirItems, slipsAreBooked,
        depositsAreBooked, depositsAreExplained, accountsAreWhatWaits, underWayIsWhatIsNotPointed,
    ]

    private static let movementsAreBooked = Invariant(
        "every movement of a till was booked with its amount",
        breaches: """
            SELECT organisation, 'movement ' || id || ' of ' || amount || ' is not booked so' AS breach
            FROM till_movement
            WHERE NOT EXISTS (
                SELECT FROM ledger_entry JOIN ledger_line ON ledger_line.entry = ledger_entry.id
                WHERE kind IN ('collection', 'collection-reversed') AND subject = till_movement.id
                    AND account = '411000' AND ledger_line.amount = -till_movement.amount
                    AND ledger_line.currency = till_movement.currency)
            """)

    private static let countsAreWhatTheyCount = Invariant(
        "what a cash-up expects is the sum of the movements it counted",
        breaches: """
            SELECT organisation, 'cash-up ' || cash_up || ' is out by ' || sum(amount) || ' of ' || method AS breach
            FROM (
                SELECT organisation, cash_up, method, tender, currency, amount FROM till_movement
                WHERE cash_up IS NOT NULL
                UNION ALL
                SELECT organisation, cash_up, method, tender, currency, -expected FROM cash_up_line) AS counted
            GROUP BY organisation, cash_up, method, tender, currency HAVING sum(amount) <> 0
            """)

    private static let differencesAreBooked = Invariant(
        "every difference of a cash-up was booked on the account it names",
        breaches: """
            SELECT organisation, 'line ' || position || ' of cash-up ' || cash_up || ' is not booked' AS breach
            FROM cash_up_line
            WHERE counted <> expected AND NOT EXISTS (
                SELECT FROM ledger_entry JOIN ledger_line ON ledger_line.entry = ledger_entry.id
                WHERE kind = 'till-difference' AND subject = cash_up AND run = cash_up_line.position
                    AND ledger_line.account = cash_up_line.account AND amount = expected - counted)
            """)

    private static let slipsAreTheirItems = Invariant(
        "every remittance is the sum of its slip",
        breaches: """
            SELECT remittance.organisation, 'remittance ' || reference || ' is ' || amount || ', its slip '
                || coalesce(sum(value * pieces), 0) AS breach
            FROM remittance LEFT JOIN remittance_item ON remittance_item.remittance = remittance.id
            GROUP BY remittance.id HAVING amount <> coalesce(sum(value * pieces), 0)
            """)

    private static let slipsAreBooked = Invariant(
        "a remittance is booked once, and taken back when it is cancelled",
        breaches: """
            SELECT organisation, 'remittance ' || reference || ' has ' || booked || ' bookings' AS breach
            FROM (
                SELECT organisation, reference, cancelled_at, (
                    SELECT count(*) FILTER (WHERE kind = 'remittance')
                        - count(*) FILTER (WHERE kind = 'remittance-undone')
                    FROM ledger_entry
                    WHERE subject = remittance.id AND kind IN ('remittance', 'remittance-undone')) AS booked
                FROM remittance) AS counted
            WHERE booked <> (cancelled_at IS NULL)::int
            """)

    private static let depositsAreBooked = Invariant(
        "a remittance is booked as received once when it is pointed, and not when it is not",
        breaches: """
            SELECT organisation, 'remittance ' || reference || ' has ' || booked || ' deposits' AS breach
            FROM (
                SELECT organisation, reference, bank_line, (
                    SELECT count(*) FILTER (WHERE kind = 'deposit') - count(*) FILTER (WHERE kind = 'deposit-undone')
                    FROM ledger_entry
                    WHERE subject = remittance.id AND kind IN ('deposit', 'deposit-undone')) AS booked
                FROM remittance) AS counted
            WHERE booked <> (bank_line IS NOT NULL)::int
            """)

    private static let depositsAreExplained = Invariant(
        "what a bank line differs from its remittance has a reason and an account",
        breaches: """
            SELECT remittance.organisation, 'remittance ' || remittance.reference || ' is out by '
                || bank_line.amount - remittance.amount AS breach
            FROM remittance JOIN bank_line ON bank_line.id = remittance.bank_line
            WHERE (bank_line.amount <> remittance.amount) <> (difference_account IS NOT NULL)
            """)

    /// Cheques and cards that wait are movements on no slip; cash has no movements of its own on slips.
    private static let accountsAreWhatWaits = Invariant(
        "the accounts of tills hold what waits there",
        breaches: """
            SELECT organisation, 'account ' || account || ' is out by ' || sum(amount) || ' ' || currency AS breach
            FROM (
                SELECT organisation, account, currency, amount FROM ledger_line
                WHERE account IN ('530000', '511200', '511800', '511900')
                UNION ALL
                SELECT organisation, \(account), currency, -amount FROM till_movement
                WHERE remittance IS NULL
                UNION ALL
                SELECT organisation, \(account), currency, expected - counted FROM cash_up_line
                UNION ALL
                SELECT organisation, '530000', currency, amount FROM remittance
                WHERE tender = 'cash' AND cancelled_at IS NULL) AS held
            GROUP BY organisation, account, currency HAVING sum(amount) <> 0
            """)

    private static let underWayIsWhatIsNotPointed = Invariant(
        "what is under way to the bank are the remittances it has not booked",
        breaches: """
            SELECT organisation, 'under way is out by ' || sum(amount) || ' ' || currency AS breach
            FROM (
                SELECT organisation, currency, amount FROM ledger_line WHERE account = '580000'
                UNION ALL
                SELECT organisation, currency, -amount FROM remittance
                WHERE bank_line IS NULL AND cancelled_at IS NULL) AS moving
            GROUP BY organisation, currency HAVING sum(amount) <> 0
            """)

    /// Where money of a kind waits, as `Tender` has it.
    private static let account: SQL = """
        CASE tender WHEN 'cash' THEN '530000' WHEN 'cheque' THEN '511200' WHEN 'card' THEN '511800' ELSE '511900' END
        """
}
