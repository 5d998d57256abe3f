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
            INSERT INTO bank_statement (id, organisation, iban, reference, format, currency, opening, closing)
            VALUES (\(id), \(change.cause.organisation), \(statement.iban), \(statement.reference),
                \(statement.format.rawValue), \(statement.currency.code), \(statement.opening?.minorUnits),
                \(statement.closing?.minorUnits))
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
            let (opening, closing): (Int64?, Int64?) = (try row("opening"), try row("closing"))
            return BankStatement(
                iban: statement.iban, reference: statement.reference, format: statement.format, currency: currency,
                opening: opening.map { Money($0, currency) }, closing: closing.map { Money($0, currency) },
                movements: statement.movements)
        }
        guard let known, known != statement else { return }
        throw FileProblem(
            line: statement.line, place: statement.place,
            reason: """
                The statement \(statement.reference) was imported before from \(Self.text(known.opening)) to \
                \(Self.text(known.closing)); here it is from \(Self.text(statement.opening)) to \
                \(Self.text(statement.closing)).
                """,
            remedy: "Ask the bank which of the two is right.")
    }

    private static func text(_ balance: Money?) -> String { balance?.description ?? "no balance" }

    /// Movements are named otherwise in each format, so days of an account that came in one are not taken in another.
    func checkFormat(of statement: BankStatement, in change: inout Change) throws {
        let days = statement.movements.map(\.bookedOn)
        guard let first = days.min(), let last = days.max() else { return }
        let other: (day: LocalDate, format: String)? = try change.first(
            """
            SELECT booked_on, format FROM bank_line JOIN bank_statement ON bank_statement.id = bank_line.statement
            WHERE bank_line.organisation = \(change.cause.organisation) AND bank_line.iban = \(statement.iban)
                AND booked_on BETWEEN \(first) AND \(last) AND format <> \(statement.format.rawValue)
            ORDER BY booked_on LIMIT 1
            """
        ) { row in (try row("booked_on"), try row("format")) }
        guard let other else { return }
        throw FileProblem(
            line: statement.line, place: statement.place,
            reason: "Movements of \(other.day) came as \(other.format) before; the two formats name them otherwise.",
            remedy: "Keep to one format for an account, or choose a period that begins later.")
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
            line: movement.line, place: movement.place,
            reason: """
                The movement \(movement.reference) is \(movement.amount) on \(movement.bookedOn) here and was \
                \(known.amount) on \(known.bookedOn) before.
                """,
            remedy: "Ask the bank which of the two is right.")
    }

    /// Which movements are looked for: a payout is a credit, a remittance may be a cheque that came back.
    enum Side: Sendable {
        case credits, any
    }

    /// Lines nothing was matched with, of accounts the organisation has named as its own.
    func unmatched(_ side: Side, in change: inout Change) throws -> [PendingBankLine] {
        try change.query(
            """
            SELECT \(Self.columns) FROM bank_line
            WHERE organisation = \(change.cause.organisation) AND (amount > 0 OR \(side == .any))
                AND iban IN (SELECT iban FROM bank_account WHERE organisation = \(change.cause.organisation))
                AND NOT EXISTS (SELECT FROM payout WHERE payout.bank_line = bank_line.id)
                AND NOT EXISTS (SELECT FROM remittance WHERE remittance.bank_line = bank_line.id)
                AND NOT EXISTS (
                    SELECT FROM joint_pointing_line AS joint WHERE joint.bank_line = bank_line.id AND joint.is_live)
            ORDER BY id
            """, read)
    }

    func find(
        _ id: BankLineID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> PendingBankLine? {
        try transaction.first(
            "SELECT \(Self.columns) FROM bank_line WHERE id = \(id) AND organisation = \(organisation)", read)
    }

    private static let columns: SQL = "id, currency, amount, booked_on, description, iban"

    private func read(_ row: Row) throws -> PendingBankLine {
        PendingBankLine(
            id: try row("id"), amount: try row.money("amount", try row.currency()),
            bookedOn: try row("booked_on"), text: try row("description"), iban: try row("iban"))
    }
}
