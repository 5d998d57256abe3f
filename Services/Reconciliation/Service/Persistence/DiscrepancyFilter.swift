import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Which discrepancies are asked for; nil is any.
struct DiscrepancyFilter: Sendable {
    /// Those that were closed, or those that wait.
    let isClosed: Bool?
    let kind: DiscrepancyKind?
    let owner: String?
    let payment: PaymentID?
    let payout: PayoutID?

    func condition(of organisation: OrganisationID) -> SQL {
        // Its own words, by which the database knows the index of those that wait.
        let state: SQL =
            switch isClosed {
            case nil: "true"
            case true?: "closed_at IS NOT NULL"
            case false?: "closed_at IS NULL"
            }
        return """
            organisation = \(organisation) AND \(state)
                AND (\(kind?.rawValue)::text IS NULL OR kind = \(kind?.rawValue))
                AND (\(owner)::text IS NULL OR owner = \(owner))
                AND (\(payment)::uuid IS NULL OR payment = \(payment))
                AND (\(payout)::uuid IS NULL OR payout = \(payout))
            """
    }
}

/// A place in a list of discrepancies: when one was opened, or in a list of closed ones when it was closed.
struct DiscrepancyPlace: Sendable {
    let at: Instant
    let id: DiscrepancyID
}
