import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What providers owe and have not brought yet, by the day it is expected; nothing is written through it.
struct ExpectedPayoutList {
    func rows(
        of organisation: OrganisationID, _ period: GridStore.Period, _ provider: Provider?,
        _ transaction: inout PostgresTransaction
    ) throws -> [ExpectedPayoutAnswer] {
        try transaction.query(selection(organisation, period, provider), read)
    }

    /// The same as a file.
    func cursor(
        of organisation: OrganisationID, _ period: GridStore.Period, _ provider: Provider?, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(organisation: organisation, selection(organisation, period, provider)) { row in
            let owed = try read(row)
            return [
                .day(owed.expectedOn), Cell(code: owed.provider.rawValue), .text(owed.net.currency.code),
                .number(Int64(owed.payments)), .number(Int64(owed.late)), .amount(owed.net),
            ]
        }
    }

    private func selection(
        _ organisation: OrganisationID, _ period: GridStore.Period, _ provider: Provider?
    ) -> SQL {
        """
        SELECT expected_on, provider, currency, count(*) AS payments, sum(net)::bigint AS net,
            count(*) FILTER (WHERE late_since IS NOT NULL) AS late
        FROM (
            SELECT *, amount - refunded - withheld - fee - fee_vat AS net FROM expectation
            WHERE organisation = \(organisation) AND NOT has_arrived
                AND expected_on BETWEEN \(period.from) AND \(period.to)
                AND (\(provider?.rawValue)::text IS NULL OR provider = \(provider?.rawValue))) AS owed
        WHERE net > 0
        GROUP BY expected_on, provider, currency ORDER BY expected_on, provider, currency
        """
    }

    @Sendable private func read(_ row: Row) throws -> ExpectedPayoutAnswer {
        ExpectedPayoutAnswer(
            expectedOn: try row("expected_on"), provider: try row.word("provider"), payments: try row("payments"),
            late: try row("late"), net: try row.money("net", try row.currency()))
    }
}
