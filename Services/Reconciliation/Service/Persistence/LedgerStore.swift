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
            INSERT INTO ledger_line (entry, organisation, position, account, currency, amount, bank)
            SELECT booked.id, booked.organisation, line.*
            FROM booked CROSS JOIN unnest(\(lines.indices.map { Int32($0 + 1) }), \(lines.map(\.account.number)),
                \(lines.map(\.amount.currency.code)), \(lines.map(\.amount.minorUnits)), \(lines.map(\.bank)))
                AS line
            """)
    }

    /// An entry, and what it is about.
    struct Draft: Sendable {
        let entry: LedgerEntry
        let subject: UInt128
        let piece: String
    }

    /// Books several entries, each as it would be by itself, with one statement.
    func book(_ drafts: [Draft], in change: inout Change) {
        let drafts = drafts.filter { !$0.entry.lines.isEmpty }
        guard !drafts.isEmpty else { return }
        let entries = drafts.map { (id: ids.next(), draft: $0) }
        let lines = entries.flatMap { entry in
            entry.draft.entry.lines.enumerated().map { (entry: entry.id, position: Int32($0 + 1), line: $1) }
        }
        change.executeLater(
            """
            WITH booked AS (
                INSERT INTO ledger_entry (id, organisation, kind, subject, piece, happened_on, booked_on)
                SELECT id, \(change.cause.organisation), kind, subject, piece, happened_on, greatest(happened_on, (
                    SELECT max(to_day) + 1 FROM accounting_period
                    WHERE organisation = \(change.cause.organisation) AND reopened_at IS NULL))
                FROM unnest(\(entries.map(\.id)), \(drafts.map(\.entry.kind.rawValue)), \(drafts.map(\.subject)),
                    \(drafts.map(\.piece)), \(drafts.map(\.entry.on)))
                    AS draft (id, kind, subject, piece, happened_on)
                ON CONFLICT ON CONSTRAINT ledger_entry_once DO NOTHING
                RETURNING id, organisation
            )
            INSERT INTO ledger_line (entry, organisation, position, account, currency, amount, bank)
            SELECT booked.id, booked.organisation, line.position, line.account, line.currency, line.amount, line.bank
            FROM booked JOIN unnest(\(lines.map(\.entry)), \(lines.map(\.position)),
                \(lines.map(\.line.account.number)), \(lines.map(\.line.amount.currency.code)),
                \(lines.map(\.line.amount.minorUnits)), \(lines.map(\.line.bank)))
                AS line (entry, position, account, currency, amount, bank) ON line.entry = booked.id
            """)
    }

    /// The entry as it was booked; nil when nothing was.
    func entry(
        _ kind: LedgerEntry.Kind, about subject: some Identifier, run: Int32, in change: inout Change
    ) throws -> LedgerEntry? {
        let lines: [(day: LocalDate, line: LedgerLine)] = try change.query(
            """
            SELECT booked_on, account, currency, amount, bank FROM ledger_entry
            JOIN ledger_line ON ledger_line.entry = ledger_entry.id
            WHERE ledger_entry.organisation = \(change.cause.organisation) AND kind = \(kind.rawValue)
                AND subject = \(subject.value) AND run = \(run)
            ORDER BY position
            """
        ) { row in
            let amount = try row.money("amount", try row.currency())
            return (
                try row("booked_on"), LedgerLine(account: try row.account(), amount: amount, bank: try row("bank"))
            )
        }
        guard let first = lines.first else { return nil }
        return try LedgerEntry(kind, on: first.day, in: first.line.amount.currency, lines.map(\.line))
    }

    /// How often something was booked about each of some subjects.
    func timesBooked<Subject: Identifier>(
        _ kind: LedgerEntry.Kind, about subjects: [Subject], in change: inout Change
    ) throws -> [Subject: Int32] {
        let times = try change.query(
            """
            SELECT subject, max(run) AS run FROM ledger_entry
            WHERE organisation = \(change.cause.organisation) AND kind = \(kind.rawValue)
                AND subject = ANY(\(subjects.map(\.value))) GROUP BY subject
            """
        ) { row in (try row("subject") as UInt128, try row("run") as Int32) }
        let runs = Dictionary(uniqueKeysWithValues: times)
        return Dictionary(subjects.map { ($0, runs[$0.value] ?? 0) }) { first, _ in first }
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

extension Account {
    /// The account a number of ours is of.
    init(known number: String) throws(UnknownAccount) {
        guard let account = Account(number: number) else { throw UnknownAccount() }
        self = account
    }
}

extension Row {
    /// An account, kept as its number.
    func account(_ column: String = "account") throws -> Account { try Account(known: self(column)) }

    func optionalAccount(_ column: String) throws -> Account? {
        let number: String? = try self(column)
        return try number.map { try Account(known: $0) }
    }

    /// What an account takes and why, in two columns; nil where the first has none.
    func optionalDifference(_ account: String, because reason: String) throws -> Difference? {
        try optionalAccount(account).map { Difference(account: $0, reason: try self(reason)) }
    }
}
