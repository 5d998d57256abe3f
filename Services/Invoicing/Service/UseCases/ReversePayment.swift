import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes a refunded amount back from where it was counted, and corrects the invoices by credit notes.
struct ReversePayment {
    let ids: IdentifierSource
    let invoices = InvoiceStore()
    let payments = PaymentOnAccountStore()
    let series = SeriesStore()
    let creditNotes = CreditNoteStore()

    /// Why a refund cannot be booked; its event is parked for a person.
    enum Refusal: Error {
        /// The payment's own event has not arrived yet, or never will.
        case paymentUnknown(PaymentID)
        case moreThanReceived(Money)
    }

    func run(
        _ refund: RefundID, of amount: Money, from payment: PaymentID, on day: LocalDate, in change: inout Change
    ) throws {
        guard var record = try payments.lock(payment, in: &change) else { throw Refusal.paymentUnknown(payment) }
        guard try !payments.knows(refund, in: &change) else { return }
        let plan = ReversalPlan(amount, credit: record.unallocated, allocations: record.allocations)
        guard plan.excess.isZero else { throw Refusal.moreThanReceived(plan.excess) }
        try payments.insert(refund: refund, of: amount, from: record, on: day, &change)
        try record.apply(plan)
        try payments.save(record, in: &change)
        for part in try lock(plan.reversals, in: &change) { try credit(part, on: day, &change) }
    }

    /// An invoice from whose payment something is taken back.
    private struct Part {
        let invoice: Invoice
        let amount: Money
    }

    /// Locks invoices in the order of ids, as payments do; then in the order of clinics, whose series are locked next,
    /// so that two refunds at once cannot deadlock.
    private func lock(_ reversals: [Allocation], in change: inout Change) throws -> [Part] {
        var parts: [Part] = []
        for reversal in reversals.sorted(by: { $0.invoice < $1.invoice }) {
            guard let invoice = try invoices.lock(reversal.invoice, in: &change) else {
                throw NotFound.invoice(reversal.invoice)
            }
            parts.append(Part(invoice: invoice, amount: reversal.amount))
        }
        return parts.sorted { ($0.invoice.clinic, $0.invoice.id) < ($1.invoice.clinic, $1.invoice.id) }
    }

    /// The service was given back with its price: nothing is due for it any more, and a credit note says so.
    private func credit(_ part: Part, on day: LocalDate, _ change: inout Change) throws {
        var invoice = part.invoice
        _ = try invoice.reverse(part.amount)
        try invoice.credit(part.amount)
        try invoices.save(invoice, in: &change)
        let note = CreditNote(
            id: ids.make(), invoice: invoice.id, client: invoice.client,
            number: try series.next(.creditNote, of: invoice.clinic, in: day.year, &change), issuedOn: day,
            vat: try invoice.vat.part(of: part.amount, without: creditNotes.shares(of: invoice, in: &change)),
            reason: "refund")
        try creditNotes.insert(note, in: &change)
        change.announce(note, about: invoice)
    }
}

extension PaymentOnAccount {
    fileprivate mutating func apply(_ plan: ReversalPlan) throws {
        unallocated = try unallocated.subtracting(plan.fromCredit)
        refunded = try refunded.adding(plan.fromCredit)
        for reversal in plan.reversals {
            refunded = try refunded.adding(reversal.amount)
            guard let index = allocations.firstIndex(where: { $0.invoice == reversal.invoice }) else { continue }
            let left = try allocations[index].amount.subtracting(reversal.amount)
            allocations[index] = Allocation(reversal.invoice, left)
        }
    }
}
