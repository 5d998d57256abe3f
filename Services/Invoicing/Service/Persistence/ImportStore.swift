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

    /// Until the change ends no open items are taken in, so that none has a reference that is being billed.
    ///
    /// Taken before anything else is locked, by those who bill together and by those who bring open items alone.
    func keepOutItems(in change: inout Change) {
        change.executeLater(
            """
            SELECT pg_advisory_xact_lock_shared(hashtext('import-references'),
                hashtext(\(change.cause.organisation.description)))
            """)
    }

    /// Until the change ends no invoices are taken in.
    func keepOutInvoices(in change: inout Change) {
        change.executeLater(
            """
            SELECT pg_advisory_xact_lock(hashtext('import-references'),
                hashtext(\(change.cause.organisation.description)))
            """)
    }

    /// As what a reference is in the books.
    enum Holder { case invoice, item }

    func holder(of reference: String, in change: inout Change) throws -> Holder? {
        try change.first(
            """
            SELECT true AS billed FROM invoice
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference) AND NOT cancelled
            UNION ALL
            SELECT false FROM receivable
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference)
            LIMIT 1
            """
        ) { row in try row("billed") ? .invoice : .item }
    }

    /// Which of some references are open items.
    func items(
        _ references: [String], of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> Set<String> {
        Set(
            try transaction.query(
                """
                SELECT reference FROM receivable
                WHERE organisation = \(organisation) AND reference = ANY(\(references))
                """
            ) { row in try row("reference") as String })
    }

    /// What is owed or was paid under a reference of another software.
    struct Known {
        let amount: Money
        let client: ClientID
        let clinic: ClinicID?
        let day: LocalDate

        fileprivate init(_ row: Row) throws {
            amount = try row.money("amount", try row.currency())
            (client, clinic, day) = (try row("client"), try row("clinic"), try row("day"))
        }

        /// Nil for a client that is not found any more: one that was forgotten.
        func isSame(_ amount: Money, of client: ClientID?, at clinic: ClinicID?, on day: LocalDate) -> Bool {
            self.amount == amount && self.clinic == clinic && self.day == day && client ?? self.client == self.client
        }
    }

    func item(_ reference: String, in change: inout Change) throws -> Known? {
        try change.first(
            """
            SELECT amount, currency, client, clinic, recorded_on AS day FROM receivable
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference)
            """, Known.init)
    }

    func payment(_ reference: String, in change: inout Change) throws -> Known? {
        try change.first(
            """
            SELECT amount, currency, client, clinic, received_on AS day FROM payment_on_account
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference)
            """, Known.init)
    }

    /// What a client owes, or owed, at some clinics under a reference of another software.
    func debt(
        _ reference: String, of client: ClientID, at clinics: [ClinicID], in change: inout Change
    ) throws -> Debt? {
        try change.first(
            """
            SELECT id AS invoice, NULL::uuid AS receivable FROM invoice
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference) AND client = \(client)
                AND NOT cancelled AND clinic = ANY(\(clinics))
            UNION ALL
            SELECT NULL, id FROM receivable
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference) AND client = \(client)
                AND clinic = ANY(\(clinics))
            LIMIT 1
            """
        ) { row in try Debt(row) }
    }
}
