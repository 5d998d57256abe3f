import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Keeps what providers tell of disputes; one that is lost makes due again what the payment had paid.
///
/// Nothing is credited: the client got what was billed, and the money went back against the clinic's will.
struct KeepDispute {
    let audit: AuditStore
    let disputes = DisputeStore()
    let payments = PaymentOnAccountStore()
    let counting = CountPayment()
    let waiting: BookWaiting

    /// Why a charge-back cannot be booked; its event is parked for a person.
    enum Refusal: Error {
        case paymentUnknown(PaymentID)
        /// It was told before, and ended otherwise.
        case otherOutcome(DisputeRecord.Outcome?)
    }

    func open(_ dispute: DisputeRecord, in change: inout Change) { disputes.open(dispute, in: &change) }

    /// A dispute whose beginning was never told is written down by its end.
    func close(_ told: DisputeRecord, in change: inout Change) throws {
        disputes.open(told, in: &change)
        // The payment before its dispute, as everybody locks who needs both.
        let record = told.outcome == .lost ? try waiting.lock(told.paymentID, in: &change) : nil
        guard var dispute = try disputes.lock(told.paymentID, told.reference, in: &change) else { return }
        guard dispute.outcome == nil else {
            guard dispute.outcome == told.outcome else { throw Refusal.otherOutcome(dispute.outcome) }
            return
        }
        (dispute.outcome, dispute.closedOn) = (told.outcome, told.closedOn)
        if told.outcome == .lost {
            guard let record else { throw Refusal.paymentUnknown(told.paymentID) }
            let (taken, day) = (told.chargedBack ?? told.amount, told.closedOn ?? told.openedOn)
            let excess = taken.isZero ? taken : try chargeBack(taken, from: record, on: day, in: &change)
            dispute.chargedBack = Money(taken.minorUnits - excess.minorUnits, excess.currency)
            dispute.excess = excess.isZero ? nil : excess
        }
        disputes.close(dispute, in: &change)
    }

    /// Answers what the provider took beyond what is held.
    ///
    /// What was refunded before the clinic pays twice: the dispute shows it, and no client owes it.
    private func chargeBack(
        _ amount: Money, from found: PaymentOnAccount, on day: LocalDate, in change: inout Change
    ) throws -> Money {
        var record = found
        // Money that was taken back was put away too early.
        try RestoreCredit(audit: audit).run(&record, on: day, in: &change)
        let before = PaymentTrace(record)
        let (credit, allocations) = (record.unallocated, record.allocations)
        let excess = ReversalPlan(amount, credit: credit, allocations: allocations).excess
        let held = Money(amount.minorUnits - excess.minorUnits, amount.currency)
        guard held.isPositive else { return excess }
        let plan = ReversalPlan(held, credit: credit, allocations: allocations)
        record.chargeBack(plan)
        try payments.save(record, in: &change)
        try counting.takeBack(plan.reversals, on: day, in: &change)
        change.announceChargeBack(record, held, plan.reversals, on: day)
        try audit.record(
            "payment-charged-back", about: record.id, and: plan.reversals.map(\.debt.value), before: before,
            after: PaymentTrace(record), in: &change)
        return excess
    }
}
