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
    ///
    /// What a person closed stays closed while it is about the same amount. It is as old as when it was first opened.
    func open(_ kind: DiscrepancyKind, _ about: About, in change: inout Change) throws {
        let opened: DiscrepancyID? = try change.first(
            """
            INSERT INTO discrepancy (id, organisation, kind, subject, payment, payout, currency, amount)
            VALUES (\(ids.make() as DiscrepancyID), \(change.cause.organisation), \(kind.rawValue), \(about.subject),
                \(about.payment), \(about.payout), \(about.amount?.currency.code), \(about.amount?.minorUnits))
            ON CONFLICT ON CONSTRAINT discrepancy_once DO UPDATE
            SET payment = EXCLUDED.payment, payout = EXCLUDED.payout, currency = EXCLUDED.currency,
                amount = EXCLUDED.amount, closed_at = NULL, closed_by = NULL, closed_because = NULL, closed_into = NULL
            WHERE (discrepancy.closed_at IS NOT NULL AND discrepancy.closed_by IS NULL)
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
                AND kind IN (\(DiscrepancyKind.amount.rawValue), \(DiscrepancyKind.fee.rawValue),
                    \(DiscrepancyKind.dispute.rawValue))
                AND (kind, subject) NOT IN (
                    SELECT * FROM unnest(\(still.map(\.value.rawValue))::text[], \(still.map(\.key))::text[]))
            RETURNING id
            """
        ) { row in try row("id") }
        for id in closed { change.announceClosing(of: id) }
    }

    /// What was told of a payout that the provider has settled in others.
    func settledTwice(of payout: PayoutID, in currency: Currency, _ change: inout Change) throws -> Money {
        try change.one(
            """
            SELECT coalesce(sum(amount), 0)::bigint AS sum FROM discrepancy
            WHERE organisation = \(change.cause.organisation) AND kind = \(DiscrepancyKind.duplicate.rawValue)
                AND payout = \(payout) AND currency = \(currency.code)
            """
        ) { row in try row.money("sum", currency) }
    }

    /// Closes those of payments whose money has arrived in a payout.
    func closeLate(in payout: PayoutID, in change: inout Change) throws {
        let closed: [DiscrepancyID] = try change.query(
            """
            UPDATE discrepancy SET closed_at = now()
            FROM expectation
            WHERE discrepancy.organisation = \(change.cause.organisation) AND kind = \(DiscrepancyKind.late.rawValue)
                AND discrepancy.payment = expectation.payment AND expectation.payout = \(payout)
                AND closed_at IS NULL
            RETURNING id
            """
        ) { row in try row("id") }
        for id in closed { change.announceClosing(of: id) }
    }

    /// Opens them again when it turns out that the payout has not arrived, where something of them is owed still.
    func reopenLate(in payout: PayoutID, in change: inout Change) throws {
        let opened: [(id: DiscrepancyID, about: About)] = try change.query(
            """
            UPDATE discrepancy SET closed_at = NULL
            FROM expectation
            WHERE discrepancy.organisation = \(change.cause.organisation) AND kind = \(DiscrepancyKind.late.rawValue)
                AND discrepancy.payment = expectation.payment AND expectation.payout = \(payout)
                AND closed_at IS NOT NULL AND closed_by IS NULL AND expectation.amount > expectation.refunded
                    + expectation.withheld + expectation.fee + expectation.fee_vat
            RETURNING id, subject, discrepancy.payment, discrepancy.currency, discrepancy.amount
            """
        ) { row in
            let amount = try row.money("amount", try row.currency())
            return (
                try row("id"), About(subject: try row("subject"), payment: try row("payment"), amount: amount)
            )
        }
        for discrepancy in opened { change.announceOpening(of: discrepancy.id, .late, discrepancy.about) }
    }

    /// How many of a kind wait, over all organisations.
    func countOpen(_ kind: DiscrepancyKind, _ transaction: inout PostgresTransaction) throws -> Int {
        try transaction.one(
            "SELECT count(*) AS count FROM discrepancy WHERE kind = \(kind.rawValue) AND closed_at IS NULL"
        ) { row in try row("count") }
    }

    /// How many wait, which may be more than are shown at once.
    func countOpen(of organisation: OrganisationID, _ transaction: inout PostgresTransaction) throws -> Int {
        try transaction.one(
            "SELECT count(*) AS count FROM discrepancy WHERE organisation = \(organisation) AND closed_at IS NULL"
        ) { row in try row("count") }
    }
}
