import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Keeps what providers tell of disputes; one that is lost makes due again what the payment had paid.
///
/// Nothing is credited: the client got what was billed, and the money went back against the clinic's will.
struct KeepDispute {
    let disputes = DisputeStore()
    let payments = PaymentOnAccountStore()
    let counting = CountPayment()
    let waiting: BookWaiting

    /// Why a charge-back cannot be booked; its event is parked for a person.
    enum Refusal: Error {
        case paymentUnknown(PaymentID)
        case moreThanReceived(Money)
    }

    func open(_ dispute: DisputeRecord, in change: inout Change) { disputes.open(dispute, in: &change) }

    /// A dispute whose beginning was never told is written down by its end.
    func close(_ told: DisputeRecord, in change: inout Change) throws {
        disputes.open(told, in: &change)
        // The payment before its dispute, as everybody locks who needs both.
        let record = told.outcome == .lost ? try waiting.lock(told.paymentID, in: &change) : nil
        guard var dispute = try disputes.lock(told.paymentID, told.reference, in: &change), dispute.outcome == nil
        else { return }
        (dispute.outcome, dispute.closedOn) = (told.outcome, told.closedOn)
        if told.outcome == .lost {
            guard let record else { throw Refusal.paymentUnknown(told.paymentID) }
            try chargeBack(told.amount, from: record, in: &change)
            dispute.chargedBack = told.amount
        }
        disputes.close(dispute, in: &change)
    }

    private func chargeBack(_ amount: Money, from found: PaymentOnAccount, in change: inout Change) throws {
        var record = found
        // Money that was taken back was put away too early.
        if record.archived != nil { change.announceRestoration(record, try record.restore()) }
        let plan = ReversalPlan(amount, credit: record.unallocated, allocations: record.allocations)
        guard plan.excess.isZero else { throw Refusal.moreThanReceived(plan.excess) }
        record.chargeBack(plan)
        try payments.save(record, in: &change)
        try counting.takeBack(plan.reversals, in: &change)
    }
}
