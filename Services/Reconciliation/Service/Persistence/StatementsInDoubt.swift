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
        let lines = statements.reduce(0) { $0 + $1.count }
        let organisation = change.cause.organisation
        let places: [Int32] = try change.joining(lines) { change in
            try change.query(
                """
                WITH lacking AS MATERIALIZED (\(lacking(statements, organisation))), alone AS MATERIALIZED (
                    SELECT * FROM lacking WHERE place NOT IN (\(toldOtherwise(organisation)))
                ), shared AS (
                    SELECT alone.place, known.statement, count(*) AS lines, sum(known.amount) AS moved
                    FROM alone JOIN numbered_movement AS staged ON staged.statement = alone.place
                        JOIN bank_line AS known ON known.organisation = \(organisation) AND known.iban = alone.iban
                            AND known.reference = staged.reference
                    WHERE known.statement <> alone.id
                    GROUP BY alone.place, known.statement
                )
                SELECT alone.place
                FROM alone JOIN shared USING (place) JOIN bank_statement AS other ON other.id = shared.statement
                    CROSS JOIN LATERAL (
                        SELECT count(*) AS lines, sum(amount) AS moved FROM bank_line
                        WHERE bank_line.statement = other.id) AS whole
                GROUP BY alone.place
                HAVING bool_and(coalesce(
                    alone.opening + shared.moved <> other.closing AND other.opening + shared.moved <> alone.closing
                    AND (other.closing = alone.opening OR other.opening = alone.closing
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

    /// Statements of the file whose own lines do not lead from one of their balances to the other.
    private func lacking(_ statements: [BankStatement], _ organisation: OrganisationID) -> SQL {
        let laid = statements.enumerated().compactMap { place, statement in
            statement.days.map { Laid(place: Int32(place), statement: statement, days: $0) }
        }
        return """
            SELECT place, id, told.iban, first_day, last_day, opening, closing, own.lines
            FROM unnest(\(laid.map(\.place))::int[], \(laid.map(\.statement.iban))::text[],
                    \(laid.map(\.statement.reference))::text[], \(laid.map(\.days.lowerBound))::date[],
                    \(laid.map(\.days.upperBound))::date[]) AS laid (place, iban, reference, first_day, last_day)
                JOIN bank_statement AS told ON told.organisation = \(organisation) AND told.iban = laid.iban
                    AND told.reference = laid.reference
                CROSS JOIN LATERAL (
                    SELECT count(*) AS lines, coalesce(sum(amount), 0) AS moved FROM bank_line
                    WHERE bank_line.statement = told.id) AS own
            WHERE opening <> closing AND own.moved <> closing - opening
            """
    }

    /// Those beside which another of their first or last day begins or ends as they do.
    private func toldOtherwise(_ organisation: OrganisationID) -> SQL {
        """
        SELECT lacking.place
        FROM lacking JOIN bank_line AS beside ON beside.organisation = \(organisation)
                AND beside.iban = lacking.iban AND beside.booked_on IN (first_day, last_day)
                AND beside.statement <> lacking.id
            JOIN bank_statement AS other ON other.id = beside.statement
        WHERE other.opening = lacking.opening OR other.closing = lacking.closing
        """
    }
}
