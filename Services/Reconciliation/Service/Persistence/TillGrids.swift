import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Which rows of tills a file is of; nil is any.
struct TillGridFilter: Sendable {
    let period: GridStore.Period
    let clinic: ClinicID?
    var tender: Tender?
    /// Whether it waits for a slip.
    var isWaiting: Bool?
}

/// The grids of tills: what they took, how it was counted, how it came to the bank (REC-7, REC-10).
struct TillGrids {
    /// Of clinics that were given none of their own.
    let usualZone: String

    func takings(
        of organisation: OrganisationID, _ filter: TillGridFilter, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(
            organisation: organisation,
            """
            SELECT till_movement.id::text, till_movement.clinic::text, day, receipt_number, client::text, method,
                till_movement.tender, till_movement.currency, till_movement.amount, till_movement.reason, reference
            FROM till_movement LEFT JOIN remittance ON remittance.id = till_movement.remittance
            WHERE till_movement.organisation = \(organisation)
                AND day BETWEEN \(filter.period.from) AND \(filter.period.to)
                AND (\(filter.clinic)::uuid IS NULL OR till_movement.clinic = \(filter.clinic))
                AND (\(filter.tender?.rawValue)::text IS NULL OR till_movement.tender = \(filter.tender?.rawValue))
                AND (\(filter.isWaiting)::boolean IS NULL OR \(TillStore.waits) = \(filter.isWaiting))
            ORDER BY day, till_movement.id
            """, taking)
    }

    @Sendable private func taking(_ row: Row) throws -> [Cell] {
        [
            Cell.text(try row("id")), .text(try row("clinic")), .day(try row("day")),
            .text(try row("receipt_number")), .text(try row("client")), .text(try row("method")),
            Cell(code: try row("tender")), .text(try row("currency")),
            .amount(try row.money("amount", try row.currency())), Cell(try row("reason") as String?),
            Cell(try row("reference") as String?),
        ]
    }

    func cashUps(
        of organisation: OrganisationID, _ filter: TillGridFilter, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(
            organisation: organisation,
            """
            SELECT cash_up.clinic::text, day, method, tender, currency, expected, counted, account, reason, closed_by,
                (closed_at AT TIME ZONE coalesce(time_zone, \(usualZone)))::date AS closed_on,
                \(HeldDifferenceStore.clearing(of: "cash_up_line.cash_up", at: "cash_up_line.position"))
            FROM cash_up LEFT JOIN cash_up_line ON cash_up_line.cash_up = cash_up.id
                LEFT JOIN clinic ON clinic.id = cash_up.clinic AND clinic.organisation = cash_up.organisation
            WHERE cash_up.organisation = \(organisation)
                AND day BETWEEN \(filter.period.from) AND \(filter.period.to)
                AND (\(filter.clinic)::uuid IS NULL OR cash_up.clinic = \(filter.clinic))
            ORDER BY day, cash_up.id, position
            """, cashUp)
    }

    @Sendable private func cashUp(_ row: Row) throws -> [Cell] {
        let clinicAndDay = [Cell.text(try row("clinic")), .day(try row("day"))]
        let closing = [
            Cell.text(try row("closed_by")), .day(try row("closed_on")), Cell(try row("cleared_into") as String?),
        ]
        guard let method: String = try row("method") else {
            // Counted, with nothing in it.
            return clinicAndDay + [Cell](repeating: .empty, count: 8) + closing
        }
        let currency = try row.currency()
        let (expected, counted) = (try row.money("expected", currency), try row.money("counted", currency))
        let line = [
            Cell.text(method), Cell(code: try row("tender")), .text(currency.code), .amount(expected),
            .amount(counted), .amount(try counted.subtracting(expected)), Cell(try row("account") as String?),
            Cell(try row("reason") as String?),
        ]
        return clinicAndDay + line + closing
    }

    func remittances(
        of organisation: OrganisationID, _ period: GridStore.Period, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(
            organisation: organisation,
            """
            SELECT id::text, clinic::text, tender, reference, made_on, currency, amount, pointed_by, rule,
                bank_line::text, difference_account, difference_because, cancelled_by,
                \(HeldDifferenceStore.clearing(of: "remittance.id"))
            FROM remittance
            WHERE organisation = \(organisation) AND made_on BETWEEN \(period.from) AND \(period.to)
            ORDER BY made_on, id
            """, remittance)
    }

    @Sendable private func remittance(_ row: Row) throws -> [Cell] {
        [
            Cell.text(try row("id")), .text(try row("clinic")), Cell(code: try row("tender")),
            .text(try row("reference")), .day(try row("made_on")), .text(try row("currency")),
            .amount(try row.money("amount", try row.currency())), Cell(author: try row("pointed_by")),
            Cell(code: try row("rule")), Cell(try row("bank_line") as String?),
            Cell(try row("difference_account") as String?), Cell(try row("difference_because") as String?),
            Cell(try row("cancelled_by") as String?), Cell(try row("cleared_into") as String?),
        ]
    }
}
