import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// When credit was put away and taken out again (INV-12).
struct ArchiveStore {
    func noteArchived(_ payment: PaymentOnAccount, in change: inout Change) {
        guard let archived = payment.archived else { return }
        change.executeLater(
            """
            INSERT INTO credit_archive (payment_on_account, organisation, amount, archived_on, archived_by, reason)
            VALUES (\(payment.id), \(change.cause.organisation), \(archived.amount.minorUnits), \(archived.on),
                \(change.cause.actor), \(archived.reason))
            """)
    }

    /// On a day, or on the one it is at the clinic.
    func noteRestored(_ payment: PaymentOnAccount, on day: LocalDate?, in change: inout Change) {
        change.executeLater(
            """
            UPDATE credit_archive SET restored_by = \(change.cause.actor), restored_on = coalesce(\(day)::date, (
                now() AT TIME ZONE coalesce((SELECT time_zone FROM clinic WHERE id = \(payment.clinic)), 'UTC'))::date)
            WHERE payment_on_account = \(payment.id) AND restored_on IS NULL
            """)
    }
}
