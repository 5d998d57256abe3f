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

    func find(_ id: BankLineID, _ transaction: inout PostgresTransaction) throws -> PendingBankLine? {
        try transaction.first("SELECT \(Self.columns) FROM bank_line WHERE id = \(id)", read)
    }

    private static let columns: SQL = "id, currency, amount, booked_on, description"

    private func read(_ row: Row) throws -> PendingBankLine {
        PendingBankLine(
            id: try row("id"), amount: try row.money("amount", try row.currency()),
            bookedOn: try row("booked_on"), text: try row("description"))
    }
}
