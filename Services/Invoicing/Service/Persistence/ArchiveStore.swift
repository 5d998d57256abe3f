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

    /// On a day, or on the one it is at the clinic; not before it was put away, whatever a provider dates its news.
    func noteRestored(_ payment: PaymentOnAccount, on day: LocalDate?, in change: inout Change) {
        change.executeLater(
            """
            UPDATE credit_archive SET restored_by = \(change.cause.actor), restored_at = now(),
                restored_on = greatest(archived_on, coalesce(\(day)::date, \(today(at: payment.clinic))))
            WHERE payment_on_account = \(payment.id) AND restored_on IS NULL
            """)
    }

    /// When credit of a payment whose row is locked may move.
    func days(of payment: PaymentOnAccount, in change: inout Change) throws -> ArchiveDays {
        try change.one(
            """
            SELECT max(restored_on) AS restored_on, \(today(at: payment.clinic)) AS today FROM credit_archive
            WHERE payment_on_account = \(payment.id)
            """
        ) { row in ArchiveDays(restoredOn: try row("restored_on"), today: try row("today")) }
    }

    private func today(at clinic: ClinicID?) -> SQL { OrganisationStore.day(of: "now()", at: clinic) }
}
