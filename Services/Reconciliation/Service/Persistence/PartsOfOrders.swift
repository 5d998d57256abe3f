import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Movements to which the bank gives the reference of their order, that of other parts of it as well.
extension StagedMovements {
    /// Tells parts of an order from known ones that have their reference and number and yet are others, being of
    /// another amount or day.
    ///
    /// What is known is the same where reference, amount and day are, whatever the number. What is left is another part
    /// where each known one is in this statement too, or in one that adjoins; where statements contradict each other it
    /// keeps its number, and is refused.
    func tellPartsApart(
        _ place: Int32, of statement: BankStatement, beside others: Set<StatementID>, in change: inout Change
    ) throws {
        guard statement.format == .camt053 else { return }
        let organisation = change.cause.organisation
        let moot = self.moot(place, of: statement, organisation)
        let told: Int = try change.joining(statement.count) { change in
            try change.one(
                """
                SELECT count(*) AS told FROM numbered_movement
                WHERE statement = \(place) AND of_order IN (\(moot))
                """
            ) { row in try row("told") }
        }
        guard told > 0 else { return }
        // Each may be compared with each, where they are not joined at once.
        _ = try change.joining(max(statement.count, told * told)) { change in
            try change.execute(
                """
                WITH moot AS (\(moot)), told AS (
                    SELECT *, row_number() OVER (PARTITION BY of_order, currency, amount, booked_on ORDER BY position)
                        AS turn
                    FROM numbered_movement JOIN moot USING (of_order) WHERE statement = \(place)
                ), known AS (
                    SELECT *, row_number() OVER (PARTITION BY of_order, currency, amount, booked_on ORDER BY number)
                        AS turn
                    FROM (\(known(of: statement, organisation))) AS known
                ), placed AS (
                    SELECT told.id, of_order, known.reference AS known_as,
                        bool_and(known.reference IS NOT NULL) OVER (PARTITION BY of_order) AS are_known,
                        row_number() OVER (PARTITION BY of_order, known.reference IS NULL ORDER BY position) AS further
                    FROM told LEFT JOIN known USING (of_order, currency, amount, booked_on, turn)
                ), part_of_order AS (
                    SELECT of_order, max(number) AS highest, bool_and(
                        told.id IS NOT NULL OR known.statement IN (\(decided(others, beside: statement)))) AS are_others
                    FROM known LEFT JOIN told USING (of_order, currency, amount, booked_on, turn)
                    GROUP BY of_order
                )
                UPDATE numbered_movement
                SET reference = coalesce(known_as, placed.of_order || ' (' || (highest + further) || ')')
                FROM placed JOIN part_of_order ON part_of_order.of_order = placed.of_order
                WHERE numbered_movement.statement = \(place) AND numbered_movement.id = placed.id
                    AND (are_known OR are_others)
                """)
        }
    }

    /// Orders of which a part is known by a reference and number, and is another.
    private func moot(_ place: Int32, of statement: BankStatement, _ organisation: OrganisationID) -> SQL {
        """
        SELECT DISTINCT staged.of_order
        FROM numbered_movement AS staged
            JOIN bank_line AS known ON known.organisation = \(organisation)
                AND known.iban = \(statement.iban) AND known.reference = staged.reference
        WHERE staged.statement = \(place) AND staged.of_order IS NOT NULL
            AND (known.currency, known.amount, known.booked_on) <> (staged.currency, staged.amount, staged.booked_on)
        """
    }

    /// All parts of those orders that are known, with their numbers: one is looked for after another, by its reference.
    private func known(of statement: BankStatement, _ organisation: OrganisationID) -> SQL {
        // In order, so that it is looked for by reference whatever statistics know; in no join, which is compiled at
        // length where nested loops are off.
        let line: SQL = """
            SELECT bank_line FROM bank_line
            WHERE organisation = \(organisation) AND iban = \(statement.iban) AND reference >= sought
            ORDER BY reference LIMIT 1
            """
        return """
            WITH RECURSIVE part AS (
                SELECT of_order, 1 AS number, sought, (\(line)) AS line
                FROM (SELECT of_order, of_order AS sought FROM moot) AS first
                UNION ALL
                SELECT of_order, number, sought, (\(line))
                FROM (
                    SELECT of_order, number + 1 AS number, of_order || ' (' || (number + 1) || ')' AS sought
                    FROM part WHERE (line).reference = sought) AS next
            )
            SELECT of_order, number, (line).* FROM part WHERE (line).reference = sought
            """
    }

    /// Those of statements that seem to adjoin which do: none where the account had a balance of this one's twice.
    private func decided(_ others: Set<StatementID>, beside statement: BankStatement) -> SQL {
        """
        SELECT id FROM bank_statement WHERE id = ANY(\(Array(others))) AND NOT EXISTS (
            SELECT FROM bank_statement WHERE id = ANY(\(Array(others)))
                AND (opening = \(statement.opening?.minorUnits) OR closing = \(statement.closing?.minorUnits)))
        """
    }
}
