import EventContract
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Keeps what is owed on an invoice, or without one, as the invoicing service tells it.
struct KeepReceivable: Sendable {
    /// What is owed by the last word of its owner.
    struct Owed: Sendable {
        let debt: Debt
        let client: ClientID
        let due: Money
        /// Whether it may be paid online; `nil` where the event does not say, and what was said before holds.
        var isPayableOnline: Bool?
    }

    let store: PaymentStore

    private var receivables: ReceivableStore { store.receivables }

    func run(_ owed: Owed, at clinic: ClinicID?, in change: inout Change) throws {
        try receivables.save(owed, at: clinic, in: &change)
        try callOffExcess(of: owed.debt, left: owed.due, in: &change)
    }

    /// The same for a credit note from a time when invoicing did not say what is left.
    func reduce(_ invoice: InvoiceID, by amount: Money, in change: inout Change) throws {
        try receivables.reduce(invoice, by: amount, in: &change)
        let left = try change.read(receivables.locking(Debt.invoice(invoice), of: change.cause.organisation))
        if let left { try callOffExcess(of: .invoice(invoice), left: left.due, in: &change) }
    }

    /// Invoicing counted a payment's money for what it was asked for, together with the amount that is left.
    ///
    /// What the same money did for another debt says nothing of its own, whose event may come later.
    func count(_ payment: PaymentID?, of debt: Debt, in change: inout Change) throws {
        guard let payment else { return }
        try store.count(payment, for: debt, in: &change)
    }

    /// Invoicing counted a payment's money for `debts`: what went to others will not lower what is due on its own.
    ///
    /// Where it did go to its own, that debt's event counts it together with the new amount.
    func count(_ payment: PaymentID, for debts: [Debt], in change: inout Change) throws {
        try receivables.lock(ofPayment: payment, in: &change)
        try store.count(payment, of: change.cause.organisation, unlessFor: debts, in: &change)
    }

    /// Nobody should pay more than is owed; the provider is told by whoever asks about the payment next.
    private func callOffExcess(of debt: Debt, left: Money, in change: inout Change) throws {
        let organisation = change.cause.organisation
        guard let live = try store.findLive(for: debt, of: organisation, in: &change.transaction) else {
            return
        }
        try store.apply(live.id, .outcome, { payment, _ in try payment.cancelExcess(over: left) }, in: &change)
    }
}

extension Payment {
    /// Calls off what may still be paid and asks for more than is left; what ended meanwhile is left as it is.
    fileprivate mutating func cancelExcess(over left: Money) throws(PaymentRejection) -> [PaymentFact] {
        guard state.isLive, let reason = CancelReason(asking: terms.amount, left: left) else { return [] }
        return try cancel(because: reason)
    }
}
