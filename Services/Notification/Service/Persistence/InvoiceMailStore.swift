import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The mails that bring one invoice.
struct InvoiceMailStore {
    /// Whoever claims one of them comes after who claims another, and sees that it did.
    func awaitTurn(of invoice: InvoiceID, in change: inout Change) {
        change.executeLater(
            "SELECT pg_advisory_xact_lock(hashtext('mail-of-invoice'), hashtext(\(invoice.description)))")
    }

    /// Those beside this one that may leave yet, are leaving or have left.
    func others(
        than id: MessageID, about invoice: InvoiceID, _ transaction: inout PostgresTransaction
    ) throws -> [InvoiceMail] {
        try transaction.query(
            """
            SELECT occasion, state, carried_payment FROM message
            WHERE invoice = \(invoice) AND id <> \(id) AND channel = \(Channel.email.rawValue)
                AND (state IN ('claimed', 'sent', 'delivered')
                    OR state IN ('requested', 'ready') AND expires_at > now())
            """
        ) { row in
            InvoiceMail(
                occasion: try row.word("occasion"), state: try row.word("state"),
                carried: try row("carried_payment"))
        }
    }

    /// Notes whose link a mail brings; nil: it brings none.
    func note(_ payment: PaymentID?, carriedBy id: MessageID, in change: inout Change) {
        change.executeLater("UPDATE message SET carried_payment = \(payment) WHERE id = \(id)")
    }
}
