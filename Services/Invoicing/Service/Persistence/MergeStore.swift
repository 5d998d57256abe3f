import PaymentModel
import PostgresClient
import TransactionalMessaging

/// All that has a client, when the client becomes another one.
struct MergeStore {
    /// Closes a client: it has no number and no address any more, and says which one it became.
    func close(_ client: ClientID, into other: ClientID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE client SET merged_into = \(other), phone = NULL, email = NULL, dunning_paused_until = NULL,
                version = version + 1
            WHERE id = \(client)
            """)
        change.executeLater("UPDATE client SET merged_into = \(other) WHERE merged_into = \(client)")
    }

    /// Documents and receipts keep whom they were issued to, which is a part of their hash.
    func move(_ client: ClientID, to other: ClientID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE payment_on_account SET client = \(other), version = version + 1,
                issued_to = CASE WHEN receipt_number IS NOT NULL THEN coalesce(issued_to, client) END
            WHERE client = \(client)
            """)
        change.executeLater(
            """
            UPDATE payment_on_account SET payer = CASE WHEN client <> \(other) THEN \(other)::uuid END
            WHERE organisation = \(change.cause.organisation) AND payer IN (\(client), \(other))
                AND (payer = \(client) OR client = \(other))
            """)
        change.executeLater(
            """
            UPDATE invoice SET client = \(other), version = version + 1,
                issued_to = CASE WHEN number IS NOT NULL THEN coalesce(issued_to, client) END
            WHERE client = \(client)
            """)
        change.executeLater(
            """
            UPDATE credit_note SET client = \(other), issued_to = coalesce(issued_to, client)
            WHERE client = \(client)
            """)
        for table in ["quote", "receivable"] {
            change.executeLater(
                """
                UPDATE \(unescaped: table) SET client = \(other), version = version + 1 WHERE client = \(client)
                """)
        }
        for table in ["refund", "client_contact", "settlement", "waiting_payment"] {
            change.executeLater(
                """
                UPDATE \(unescaped: table) SET client = \(other)
                WHERE organisation = \(change.cause.organisation) AND client = \(client)
                """)
        }
        moveBilling(of: client, to: other, in: &change)
    }

    /// The other one's own stay, if there are any.
    private func moveBilling(of client: ClientID, to other: ClientID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE billing_details SET client = \(other)
            WHERE client = \(client) AND NOT EXISTS (SELECT FROM billing_details WHERE client = \(other))
            """)
        change.executeLater("DELETE FROM billing_details WHERE client = \(client)")
    }
}
