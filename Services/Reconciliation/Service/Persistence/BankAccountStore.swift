import HTTPServer
import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// The bank accounts of an organisation.
struct BankAccountStore {
    /// What it is called in the books stays where nothing is said of it.
    func put(_ account: BankAccountAnswer, in change: inout Change) throws -> BankAccountAnswer {
        let books = account.books
        return try change.one(
            """
            INSERT INTO bank_account (organisation, iban, currency, number, label, journal)
            VALUES (\(change.cause.organisation), \(account.iban), \(account.currency.code), \(books?.number),
                \(books?.label), \(books?.journal))
            ON CONFLICT ON CONSTRAINT bank_account_once DO UPDATE
            SET currency = EXCLUDED.currency, number = coalesce(EXCLUDED.number, bank_account.number),
                label = coalesce(EXCLUDED.label, bank_account.label),
                journal = coalesce(EXCLUDED.journal, bank_account.journal)
            RETURNING iban, currency, number, label, journal
            """, read)
    }

    /// Those that have names of their own in the books.
    func named(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [BankInBooks] {
        try list(of: organisation, &transaction).compactMap { account in
            account.books.map { books in
                BankInBooks(iban: account.iban, number: books.number, label: books.label, journal: books.journal)
            }
        }
    }

    func list(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [BankAccountAnswer] {
        try transaction.query(
            """
            SELECT iban, currency, number, label, journal FROM bank_account
            WHERE organisation = \(organisation) ORDER BY iban
            """, read)
    }

    private func read(_ row: Row) throws -> BankAccountAnswer {
        let number: String? = try row("number")
        return BankAccountAnswer(
            iban: try row("iban"), currency: try row.currency(),
            books: try number.map { number in
                BankAccountAnswer.Books(number: number, label: try row("label"), journal: try row("journal"))
            })
    }

    /// Refuses statements of accounts the organisation has not named as its own: whoever writes the file writes the
    /// number in it, and money in it would point payouts.
    func check(_ statements: [BankStatement], in change: inout Change) throws {
        let own = try list(of: change.cause.organisation, &change.transaction)
        for statement in statements {
            guard let account = own.first(where: { $0.iban == statement.iban }) else { throw strange(statement) }
            guard account.currency == statement.currency else {
                throw FileProblem(
                    line: statement.line, place: statement.place,
                    reason: """
                        The account is kept in \(account.currency), the statement in \(statement.currency).
                        """,
                    remedy: "Choose the statement of the account in \(account.currency).")
            }
        }
    }

    private func strange(_ statement: BankStatement) -> FileProblem {
        let number = String(statement.iban.prefix(40))
        guard IBAN.isWritten(as: number), let fault = IBAN.fault(in: number) else {
            return FileProblem(
                line: statement.line, place: statement.place, reason: "The account \(number) is not one of yours.",
                remedy: "Choose the statement of one of your accounts, or add it with PUT /v1/bank-accounts/{iban}.")
        }
        return FileProblem(
            line: statement.line, place: statement.place,
            reason: "The account \(number) is no IBAN: \(fault.reason)",
            remedy: "Ask the bank for the file again; no account has this number.")
    }
}
