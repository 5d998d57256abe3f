import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A day that a bank tells in several statements.
extension StagedMovements {
    /// Where a statement ends or begins within a day, in the balances of its account.
    private struct Edge {
        let day: LocalDate
        let balance: Money
        /// Whether what comes before it is looked for, or what comes after.
        let isOpening: Bool
    }

    /// Goes on counting equals from one statement of a day to the next.
    ///
    /// A movement without a reference of its own is named by its place among those of its day that are the same. Where
    /// a statement opens with the balance at which another closed within that day, neither has the other's movements:
    /// what is the same in both is there twice. Statements that overlap do not adjoin, and have it once; balances may
    /// say by chance that they do, so what has the bank's own reference is never there twice. Answers what adjoins.
    func goOnCounting(
        _ place: Int32, of statement: BankStatement, as id: StatementID, isNew: Bool, in change: inout Change
    ) throws -> Set<StatementID> {
        guard let opening = statement.opening, let closing = statement.closing, let days = statement.days else {
            return []
        }
        var same = try toldAgain(place, statement, from: opening, to: closing, but: id, in: &change)
        // What is handed in under its own number once more is looked at as if it had come under no other.
        guard !isNew || same.isEmpty else { return [] }
        same.append(id)
        var parts: [LocalDate: Set<StatementID>] = [:]
        for edge in [
            Edge(day: days.lowerBound, balance: opening, isOpening: true),
            Edge(day: days.upperBound, balance: closing, isOpening: false),
        ] {
            guard try adjoins(statement, at: edge, but: same, in: &change) else { continue }
            // What closes as it opened may as well be the other once more, or the whole of what led back there.
            let isStill = try moved(place, on: edge.day, in: &change) == 0
            if isStill, !edge.isOpening { continue }
            let chain = try adjoining(statement, at: edge, but: same, in: &change)
            if isStill, chain.contains(where: { $0.far == edge.balance.minorUnits }) { continue }
            parts[edge.day, default: []].formUnion(chain.map { $0.id })
        }
        for (day, ids) in parts where !ids.isEmpty {
            try change.execute(
                """
                UPDATE numbered_movement SET goes_on = true,
                    reference = numbered_movement.name || ' (' || (numbered_movement.times + known.times) || ')'
                FROM (
                    SELECT \(Self.plainName) AS name, count(*) AS times FROM bank_line
                    WHERE organisation = \(change.cause.organisation) AND iban = \(statement.iban)
                        AND booked_on = \(day) AND bank_line.statement = ANY(\(Array(ids)))
                    GROUP BY 1) AS known
                WHERE numbered_movement.statement = \(place) AND numbered_movement.booked_on = \(day)
                    AND numbered_movement.name = known.name
                """)
        }
        return parts.values.reduce(into: []) { $0.formUnion($1) }
    }

    /// Whether there is any other that begins or ends at a balance and has something of the day: that of the day before
    /// has not, and nothing more is looked for.
    private func adjoins(
        _ statement: BankStatement, at edge: Edge, but same: [StatementID], in change: inout Change
    ) throws -> Bool {
        try change.one(
            """
            SELECT EXISTS (
                SELECT FROM bank_statement
                WHERE organisation = \(change.cause.organisation) AND iban = \(statement.iban)
                    AND id <> ALL (\(same))
                    AND currency = \(edge.balance.currency.code)
                    AND CASE WHEN \(edge.isOpening)::boolean THEN closing ELSE opening END
                        = \(edge.balance.minorUnits)
                    AND id = ANY (\(told(of: edge.day, statement, change.cause.organisation)))) AS adjoins
            """
        ) { row in try row("adjoins") }
    }

    /// Statements with something of a day, be it only what was taken for lines of others.
    ///
    /// The day is looked for first: an account that is emptied each evening has the same balances every day.
    private func told(of day: LocalDate, _ statement: BankStatement, _ organisation: OrganisationID) -> SQL {
        "ARRAY (\(TakenMovements.statements(of: "\(day)", statement, organisation)))"
    }

    /// Those with the same balances and movements, as lines or taken for those of others: they are that one under other
    /// names, of which the later came after what was next.
    ///
    /// What has the bank's own reference is a line of the first that told it, so that it is known will do: the balances
    /// of both are the same.
    private func toldAgain(
        _ place: Int32, _ statement: BankStatement, from opening: Money, to closing: Money, but id: StatementID,
        in change: inout Change
    ) throws -> [StatementID] {
        guard let day = statement.days?.lowerBound else { return [] }
        // Each may be compared with each, where they are not joined at once.
        return try change.joining(statement.count * statement.count) { change in
            try change.query(
                """
                SELECT told.id AS again FROM bank_statement AS told
                WHERE told.organisation = \(change.cause.organisation) AND told.iban = \(statement.iban)
                    AND told.id <> \(id) AND told.currency = \(opening.currency.code)
                    AND told.opening = \(opening.minorUnits) AND told.closing = \(closing.minorUnits)
                    AND told.id = ANY (\(told(of: day, statement, change.cause.organisation)))
                    AND (
                        SELECT array_agg(said ORDER BY said) FROM (
                            SELECT concat_ws(' ', booked_on, times, name) AS said
                            FROM (\(TakenMovements.named(of: "told.id"))) AS named
                            WHERE NOT EXISTS (
                                SELECT FROM numbered_movement AS staged
                                WHERE staged.statement = \(place) AND staged.name IS NULL
                                    AND \(Self.plainName) = named.name)) AS line
                    ) IS NOT DISTINCT FROM (
                        SELECT array_agg(said ORDER BY said)
                        FROM (\(decisive(place, of: statement, change.cause.organisation))) AS line)
                """
            ) { row in try row("again") }
        }
    }

    /// What a statement has of each name, but for what has the bank's own reference and is known.
    private func decisive(_ place: Int32, of statement: BankStatement, _ organisation: OrganisationID) -> SQL {
        """
        SELECT concat_ws(' ', booked_on, count(*), \(Self.plainName)) AS said
        FROM numbered_movement LEFT JOIN (
            SELECT id AS known, bank_line.reference AS known_as FROM bank_line
            WHERE organisation = \(organisation) AND iban = \(statement.iban)
        ) AS brought ON name IS NULL AND known_as = reference
        WHERE numbered_movement.statement = \(place) AND known IS NULL
        GROUP BY booked_on, \(Self.plainName)
        """
    }

    private func moved(_ place: Int32, on day: LocalDate, in change: inout Change) throws -> Int64 {
        try change.one(
            """
            SELECT coalesce(sum(amount), 0)::bigint AS moved FROM numbered_movement
            WHERE statement = \(place) AND booked_on = \(day)
            """
        ) { row in try row("moved") }
    }

    /// Statements one after another on the day of an edge, from there on, and the balance on the other side of each.
    ///
    /// What closes as it opened is none of them, though its own lines may come to something where others have the rest.
    /// The balances of one are of its first and last day, be all it has of them taken for lines of others.
    private func adjoining(
        _ statement: BankStatement, at edge: Edge, but same: [StatementID], in change: inout Change
    ) throws -> [(id: StatementID, far: Int64)] {
        try change.query(
            """
            WITH RECURSIVE part AS (
                SELECT told.id,
                    CASE WHEN \(edge.isOpening)::boolean THEN closing ELSE opening END AS near,
                    CASE WHEN \(edge.isOpening)::boolean THEN opening ELSE closing END AS far
                FROM bank_statement AS told CROSS JOIN LATERAL (
                    SELECT min(booked_on) AS first_day, max(booked_on) AS last_day,
                        sum(amount) FILTER (WHERE booked_on = \(edge.day)) AS moved
                    FROM bank_line WHERE bank_line.statement = told.id) AS lines CROSS JOIN LATERAL (
                    SELECT min(booked_on) AS first_day, max(booked_on) AS last_day
                    FROM taken_movement WHERE taken_movement.statement = told.id) AS taken
                WHERE told.organisation = \(change.cause.organisation) AND told.iban = \(statement.iban)
                    AND told.id <> ALL (\(same)) AND told.currency = \(edge.balance.currency.code)
                    AND told.id = ANY (\(told(of: edge.day, statement, change.cause.organisation)))
                    AND CASE WHEN \(edge.isOpening)::boolean THEN greatest(lines.last_day, taken.last_day)
                        ELSE least(lines.first_day, taken.first_day) END = \(edge.day)
                    AND moved <> 0 AND (told.opening <> told.closing OR lines.first_day < lines.last_day)
            ), chain AS (
                SELECT id, far FROM part WHERE near = \(edge.balance.minorUnits)
                UNION
                SELECT part.id, part.far FROM chain JOIN part ON part.near = chain.far
            )
            SELECT id, far FROM chain
            """
        ) { row in (id: try row("id"), far: try row("far")) }
    }
}
