import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// One line of a validated entry, as the tax office reads it.
struct FECLine: Sendable {
    let journal: String
    let journalLabel: String
    let number: Int64
    let bookedOn: LocalDate
    let account: String
    let accountLabel: String
    let piece: String
    let happenedOn: LocalDate
    let label: String
    /// Debit positive, credit negative.
    let amount: Money
    let validOn: LocalDate
}

/// Validated entries of a financial year; nothing is written through it.
struct FECStore {
    /// What stands in the way of a complete file.
    struct State: Sendable {
        /// The first day with an entry that is not validated.
        let openFrom: LocalDate?
        /// The last day with an entry that is.
        let lastValidated: LocalDate?
        /// The last day that is closed.
        let closedThrough: LocalDate?
        /// A currency other than the euro, in which the accounts are not kept.
        let foreign: String?
    }

    func state(
        of organisation: OrganisationID, year: Int, _ days: ClosedRange<LocalDate>,
        _ transaction: inout PostgresTransaction
    ) throws -> State {
        try transaction.one(
            """
            SELECT (
                SELECT min(booked_on) FROM ledger_entry
                WHERE organisation = \(organisation) AND booked_on BETWEEN \(days.lowerBound) AND \(days.upperBound)
                    AND NOT EXISTS (SELECT FROM validated_entry WHERE entry = ledger_entry.id)) AS open_from, (
                SELECT max(booked_on) FROM validated_entry JOIN ledger_entry ON ledger_entry.id = validated_entry.entry
                WHERE validated_entry.organisation = \(organisation)
                    AND financial_year = \(Int32(year))) AS last_validated, (
                SELECT max(to_day) FROM accounting_period
                WHERE organisation = \(organisation) AND reopened_at IS NULL) AS closed_through, (
                SELECT min(currency) FROM ledger_line JOIN ledger_entry ON ledger_entry.id = entry
                WHERE ledger_line.organisation = \(organisation) AND currency <> 'EUR'
                    AND booked_on BETWEEN \(days.lowerBound) AND \(days.upperBound)) AS foreign_currency
            """
        ) { row in
            State(
                openFrom: try row("open_from"), lastValidated: try row("last_validated"),
                closedThrough: try row("closed_through"), foreign: try row("foreign_currency"))
        }
    }

    /// The lines in the order of numbers.
    ///
    /// The tax office takes one name for each journal and each account: of those that closings of the year gave, the
    /// last.
    func cursor(
        of organisation: OrganisationID, year: Int, in database: Database
    ) async throws -> RowCursor<FECLine> {
        try await database.cursor(
            organisation: organisation,
            """
            WITH closing AS (
                SELECT period, journal, journal_label, max(number) AS last_number FROM validated_entry
                WHERE organisation = \(organisation) AND financial_year = \(Int32(year))
                GROUP BY period, journal, journal_label
            ), journal_name AS (
                SELECT DISTINCT ON (journal) journal, journal_label FROM closing ORDER BY journal, last_number DESC
            ), account_name AS (
                SELECT DISTINCT ON (number) number, label
                FROM closing JOIN period_account USING (period) ORDER BY number, last_number DESC
            )
            SELECT validated_entry.journal, journal_name.journal_label, validated_entry.number, booked_on,
                account_name.number AS account, account_name.label AS account_label, piece, subject::text,
                coalesce(happened_on, booked_on) AS happened_on, validated_entry.label, currency, amount, valid_on
            FROM validated_entry
                JOIN ledger_entry ON ledger_entry.id = validated_entry.entry
                JOIN ledger_line ON ledger_line.entry = ledger_entry.id
                JOIN period_account ON period_account.period = validated_entry.period
                    AND period_account.account = \(PeriodStore.accountOfLine)
                JOIN account_name ON account_name.number = period_account.number
                JOIN journal_name ON journal_name.journal = validated_entry.journal
            WHERE validated_entry.organisation = \(organisation) AND financial_year = \(Int32(year))
            ORDER BY validated_entry.number, position
            """, read)
    }

    @Sendable private func read(_ row: Row) throws -> FECLine {
        let piece: String = try row("piece")
        return FECLine(
            journal: try row("journal"), journalLabel: try row("journal_label"), number: try row("number"),
            bookedOn: try row("booked_on"), account: try row("account"), accountLabel: try row("account_label"),
            piece: piece.isEmpty ? try row("subject") : piece, happenedOn: try row("happened_on"),
            label: try row("label"), amount: try row.money("amount", try row.currency()),
            validOn: try row("valid_on"))
    }
}
