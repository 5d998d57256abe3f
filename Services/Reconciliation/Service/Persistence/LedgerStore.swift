import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// The sub-ledger.
struct LedgerStore {
    let ids: IdentifierSource

    /// Books an entry about a subject; the same kind, subject and run is booked once, and an entry of nothing never.
    ///
    /// What happened on a day whose period is closed is written on the first open day. `piece` is the reference of what
    /// the entry is written from.
    func book(
        _ entry: LedgerEntry, about subject: some Identifier, piece: String, run: Int32 = 1, in change: inout Change
    ) throws {
        let lines = entry.lines
        guard !lines.isEmpty else { return }
        change.executeLater(
            """
            WITH booked AS (
                INSERT INTO ledger_entry (id, organisation, kind, subject, run, piece, happened_on, booked_on)
                SELECT \(ids.next()), \(change.cause.organisation), \(entry.kind.rawValue), \(subject.value), \(run),
                    \(piece), \(entry.on), greatest(\(entry.on), (
                        SELECT max(to_day) + 1 FROM accounting_period
                        WHERE organisation = \(change.cause.organisation) AND reopened_at IS NULL))
                ON CONFLICT ON CONSTRAINT ledger_entry_once DO NOTHING
                RETURNING id, organisation
            )
            INSERT INTO ledger_line (entry, organisation, position, account, currency, amount)
            SELECT booked.id, booked.organisation, line.*
            FROM booked CROSS JOIN unnest(\(lines.indices.map { Int32($0 + 1) }), \(lines.map(\.account.number)),
                \(lines.map(\.amount.currency.code)), \(lines.map(\.amount.minorUnits))) AS line
            """)
    }

    /// The entry as it was booked; nil when nothing was.
    func entry(
        _ kind: LedgerEntry.Kind, about subject: some Identifier, run: Int32, in change: inout Change
    ) throws -> LedgerEntry? {
        let lines: [(day: LocalDate, line: LedgerLine)] = try change.query(
            """
            SELECT booked_on, account, currency, amount FROM ledger_entry
            JOIN ledger_line ON ledger_line.entry = ledger_entry.id
            WHERE ledger_entry.organisation = \(change.cause.organisation) AND kind = \(kind.rawValue)
                AND subject = \(subject.value) AND run = \(run)
            ORDER BY position
            """
        ) { row in
            guard let account = Account(number: try row("account")) else { throw UnknownAccount() }
            let amount = try row.money("amount", try row.currency())
            return (try row("booked_on"), LedgerLine(account: account, amount: amount))
        }
        guard let first = lines.first else { return nil }
        return try LedgerEntry(kind, on: first.day, in: first.line.amount.currency, lines.map(\.line))
    }

    /// The balance of every account, of entries from a day or to one where they are given; their sum is zero.
    func balances(
        of organisation: OrganisationID, from: LocalDate?, to: LocalDate?, _ transaction: inout PostgresTransaction
    ) throws -> [BalanceAnswer] {
        var days: SQL = "TRUE"
        if let from { days = "\(days) AND booked_on >= \(from)" }
        if let to { days = "\(days) AND booked_on <= \(to)" }
        let entries: SQL =
            from == nil && to == nil ? "" : "JOIN ledger_entry ON ledger_entry.id = ledger_line.entry AND \(days)"
        return try transaction.query(
            """
            SELECT account, currency, sum(amount)::bigint AS balance FROM ledger_line \(entries)
            WHERE ledger_line.organisation = \(organisation) GROUP BY account, currency ORDER BY account, currency
            """
        ) { row in
            BalanceAnswer(
                account: try row("account"), balance: try row.money("balance", try row.currency()))
        }
    }
}

/// A line names an account that no version of this program knows.
struct UnknownAccount: Error {}
