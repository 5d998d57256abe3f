import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Movements that were taken for lines of other statements that are the same, until balances show that they are others.
struct TakenMovements {
    /// Keeps what a statement has and no line of its own came of.
    func keep(
        _ place: Int32, of statement: BankStatement, as id: StatementID, in change: inout Change
    ) throws {
        guard statement.opening != nil, statement.closing != nil else { return }
        _ = try change.joining(statement.count) { change in
            try change.execute(
                """
                INSERT INTO taken_movement (id, organisation, statement, iban, name, times, equals, taken_for, currency,
                    amount, booked_on, description)
                SELECT staged.id, known.organisation, \(id), known.iban, staged.name, staged.times, staged.equals,
                    known.id, staged.currency, staged.amount, staged.booked_on, staged.description
                FROM numbered_movement AS staged
                    JOIN bank_line AS known ON known.organisation = \(change.cause.organisation)
                        AND known.iban = \(statement.iban) AND known.reference = staged.reference
                WHERE staged.statement = \(place) AND staged.name IS NOT NULL AND known.statement <> \(id)
                ON CONFLICT ON CONSTRAINT taken_movement_once DO NOTHING
                """)
        }
    }

    /// Makes lines of what the balances show to be others, now that this statement is there; answers how many by their
    /// statement.
    ///
    /// What one gets moves the places of those beside it, so all of the day are looked at until none gets any.
    func revive(
        beside statement: BankStatement, as id: StatementID, in change: inout Change
    ) throws -> [StatementID: Int] {
        var revived: [StatementID: Int] = [:]
        for day in try days(of: statement, as: id, in: &change) {
            let parts = try told(of: day, as: statement, in: &change)
            let lacking = parts.lacking.map { (statement: $0.statement, beside: parts.adjoining($0)) }
            var (changed, isSettled) = (Set([id]), false)
            while !isSettled {
                isSettled = true
                for (part, beside) in lacking where !beside.isEmpty {
                    guard part == id || !beside.isDisjoint(with: changed) else { continue }
                    let lines = try revive(part, of: statement.iban, on: day, beside: beside, in: &change)
                    guard lines > 0 else { continue }
                    revived[part, default: 0] += lines
                    changed.insert(part)
                    isSettled = false
                }
            }
        }
        return revived
    }

    /// Days of which something was taken for others, and on which it begins where another ends or ends where one
    /// begins: of most statements none.
    ///
    /// No other day is looked at: what was told as a whole year before is gone through for each.
    private func days(
        of statement: BankStatement, as id: StatementID, in change: inout Change
    ) throws -> [LocalDate] {
        guard let days = statement.days, let opening = statement.opening, let closing = statement.closing,
            days.lowerBound < days.upperBound || opening != closing
        else { return [] }
        return try change.query(
            """
            WITH edge AS MATERIALIZED (
                SELECT * FROM (
                    VALUES (\(days.lowerBound)::date, \(opening.minorUnits)::bigint, NULL::bigint),
                        (\(days.upperBound)::date, NULL, \(closing.minorUnits)::bigint)
                ) AS edge (day, opening, closing)
                WHERE EXISTS (
                    SELECT FROM taken_movement
                    WHERE organisation = \(change.cause.organisation) AND iban = \(statement.iban) AND booked_on = day)
            ), told AS MATERIALIZED (
                SELECT edge.*, of_day.statement FROM edge CROSS JOIN LATERAL (
                    \(Self.statements(of: "edge.day", statement, change.cause.organisation))) AS of_day
            )
            SELECT DISTINCT day FROM told JOIN bank_statement AS beside ON beside.id = told.statement
            WHERE organisation = \(change.cause.organisation) AND iban = \(statement.iban) AND beside.id <> \(id)
                AND currency = \(statement.currency.code)
                AND (beside.closing = told.opening OR beside.opening = told.closing)
            ORDER BY day
            """
        ) { row in try row("day") }
    }

    /// The statements of the account with lines of a day, or with what was taken for others.
    static func statements(of day: SQL, _ statement: BankStatement, _ organisation: OrganisationID) -> SQL {
        """
        SELECT statement FROM bank_line
        WHERE organisation = \(organisation) AND iban = \(statement.iban) AND booked_on = \(day)
        UNION
        SELECT statement FROM taken_movement
        WHERE organisation = \(organisation) AND iban = \(statement.iban) AND booked_on = \(day)
        """
    }

    /// The statements of a day of the account with what they have, as lines or taken for those of others; those of
    /// which that is not all are left out.
    private func told(of day: LocalDate, as statement: BankStatement, in change: inout Change) throws -> PartsOfDay {
        let ids: [StatementID] = try change.query(
            Self.statements(of: "\(day)", statement, change.cause.organisation)
        ) { row in try row("statement") }
        return PartsOfDay(
            try change.query(
                """
                SELECT id, opening, closing, first_day = \(day) AS opens_within, last_day = \(day) AS closes_within,
                    moved, movements, lacks
                FROM bank_statement AS told JOIN (
                    SELECT statement, min(booked_on) AS first_day, max(booked_on) AS last_day, sum(amount) AS in_all,
                        coalesce(sum(amount) FILTER (WHERE booked_on = \(day)), 0)::bigint AS moved,
                        coalesce(sum(times) FILTER (WHERE booked_on = \(day)), 0)::bigint AS movements,
                        bool_or(times > own AND booked_on = \(day)) AS lacks
                    FROM (\(Self.named(of: "ANY(\(ids))"))) AS named
                    GROUP BY statement) AS whole ON whole.statement = told.id
                WHERE organisation = \(change.cause.organisation) AND currency = \(statement.currency.code)
                    AND opening + in_all = closing
                ORDER BY id
                """, part))
    }

    /// What statements have of each name, as lines or taken for those of others.
    static func named(of statements: SQL) -> SQL {
        """
        SELECT statement, booked_on, name, sum(own) AS own, greatest(sum(own), max(equals)) AS times,
            sum(amount * own) + min(amount) * greatest(max(equals) - sum(own), 0) AS amount
        FROM (
            SELECT statement, booked_on, \(StagedMovements.plainName) AS name, amount, 1 AS own, 0::bigint AS equals
            FROM bank_line WHERE statement = \(statements)
            UNION ALL
            SELECT statement, booked_on, name, amount, 0, equals
            FROM taken_movement WHERE statement = \(statements)) AS movement
        GROUP BY statement, booked_on, name
        """
    }

    private func part(_ row: Row) throws -> PartOfDay {
        PartOfDay(
            statement: try row("id"), opening: try row("opening"), closing: try row("closing"),
            opensWithin: try row("opens_within"), closesWithin: try row("closes_within"), moved: try row("moved"),
            movements: try row("movements"), lacks: try row("lacks"))
    }

    /// Makes lines of a statement of what it lacks on a day, as if it were handed in again; answers how many.
    private func revive(
        _ statement: StatementID, of iban: String, on day: LocalDate, beside others: Set<StatementID>,
        in change: inout Change
    ) throws -> Int {
        let lines = try change.joining(LargeJoins.rowsMin) { change in
            try change.query(
                """
                INSERT INTO bank_line (id, organisation, statement, iban, reference, currency, amount, booked_on,
                    description)
                SELECT kept.id, organisation, statement, iban, name || ' (' || (others + own + place) || ')', currency,
                    amount, booked_on, description
                FROM (
                    SELECT *, row_number() OVER (PARTITION BY name ORDER BY times) AS place FROM taken_movement AS taken
                    WHERE statement = \(statement) AND booked_on = \(day) AND NOT EXISTS (
                        SELECT FROM bank_line WHERE bank_line.statement = \(statement) AND bank_line.id = taken.id)
                ) AS kept JOIN (
                    SELECT \(StagedMovements.plainName) AS name,
                        count(*) FILTER (WHERE statement = \(statement)) AS own,
                        count(*) FILTER (WHERE statement <> \(statement)) AS others
                    FROM bank_line
                    WHERE organisation = \(change.cause.organisation) AND iban = \(iban) AND booked_on = \(day)
                        AND statement = ANY(\(Array(others) + [statement]))
                    GROUP BY 1) AS known USING (name)
                WHERE others > 0 AND own + place <= equals
                ON CONFLICT ON CONSTRAINT bank_line_once DO NOTHING
                RETURNING id, currency, amount, booked_on
                """
            ) { row in
                (
                    id: try row("id") as BankLineID, amount: try row.money("amount", try row.currency()),
                    day: try row("booked_on") as LocalDate
                )
            }
        }
        for line in lines { change.announce(line.amount, on: line.day, as: line.id, of: statement) }
        try change.writeAnnouncements()
        return lines.count
    }
}
