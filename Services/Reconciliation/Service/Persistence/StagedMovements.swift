import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Movements of a file before they are taken: in tables of one connection, gone with it.
struct StagedMovements {
    /// Events that are written into the outbox at once.
    private static let announcedMax = 5_000
    /// What one is called without its place among those that are the same.
    static let plainName: SQL = "regexp_replace(reference, ' [(][0-9]+[)]$', '')"

    /// A movement with the id it would have.
    struct Draft: Sendable {
        let id: BankLineID
        let found: FoundMovements.Movement
    }

    func create(_ transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            CREATE TEMPORARY TABLE staged_movement (
                position bigint, statement int, id uuid, reference text, naming text, currency text,
                amount bigint, booked_on date, description text, line int, place text)
            """)
    }

    /// `first` is the position of the first of them.
    func add(_ drafts: [Draft], from first: Int64, _ transaction: inout PostgresTransaction) throws {
        try transaction.copyIn("COPY staged_movement FROM STDIN", of: drafts.enumerated()) { draft, line in
            let movement = draft.element.found.movement
            line.append(first + Int64(draft.offset))
            line.append(draft.element.found.statement)
            line.append(draft.element.id)
            line.append(movement.reference)
            line.append(movement.naming.rawValue)
            line.append(movement.amount.currency.code)
            line.append(movement.amount.minorUnits)
            line.append(movement.bookedOn)
            line.append(movement.text)
            line.append(movement.line.map { Int32(clamping: $0) })
            line.append(movement.place)
        }
    }

    /// Tells movements of one reference in a statement apart, where the format says that they are.
    func number(_ transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            CREATE TEMPORARY TABLE numbered_movement AS
            SELECT position, statement, id, currency, amount, booked_on, description, line, place,
                CASE WHEN naming = 'words' THEN reference END AS name,
                CASE WHEN naming = 'parts' THEN reference END AS of_order, times, equals, false AS goes_on,
                CASE WHEN naming <> 'alone' AND times > 1 THEN reference || ' (' || times || ')' ELSE reference END
                    AS reference
            FROM (
                SELECT *, row_number() OVER (PARTITION BY statement, reference ORDER BY position) AS times,
                    count(*) OVER (PARTITION BY statement, reference) AS equals
                FROM staged_movement) AS staged
            """)
        try transaction.execute("CREATE INDEX ON numbered_movement (statement, position)")
        // Looked for line by line where the bank's lines are believed to be few.
        try transaction.execute("CREATE INDEX ON numbered_movement (statement, reference)")
        try transaction.execute("CREATE INDEX ON numbered_movement (statement, id)")
        try transaction.execute("ANALYZE numbered_movement")
    }

    /// Takes the movements of a statement that no other has brought; answers how many.
    func take(
        _ place: Int32, of statement: StatementID, on iban: String, in change: inout Change
    ) throws -> Int {
        try change.execute(
            """
            INSERT INTO bank_line (id, organisation, statement, iban, reference, currency, amount, booked_on,
                description)
            SELECT id, \(change.cause.organisation), \(statement), \(iban), reference, currency, amount, booked_on,
                description
            FROM numbered_movement WHERE statement = \(place) ORDER BY position
            ON CONFLICT ON CONSTRAINT bank_line_once DO NOTHING
            """)
    }

    /// Whether a statement that is known brings movements that are not.
    ///
    /// Its balances are what they were, so more movements than before come to nothing together; others are refused, but
    /// for those that were taken for their equals in an adjoining statement before that was known to adjoin.
    func checkUnknown(_ place: Int32, of statement: BankStatement, in change: inout Change) throws -> Bool {
        let unknown: (count: Int, sum: Int64) = try change.joining(statement.count) { change in
            try change.one(
                """
                SELECT count(*) AS count, coalesce(sum(amount) FILTER (WHERE NOT goes_on), 0)::bigint AS sum
                FROM numbered_movement AS staged
                WHERE staged.statement = \(place) AND NOT EXISTS (
                    SELECT FROM bank_line AS known
                    WHERE known.organisation = \(change.cause.organisation) AND known.iban = \(statement.iban)
                        AND known.reference = staged.reference)
                """
            ) { row in (count: try row("count"), sum: try row("sum")) }
        }
        guard unknown.count > 0 else { return false }
        guard statement.closing == nil || unknown.sum == 0 else {
            throw FileProblem(
                line: statement.line, place: statement.place,
                reason: """
                    The statement \(statement.reference) was taken in with other movements: \(unknown.count) here are \
                    not known and come to \(Money(unknown.sum, statement.currency)), its balances are the same.
                    """,
                remedy: "Ask the bank which of the two is right, or hand in a file of a longer period.")
        }
        return true
    }

    /// A movement that was there already is the same, or the bank used its reference twice.
    func compare(_ place: Int32, of statement: BankStatement, in change: inout Change) throws {
        let problem: FileProblem? = try change.joining(statement.count) { change in
            try change.first(
                """
                SELECT staged.reference, staged.currency, staged.amount, staged.booked_on, staged.line, staged.place,
                    known.currency AS known_currency, known.amount AS known_amount, known.booked_on AS known_day
                FROM numbered_movement AS staged
                    JOIN bank_line AS known ON known.organisation = \(change.cause.organisation)
                        AND known.iban = \(statement.iban) AND known.reference = staged.reference
                WHERE staged.statement = \(place) AND known.id <> staged.id
                    AND (known.currency, known.amount, known.booked_on)
                        <> (staged.currency, staged.amount, staged.booked_on)
                ORDER BY position LIMIT 1
                """, movedOtherwise)
        }
        if let problem { throw problem }
    }

    private func movedOtherwise(_ row: Row) throws -> FileProblem {
        let (here, before) = (try row.currency(), try row.currency("known_currency"))
        let line: Int32? = try row("line")
        return FileProblem(
            line: line.map(Int.init), place: try row("place"),
            reason: """
                The movement \(try row("reference") as String) is \(try row.money("amount", here)) on \
                \(try row("booked_on") as LocalDate) here and was \(try row.money("known_amount", before)) on \
                \(try row("known_day") as LocalDate) before.
                """,
            remedy: "Ask the bank which of the two is right.")
    }

    /// Tells of every line that was taken of a statement of the file, some at a time.
    ///
    /// `lines` is how many there are.
    func announce(_ lines: Int, _ place: Int32, of statement: StatementID, in change: inout Change) throws {
        _ = try change.joining(lines) { change in
            try change.execute(
                """
                DECLARE brought_line NO SCROLL CURSOR FOR
                SELECT id, currency, amount, booked_on FROM bank_line
                WHERE statement = \(statement) AND id IN (
                    SELECT staged.id FROM numbered_movement AS staged WHERE staged.statement = \(place))
                ORDER BY id
                """)
        }
        while true {
            let lines = try change.query(
                "FETCH FORWARD \(unescaped: "\(Self.announcedMax)") FROM brought_line"
            ) { row in
                (
                    id: try row("id") as BankLineID, amount: try row.money("amount", try row.currency()),
                    day: try row("booked_on") as LocalDate
                )
            }
            guard !lines.isEmpty else { break }
            for line in lines { change.announce(line.amount, on: line.day, as: line.id, of: statement) }
            try change.writeAnnouncements()
        }
        try change.execute("CLOSE brought_line")
    }
}
