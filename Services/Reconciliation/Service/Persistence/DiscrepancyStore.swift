import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// What is wrong and waits for a person.
struct DiscrepancyStore {
    let ids: IdentifierSource

    /// What a discrepancy is about.
    struct About: Sendable {
        /// What names the thing that is wrong, so that it is opened once.
        let subject: String
        var payment: PaymentID?
        var payout: PayoutID?
        var amount: Money?
    }

    /// Opens it once; one that was closed, or is now about another amount, is opened again.
    func open(_ kind: DiscrepancyKind, _ about: About, in change: inout Change) throws {
        let opened: DiscrepancyID? = try change.first(
            """
            INSERT INTO discrepancy (id, organisation, kind, subject, payment, payout, currency, amount)
            VALUES (\(ids.make() as DiscrepancyID), \(change.cause.organisation), \(kind.rawValue), \(about.subject),
                \(about.payment), \(about.payout), \(about.amount?.currency.code), \(about.amount?.minorUnits))
            ON CONFLICT ON CONSTRAINT discrepancy_once DO UPDATE
            SET payment = EXCLUDED.payment, payout = EXCLUDED.payout, currency = EXCLUDED.currency,
                amount = EXCLUDED.amount, opened_at = now(), closed_at = NULL
            WHERE discrepancy.closed_at IS NOT NULL
                OR (discrepancy.currency, discrepancy.amount) IS DISTINCT FROM (EXCLUDED.currency, EXCLUDED.amount)
            RETURNING id
            """
        ) { row in try row("id") }
        if let opened { change.announceOpening(of: opened, kind, about) }
    }

    /// Closes what the missing piece explains.
    func close(_ kind: DiscrepancyKind, _ subject: String, in change: inout Change) throws {
        let closed: [DiscrepancyID] = try change.query(
            """
            UPDATE discrepancy SET closed_at = now()
            WHERE organisation = \(change.cause.organisation) AND kind = \(kind.rawValue) AND subject = \(subject)
                AND closed_at IS NULL
            RETURNING id
            """
        ) { row in try row("id") }
        for id in closed { change.announceClosing(of: id) }
    }

    /// Closes what was wrong between a payment and its settlement lines, but for what still is.
    func closeSettled(_ payment: PaymentID, except wrong: [String: DiscrepancyKind], in change: inout Change) throws {
        let still = wrong.sorted { $0.key < $1.key }
        let closed: [DiscrepancyID] = try change.query(
            """
            UPDATE discrepancy SET closed_at = now()
            WHERE organisation = \(change.cause.organisation) AND payment = \(payment) AND closed_at IS NULL
                AND kind IN (\(DiscrepancyKind.amount.rawValue), \(DiscrepancyKind.fee.rawValue))
                AND (kind, subject) NOT IN (
                    SELECT * FROM unnest(\(still.map(\.value.rawValue))::text[], \(still.map(\.key))::text[]))
            RETURNING id
            """
        ) { row in try row("id") }
        for id in closed { change.announceClosing(of: id) }
    }

    func open(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [DiscrepancyAnswer] {
        try transaction.query(
            """
            SELECT id, kind, subject, payment, payout, currency, amount, opened_at FROM discrepancy
            WHERE organisation = \(organisation) AND closed_at IS NULL ORDER BY opened_at, id LIMIT 1000
            """
        ) { row in
            let amount: Int64? = try row("amount")
            return DiscrepancyAnswer(
                id: try row("id"), kind: try row("kind"), subject: try row("subject"), paymentID: try row("payment"),
                payoutID: try row("payout"),
                amount: try amount.map { Money($0, try row.currency()) },
                openedAt: try row("opened_at"))
        }
    }

    /// How many wait, which may be more than are shown at once.
    func countOpen(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> Int {
        try transaction.one(
            "SELECT count(*) AS count FROM discrepancy WHERE organisation = \(organisation) AND closed_at IS NULL"
        ) { row in try row("count") }
    }
}
