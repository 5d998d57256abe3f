import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// The grids of tills: what they took, how it was counted, how it came to the bank (REC-7, REC-10).
struct TillGrids {
    func cursor(
        _ grid: Grid, of organisation: OrganisationID, _ period: GridStore.Period, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        switch grid {
        case .cashUps: try await database.cursor(organisation: organisation, cashUps(organisation, period), cashUp)
        case .remittances:
            try await database.cursor(organisation: organisation, remittances(organisation, period), remittance)
        case .takings, .fees, .payouts, .discrepancies, .entries, .bankLines, .statistics, .vatReceipts,
            .expectedPayouts, .baskets, .accountSums:
            try await database.cursor(organisation: organisation, takings(organisation, period), taking)
        }
    }

    private func takings(_ organisation: OrganisationID, _ period: GridStore.Period) -> SQL {
        """
        SELECT till_movement.id::text, till_movement.clinic::text, day, receipt_number, client::text, method,
            till_movement.tender, till_movement.currency, till_movement.amount, till_movement.reason, reference
        FROM till_movement LEFT JOIN remittance ON remittance.id = till_movement.remittance
        WHERE till_movement.organisation = \(organisation) AND day BETWEEN \(period.from) AND \(period.to)
        ORDER BY day, till_movement.id
        """
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

    private func cashUps(_ organisation: OrganisationID, _ period: GridStore.Period) -> SQL {
        """
        SELECT clinic::text, day, method, tender, currency, expected, counted, account, reason, closed_by,
            closed_at::date AS closed_on
        FROM cash_up JOIN cash_up_line ON cash_up_line.cash_up = cash_up.id
        WHERE cash_up.organisation = \(organisation) AND day BETWEEN \(period.from) AND \(period.to)
        ORDER BY day, cash_up.id, position
        """
    }

    @Sendable private func cashUp(_ row: Row) throws -> [Cell] {
        let currency = try row.currency()
        let (expected, counted) = (try row.money("expected", currency), try row.money("counted", currency))
        return [
            Cell.text(try row("clinic")), .day(try row("day")), .text(try row("method")), Cell(code: try row("tender")),
            .text(currency.code), .amount(expected), .amount(counted), .amount(try counted.subtracting(expected)),
            Cell(try row("account") as String?), Cell(try row("reason") as String?), .text(try row("closed_by")),
            .day(try row("closed_on")),
        ]
    }

    private func remittances(_ organisation: OrganisationID, _ period: GridStore.Period) -> SQL {
        """
        SELECT id::text, clinic::text, tender, reference, made_on, currency, amount, pointed_by, rule,
            bank_line::text, difference_account, difference_because, cancelled_by
        FROM remittance WHERE organisation = \(organisation) AND made_on BETWEEN \(period.from) AND \(period.to)
        ORDER BY made_on, id
        """
    }

    @Sendable private func remittance(_ row: Row) throws -> [Cell] {
        [
            Cell.text(try row("id")), .text(try row("clinic")), Cell(code: try row("tender")),
            .text(try row("reference")), .day(try row("made_on")), .text(try row("currency")),
            .amount(try row.money("amount", try row.currency())), Cell(author: try row("pointed_by")),
            Cell(code: try row("rule")), Cell(try row("bank_line") as String?),
            Cell(try row("difference_account") as String?), Cell(try row("difference_because") as String?),
            Cell(try row("cancelled_by") as String?),
        ]
    }
}
