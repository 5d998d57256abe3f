import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

/// Where the invoices of the invoicing service are kept, as its events tell of them.
enum ReceivableTable {
    /// Keeps what is owed on an invoice now.
    static func save(
        _ receivable: Receivable, of organisation: OrganisationID, clinic: ClinicID?, in change: inout Change
    ) throws {
        try change.execute(
            """
            INSERT INTO receivable (invoice, organisation, clinic, client, due, currency)
            VALUES (\(receivable.invoice), \(organisation), \(clinic), \(receivable.client),
                \(receivable.due.minorUnits), \(receivable.due.currency.code))
            ON CONFLICT (invoice) DO UPDATE
            SET due = excluded.due, clinic = coalesce(excluded.clinic, receivable.clinic)
            """)
    }

    /// Takes an amount off what is owed; never below nothing.
    static func reduce(_ invoice: InvoiceID, by amount: Money, in change: inout Change) throws {
        try change.execute(
            """
            UPDATE receivable SET due = greatest(0, due - \(amount.minorUnits))
            WHERE invoice = \(invoice) AND currency = \(amount.currency.code)
            """)
    }

    /// Reads a receivable and keeps it as it is for the rest of the transaction.
    static func hold(_ invoice: InvoiceID, of organisation: OrganisationID, in change: inout Change) throws
        -> Receivable?
    {
        try change.first(
            "SELECT * FROM receivable WHERE invoice = \(invoice) AND organisation = \(organisation) FOR SHARE"
        ) { row in
            Receivable(
                invoice: try row("invoice"), client: try row("client"), due: try row.money("due", try row.currency()))
        }
    }

    /// Whether the invoicing service has told of an invoice.
    static func isKnown(
        _ invoice: InvoiceID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> Bool {
        let found: Bool? = try transaction.first(
            "SELECT true AS known FROM receivable WHERE invoice = \(invoice) AND organisation = \(organisation)"
        ) { row in try row("known") }
        return found ?? false
    }

    /// The live payment of an invoice, if it has one.
    static func livePayment(of invoice: InvoiceID, in organisation: OrganisationID, change: inout Change) throws
        -> PaymentID?
    {
        let states = PaymentState.allCases.filter(\.isLive).map(\.rawValue)
        return try change.first(
            """
            SELECT id FROM payment
            WHERE organisation = \(organisation) AND invoice = \(invoice) AND state = ANY(\(states))
            """
        ) { row in try row("id") }
    }
}
