import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Online payments that a person has not accepted into the books yet (INV-13).
struct WaitingPaymentStore {
    private static let columns: SQL =
        "payment, clinic, client, invoice, receivable, method, currency, amount, paid_on, held"

    func insert(_ payment: PaymentID, _ received: RecordPayment.Received, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO waiting_payment (payment, organisation, clinic, client, invoice, receivable, method, currency,
                amount, paid_on, held)
            VALUES (\(payment), \(change.cause.organisation), \(received.clinic), \(received.client),
                \(received.debt?.invoice), \(received.debt?.receivable), \(received.method),
                \(received.amount.currency.code),
                \(received.amount.minorUnits), \(received.on), \(received.isHeld))
            """)
    }

    /// Locks a payment whether it still waits or was accepted; nil when it never waited.
    func lock(_ payment: PaymentID, in change: inout Change) throws -> WaitingPayment? {
        try change.read(locking(payment, change.cause.organisation))
    }

    func locking(_ payment: PaymentID, _ organisation: OrganisationID) -> Query<WaitingPayment?> {
        .first(
            """
            SELECT \(Self.columns), accepted_by FROM waiting_payment
            WHERE payment = \(payment) AND organisation = \(organisation) FOR UPDATE
            """
        ) { row in WaitingPayment(received: try read(row), acceptedBy: try row("accepted_by")) }
    }

    func accept(_ payment: PaymentID, in change: inout Change) throws {
        change.executeLater(
            "UPDATE waiting_payment SET accepted_by = \(change.cause.actor) WHERE payment = \(payment)")
    }

    /// What waits, before an id, newest first; of all clinics when `clinics` is nil.
    func list(
        of organisation: OrganisationID, at clinics: [ClinicID]?, before id: PaymentID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [RecordPayment.Received] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM waiting_payment
            WHERE organisation = \(organisation) AND payment < \(id) AND accepted_by IS NULL
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            ORDER BY payment DESC LIMIT \(Int64(rows))
            """, read)
    }

    /// The online payments of an invoice: those counted for it, and those that wait.
    func marks(
        of invoice: InvoiceID, in transaction: inout PostgresTransaction
    ) throws -> [OnlineMark] {
        try transaction.query(
            """
            SELECT payment, currency, allocation.amount, false AS waits
            FROM allocation JOIN payment_on_account ON payment_on_account.id = allocation.payment_on_account
            WHERE allocation.invoice = \(invoice) AND payment IS NOT NULL AND allocation.amount > 0
            UNION ALL
            SELECT payment, currency, amount, true FROM waiting_payment
            WHERE invoice = \(invoice) AND accepted_by IS NULL
            ORDER BY payment
            """
        ) { row in
            let waits: Bool = try row("waits")
            return OnlineMark(
                paymentID: try row("payment"), amount: try row.money("amount", try row.currency()),
                state: waits ? .waiting : .counted)
        }
    }

    private func read(_ row: Row) throws -> RecordPayment.Received {
        let (invoice, receivable): (InvoiceID?, ReceivableID?) = (try row("invoice"), try row("receivable"))
        return RecordPayment.Received(
            client: try row("client"), clinic: try row("clinic"), amount: try row.money("amount", try row.currency()),
            method: try row("method"), payment: try row("payment"), on: try row("paid_on"),
            debt: invoice.map(Debt.invoice) ?? receivable.map(Debt.receivable), isHeld: try row("held"))
    }
}

/// An online payment that waits, or waited until somebody accepted it.
struct WaitingPayment: Sendable {
    let received: RecordPayment.Received
    let acceptedBy: String?
}

/// The green mark of an invoice: a client has paid online.
struct OnlineMark: Codable, Sendable {
    enum State: String, Codable, Sendable {
        /// In the books.
        case counted
        /// A person has to accept it.
        case waiting
    }

    let paymentID: PaymentID
    let amount: Money
    let state: State
}
