import EventContract
import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// What is due on invoices and what was taken off them, as invoicing tells it; what is said of one comes in order.
///
/// Nothing is noted of an invoice whose beginning was not told: what came before could not be added up.
struct InvoiceStandingStore {
    func note(due: Money, on invoice: InvoiceID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE invoice_number SET due = \(due.minorUnits), due_told_at = now()
            WHERE \(isFollowed(invoice, of: change.cause.organisation))
            """)
    }

    /// A credit note takes off what is due first; what it takes off what was paid is freed, or went back to the client.
    func note(_ note: CreditNoteIssuedV1, in change: inout Change) throws {
        let freed = note.freed ?? .zero(note.total.currency)
        let other = try note.total.subtracting(freed).minorUnits
        // An earlier version did not tell what is due after it.
        let due: SQL = "coalesce(\(note.due?.minorUnits)::bigint, due - \(other)::bigint)"
        change.executeLater(
            """
            UPDATE invoice_number SET credited = credited + \(note.total.minorUnits), freed = freed + \(freed.minorUnits),
                refunded = refunded + \(other)::bigint - (due - \(due)), due = \(due), due_told_at = now()
            WHERE \(isFollowed(note.invoiceID, of: change.cause.organisation))
            """)
    }

    func note(writtenOff amount: Money, of invoice: InvoiceID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE invoice_number SET written_off = written_off + \(amount.minorUnits), due = due - \(amount.minorUnits),
                due_told_at = now()
            WHERE \(isFollowed(invoice, of: change.cause.organisation))
            """)
    }

    /// What was written off is due again.
    func note(reopenedTo due: Money, of invoice: InvoiceID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE invoice_number SET written_off = written_off - (\(due.minorUnits) - due), due = \(due.minorUnits),
                due_told_at = now()
            WHERE \(isFollowed(invoice, of: change.cause.organisation))
            """)
    }

    private func isFollowed(_ invoice: InvoiceID, of organisation: OrganisationID) -> SQL {
        "invoice = \(invoice) AND organisation = \(organisation) AND due IS NOT NULL"
    }

    /// Nil where an earlier version was told of the invoice, or nobody was.
    func standing(
        of invoice: InvoiceID, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> InvoiceAccount.Standing? {
        try transaction.first(
            """
            SELECT currency, total, credited, written_off, due, freed, refunded FROM invoice_number
            WHERE invoice = \(invoice) AND organisation = \(organisation) AND total IS NOT NULL AND due IS NOT NULL
            """
        ) { row in
            let currency = try row.currency()
            return InvoiceAccount.Standing(
                total: try row.money("total", currency), credited: try row.money("credited", currency),
                writtenOff: try row.money("written_off", currency), due: try row.money("due", currency),
                freed: try row.money("freed", currency), refunded: try row.money("refunded", currency))
        }
    }
}
