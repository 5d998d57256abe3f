import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What the books hold under a reference of a practice's software.
struct KnownInvoice: Sendable {
    let clinic: ClinicID
    /// Nil for a draft.
    let issuedOn: LocalDate?
    let dueOn: LocalDate
    let total: Money
}

/// What earlier imports brought.
struct ImportStore {
    func known(
        _ references: [String], of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> [String: KnownInvoice] {
        let found = try transaction.query(
            """
            SELECT reference, clinic, issued_on, due_on, total, currency FROM invoice
            WHERE organisation = \(organisation) AND reference = ANY(\(references)) AND NOT cancelled
            """
        ) { row in
            let known = KnownInvoice(
                clinic: try row("clinic"), issuedOn: try row("issued_on"), dueOn: try row("due_on"),
                total: try row.money("total", try row.currency()))
            return (try row("reference") as String, known)
        }
        return Dictionary(found) { first, _ in first }
    }

    /// Whole files of an organisation come one after the other: each locks many rows, and would overtake the others.
    func awaitTurn(in change: inout Change) throws {
        change.executeLater(
            "SELECT pg_advisory_xact_lock(hashtext('invoice-import'), hashtext(\(change.cause.organisation.description)))"
        )
    }

    func knows(_ reference: String, in change: inout Change) throws -> Bool {
        try change.first(
            """
            SELECT 1 AS one FROM invoice
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference) AND NOT cancelled
            """
        ) { _ in true } ?? false
    }

    /// What is owed under a reference of another software, without an invoice of ours.
    func item(_ reference: String, in change: inout Change) throws -> (id: ReceivableID, amount: Money)? {
        try change.first(
            """
            SELECT id, amount, currency FROM receivable
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference)
            """
        ) { row in (try row("id"), try row.money("amount", try row.currency())) }
    }

    /// How much was paid under a reference of another software.
    func payment(_ reference: String, in change: inout Change) throws -> Money? {
        try change.first(
            """
            SELECT amount, currency FROM payment_on_account
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference)
            """
        ) { row in try row.money("amount", try row.currency()) }
    }

    /// What a client owes, or owed, under a reference of another software.
    func debt(_ reference: String, of client: ClientID, in change: inout Change) throws -> Debt? {
        try change.first(
            """
            SELECT id AS invoice, NULL::uuid AS receivable FROM invoice
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference) AND client = \(client)
                AND NOT cancelled
            UNION ALL
            SELECT NULL, id FROM receivable
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference) AND client = \(client)
            LIMIT 1
            """
        ) { row in try Debt(row) }
    }
}
