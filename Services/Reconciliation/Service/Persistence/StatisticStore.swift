import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Which figures are asked for.
struct StatisticFilter: Sendable {
    /// How days are put together.
    enum Span: String, CaseIterable, Sendable {
        case day, week, month
    }

    let from: LocalDate
    let to: LocalDate
    let span: Span
    let clinic: ClinicID?
}

/// What payments come to, as they were summed up last.
struct StatisticStore {
    /// Rows of one answer; a longer one is for a file.
    static let rowsMax = 10_000
    /// Where a size of baskets begins, in minor units.
    static let baskets: [Int64] = [0, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 200_000, 500_000]

    /// Sums up everything anew, in one transaction: who reads meanwhile sees the figures of before.
    func refresh(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> Instant {
        // Two at once would each add their rows.
        transaction.executeLater(
            "SELECT pg_advisory_xact_lock(hashtextextended('statistics of ' || \(organisation.description)::text, 0))")
        takeUpAccepted(of: organisation, &transaction)
        transaction.executeLater("DELETE FROM statistic WHERE organisation = \(organisation)")
        transaction.executeLater(
            """
            INSERT INTO statistic (organisation, clinic, provider, plan, day, basket, currency, accepted, refused,
                cancelled, expired, in_instalments, amount, fee, fee_vat)
            SELECT organisation, clinic, provider, plan, decided_on,
                (\(Self.baskets)::bigint[])[width_bucket(amount, \(Self.baskets)::bigint[])] AS basket, currency,
                count(*) FILTER (WHERE outcome = 'accepted'), count(*) FILTER (WHERE outcome = 'refused'),
                count(*) FILTER (WHERE outcome = 'cancelled'), count(*) FILTER (WHERE outcome = 'expired'),
                count(*) FILTER (WHERE outcome = 'accepted' AND plan !~ '^1x'),
                coalesce(sum(amount) FILTER (WHERE outcome = 'accepted'), 0),
                coalesce(sum(fee) FILTER (WHERE outcome = 'accepted'), 0),
                coalesce(sum(fee_vat) FILTER (WHERE outcome = 'accepted'), 0)
            FROM sale WHERE organisation = \(organisation) AND outcome IS NOT NULL
            GROUP BY organisation, clinic, provider, plan, decided_on, basket, currency
            """)
        return try transaction.one(
            """
            INSERT INTO statistic_run (organisation, made_at) VALUES (\(organisation), now())
            ON CONFLICT (organisation) DO UPDATE SET made_at = EXCLUDED.made_at RETURNING made_at
            """
        ) { row in try row("made_at") }
    }

    /// What a version before this one has booked meanwhile is a sale too.
    private func takeUpAccepted(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) {
        transaction.executeLater(
            """
            INSERT INTO sale (payment, organisation, clinic, provider, currency, amount, outcome, decided_on, fee,
                fee_vat)
            SELECT payment, organisation, clinic, provider, currency, amount, 'accepted', accepted_on, fee, fee_vat
            FROM expectation WHERE organisation = \(organisation) AND NOT EXISTS (
                SELECT FROM sale WHERE sale.payment = expectation.payment AND outcome = 'accepted')
            ON CONFLICT (payment) DO UPDATE SET outcome = EXCLUDED.outcome, decided_on = EXCLUDED.decided_on,
                amount = EXCLUDED.amount, fee = EXCLUDED.fee, fee_vat = EXCLUDED.fee_vat, changed_at = now()
            """)
    }

    /// Organisations whose payments were never summed up, or longer ago than so many seconds.
    func due(after seconds: Double, _ transaction: inout PostgresTransaction) throws -> [OrganisationID] {
        try transaction.query(
            """
            SELECT DISTINCT organisation FROM sale WHERE NOT EXISTS (
                SELECT FROM statistic_run WHERE statistic_run.organisation = sale.organisation
                    AND made_at > now() - make_interval(secs => \(seconds)))
            """
        ) { row in try row("organisation") }
    }

    /// When they were summed up; nil where they never were.
    func madeAt(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> Instant? {
        try transaction.first(
            "SELECT made_at FROM statistic_run WHERE organisation = \(organisation)"
        ) { row in try row("made_at") }
    }

    /// By clinic, provider, plan, span and currency; one row more than an answer holds tells that it is too long.
    func rows(
        of organisation: OrganisationID, _ filter: StatisticFilter, _ transaction: inout PostgresTransaction
    ) throws -> [StatisticAnswer] {
        try transaction.query(
            "\(selection(organisation, filter)) LIMIT \(Int64(Self.rowsMax + 1))", Self.row)
    }

    /// The same as a file of any length.
    func cursor(
        of organisation: OrganisationID, _ filter: StatisticFilter, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(organisation: organisation, selection(organisation, filter)) { row in
            let found = try Self.row(row)
            return [
                .day(found.from), Cell(found.clinicID?.description), Cell(code: found.provider.rawValue),
                Cell(found.plan), .text(found.amount.currency.code), .number(Int64(found.accepted)),
                .number(Int64(found.refused)), .number(Int64(found.cancelled)), .number(Int64(found.expired)),
                .amount(found.amount), .amount(found.fee), .amount(found.feeVAT), Cell(found.averageBasket),
                .number(Int64(found.inInstalments)),
                found.figures.instalmentShare.map { Cell.number(Int64($0.value)) } ?? .empty,
            ]
        }
    }

    /// How many baskets are of which size, from the smallest.
    func baskets(
        of organisation: OrganisationID, _ filter: StatisticFilter, _ transaction: inout PostgresTransaction
    ) throws -> [BasketAnswer] {
        try transaction.query(basketSelection(organisation, filter), Self.basket)
    }

    /// The same as a file.
    func basketCursor(
        of organisation: OrganisationID, _ filter: StatisticFilter, in database: Database
    ) async throws -> RowCursor<[Cell]> {
        try await database.cursor(organisation: organisation, basketSelection(organisation, filter)) { row in
            let found = try Self.basket(row)
            return [
                .amount(found.from), .text(found.from.currency.code), .number(Int64(found.accepted)),
                .amount(found.amount),
            ]
        }
    }

    private func basketSelection(_ organisation: OrganisationID, _ filter: StatisticFilter) -> SQL {
        """
        SELECT basket, currency, sum(accepted)::bigint AS accepted, sum(amount)::bigint AS amount FROM statistic
        WHERE \(condition(organisation, filter)) GROUP BY basket, currency HAVING sum(accepted) > 0
        ORDER BY currency, basket
        """
    }

    @Sendable private static func basket(_ row: Row) throws -> BasketAnswer {
        let currency = try row.currency()
        return BasketAnswer(
            from: try row.money("basket", currency), accepted: try row("accepted"),
            amount: try row.money("amount", currency))
    }

    private func condition(_ organisation: OrganisationID, _ filter: StatisticFilter) -> SQL {
        """
        organisation = \(organisation) AND day BETWEEN \(filter.from) AND \(filter.to)
            AND (\(filter.clinic)::uuid IS NULL OR clinic = \(filter.clinic))
        """
    }

    private func selection(_ organisation: OrganisationID, _ filter: StatisticFilter) -> SQL {
        """
        SELECT date_trunc(\(filter.span.rawValue), day::timestamp)::date AS begins, clinic, provider, plan, currency,
            sum(accepted)::bigint AS accepted, sum(refused)::bigint AS refused, sum(cancelled)::bigint AS cancelled,
            sum(expired)::bigint AS expired, sum(in_instalments)::bigint AS in_instalments,
            sum(amount)::bigint AS amount, sum(fee)::bigint AS fee, sum(fee_vat)::bigint AS fee_vat
        FROM statistic WHERE \(condition(organisation, filter))
        GROUP BY begins, clinic, provider, plan, currency ORDER BY begins, clinic, provider, plan, currency
        """
    }

    @Sendable private static func row(_ row: Row) throws -> StatisticAnswer {
        let currency = try row.currency()
        return StatisticAnswer(
            from: try row("begins"), clinicID: try row("clinic"), provider: try row.word("provider"),
            plan: try row("plan"),
            SalesFigures(
                counts: [
                    .accepted: try row("accepted"), .refused: try row("refused"), .cancelled: try row("cancelled"),
                    .expired: try row("expired"),
                ], inInstalments: try row("in_instalments"), amount: try row.money("amount", currency),
                fee: try row.money("fee", currency), feeVAT: try row.money("fee_vat", currency)))
    }
}
