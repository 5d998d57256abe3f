import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Which entries are asked for.
struct EntryFilter: Sendable {
    let from: LocalDate
    let to: LocalDate
    let journal: JournalRole?
}

/// A place in a list of entries.
struct EntryPlace: Sendable {
    let day: LocalDate
    let id: EntryID

    static let beginning = EntryPlace(day: .earliest, id: EntryID(0))
}

/// An entry of the sub-ledger.
struct EntryID: Identifier {
    let words: IdentifierWords

    init(words: IdentifierWords) { self.words = words }
}

extension EntryID: PostgresEncodable, PostgresDecodable {}

/// The entries as accountants read them; nothing is written through it.
struct JournalStore {
    /// The entries of a period in the order of days, with the chart's names for what is not validated yet.
    func entries(
        of organisation: OrganisationID, _ filter: EntryFilter, after place: EntryPlace, limit: Int, _ chart: Chart,
        _ transaction: inout PostgresTransaction
    ) throws -> [EntryAnswer] {
        let kinds = LedgerEntry.Kind.allCases.filter { filter.journal == nil || $0.journal == filter.journal }
        let heads = try transaction.query(
            """
            SELECT \(Self.heads)
            FROM ledger_entry LEFT JOIN validated_entry ON validated_entry.entry = ledger_entry.id
            WHERE ledger_entry.organisation = \(organisation) AND booked_on BETWEEN \(filter.from) AND \(filter.to)
                AND kind = ANY(\(kinds.map(\.rawValue))) AND (booked_on, id) > (\(place.day), \(place.id))
            ORDER BY booked_on, id LIMIT \(Int64(limit))
            """
        ) { row in try head(row, chart) }
        return try withLines(heads, chart, &transaction)
    }

    /// The first entries about some things, in the order of days.
    func entries(
        about subjects: [UInt128], of organisation: OrganisationID, _ chart: Chart,
        _ transaction: inout PostgresTransaction
    ) throws -> Excerpt<EntryAnswer> {
        try entries(aboutEach: [subjects], of: organisation, chart, &transaction)[0]
    }

    /// The first entries about the things of each group, in the order of days.
    func entries(
        aboutEach groups: [[UInt128]], of organisation: OrganisationID, _ chart: Chart,
        _ transaction: inout PostgresTransaction
    ) throws -> [Excerpt<EntryAnswer>] {
        let found = try transaction.query(
            """
            SELECT * FROM (
                SELECT \(Self.heads),
                    count(*) OVER (PARTITION BY subject) AS in_all,
                    row_number() OVER (PARTITION BY subject ORDER BY booked_on, id) AS place
                FROM ledger_entry LEFT JOIN validated_entry ON validated_entry.entry = ledger_entry.id
                WHERE ledger_entry.organisation = \(organisation) AND subject = ANY(\(Array(Set(groups.joined()))))
                    AND kind = ANY(\(LedgerEntry.Kind.allCases.map(\.rawValue)))) AS placed
            WHERE place <= \(Int64(Excerpt<EntryAnswer>.most))
            """
        ) { row in
            (subject: try row("subject") as UInt128, head: try head(row, chart), inAll: try row("in_all") as Int)
        }
        let bySubject = Dictionary(grouping: found, by: \.subject)
        let shown: [(heads: ArraySlice<EntryAnswer>, inAll: Int)] = groups.map { subjects in
            let all = Set(subjects).compactMap { bySubject[$0] }
            let first = all.joined().map(\.head).sorted { ($0.bookedOn, $0.id) < ($1.bookedOn, $1.id) }
                .prefix(Excerpt<EntryAnswer>.most)
            return (heads: first, inAll: all.reduce(0) { $0 + $1[0].inAll })
        }
        let ids = Set(shown.flatMap { $0.heads.map(\.id.value) })
        let lines = try lines(of: Array(ids), chart, &transaction)
        return shown.map { heads, inAll in
            Excerpt(heads.map { (item: $0.with(lines[$0.id] ?? []), inAll: inAll) })
        }
    }

    /// Of a `ledger_entry` with its `validated_entry`, if it has one.
    private static let heads: SQL = """
        id, kind, piece, subject, booked_on, happened_on, financial_year, number, journal, \(bank) AS bank
        """

    /// The bank account whose line on 512 an entry has, the first where it has several.
    static let bank: SQL = """
        (SELECT bank FROM ledger_line WHERE entry = ledger_entry.id AND bank IS NOT NULL
            ORDER BY position LIMIT 1)
        """

    private func withLines(
        _ heads: [EntryAnswer], _ chart: Chart, _ transaction: inout PostgresTransaction
    ) throws -> [EntryAnswer] {
        let lines = try lines(of: heads.map(\.id.value), chart, &transaction)
        return heads.map { $0.with(lines[$0.id] ?? []) }
    }

    private func head(_ row: Row, _ chart: Chart) throws -> EntryAnswer {
        let kind: LedgerEntry.Kind = try row.word("kind")
        let (piece, bookedOn): (String, LocalDate) = (try row("piece"), try row("booked_on"))
        let subject: UInt128 = try row("subject")
        return EntryAnswer(
            id: try row("id"), financialYear: try row("financial_year"), number: try row("number"),
            journal: try row("journal") ?? chart.journal(of: kind, at: try row("bank"))?.code ?? "",
            bookedOn: bookedOn,
            happenedOn: try row("happened_on") ?? bookedOn,
            piece: piece.isEmpty ? EntryID(subject).description : piece, label: kind.label, lines: [])
    }

    private func lines(
        of entries: [UInt128], _ chart: Chart, _ transaction: inout PostgresTransaction
    ) throws -> [EntryID: [EntryAnswer.Line]] {
        let found = try transaction.query(
            """
            SELECT ledger_line.entry, ledger_line.account, ledger_line.bank, period_account.number,
                period_account.label, currency, amount
            FROM ledger_line
                LEFT JOIN validated_entry ON validated_entry.entry = ledger_line.entry
                LEFT JOIN period_account ON period_account.period = validated_entry.period
                    AND period_account.account = \(PeriodStore.accountOfLine)
            WHERE ledger_line.entry = ANY(\(entries)) ORDER BY ledger_line.entry, position
            """
        ) { row in
            let account = try row.account()
            let called = chart.account(account, at: try row("bank"))
            let line = try EntryAnswer.Line(
                account: try row("number") ?? called?.number ?? account.number,
                label: try row("label") ?? called?.label ?? "", try row.money("amount", try row.currency()))
            return (entry: try row("entry") as EntryID, line: line)
        }
        return Dictionary(grouping: found, by: \.entry).mapValues { $0.map(\.line) }
    }

    /// The sums of every account over a period, under the chart's names; both sides are the same in each currency.
    func sums(
        of organisation: OrganisationID, from: LocalDate, to: LocalDate, _ chart: Chart,
        _ transaction: inout PostgresTransaction
    ) throws -> [AccountSumsAnswer] {
        try transaction.query(sumSelection(organisation, from: from, to: to, chart)) { row in try sum(row, chart) }
    }

    /// The same with what remains on each, as a file.
    func sumCursor(
        of organisation: OrganisationID, _ period: GridStore.Period, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        let chart = try await database.read(organisation: organisation) { transaction in
            try ChartStore().chart(of: organisation, &transaction)
        }
        return try await database.cursor(
            organisation: organisation, sumSelection(organisation, from: period.from, to: period.to, chart)
        ) { row in
            let found = try sum(row, chart)
            return [
                .text(found.account), .text(found.label), .text(found.debit.currency.code), .amount(found.debit),
                .amount(found.credit), .amount(try found.debit.subtracting(found.credit)),
            ]
        }
    }

    /// Bank accounts that have names of their own apart.
    private func sumSelection(
        _ organisation: OrganisationID, from: LocalDate, to: LocalDate, _ chart: Chart
    ) -> SQL {
        """
        SELECT account, named.iban AS bank, currency,
            coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint AS debit,
            coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint AS credit
        FROM ledger_line JOIN ledger_entry ON ledger_entry.id = entry
            LEFT JOIN unnest(\(chart.banks.keys.sorted())) AS named (iban) ON named.iban = bank
        WHERE ledger_line.organisation = \(organisation) AND booked_on BETWEEN \(from) AND \(to)
        GROUP BY account, named.iban, currency ORDER BY account, named.iban NULLS FIRST, currency
        """
    }

    private func sum(_ row: Row, _ chart: Chart) throws -> AccountSumsAnswer {
        let account = try row.account()
        let called = chart.account(account, at: try row("bank"))
        let currency = try row.currency()
        return AccountSumsAnswer(
            account: called?.number ?? account.number, label: called?.label ?? "",
            debit: try row.money("debit", currency), credit: try row.money("credit", currency))
    }
}
