import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes a refunded amount back from where it was counted, and corrects the invoices by credit notes.
struct ReversePayment {
    let ids: IdentifierSource
    let audit: AuditStore
    let invoices = InvoiceStore()
    let payments = PaymentOnAccountStore()
    let issue: IssueCreditNote
    let receivables = ReceivableStore()
    let waiting: BookWaiting

    init(ids: IdentifierSource) {
        self.ids = ids
        audit = AuditStore(ids: ids)
        issue = IssueCreditNote(ids: ids)
        waiting = BookWaiting(record: RecordPayment(ids: ids))
    }

    /// Why a refund cannot be booked; its event is parked for a person.
    enum Refusal: Error {
        /// The payment's own event has not arrived yet, or never will.
        case paymentUnknown(PaymentID)
        case moreThanReceived(Money)
    }

    func run(
        _ refund: RefundID, of amount: Money, from payment: PaymentID, on day: LocalDate, in change: inout Change
    ) throws {
        guard var record = try waiting.lock(payment, in: &change) else { throw Refusal.paymentUnknown(payment) }
        guard try !payments.knows(refund, in: &change) else { return }
        // Money that goes back was put away too early.
        try RestoreCredit(audit: audit).run(&record, on: day, in: &change)
        let plan = ReversalPlan(amount, credit: record.unallocated, allocations: record.allocations)
        guard plan.excess.isZero else { throw Refusal.moreThanReceived(plan.excess) }
        try payments.insert(refund: refund, of: amount, from: record, on: day, &change)
        record.giveBack(plan)
        try payments.save(record, in: &change)
        let parts = try lock(plan.reversals, in: &change)
        for part in plan.reversals.sorted(by: { $0.debt < $1.debt }) {
            if let id = part.debt.receivable { try giveBack(part.amount, of: id, by: refund, on: day, &change) }
        }
        change.announceRefund(refund, of: record, plan.reversals, on: day)
        for part in parts { try credit(part, paidBy: record.id, on: day, &change) }
    }

    /// What was given back is no longer owed.
    private func giveBack(
        _ amount: Money, of id: ReceivableID, by refund: RefundID, on day: LocalDate, _ change: inout Change
    ) throws {
        guard var found = try receivables.lock(id, in: &change) else { throw NotFound.receivable(id) }
        try found.receivable.giveBack(amount)
        try receivables.save(found.receivable, in: &change)
        try receivables.insert(credit: amount, of: id, by: refund, on: day, in: &change)
    }

    /// An invoice from whose payment something is taken back.
    private struct Part {
        let invoice: Invoice
        let amount: Money
        let countedOn: LocalDate?
    }

    /// Locks invoices in the order of ids, as payments do; then in the order of clinics, whose series are locked next,
    /// so that two refunds at once cannot deadlock.
    private func lock(_ reversals: [Allocation], in change: inout Change) throws -> [Part] {
        var parts: [Part] = []
        for reversal in reversals.sorted(by: { $0.debt < $1.debt }) {
            guard let id = reversal.debt.invoice else { continue }
            guard let invoice = try invoices.lock(id, in: &change) else { throw NotFound.invoice(id) }
            parts.append(Part(invoice: invoice, amount: reversal.amount, countedOn: reversal.countedOn))
        }
        return parts.sorted { ($0.invoice.clinic, $0.invoice.id) < ($1.invoice.clinic, $1.invoice.id) }
    }

    /// The service was given back with its price: nothing is due for it any more, and a credit note says so; not before
    /// the invoice, nor before what is given back was counted for it, however late the refund is told.
    private func credit(
        _ part: Part, paidBy money: PaymentOnAccountID, on day: LocalDate, _ change: inout Change
    ) throws {
        var invoice = part.invoice
        _ = try invoice.reverse(part.amount)
        try invoice.credit(part.amount)
        try invoices.save(invoice, in: &change)
        let vat = try issue.part(of: invoice, part.amount, in: &change)
        let first = max(day, invoice.issuedOn ?? day, part.countedOn ?? day)
        _ = try issue.run(
            of: invoice, vat, taking: [TakenPart(money: money, amount: part.amount)], because: .refund,
            on: .following(first), in: &change)
    }
}
