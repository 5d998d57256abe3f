import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Movements to which the bank gives the reference of their order, that of other parts of it as well.
extension StagedMovements {
    /// What follows such a reference where it is not the first of its name.
    private static let ending: SQL = "' [(][0-9]+[)]$'"

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
        try change.joining(statement.count) { change in
            let areMoot: Bool = try change.one(
                "SELECT count(*) > 0 AS are_moot FROM (\(moot)) AS moot"
            ) { row in try row("are_moot") }
            guard areMoot else { return }
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
        SELECT DISTINCT staged.of_order, regexp_replace(staged.of_order, \(Self.ending), '') AS stem
        FROM numbered_movement AS staged
            JOIN bank_line AS known ON known.organisation = \(organisation)
                AND known.iban = \(statement.iban) AND known.reference = staged.reference
        WHERE staged.statement = \(place) AND staged.of_order IS NOT NULL
            AND (known.currency, known.amount, known.booked_on) <> (staged.currency, staged.amount, staged.booked_on)
        """
    }

    /// All parts of those orders that are known, with their numbers.
    private func known(of statement: BankStatement, _ organisation: OrganisationID) -> SQL {
        """
        SELECT of_order, reference, currency, amount, booked_on, statement,
            CASE reference WHEN of_order THEN 1 ELSE substring(reference FROM '[(]([0-9]+)[)]$')::numeric END AS number
        FROM bank_line JOIN moot ON regexp_replace(reference, \(Self.ending), '') = stem
            AND of_order IN (reference, regexp_replace(reference, \(Self.ending), ''))
        WHERE organisation = \(organisation) AND iban = \(statement.iban)
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
