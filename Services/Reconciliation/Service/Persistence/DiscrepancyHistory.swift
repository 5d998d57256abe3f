import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

// What people see of discrepancies and do about them.

extension DiscrepancyStore {
    /// Those that wait longest come first; of closed ones those that were closed last.
    func page(
        of organisation: OrganisationID, _ filter: DiscrepancyFilter, after place: DiscrepancyPlace?, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [DiscrepancyAnswer] {
        let beyond: SQL =
            switch (place, filter.isClosed == true) {
            case (nil, _): "true"
            case (let place?, false): "(opened_at, id) > (\(place.at), \(place.id))"
            case (let place?, true): "(closed_at, id) < (\(place.at), \(place.id))"
            }
        let order: SQL = filter.isClosed == true ? "closed_at DESC, id DESC" : "opened_at, id"
        return try transaction.query(
            """
            SELECT \(Self.columns) FROM discrepancy WHERE \(filter.condition(of: organisation)) AND \(beyond)
            ORDER BY \(order) LIMIT \(Int64(rows))
            """, read)
    }

    /// How many fit, whatever the page.
    func count(
        of organisation: OrganisationID, _ filter: DiscrepancyFilter, _ transaction: inout PostgresTransaction
    ) throws -> Int {
        try transaction.one(
            "SELECT count(*) AS count FROM discrepancy WHERE \(filter.condition(of: organisation))"
        ) { row in try row("count") }
    }

    /// The first that fit a condition of ours, closed ones too.
    func list(
        _ condition: SQL, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> Excerpt<DiscrepancyAnswer> {
        Excerpt(
            try transaction.query(
                """
                SELECT \(Self.columns), count(*) OVER () AS in_all FROM discrepancy
                WHERE organisation = \(organisation) AND \(condition)
                ORDER BY opened_at, id LIMIT \(Int64(Excerpt<DiscrepancyAnswer>.most))
                """
            ) { row in (item: try read(row), inAll: try row("in_all") as Int) })
    }

    func lock(_ id: DiscrepancyID, in change: inout Change) throws -> Discrepancy? {
        try change.first(
            """
            SELECT kind, owner, closed_at IS NULL AS is_open, closed_by, closed_because, closed_into FROM discrepancy
            WHERE id = \(id) AND organisation = \(change.cause.organisation) FOR UPDATE
            """
        ) { row in
            Discrepancy(
                id: id, kind: try row.word("kind"), owner: try row("owner"), isOpen: try row("is_open"),
                closing: try closing(row))
        }
    }

    /// Nil where no person closed it.
    private func closing(_ row: Row) throws -> Discrepancy.Closing? {
        guard let author: String = try row("closed_by") else { return nil }
        return Discrepancy.Closing(
            author: author, reason: try row("closed_because"), account: try row.optionalAccount("closed_into"))
    }

    /// What a person did; that it was closed before, by whatever, is not changed by it.
    func save(_ discrepancy: Discrepancy, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE discrepancy SET owner = \(discrepancy.owner),
                closed_at = CASE WHEN \(discrepancy.isOpen) THEN NULL ELSE coalesce(closed_at, now()) END,
                closed_by = coalesce(\(discrepancy.closing?.author), closed_by),
                closed_because = coalesce(\(discrepancy.closing?.reason), closed_because),
                closed_into = coalesce(\(discrepancy.closing?.account?.number), closed_into)
            WHERE id = \(discrepancy.id) AND organisation = \(change.cause.organisation)
            """)
    }

    func note(_ act: LookAfterDiscrepancy.Act, on id: DiscrepancyID, in change: inout Change) throws {
        let (name, words): (String, String?) =
            switch act {
            case .assign(let owner): ("assigned", owner)
            case .comment(let text): ("commented", text)
            case .close(let reason, _): ("closed", reason)
            }
        change.executeLater(
            """
            INSERT INTO discrepancy_note (id, organisation, discrepancy, act, author, words)
            VALUES (\(ids.next()), \(change.cause.organisation), \(id), \(name), \(change.cause.actor), \(words))
            """)
    }

    func history(
        of id: DiscrepancyID, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> DiscrepancyHistoryAnswer {
        let found = try transaction.first(
            "SELECT \(Self.columns) FROM discrepancy WHERE id = \(id) AND organisation = \(organisation)", read)
        guard let found else { throw NotFound.discrepancy(id) }
        let notes = try transaction.query(
            """
            SELECT act, author, words, noted_at FROM discrepancy_note
            WHERE discrepancy = \(id) AND organisation = \(organisation) ORDER BY id
            """
        ) { row in
            DiscrepancyHistoryAnswer.Note(
                act: try row("act"), author: try row("author"), words: try row("words"), notedAt: try row("noted_at"))
        }
        return DiscrepancyHistoryAnswer(discrepancy: found, notes: notes)
    }

    private static let columns: SQL =
        """
        id, kind, subject, payment, payout, currency, amount, opened_at, owner, closed_at, closed_by, closed_because,
            closed_into, \(HeldDifferenceStore.clearing(of: "discrepancy.id")),
            extract(epoch FROM coalesce(closed_at, now()) - opened_at)::bigint / 86400 AS age_days
        """

    private func read(_ row: Row) throws -> DiscrepancyAnswer {
        let amount: Int64? = try row("amount")
        return DiscrepancyAnswer(
            id: try row("id"), kind: try row("kind"), subject: try row("subject"), paymentID: try row("payment"),
            payoutID: try row("payout"), amount: try amount.map { Money($0, try row.currency()) },
            openedAt: try row("opened_at"), ageDays: try row("age_days"), owner: try row("owner"),
            closedAt: try row("closed_at"), closedBy: try row("closed_by"), closedBecause: try row("closed_because"),
            closedInto: try row("closed_into"), clearedInto: try row("cleared_into"),
            clearedBecause: try row("cleared_because"))
    }
}
