import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The bank accounts of an organisation.
struct BankAccountStore {
    func put(_ account: BankAccountAnswer, in change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO bank_account (organisation, iban, currency)
            VALUES (\(change.cause.organisation), \(account.iban), \(account.currency.code))
            ON CONFLICT ON CONSTRAINT bank_account_once DO UPDATE SET currency = EXCLUDED.currency
            """)
    }

    func list(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [BankAccountAnswer] {
        try transaction.query(
            "SELECT iban, currency FROM bank_account WHERE organisation = \(organisation) ORDER BY iban"
        ) { row in BankAccountAnswer(iban: try row("iban"), currency: try row.currency()) }
    }

    /// Refuses statements of accounts that are not the organisation's, once it has named its own.
    func check(_ statements: [BankStatement], in change: inout Change) throws {
        let own = try list(of: change.cause.organisation, &change.transaction)
        guard !own.isEmpty else { return }
        for statement in statements {
            guard let account = own.first(where: { $0.iban == statement.iban }) else {
                throw FileProblem(
                    line: statement.line, reason: "The account \(statement.iban) is not one of yours.",
                    remedy: "Choose the statement of one of your accounts, or add the account first.")
            }
            guard account.currency == statement.currency else {
                throw FileProblem(
                    line: statement.line,
                    reason: """
                        The account is kept in \(account.currency), the statement in \(statement.currency).
                        """,
                    remedy: "Choose the statement of the account in \(account.currency).")
            }
        }
    }
}
