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

    /// A statement that is there already has the same balances, or the file is wrong; answers which it is.
    func compare(_ statement: BankStatement, in change: inout Change) throws -> StatementID {
        let (id, known): (StatementID, BankStatement) = try change.one(
            """
            SELECT id, currency, opening, closing FROM bank_statement
            WHERE organisation = \(change.cause.organisation) AND iban = \(statement.iban)
                AND reference = \(statement.reference)
            """
        ) { row in
            let currency = try row.currency()
            let (opening, closing): (Int64?, Int64?) = (try row("opening"), try row("closing"))
            let before = BankStatement(
                iban: statement.iban, reference: statement.reference, format: statement.format, currency: currency,
                opening: opening.map { Money($0, currency) }, closing: closing.map { Money($0, currency) })
            return (try row("id"), before)
        }
        guard known != statement else { return id }
        throw FileProblem(
            line: statement.line, place: statement.place,
            reason: """
                The statement \(statement.reference) was imported before from \(Self.text(known.opening)) to \
                \(Self.text(known.closing)); here it is from \(Self.text(statement.opening)) to \
                \(Self.text(statement.closing)).
                """,
            remedy: "Ask the bank which of the two is right.")
    }

    private static func text(_ balance: Money?) -> Sentence { balance.map { "\($0)" } ?? "no balance" }

    /// Movements are named otherwise in each format, so days of an account that came in one are not taken in another.
    func checkFormat(of statement: BankStatement, in change: inout Change) throws {
        guard let days = statement.days else { return }
        let other: (day: LocalDate, format: String)? = try change.first(
            """
            SELECT booked_on, format FROM bank_line JOIN bank_statement ON bank_statement.id = bank_line.statement
            WHERE bank_line.organisation = \(change.cause.organisation) AND bank_line.iban = \(statement.iban)
                AND booked_on BETWEEN \(days.lowerBound) AND \(days.upperBound)
                AND format <> \(statement.format.rawValue)
            ORDER BY booked_on LIMIT 1
            """
        ) { row in (try row("booked_on"), try row("format")) }
        guard let other else { return }
        throw FileProblem(
            line: statement.line, place: statement.place,
            reason: "Movements of \(other.day) came as \(other.format) before; the two formats name them otherwise.",
            remedy: "Keep to one format for an account, or choose a period that begins later.")
    }

    /// Which movements are looked for: a payout is a credit unless it is below nothing, a remittance may be a cheque
    /// that came back.
    enum Side: Sendable {
        case credits, any
    }

    /// Lines that are read at once.
    private static let batch = 5_000

    /// Lines nothing was matched with, of accounts the organisation has named as its own; and how many were looked at.
    ///
    /// Only what is made of those that are wanted is held in memory.
    func unmatched<Wanted>(
        _ side: Side, amounts: [Int64]? = nil, in change: inout Change, _ wanted: (PendingBankLine) -> Wanted?
    ) throws -> (lines: [Wanted], seen: Int) {
        try change.execute(
            """
            DECLARE unmatched_line NO SCROLL CURSOR FOR
            SELECT \(Self.columns) FROM bank_line
            WHERE organisation = \(change.cause.organisation) AND (amount > 0 OR \(side == .any))
                AND (\(amounts)::bigint[] IS NULL OR amount = ANY(\(amounts)))
                AND iban IN (SELECT iban FROM bank_account WHERE organisation = \(change.cause.organisation))
                AND NOT EXISTS (SELECT FROM payout WHERE payout.bank_line = bank_line.id)
                AND NOT EXISTS (SELECT FROM remittance WHERE remittance.bank_line = bank_line.id)
                AND NOT EXISTS (
                    SELECT FROM joint_pointing_line AS joint WHERE joint.bank_line = bank_line.id AND joint.is_live)
            ORDER BY id
            """)
        var (lines, seen) = ([Wanted](), 0)
        while true {
            let batch = try change.query("FETCH FORWARD \(unescaped: "\(Self.batch)") FROM unmatched_line", read)
            guard !batch.isEmpty else { break }
            seen += batch.count
            lines += batch.compactMap(wanted)
        }
        try change.execute("CLOSE unmatched_line")
        return (lines, seen)
    }

    func find(
        _ id: BankLineID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> PendingBankLine? {
        try transaction.first(
            "SELECT \(Self.columns) FROM bank_line WHERE id = \(id) AND organisation = \(organisation)", read)
    }

    /// Those of the ids that are there.
    func find(
        _ ids: Set<BankLineID>, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [BankLineID: PendingBankLine] {
        guard !ids.isEmpty else { return [:] }
        let found = try transaction.query(
            "SELECT \(Self.columns) FROM bank_line WHERE id = ANY(\(Array(ids))) AND organisation = \(organisation)",
            read)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
    }

    /// The lines a payout was pointed to, alone or with others, in the order of days.
    func lines(
        of record: PayoutRecord, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [PendingBankLine] {
        guard let joint = record.joint else {
            let line = try record.bankLine.flatMap { try find($0, of: organisation, &transaction) }
            return line.map { [$0] } ?? []
        }
        return try transaction.query(
            """
            SELECT \(Self.columns) FROM bank_line
            WHERE organisation = \(organisation) AND id IN (
                SELECT joined.bank_line FROM joint_pointing_line AS joined
                WHERE joined.joint_pointing = \(joint.pointing.value))
            ORDER BY booked_on, id LIMIT \(Int64(JointPointing.piecesMax))
            """, read)
    }

    private static let columns: SQL = "id, currency, amount, booked_on, description, iban"

    private func read(_ row: Row) throws -> PendingBankLine {
        PendingBankLine(
            id: try row("id"), amount: try row.money("amount", try row.currency()),
            bookedOn: try row("booked_on"), text: try row("description"), iban: try row("iban"))
    }
}
