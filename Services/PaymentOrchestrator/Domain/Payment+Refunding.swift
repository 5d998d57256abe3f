package import PaymentModel

extension Payment {
    /// What can still be given back: refunds on their way count as given.
    package var refundable: Money {
        guard acceptance != nil else { return .zero(terms.amount.currency) }
        let held = refunds.filter(\.state.holdsMoney).reduce(Int64(0)) { $0 + $1.amount.minorUnits }
        return Money(terms.amount.minorUnits - held, terms.amount.currency)
    }

    /// Records that money is about to be given back; without an amount, all that is left.
    ///
    /// MUST be committed before the provider is asked, so that a second refund sees it.
    package mutating func requestRefund(
        _ id: RefundID, of amount: Money?, at now: Instant
    ) throws(PaymentRejection) -> [PaymentFact] {
        guard acceptance != nil else { throw .notPaid(state) }
        let left = refundable
        let amount = amount ?? left
        guard amount.currency == left.currency, amount.isPositive || left.isZero else { throw .refundNotPositive }
        guard left.isPositive, amount.minorUnits <= left.minorUnits else { throw .refundTooLarge(left: left) }
        let refund = Refund(id: id, amount: amount, state: .requested, reference: nil, orderedAt: now)
        refunds.append(refund)
        return [.refundRequested(refund)]
    }

    /// Records what the provider made of a refund; an answer may come late or twice.
    package mutating func recordRefund(
        _ id: RefundID, _ outcome: RefundOutcome
    ) throws(PaymentRejection) -> [PaymentFact] {
        guard let index = refunds.firstIndex(where: { $0.id == id }) else { throw .unknownRefund }
        guard !refunds[index].state.isDecided else { return [] }
        switch outcome {
        case .completed(let reference, let schedule):
            if !schedule.isEmpty { acceptance?.schedule = schedule }
            return completeRefund(index, reference: reference)
        case .pending(let reference):
            refunds[index].state = .pending
            refunds[index].reference = reference ?? refunds[index].reference
            return []
        case .refused(let reason):
            refunds[index].state = .failed
            return [.refundFailed(refunds[index], reason: reason)]
        case .neverReached:
            refunds[index].state = .requested
            return []
        case .unknown:
            guard refunds[index].state == .requested else { return [] }
            refunds[index].state = .unknown
            return [.becameUnknown(.refund)]
        }
    }

    /// Records that the provider is about to be asked again for a refund it does not know of.
    ///
    /// MUST be committed before the call leaves, and only after the last order can no longer arrive.
    package mutating func orderRefundAgain(_ id: RefundID, at now: Instant) throws(PaymentRejection) {
        guard let index = refunds.firstIndex(where: { $0.id == id }) else { throw .unknownRefund }
        guard !refunds[index].state.isDecided else { return }
        refunds[index].orderedAt = now
    }

    mutating func recordReportedRefunds(_ report: ProviderReport) -> [PaymentFact] {
        var facts: [PaymentFact] = []
        for reported in report.refunds {
            if let index = refunds.firstIndex(where: { $0.id == reported.id || $0.reference == reported.reference }) {
                if !refunds[index].state.isDecided { facts += completeRefund(index, reference: reported.reference) }
            } else {
                facts += raise(.refundedElsewhere(reference: reported.reference, amount: reported.amount))
            }
        }
        return facts
    }

    private mutating func completeRefund(_ index: Int, reference: String?) -> [PaymentFact] {
        refunds[index].state = .completed
        refunds[index].reference = reference ?? refunds[index].reference
        return [.refundCompleted(refunds[index])]
    }
}
