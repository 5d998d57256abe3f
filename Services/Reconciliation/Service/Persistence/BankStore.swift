import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Bank statements and their booked movements.
struct BankStore {
    /// False when the statement was imported before.
    func insert(_ statement: BankStatement, as id: StatementID, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            INSERT INTO bank_statement (id, organisation, iban, reference, currency, opening, closing)
            VALUES (\(id), \(change.cause.organisation), \(statement.iban), \(statement.reference),
                \(statement.opening.currency.code), \(statement.opening.minorUnits), \(statement.closing.minorUnits))
            ON CONFLICT ON CONSTRAINT bank_statement_once DO NOTHING
            """) == 1
    }

    /// A statement that is there already is the same, or the file is wrong.
    func compare(_ statement: BankStatement, in change: inout Change) throws {
        let known: BankStatement? = try change.first(
            """
            SELECT currency, opening, closing FROM bank_statement
            WHERE organisation = \(change.cause.organisation) AND iban = \(statement.iban)
                AND reference = \(statement.reference)
            """
        ) { row in
            let currency = try row.currency()
            return BankStatement(
                iban: statement.iban, reference: statement.reference, opening: try row.money("opening", currency),
                closing: try row.money("closing", currency), movements: statement.movements)
        }
        guard let known, known != statement else { return }
        throw FileProblem(
            line: nil,
            reason: """
                The statement \(statement.reference) was imported before from \(known.opening) to \(known.closing); \
                here it is from \(statement.opening) to \(statement.closing).
                """,
            remedy: "Ask the bank which of the two is right.")
    }

    /// False when another statement brought the movement.
    func insert(
        _ movement: BankMovement, as id: BankLineID, of statement: StatementID, _ iban: String, _ change: inout Change
    ) throws -> Bool {
        try change.execute(
            """
            INSERT INTO bank_line (id, organisation, statement, iban, reference, currency, amount, booked_on,
                description)
            VALUES (\(id), \(change.cause.organisation), \(statement), \(iban), \(movement.reference),
                \(movement.amount.currency.code), \(movement.amount.minorUnits), \(movement.bookedOn), \(movement.text))
            ON CONFLICT ON CONSTRAINT bank_line_once DO NOTHING
            """) == 1
    }

    /// A movement that is there already is the same, or the bank used its reference twice.
    func compare(_ movement: BankMovement, of iban: String, in change: inout Change) throws {
        let known = try change.first(
            """
            SELECT \(Self.columns) FROM bank_line
            WHERE organisation = \(change.cause.organisation) AND iban = \(iban)
                AND reference = \(movement.reference)
            """, read)
        guard let known, (known.amount, known.bookedOn) != (movement.amount, movement.bookedOn) else { return }
        throw FileProblem(
            line: movement.line,
            reason: """
                The movement \(movement.reference) is \(movement.amount) on \(movement.bookedOn) here and was \
                \(known.amount) on \(known.bookedOn) before.
                """,
            remedy: "Ask the bank which of the two is right.")
    }

    /// Credits no payout was matched with.
    func unmatched(in change: inout Change) throws -> [PendingBankLine] {
        try change.query(
            """
            SELECT \(Self.columns) FROM bank_line
            WHERE organisation = \(change.cause.organisation) AND amount > 0
                AND NOT EXISTS (SELECT FROM payout WHERE payout.bank_line = bank_line.id)
            ORDER BY id
            """, read)
    }

    func find(
        _ id: BankLineID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> PendingBankLine? {
        try transaction.first(
            "SELECT \(Self.columns) FROM bank_line WHERE id = \(id) AND organisation = \(organisation)", read)
    }

    private static let columns: SQL = "id, currency, amount, booked_on, description"

    private func read(_ row: Row) throws -> PendingBankLine {
        PendingBankLine(
            id: try row("id"), amount: try row.money("amount", try row.currency()),
            bookedOn: try row("booked_on"), text: try row("description"))
    }
}

/// The bank accounts of an organisation.
struct BankAccountStore {
    func put(_ account: BankAccount, in change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO bank_account (organisation, iban, currency)
            VALUES (\(change.cause.organisation), \(account.iban), \(account.currency.code))
            ON CONFLICT ON CONSTRAINT bank_account_once DO UPDATE SET currency = EXCLUDED.currency
            """)
    }

    func list(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [BankAccount] {
        try transaction.query(
            "SELECT iban, currency FROM bank_account WHERE organisation = \(organisation) ORDER BY iban"
        ) { row in BankAccount(iban: try row("iban"), currency: try row.currency()) }
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
            guard account.currency == statement.opening.currency else {
                throw FileProblem(
                    line: statement.line,
                    reason: """
                        The account is kept in \(account.currency), the statement in \(statement.opening.currency).
                        """,
                    remedy: "Choose the statement of the account in \(account.currency).")
            }
        }
    }
}
