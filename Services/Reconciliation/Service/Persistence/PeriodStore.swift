import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Periods that were closed, and the numbers their entries got.
struct PeriodStore {
    let ids: IdentifierSource

    func books(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> ClosedBooks {
        ClosedBooks(
            last: try transaction.first(
                """
                SELECT from_day, to_day FROM accounting_period
                WHERE organisation = \(organisation) AND reopened_at IS NULL ORDER BY to_day DESC LIMIT 1
                """
            ) { row in AccountingPeriod(from: try row("from_day"), to: try row("to_day")) })
    }

    /// Also the first day that was ever closed: opened again without an entry, it is closed again with what follows.
    func firstEntry(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> LocalDate? {
        try transaction.one(
            """
            SELECT least(
                (SELECT min(booked_on) FROM ledger_entry WHERE organisation = \(organisation)),
                (SELECT min(from_day) FROM accounting_period WHERE organisation = \(organisation))) AS first
            """
        ) { row in try row("first") }
    }

    func hasValidated(_ organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> Bool {
        try transaction.one(
            "SELECT EXISTS (SELECT FROM validated_entry WHERE organisation = \(organisation)) AS found"
        ) { row in try row("found") }
    }

    /// The number of one of these accounts under which closed books have lines of another, in a year that may get more.
    ///
    /// The year of the last closed day is one: its period may be opened again.
    func numberOfOther(
        than accounts: [(account: String, number: String)], in chart: Chart, of organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> String? {
        let last = try books(of: organisation, &transaction).last?.to
        return try transaction.first(
            """
            SELECT before.number
            FROM period_account AS before
                JOIN unnest(\(accounts.map(\.account)), \(accounts.map(\.number))) AS now (account, number)
                    ON now.number = before.number AND now.account <> before.account
            WHERE before.organisation = \(organisation) AND EXISTS (
                SELECT FROM validated_entry AS written JOIN ledger_line USING (entry)
                WHERE written.period = before.period
                    AND before.account IN (ledger_line.account, ledger_line.account || ' ' || ledger_line.bank)
                    AND written.financial_year >= \(Int32(last.map { chart.financialYear(of: $0) } ?? 0)))
            ORDER BY before.number LIMIT 1
            """
        ) { row in try row("number") }
    }

    /// Keeps a closed period with its accounts as they are called now, and numbers its entries in the order of days.
    ///
    /// Answers how many entries were validated. Those of an earlier closing of the same days keep their numbers.
    func close(
        _ period: AccountingPeriod, with chart: Chart, validOn day: LocalDate, in change: inout Change
    ) throws -> Int {
        let (id, organisation) = (ids.next(), change.cause.organisation)
        change.executeLater(
            """
            INSERT INTO accounting_period (id, organisation, from_day, to_day, closed_by)
            VALUES (\(id), \(organisation), \(period.from), \(period.to), \(change.cause.actor))
            """)
        let own = chart.accounts.values.map { (key: $0.account.number, number: $0.number, label: $0.label) }
        let banks = chart.banks.values.map { (key: Self.key(of: $0), number: $0.number, label: $0.label) }
        let accounts = (own + banks).sorted { $0.key < $1.key }
        change.executeLater(
            """
            INSERT INTO period_account (period, organisation, account, number, label)
            SELECT \(id), \(organisation), * FROM unnest(\(accounts.map(\.key)), \(accounts.map(\.number)),
                \(accounts.map(\.label)))
            """)
        return try validate(id, period, chart, validOn: day, in: &change)
    }

    /// What a line is called that is on the account of the bank.
    static func key(of bank: BankInBooks) -> String { "\(Account.bank.number) \(bank.iban)" }

    /// The account of a period that a `ledger_line` of a `validated_entry` is on: that of its bank account, where the
    /// period knows it by itself.
    static let accountOfLine: SQL = """
        coalesce((
            SELECT own.account FROM period_account AS own
            WHERE own.period = validated_entry.period
                AND own.account = ledger_line.account || ' ' || ledger_line.bank), ledger_line.account)
        """

    private func validate(
        _ id: UInt128, _ period: AccountingPeriod, _ chart: Chart, validOn day: LocalDate, in change: inout Change
    ) throws -> Int {
        let organisation = change.cause.organisation
        let kinds = LedgerEntry.Kind.allCases
        let journals = kinds.compactMap { chart.journals[$0.journal] }
        let ofBanks = kinds.filter { $0.journal == .bank }
        let banks = Array(chart.banks.values)
        return try change.execute(
            """
            INSERT INTO validated_entry (entry, organisation, period, financial_year, number, journal, journal_label,
                label, valid_on)
            SELECT entry.id, \(organisation), \(id), year,
                coalesce((
                    SELECT max(number) FROM validated_entry AS before
                    WHERE before.organisation = \(organisation) AND before.financial_year = year), 0)
                    + row_number() OVER (PARTITION BY year ORDER BY booked_on, entry.id),
                coalesce(bank.journal, code), coalesce(bank.label, journal_label), written.label, \(day)
            FROM ledger_entry AS entry
                JOIN unnest(\(kinds.map(\.rawValue)), \(kinds.map(\.label)), \(journals.map(\.code)),
                    \(journals.map(\.label))) AS written (kind, label, code, journal_label) USING (kind)
                CROSS JOIN LATERAL (
                    SELECT extract(year FROM booked_on)::int
                        + (extract(month FROM booked_on) > \(Int32(chart.yearEndMonth)))::int AS year) AS financial
                LEFT JOIN LATERAL (
                    SELECT named.journal, named.label
                    FROM ledger_line AS line JOIN unnest(\(banks.map(\.iban)), \(banks.map(\.journal)),
                        \(banks.map(\.label))) AS named (iban, journal, label) ON named.iban = line.bank
                    WHERE line.entry = entry.id AND entry.kind = ANY(\(ofBanks.map(\.rawValue)))
                    ORDER BY line.position LIMIT 1) AS bank ON true
            WHERE entry.organisation = \(organisation) AND booked_on <= \(period.to)
                AND NOT EXISTS (SELECT FROM validated_entry WHERE validated_entry.entry = entry.id)
            """)
    }

    /// Opens the last closed period again.
    func reopen(_ period: AccountingPeriod, because reason: String, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE accounting_period
            SET reopened_by = \(change.cause.actor), reopened_at = now(), reopened_because = \(reason)
            WHERE organisation = \(change.cause.organisation) AND to_day = \(period.to) AND reopened_at IS NULL
            """)
    }

    func list(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> [PeriodAnswer] {
        try transaction.query(
            """
            SELECT from_day, to_day, closed_by, closed_at, reopened_by, reopened_at, reopened_because, (
                SELECT count(*) FROM validated_entry WHERE period = accounting_period.id) AS entries
            FROM accounting_period WHERE organisation = \(organisation) ORDER BY closed_at DESC, id DESC LIMIT 1000
            """
        ) { row in
            PeriodAnswer(
                from: try row("from_day"), to: try row("to_day"), entries: try row("entries"),
                closedBy: try row("closed_by"), closedAt: try row("closed_at"), reopenedBy: try row("reopened_by"),
                reopenedAt: try row("reopened_at"), reopenedBecause: try row("reopened_because"))
        }
    }
}
