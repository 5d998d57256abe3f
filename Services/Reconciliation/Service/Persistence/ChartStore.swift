import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// What organisations call their accounts and journals.
struct ChartStore {
    func chart(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> Chart {
        var chart = try Chart().with(
            accounts(of: organisation, &transaction), journals(of: organisation, &transaction)
        ).with(BankAccountStore().named(of: organisation, &transaction))
        let setup = try transaction.first(
            "SELECT siren, year_end_month, language FROM accounting_setup WHERE organisation = \(organisation)"
        ) { row in
            (
                siren: try row("siren") as String?, month: try row("year_end_month") as Int,
                language: try row.word("language") as Language
            )
        }
        if let setup { (chart.siren, chart.yearEndMonth, chart.language) = setup }
        return chart
    }

    func put(_ chart: Chart, in change: inout Change) throws {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            INSERT INTO accounting_setup (organisation, siren, year_end_month, language)
            VALUES (\(organisation), \(chart.siren), \(Int32(chart.yearEndMonth)), \(chart.language.rawValue))
            ON CONFLICT (organisation) DO UPDATE
            SET siren = EXCLUDED.siren, year_end_month = EXCLUDED.year_end_month, language = EXCLUDED.language
            """)
        let accounts = chart.accounts.values.sorted { $0.account.number < $1.account.number }
        change.executeLater(
            """
            INSERT INTO chart_account (organisation, account, number, label)
            SELECT \(organisation), * FROM unnest(\(accounts.map(\.account.number)), \(accounts.map(\.number)),
                \(accounts.map(\.label)))
            ON CONFLICT ON CONSTRAINT chart_account_once DO UPDATE
            SET number = EXCLUDED.number, label = EXCLUDED.label
            """)
        let journals = JournalRole.allCases.compactMap { chart.journals[$0] }
        change.executeLater(
            """
            INSERT INTO journal (organisation, role, code, label)
            SELECT \(organisation), * FROM unnest(\(journals.map(\.role.rawValue)), \(journals.map(\.code)),
                \(journals.map(\.label)))
            ON CONFLICT ON CONSTRAINT journal_once DO UPDATE SET code = EXCLUDED.code, label = EXCLUDED.label
            """)
    }

    private func accounts(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [ChartAccount] {
        try transaction.query(
            "SELECT account, number, label FROM chart_account WHERE organisation = \(organisation)"
        ) { row in
            ChartAccount(account: try row.account(), number: try row("number"), label: try row("label"))
        }
    }

    private func journals(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [Journal] {
        try transaction.query("SELECT role, code, label FROM journal WHERE organisation = \(organisation)") { row in
            Journal(role: try row.word("role"), code: try row("code"), label: try row("label"))
        }
    }
}
