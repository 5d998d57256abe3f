import PaymentModel
import PostgresClient
import TransactionalMessaging

extension HeldDifferenceStore {
    static let heldColumns = [
        "kind", "piece", "booked_on", "currency", "amount", "reason", "held_by", "account", "cleared_by", "cleared_on",
    ]
    static let clearingColumns = [
        "kind", "piece", "booked_on", "currency", "amount", "account", "reason", "cleared_by", "taken_back_by",
        "taken_back_on", "taken_back_because",
    ]

    /// Differences that were put on account 471 in a period as a file has them, each with where it was cleared to.
    func cursor(
        of organisation: OrganisationID, _ period: GridStore.Period, isCleared: Bool?, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(
            organisation: organisation,
            """
            SELECT held.kind, held.piece, held.booked_on, held.currency, held.amount, held.reason, held.held_by,
                clearing.account, clearing.cleared_by, clearing.booked_on AS cleared_on
            FROM (SELECT held.*, \(Self.bookedOn) AS booked_on FROM (\(Self.all)) AS held
                    WHERE held.organisation = \(organisation)) AS held \(Self.withClearing)
            WHERE held.booked_on BETWEEN \(period.from) AND \(period.to)
                AND (\(isCleared)::boolean IS NULL OR (clearing.id IS NOT NULL) = \(isCleared))
            ORDER BY held.booked_on, held.subject, held.position
            """
        ) { row in
            [
                Cell(code: try row("kind")), .text(try row("piece")), .day(try row("booked_on")),
                .text(try row("currency")), .amount(try row.money("amount", try row.currency())),
                Cell(try row("reason") as String?), Cell(author: try row("held_by")),
                Cell(try row("account") as String?), Cell(try row("cleared_by") as String?),
                Cell(try row("cleared_on") as LocalDate?),
            ]
        }
    }

    /// How managers cleared them on the days of a period as a file has it, also what was taken back.
    func clearingCursor(
        of organisation: OrganisationID, _ period: GridStore.Period, zone: String, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(
            organisation: organisation,
            """
            SELECT kind, piece, booked_on, currency, amount, account, reason, cleared_by, undone_by,
                (undone_at AT TIME ZONE \(zone))::date AS undone_on, undone_because
            FROM held_clearing
            WHERE organisation = \(organisation) AND booked_on BETWEEN \(period.from) AND \(period.to)
            ORDER BY booked_on, id
            """
        ) { row in
            [
                Cell(code: try row("kind")), .text(try row("piece")), .day(try row("booked_on")),
                .text(try row("currency")), .amount(try row.money("amount", try row.currency())),
                .text(try row("account")), .text(try row("reason")), .text(try row("cleared_by")),
                Cell(author: try row("undone_by")), Cell(try row("undone_on") as LocalDate?),
                Cell(try row("undone_because") as String?),
            ]
        }
    }
}
