import EventContract
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

    func open(_ kind: DiscrepancyKind, _ about: About, in change: inout Change) throws {
        let id: DiscrepancyID = ids.make()
        let opened = try change.execute(
            """
            INSERT INTO discrepancy (id, organisation, kind, subject, payment, payout, currency, amount)
            VALUES (\(id), \(change.cause.organisation), \(kind.rawValue), \(about.subject), \(about.payment),
                \(about.payout), \(about.amount?.currency.code), \(about.amount?.minorUnits))
            ON CONFLICT ON CONSTRAINT discrepancy_once DO NOTHING
            """)
        guard opened == 1 else { return }
        change.announce(
            DiscrepancyOpenedV1(
                discrepancyID: id, kind: kind.rawValue, amount: about.amount, paymentID: about.payment,
                payoutID: about.payout),
            about: id)
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
        for id in closed { change.announce(DiscrepancyClosedV1(discrepancyID: id), about: id) }
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
}
