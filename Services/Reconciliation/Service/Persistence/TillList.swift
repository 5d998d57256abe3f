import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Which movements of a till are asked for; nil is any.
struct TillFilter: Sendable {
    let clinic: ClinicID
    let from: LocalDate?
    let to: LocalDate?
    let tender: Tender?
    /// Whether it waits for a slip.
    let isWaiting: Bool?
}

/// Movements of tills in lists, newest first; nothing is written through it.
struct TillList {
    func movements(
        of organisation: OrganisationID, _ filter: TillFilter, before id: TillMovementID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [TakingAnswer] {
        try transaction.query(
            """
            SELECT \(TillStore.columns), \(TillStore.waits) AS is_waiting, till_movement.cash_up IS NOT NULL AS is_counted,
                till_movement.remittance, remittance.reference
            FROM till_movement LEFT JOIN remittance ON remittance.id = till_movement.remittance
            WHERE till_movement.organisation = \(organisation) AND till_movement.clinic = \(filter.clinic)
                AND till_movement.id < \(id)
                AND (\(filter.from)::date IS NULL OR till_movement.day >= \(filter.from))
                AND (\(filter.to)::date IS NULL OR till_movement.day <= \(filter.to))
                AND (\(filter.tender?.rawValue)::text IS NULL OR till_movement.tender = \(filter.tender?.rawValue))
                AND (\(filter.isWaiting)::boolean IS NULL OR \(TillStore.waits) = \(filter.isWaiting))
            ORDER BY till_movement.id DESC LIMIT \(Int64(rows))
            """
        ) { row in
            TakingAnswer(
                try TillStore.read(row), isWaiting: try row("is_waiting"), isCounted: try row("is_counted"),
                remittanceID: try row("remittance"), remittanceReference: try row("reference"))
        }
    }
}
