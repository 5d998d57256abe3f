package import PaymentModel

extension Payment {
    /// What can still be given back: refunds on their way and what is disputed count as given.
    package var refundable: Money {
        guard let paid = acceptance?.amount else { return .zero(terms.amount.currency) }
        return Money(max(0, notGivenBack - disputed), paid.currency)
    }

    /// What was paid and no refund holds, disputed or not.
    private var notGivenBack: Int64 {
        let held = refunds.filter(\.state.holdsMoney).reduce(Int64(0)) { $0 + $1.amount.minorUnits }
        return (acceptance?.amount.minorUnits ?? 0) - held
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
        guard amount.currency == left.currency else { throw .refundInOtherCurrency(left.currency) }
        guard amount.isPositive || left.isZero else { throw .refundNotPositive }
        guard left.isPositive, amount.minorUnits <= left.minorUnits else {
            guard left.minorUnits < notGivenBack, amount.minorUnits <= notGivenBack else {
                throw .refundTooLarge(left: left)
            }
            throw .refundDisputed(left: left, isOpen: hasOpenDispute)
        }
        let refund = Refund(id: id, amount: amount, state: .requested, reference: nil, orderedAt: now, requestedAt: now)
        refunds.append(refund)
        return [.refundRequested(refund)]
    }

    /// Records what the provider made of a refund; an answer may come late or twice.
    package mutating func recordRefund(
        _ id: RefundID, _ outcome: RefundOutcome
    ) throws(PaymentRejection) -> [PaymentFact] {
        guard let index = refunds.firstIndex(where: { $0.id == id }) else { throw .unknownRefund }
        let isDecided = refunds[index].state.isDecided
        // An answer that was on its way while the provider's list said how it ended.
        guard !refunds[index].state.failedByList else { return answeredAfterAll(index, outcome) }
        // A person counted what this order did before its answer came: the books have it.
        if let reference = outcome.reference, isOurs(reference, besides: index) {
            return refunds[index].reference == nil ? withdraw(index, because: Self.countedAlready) : []
        }
        switch outcome {
        case .completed(let reference, let schedule):
            return completed(index, reference: reference, schedule: schedule)
        case _ where isDecided: return []
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

    /// A success is believed whatever was recorded before it: a lost first order may answer after a second's refusal.
    private mutating func completed(
        _ index: Int, reference: String?, schedule: [ScheduledInstalment]
    ) -> [PaymentFact] {
        guard refunds[index].state == .completed else {
            if !schedule.isEmpty { acceptance?.schedule = schedule }
            return complete(index, reference: reference)
        }
        guard let known = refunds[index].reference, let reference, reference != known else { return [] }
        return raise(.refundedTwice(reference: reference, amount: refunds[index].amount))
    }

    /// Of an order that counts as not done, an answer that names an object nobody here knows is money that went back.
    private mutating func answeredAfterAll(_ index: Int, _ outcome: RefundOutcome) -> [PaymentFact] {
        guard case .completed(let reference?, _) = outcome, !isOurs(reference) else { return [] }
        return raise(.refundedTwice(reference: reference, amount: refunds[index].amount))
    }

    /// Whether one of ours has the provider's object.
    private func isOurs(_ reference: String, besides index: Int? = nil) -> Bool {
        refunds.indices.contains { $0 != index && refunds[$0].reference == reference }
    }

    /// An order that another refund stands for did not come through; whoever booked it takes it back.
    mutating func withdraw(_ index: Int, because reason: String) -> [PaymentFact] {
        let before = refunds[index].state
        refunds[index].state = .undone
        refunds[index].reference = nil
        switch before {
        case .completed: return [.refundReturned(refunds[index], reason: reason)]
        case .requested, .unknown, .pending: return [.refundFailed(refunds[index], reason: reason)]
        case .failed, .returned, .undone: return []
        }
    }

    private static let countedAlready = "counted-already"

    /// Records that the provider is about to be asked again for a refund it does not know of.
    ///
    /// MUST be committed before the call leaves, and only one caller may be let through: `seen` is the time of the last
    /// order the caller knew of, and that order has all of `lease` to arrive before another may leave.
    package mutating func orderRefundAgain(
        _ id: RefundID, seen: Instant, at now: Instant, lease: Duration
    ) throws(PaymentRejection) {
        guard let index = refunds.firstIndex(where: { $0.id == id }) else { throw .unknownRefund }
        let refund = refunds[index]
        guard !refund.state.isDecided, refund.orderedAt == seen, now - seen >= lease else {
            throw .refundBeingOrdered
        }
        refunds[index].orderedAt = now
    }

    /// Whether the provider lists money given back, or about to be, that nobody here knows of and nobody has decided
    /// about.
    ///
    /// It may be what an order without an answer is about: the same order once more could give it twice.
    package func isPuzzled(by report: ProviderReport) -> Bool {
        hidesAnOrder(report) || isForgotten(by: report)
            || report.pendingRefunds.contains { !knows($0.id, $0.reference) }
            || report.refunds.contains { listed in
                listed.failure == nil && !knows(listed.id, listed.reference)
                    && !noted.contains(.refundedElsewhere(reference: listed.reference, amount: listed.amount))
            }
    }

    /// Whether an order without an answer is so old that the provider may neither list it nor know it again.
    private func isForgotten(by report: ProviderReport) -> Bool {
        guard let start = report.hidesRefundsBefore else { return false }
        return refunds.contains { !$0.state.isDecided && $0.reference == nil && $0.requestedAt < start }
    }

    /// The provider's names for what went back of one of its objects, or may still, by whomever it was ordered.
    package func refundReferences(of reference: String) -> [String] {
        guard acceptance?.reference == reference else {
            return attempts.filter { $0.reference == reference }.compactMap(\.givenBackAs)
        }
        let told = alarms.filter(\.isAboutRefund).map(\.reference)
        return Set(refunds.compactMap(\.reference) + told).sorted()
    }

    private func knows(_ id: RefundID?, _ reference: String) -> Bool {
        refunds.contains { $0.reference == reference || $0.id == id }
    }

    /// Whether so much more went back by the provider's own sum, than it lists and we know of, as an order without an
    /// answer is about.
    private func hidesAnOrder(_ report: ProviderReport) -> Bool {
        guard let all = report.refundedInAll?.minorUnits else { return false }
        let listed = report.refunds.filter { $0.failure == nil }
        let others = refunds.filter { own in
            own.state == .completed && !listed.contains { $0.id == own.id || $0.reference == own.reference }
        }
        let told = (listed.map(\.amount) + others.map(\.amount)).reduce(Int64(0)) { $0 + $1.minorUnits }
        return refunds.contains { !$0.state.isDecided && $0.amount.minorUnits <= all - told }
    }

    /// When it is looked at next what became of refunds and disputes whose end is known; `nil` when all had their time.
    package func nextLaterLook(after now: Instant) -> Instant? { laterLooks.filter { $0 > now }.min() }

    /// When that was to be looked at last.
    package func lastLaterLook(until now: Instant) -> Instant? { laterLooks.filter { $0 <= now }.max() }

    private var laterLooks: [Instant] {
        refunds.flatMap(\.looks) + attempts.flatMap(\.looks) + disputes.flatMap(\.looks)
    }

    private mutating func complete(_ index: Int, reference: String?) -> [PaymentFact] {
        let wasReleased = isReleased(refunds[index])
        refunds[index].state = .completed
        refunds[index].reference = reference ?? refunds[index].reference
        let completed = refunds[index]
        if let reference = completed.reference {
            // A list that came before the answer could not know that it is ours.
            let strangers: [Alarm] = [
                .refundedElsewhere(reference: reference, amount: completed.amount),
                .refundedTwice(reference: reference, amount: completed.amount),
            ]
            alarms.removeAll { strangers.contains($0) }
        }
        guard wasReleased else { return [.refundCompleted(completed)] }
        // The same may have been given once more meanwhile.
        return [.refundCompleted(completed)]
            + raise(.refundArrived(reference: completed.reference ?? "\(completed.id)", amount: completed.amount))
    }
}

extension Refund {
    /// When what became of it is looked at though its end is known.
    ///
    /// What went back may come back for weeks, and the one notification that tells of it may be missed. Where an order
    /// was repeated, an earlier one may take effect after all that is known.
    var looks: [Instant] {
        guard state.isDecided else { return [] }
        var seconds = orderedAt > requestedAt ? [3_600, 86_400] : []
        if state == .completed { seconds += Self.secondsUntilLooks }
        return seconds.map { orderedAt.adding(.seconds($0)) }
    }

    /// How long after money went back it is looked at whether it came back.
    fileprivate static let secondsUntilLooks = [1, 7, 30].map { $0 * 86_400 }
}

extension Attempt {
    /// The same of what went back of a second object.
    fileprivate var looks: [Instant] {
        givenBackAt.map { given in Refund.secondsUntilLooks.map { given.adding(.seconds($0)) } } ?? []
    }
}

extension RefundOutcome {
    /// The provider's object, where the answer names it.
    fileprivate var reference: String? {
        switch self {
        case .completed(let reference, _), .pending(let reference): reference
        case .refused, .neverReached, .unknown: nil
        }
    }
}

// MARK: What the provider lists

extension Payment {
    /// Records what keeps an order of ours from leaving, whatever else the report says: a person can decide about what
    /// is shown alone.
    mutating func recordPuzzle(_ report: ProviderReport, _ context: ObservationContext) -> [PaymentFact] {
        guard acceptance?.reference == report.reference, isPuzzled(by: report),
            refunds.contains(where: { !$0.state.isDecided })
        else { return [] }
        return recordReportedRefunds(report, context)
    }

    /// Records the refunds the provider lists, each for one of ours at most.
    ///
    /// The provider's own names go first, so that of two that carry our name the one we know is ours and the other is
    /// money that went back twice.
    mutating func recordReportedRefunds(_ report: ProviderReport, _ context: ObservationContext) -> [PaymentFact] {
        var facts: [PaymentFact] = []
        var claimed: Set<RefundID> = []
        var others: [ReportedRefund] = []
        for reported in report.refunds {
            guard let index = refunds.firstIndex(where: { $0.reference == reported.reference }) else {
                others.append(reported)
                continue
            }
            claimed.insert(refunds[index].id)
            facts += recordReported(reported, index, context)
        }
        // What failed of a stranger's is nothing to look at.
        others.removeAll { other in other.failure != nil && !refunds.contains { $0.id == other.id } }
        for reported in others {
            guard let index = refunds.firstIndex(where: { $0.id == reported.id }) else {
                facts += raise(.refundedElsewhere(reference: reported.reference, amount: reported.amount))
                continue
            }
            // Another stands already for one that was undone and has no name at the provider any more.
            let isUnnamed = refunds[index].reference == nil && !refunds[index].state.failedByList
            if isUnnamed, claimed.insert(refunds[index].id).inserted {
                facts += recordReported(reported, index, context)
            } else if reported.failure == nil {
                facts += raise(.refundedTwice(reference: reported.reference, amount: reported.amount))
            }
        }
        return facts
    }

    /// A refund that failed by the provider's answer and is listed all the same did go back.
    private mutating func recordReported(
        _ reported: ReportedRefund, _ index: Int, _ context: ObservationContext
    ) -> [PaymentFact] {
        let refund = refunds[index]
        // A list that is older than the failure, or says it once more.
        let isOld = reported.failure != nil || !context.failedRefunds.contains(refund.id)
        guard !refund.state.failedByList || !isOld else { return [] }
        guard reported.amount == refund.amount else {
            return raise(
                .refundDiffers(reference: reported.reference, asked: refund.amount, reported: reported.amount))
        }
        if let failure = reported.failure { return returned(index, reported.reference, because: failure) }
        return cameThrough(index, reported, context)
    }

    /// What the provider lists as done is the refund of ours that it names, and is told once.
    mutating func cameThrough(
        _ index: Int, _ reported: ReportedRefund, _ context: ObservationContext
    ) -> [PaymentFact] {
        switch refunds[index].state {
        case .returned, .undone: return arrived(reported, index, context)
        case .completed:
            refunds[index].reference = reported.reference
            return []
        case .requested, .unknown, .pending, .failed: return complete(index, reference: reported.reference)
        }
    }

    /// A list that was asked for after the failure was known says that the client has it after all: who may have got
    /// it once more meanwhile, or was told that it failed, is for a person to find out.
    ///
    /// Its failure was told and the books followed it, so that it is told as another refund, which takes over the
    /// provider's object. What was made good in another way stays given beside it.
    mutating func arrived(
        _ reported: ReportedRefund, _ index: Int, _ context: ObservationContext
    ) -> [PaymentFact] {
        let returned = Alarm.refundReturned(reference: reported.reference, amount: refunds[index].amount)
        if alarms.contains(returned) { refunds[index].state = .undone }
        refunds[index].reference = nil
        alarms.removeAll { $0 == returned }
        return took(reported, context)
            + raise(.refundArrived(reference: reported.reference, amount: reported.amount))
    }

    /// Money that went back at the provider counts as given, under a name of ours.
    mutating func took(_ reported: ReportedRefund, _ context: ObservationContext) -> [PaymentFact] {
        let refund = Refund(
            id: context.nameRefund(), amount: reported.amount, state: .completed, reference: reported.reference,
            orderedAt: context.now, requestedAt: context.now)
        refunds.append(refund)
        return [.refundCompleted(refund)]
    }

    /// What never was done leaves the money with the clinic; what was done may have been made good in another way.
    private mutating func returned(_ index: Int, _ reference: String, because reason: String) -> [PaymentFact] {
        let before = refunds[index].state
        refunds[index].state = before == .completed ? .returned : .undone
        refunds[index].reference = reference
        guard before != .failed else { return [] }
        guard before == .completed else { return [.refundFailed(refunds[index], reason: reason)] }
        return [.refundReturned(refunds[index], reason: reason)]
            + raise(.refundReturned(reference: reference, amount: refunds[index].amount))
    }
}
