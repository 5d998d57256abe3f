import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

/// The invoices of the invoicing service and what is owed without one, as it tells of them; both are kept by their ids,
/// which never meet.
struct ReceivableStore: Sendable {
    /// Keeps what is owed now.
    func save(_ owed: KeepReceivable.Owed, at clinic: ClinicID?, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO receivable (invoice, organisation, clinic, client, due, currency, is_payable_online)
            VALUES (\(owed.debt.value), \(change.cause.organisation), \(clinic), \(owed.client),
                \(owed.due.minorUnits), \(owed.due.currency.code), coalesce(\(owed.isPayableOnline), true))
            ON CONFLICT (invoice) DO UPDATE
            SET due = excluded.due, clinic = coalesce(excluded.clinic, receivable.clinic),
                is_payable_online = coalesce(\(owed.isPayableOnline), receivable.is_payable_online)
            """)
    }

    /// Keeps what is owed where no event has told of it: an event's word is never older than an answer's.
    func saveUnlessKnown(_ owed: KeepReceivable.Owed, at clinic: ClinicID, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO receivable (invoice, organisation, clinic, client, due, currency)
            VALUES (\(owed.debt.value), \(change.cause.organisation), \(clinic), \(owed.client),
                \(owed.due.minorUnits), \(owed.due.currency.code))
            ON CONFLICT (invoice) DO NOTHING
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
    /// It is owed by whom its client became, though its events may name the one that went, and come later.
    /// An acceptance takes the same lock, so nobody is let in between it and the money's being counted here.
    func locking(_ debt: Debt, of organisation: OrganisationID) -> Query<Receivable?> {
        let head: Query<(clinic: ClinicID?, client: ClientID, due: Money, isPayableOnline: Bool)?> = .first(
            """
            SELECT clinic, due, currency, is_payable_online, coalesce((
                SELECT merged_into FROM client AS known
                WHERE known.id = receivable.client AND known.organisation = receivable.organisation), client) AS client
            FROM receivable WHERE invoice = \(debt.value) AND organisation = \(organisation) FOR UPDATE
            """
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
            WHERE organisation = \(organisation) AND \(debt.ofPayments) AND awaits_counting
            """
        ) { row in try row("uncounted") }
        return head.with(uncounted) { head, uncounted in
            head.map { head in
                Receivable(
                    debt: debt, clinic: head.clinic, client: head.client, due: head.due,
                    uncounted: Money(uncounted ?? 0, head.due.currency), isPayableOnline: head.isPayableOnline)
            }
        }
    }

    /// The same for a payment that may be a free amount.
    func locking(_ debt: Debt?, of organisation: OrganisationID) -> Query<Receivable?> {
        guard let debt else { return .known(nil) }
        return locking(debt, of: organisation)
    }

    /// Locks what a payment is for, where it is for something.
    func lock(ofPayment payment: PaymentID, in change: inout Change) throws {
        change.executeLater(
            """
            SELECT 1 FROM receivable
            WHERE invoice = (SELECT coalesce(invoice, receivable) FROM payment WHERE id = \(payment)) FOR UPDATE
            """)
    }

    /// Whether the invoicing service has told of it.
    func isKnown(_ debt: Debt, of organisation: OrganisationID) -> Query<Bool> {
        .exists("SELECT 1 AS one FROM receivable WHERE invoice = \(debt.value) AND organisation = \(organisation)")
    }
}

extension Debt {
    /// What the payments that are for it have in common.
    var ofPayments: SQL {
        switch self {
        case .invoice(let id): "invoice = \(id)"
        case .receivable(let id): "receivable = \(id)"
        }
    }
}
