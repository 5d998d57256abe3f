import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Statements whose balances say that movements were taken for others.
extension StagedMovements {
    private struct Laid {
        let place: Int32
        let statement: BankStatement
        let days: ClosedRange<LocalDate>
    }

    /// Statements of a file with movements that are known of others, which cannot be those by the balances of both.
    ///
    /// They cannot where a statement begins at the balance at which one that has its movements ends, or ends where that
    /// one begins, unless they may be the last of the one and the first of the other; nor where it has all movements of
    /// others and none of its own. Where another of its days begins or ends as it does, it may tell the same movements.
    func inDoubt(_ statements: [BankStatement], in change: inout Change) throws -> [FileProblem] {
        // Each may have lines of each other.
        let pairs = statements.reduce(0) { $0 + $1.count } * statements.count
        let organisation = change.cause.organisation
        let places: [Int32] = try change.joining(pairs) { change in
            try change.query(
                """
                WITH named AS MATERIALIZED (\(named(statements, organisation))), lacking AS MATERIALIZED (
                    SELECT named.*, coalesce(own.lines, 0) AS lines
                    FROM named LEFT JOIN (
                        SELECT statement, count(*) AS lines, sum(amount) AS moved FROM bank_line
                        WHERE statement IN (SELECT id FROM named) GROUP BY statement) AS own ON own.statement = named.id
                    WHERE coalesce(own.moved, 0) <> closing - opening
                ), edge AS MATERIALIZED (
                    SELECT place, id, iban, opening, closing, first_day AS day FROM lacking
                    UNION SELECT place, id, iban, opening, closing, last_day FROM lacking
                ), alone AS MATERIALIZED (
                    SELECT * FROM lacking WHERE place NOT IN (\(toldOtherwise(organisation)))
                ), shared AS MATERIALIZED (
                    SELECT alone.place, known.statement, count(*) AS lines, sum(known.amount) AS moved
                    FROM alone JOIN numbered_movement AS staged ON staged.statement = alone.place
                        JOIN bank_line AS known ON known.organisation = \(organisation) AND known.iban = alone.iban
                            AND known.reference = staged.reference
                    WHERE known.statement <> alone.id
                    GROUP BY alone.place, known.statement
                )
                SELECT alone.place
                FROM alone JOIN shared USING (place) JOIN bank_statement AS other ON other.id = shared.statement
                    JOIN (
                        SELECT statement, count(*) AS lines, sum(amount) AS moved, min(booked_on) AS begins_on,
                            max(booked_on) AS ends_on
                        FROM bank_line WHERE statement IN (SELECT statement FROM shared) GROUP BY statement
                    ) AS whole ON whole.statement = other.id
                GROUP BY alone.place
                HAVING bool_and(coalesce(
                    alone.opening + shared.moved <> other.closing AND other.opening + shared.moved <> alone.closing
                    AND ((other.closing = alone.opening AND ends_on <= first_day)
                        OR (other.opening = alone.closing AND begins_on >= last_day)
                        OR (alone.lines = 0 AND whole.lines = shared.lines
                            AND whole.moved = other.closing - other.opening)), false))
                ORDER BY alone.place LIMIT \(BadRowAnswer.listedMax)
                """
            ) { row in try row("place") }
        }
        return places.map { problem(of: statements[Int($0)]) }
    }

    private func problem(of statement: BankStatement) -> FileProblem {
        FileProblem(
            line: statement.line, place: statement.place,
            reason: """
                The balances of the statement \(statement.reference) are not those at which its movements were taken \
                in before: they may be others that look the same.
                """,
            remedy: "Compare it with the account; a statement of the whole day, handed in too, has what is missing.")
    }

    /// Statements of the file that begin and end at different balances.
    private func named(_ statements: [BankStatement], _ organisation: OrganisationID) -> SQL {
        let laid = statements.enumerated().compactMap { place, statement in
            statement.days.map { Laid(place: Int32(place), statement: statement, days: $0) }
        }
        return """
            SELECT place, id, told.iban, first_day, last_day, opening, closing
            FROM unnest(\(laid.map(\.place))::int[], \(laid.map(\.statement.iban))::text[],
                    \(laid.map(\.statement.reference))::text[], \(laid.map(\.days.lowerBound))::date[],
                    \(laid.map(\.days.upperBound))::date[]) AS laid (place, iban, reference, first_day, last_day)
                JOIN bank_statement AS told ON told.organisation = \(organisation) AND told.iban = laid.iban
                    AND told.reference = laid.reference
            WHERE opening <> closing
            """
    }

    /// Those beside which another of their first or last day begins or ends as they do.
    private func toldOtherwise(_ organisation: OrganisationID) -> SQL {
        """
        SELECT edge.place
        FROM edge JOIN bank_line AS beside ON beside.organisation = \(organisation)
                AND beside.iban = edge.iban AND beside.booked_on = edge.day AND beside.statement <> edge.id
            JOIN bank_statement AS other ON other.id = beside.statement
        WHERE other.opening = edge.opening OR other.closing = edge.closing
        """
    }
}
