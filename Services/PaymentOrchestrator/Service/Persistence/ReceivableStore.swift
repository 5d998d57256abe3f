import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

/// The invoices of the invoicing service, as its events tell of them.
struct ReceivableStore: Sendable {
    /// Keeps what is owed on an invoice now.
    func save(_ owed: KeepReceivable.Owed, at clinic: ClinicID?, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO receivable (invoice, organisation, clinic, client, due, currency, is_payable_online)
            VALUES (\(owed.invoice), \(change.cause.organisation), \(clinic), \(owed.client),
                \(owed.due.minorUnits), \(owed.due.currency.code), coalesce(\(owed.isPayableOnline), true))
            ON CONFLICT (invoice) DO UPDATE
            SET due = excluded.due, clinic = coalesce(excluded.clinic, receivable.clinic),
                is_payable_online = coalesce(\(owed.isPayableOnline), receivable.is_payable_online)
            """)
    }

    /// Takes an amount off what is owed; never below nothing.
    func reduce(_ invoice: InvoiceID, by amount: Money, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE receivable SET due = greatest(0, due - \(amount.minorUnits))
            WHERE invoice = \(invoice) AND currency = \(amount.currency.code)
            """)
    }

    /// Locks a receivable for the rest of the transaction and reads it with what is accepted but not counted yet.
    ///
    /// An acceptance takes the same lock, so nobody is let in between it and the money's being counted here.
    func locking(_ invoice: InvoiceID, of organisation: OrganisationID) -> Query<Receivable?> {
        let head: Query<(clinic: ClinicID?, client: ClientID, due: Money, isPayableOnline: Bool)?> = .first(
            "SELECT * FROM receivable WHERE invoice = \(invoice) AND organisation = \(organisation) FOR UPDATE"
        ) { row in
            (
                try row("clinic"), try row("client"), try row.money("due", try row.currency()),
                try row("is_payable_online")
            )
        }
        // A statement of its own: what the lock waited for is not seen by the one that waited.
        let uncounted: Query<Int64?> = .first(
            """
            SELECT least(coalesce(sum(amount), 0), \(Int64.max))::bigint AS uncounted FROM payment
            WHERE organisation = \(organisation) AND invoice = \(invoice) AND awaits_counting
            """
        ) { row in try row("uncounted") }
        return head.with(uncounted) { head, uncounted in
            head.map { head in
                Receivable(
                    invoice: invoice, clinic: head.clinic, client: head.client, due: head.due,
                    uncounted: Money(uncounted ?? 0, head.due.currency), isPayableOnline: head.isPayableOnline)
            }
        }
    }

    /// The same for a payment that may be for no invoice.
    func locking(_ invoice: InvoiceID?, of organisation: OrganisationID) -> Query<Receivable?> {
        guard let invoice else { return .known(nil) }
        return locking(invoice, of: organisation)
    }

    /// Locks the invoice a payment is for, where it is for one.
    func lock(ofPayment payment: PaymentID, in change: inout Change) throws {
        change.executeLater(
            """
            SELECT 1 FROM receivable WHERE invoice = (SELECT invoice FROM payment WHERE id = \(payment)) FOR UPDATE
            """)
    }

    /// Whether the invoicing service has told of an invoice.
    func isKnown(_ invoice: InvoiceID, of organisation: OrganisationID) -> Query<Bool> {
        .exists("SELECT 1 AS one FROM receivable WHERE invoice = \(invoice) AND organisation = \(organisation)")
    }
}
