import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What providers owe and have not brought yet, by the day it is expected, and what they will take or give besides;
/// nothing is written through it.
///
/// All rows of a provider, of whichever days, sum to its account in the ledger (511x).
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
                Cell(owed.expectedOn), Cell(code: owed.provider.rawValue), .text(owed.net.currency.code),
                .number(Int64(owed.payments)), .number(Int64(owed.late)), .amount(owed.net),
            ]
        }
    }

    private func selection(
        _ organisation: OrganisationID, _ period: GridStore.Period, _ provider: Provider?
    ) -> SQL {
        """
        WITH awaited AS (
            SELECT * FROM (
                SELECT expected_on, provider, currency, late_since,
                    amount - refunded - withheld - fee - fee_vat AS net
                FROM expectation WHERE organisation = \(organisation) AND NOT has_arrived) AS open
            WHERE net > 0
        ), owed AS (
            SELECT expected_on, provider, currency, net, 1 AS payments, (late_since IS NOT NULL)::int AS late
            FROM awaited WHERE expected_on BETWEEN \(period.from) AND \(period.to)
            UNION ALL
            SELECT NULL, provider, currency, -net, 0, 0 FROM awaited
            UNION ALL
            SELECT NULL, provider, currency, amount, 0, 0
            FROM ledger_line JOIN \(ClearingAccounts.all) USING (account)
            WHERE organisation = \(organisation)
        )
        SELECT expected_on, provider, currency, sum(payments) AS payments, sum(net)::bigint AS net, sum(late) AS late
        FROM owed WHERE \(provider?.rawValue)::text IS NULL OR provider = \(provider?.rawValue)
        GROUP BY expected_on, provider, currency HAVING expected_on IS NOT NULL OR sum(net) <> 0
        ORDER BY expected_on NULLS LAST, provider, currency
        """
    }

    @Sendable private func read(_ row: Row) throws -> ExpectedPayoutAnswer {
        ExpectedPayoutAnswer(
            expectedOn: try row("expected_on"), provider: try row.word("provider"), payments: try row("payments"),
            late: try row("late"), net: try row.money("net", try row.currency()))
    }
}
