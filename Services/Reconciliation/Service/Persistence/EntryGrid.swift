import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

extension JournalStore {
    /// The entries of a period as a file has them: a row for each line, with the chart's names for what is not
    /// validated yet.
    func cursor(
        of organisation: OrganisationID, _ filter: EntryFilter, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        let chart = try await database.read(organisation: organisation) { transaction in
            try ChartStore().chart(of: organisation, &transaction)
        }
        return try await database.cursor(organisation: organisation, lines(organisation, filter)) { row in
            try cells(row, chart)
        }
    }

    private func lines(_ organisation: OrganisationID, _ filter: EntryFilter) -> SQL {
        let kinds = LedgerEntry.Kind.allCases.filter { $0.journal == filter.journal }.map(\.rawValue)
        return """
            SELECT ledger_entry.id::text AS entry, financial_year, validated_entry.number AS entry_number,
                validated_entry.journal, validated_entry.label, booked_on,
                coalesce(happened_on, booked_on) AS happened_on, kind,
                coalesce(nullif(piece, ''), subject::text) AS piece, ledger_line.account,
                ledger_line.bank, \(Self.bank) AS entry_bank, period_account.number AS account_number,
                period_account.label AS account_label, currency, amount
            FROM ledger_entry
                JOIN ledger_line ON ledger_line.entry = ledger_entry.id
                LEFT JOIN validated_entry ON validated_entry.entry = ledger_entry.id
                LEFT JOIN period_account ON period_account.period = validated_entry.period
                    AND period_account.account = \(PeriodStore.accountOfLine)
            WHERE ledger_entry.organisation = \(organisation)
                AND booked_on BETWEEN \(filter.from) AND \(filter.to)
                AND (\(filter.journal == nil) OR kind = ANY(\(kinds)))
            ORDER BY booked_on, ledger_entry.id, position
            """
    }

    private func cells(_ row: Row, _ chart: Chart) throws -> [Cell] {
        let amount = try row.money("amount", try row.currency())
        let (code, written): (String, String) = (try row("kind"), try row("account"))
        let (kind, account) = (LedgerEntry.Kind(rawValue: code), Account(number: written))
        let (bank, entryBank): (String?, String?) = (try row("bank"), try row("entry_bank"))
        let called = account.flatMap { chart.account($0, at: bank) }
        let (year, number): (Int64?, Int64?) = (try row("financial_year"), try row("entry_number"))
        let (journal, label): (String?, String?) = (try row("journal"), try row("label"))
        let (accountNumber, accountLabel): (String?, String?) = (try row("account_number"), try row("account_label"))
        let usualJournal = kind.flatMap { chart.journal(of: $0, at: entryBank)?.code }
        let shownNumber = accountNumber ?? called?.number ?? written
        let none = Money.zero(amount.currency)
        return [
            Cell.text(try row("entry")), year.map(Cell.number) ?? .empty, number.map(Cell.number) ?? .empty,
            Cell(journal ?? usualJournal), .day(try row("booked_on")), .day(try row("happened_on")),
            .text(try row("piece")), .word(code, french: kind?.label ?? code), Cell(label ?? kind?.label),
            .text(shownNumber), Cell(accountLabel ?? called?.label), .text(amount.currency.code),
            .amount(amount.isPositive ? amount : none), .amount(amount.isPositive ? none : try amount.negated()),
        ]
    }
}
