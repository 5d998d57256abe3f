package import PaymentModel

/// What a person decided about a contradiction between a provider and a payment.
package enum Resolution: String, Hashable, Sendable, Codable, CaseIterable {
    /// What was paid is held for the client; what came back of a refund is the clinic's to give again.
    case keep
    /// What was paid goes back.
    case refund
    /// Nothing was paid and nothing can be any more: the receivable is free. Of what the provider does not answer
    /// about, that nobody waits for the answer any more.
    case release
    /// What went back at the provider without an order of ours counts as given back, and the books follow it.
    case count
    /// It was set right outside; nothing changes here, and what came back of a refund stays counted as given.
    case note
}

/// Why a contradiction cannot be ended in this way; each is an answer for a person.
package enum ResolutionRejection: Error, Hashable, Sendable {
    /// The payment has no such contradiction, or has it no more.
    case alarmUnknown
    /// It takes another decision.
    case doesNotFit(Resolution)
    /// The provider took money: keep it or give it back.
    case moneyWasPaid(Money)
    /// The provider took no money: release it.
    case nothingWasPaid
    /// The provider does not say that the second object is paid: there is nothing of it to give back.
    case notPaidTwice
    /// The provider's object can still be paid: cancel it first.
    case stillPayable
    /// The payment has its money by another object: what this one took goes back, or went back at the provider.
    case paidOtherwise
    /// What was paid is in another currency than the payment: it is given back at the provider.
    case otherCurrency
    /// The provider does not say that the refund failed: the client may have it.
    case refundNotFailed
    /// The provider does not list it as given back.
    case refundNotListed
    /// An order may still be on its way: nobody can say yet what it does, or whether this is what it did.
    case refundUnderWay
}

extension Payment {
    /// What a person may decide about: the alarms, and what came back and counts as given whatever was noted of it.
    package var questions: [Alarm] {
        let returned = refunds.filter { $0.state == .returned }.compactMap { refund in
            refund.reference.map { Alarm.refundReturned(reference: $0, amount: refund.amount) }
        }
        return alarms + returned.filter { !alarms.contains($0) }
    }

    /// Whether an alarm is about money of another object than the one that pays.
    package func isAboutSecondObject(_ alarm: Alarm) -> Bool {
        switch alarm {
        case .paidTwice: true
        case .amountDiffers(let reference, _, _): acceptance.map { $0.reference != reference } ?? false
        case .refundedElsewhere, .refundedTwice, .refundDiffers, .refundReturned, .refundMissing, .refundArrived,
            .noLongerPaid, .noAnswer, .refundNoAnswer, .disputeInOtherCurrency, .disputeWon, .disputeLostAgain:
            false
        }
    }

    /// Whether what came back was given of a second object: no refund here is about it, and its list says it again.
    private func isRefundOfSecondObject(_ alarm: Alarm) -> Bool {
        guard case .refundReturned(let reference, _) = alarm else { return false }
        return !refunds.contains { $0.reference == reference }
    }

    /// Ends a contradiction as a person decided.
    ///
    /// `report` MUST have been read after the decision was made: it alone says whether money moved. `nil` is that the
    /// provider has no such object. `refund` is its name for what went back of a second object because of the decision.
    package mutating func resolve(
        _ alarm: Alarm, by resolution: Resolution, because reason: String, _ report: ProviderReport?,
        givenBackAs refund: String? = nil, in context: ObservationContext
    ) throws(ResolutionRejection) -> [PaymentFact] {
        guard questions.contains(alarm), !alarm.isSilence || unanswered.contains(alarm) else { throw .alarmUnknown }
        let facts: [PaymentFact]
        switch (alarm, resolution) {
        case (_, .refund) where isAboutSecondObject(alarm):
            // What the second object took went back before this: the books never heard of it.
            guard let report, report.status == .paid, let index = index(of: report) else { throw .notPaidTwice }
            noted.append(alarm)
            (attempts[index].givenBackAt, attempts[index].givenBackAs) = (context.now, refund)
            facts = []
        case (.amountDiffers, .note) where acceptance != nil:
            noted.append(alarm)
            facts = []
        // It was set right outside while nobody could be asked; what the provider says of it after all is news.
        case (.amountDiffers, .note) where !state.isLive: facts = []
        case (.amountDiffers, .keep), (.amountDiffers, .refund): facts = try hold(report, context)
        case (.amountDiffers, .release): facts = try release(alarm, report, context)
        case (.noAnswer, .release): facts = letGo()
        case (.refundNoAnswer, .release): facts = try letGo(ofRefund: alarm, context)
        case (.amountDiffers, .note), (.noAnswer, .note), (.refundNoAnswer, .note): throw .doesNotFit(resolution)
        case (.refundReturned(let reference, _), .keep) where !isRefundOfSecondObject(alarm):
            try takeBack(reference, report)
            facts = []
        case (.refundMissing, .keep): facts = try takeBack(missing: alarm, report, context)
        case (.refundedElsewhere(let reference, _), .count), (.refundedTwice(let reference, _), .count),
            (.refundDiffers(let reference, _, _), .count):
            facts = try count(try listed(reference, report), report, context)
        case (.noLongerPaid, .count):
            facts = try countTakenBack(report, context)
            noted.append(alarm)
        case (_, .note):
            if alarm.isListedOn || isRefundOfSecondObject(alarm) { noted.append(alarm) }
            facts = []
        case (_, .keep), (_, .refund), (_, .release), (_, .count): throw .doesNotFit(resolution)
        }
        alarms.removeAll { $0.kind == alarm.kind && $0.reference == alarm.reference }
        return facts + [.alarmResolved(alarm, resolution, reason: reason)]
    }

    private mutating func hold(
        _ report: ProviderReport?, _ context: ObservationContext
    ) throws(ResolutionRejection) -> [PaymentFact] {
        guard let report, report.status == .paid, let index = index(of: report) else { throw .nothingWasPaid }
        guard acceptance == nil else { throw .paidOtherwise }
        guard report.amount.currency == terms.amount.currency, report.amount.isPositive else { throw .otherCurrency }
        return accept(index, report, context, report.amount == terms.amount ? nil : .heldForClient)
    }

    /// Only what the provider still says has failed: it alone knows whether the client has it after all.
    private mutating func takeBack(
        _ reference: String, _ report: ProviderReport?
    ) throws(ResolutionRejection) {
        guard report?.refunds.contains(where: { $0.reference == reference && $0.failure != nil }) == true,
            let index = refunds.firstIndex(where: { $0.reference == reference && $0.state == .returned })
        else { throw .refundNotFailed }
        refunds[index].state = .undone
    }

    /// What the provider still lists as given back: it alone knows.
    private func listed(
        _ reference: String, _ report: ProviderReport?
    ) throws(ResolutionRejection) -> ReportedRefund {
        guard let listed = report?.refunds.first(where: { $0.reference == reference && $0.failure == nil }),
            listed.amount.currency == terms.amount.currency
        else { throw .refundNotListed }
        return listed
    }

    /// What one of ours is by now, with the same amount, is not counted a second time: an answer or a newer list may
    /// have been faster than the decision.
    ///
    /// An order without an answer and of the same amount is done by it, and leaves no more.
    private mutating func count(
        _ listed: ReportedRefund, _ report: ProviderReport?, _ context: ObservationContext
    ) throws(ResolutionRejection) -> [PaymentFact] {
        // An order that is known by another name is another refund.
        let named =
            refunds.firstIndex { $0.reference == listed.reference }
            ?? refunds.firstIndex { $0.id == listed.id && $0.reference == nil && !$0.state.failedByList }
        let unnamed = try named == nil ? unanswered(listed, report, context) : nil
        guard let index = named ?? unnamed else { return took(listed, context) }
        if refunds[index].state.failedByList {
            // It failed after the provider was asked.
            guard context.failedRefunds.contains(refunds[index].id) else { throw .refundNotListed }
            return arrived(listed, index, context)
        }
        guard refunds[index].amount != listed.amount else { return cameThrough(index, listed, context) }
        return withdraw(index, because: Self.otherAmount) + took(listed, context)
    }

    /// What is left of a payment that the provider says is not paid any more counts as given back; it alone knows.
    ///
    /// Of a refund that nobody knows the end of, the money would be the clinic's again should it fail, though the
    /// provider has it all.
    private mutating func countTakenBack(
        _ report: ProviderReport?, _ context: ObservationContext
    ) throws(ResolutionRejection) -> [PaymentFact] {
        guard let report, isContradicted(by: report) else { throw .refundNotListed }
        guard refunds.allSatisfy(\.state.isDecided) else { throw .refundUnderWay }
        let left = refundable
        guard left.isPositive else { throw .refundNotListed }
        return took(ReportedRefund(id: nil, reference: report.reference, amount: left), context)
    }

    /// The order that money with no name of ours may be what became of: one nobody knows the end of, not even the
    /// provider, and that was there when it was given back.
    private func unanswered(
        _ listed: ReportedRefund, _ report: ProviderReport?, _ context: ObservationContext
    ) throws(ResolutionRejection) -> Int? {
        let known = (report?.refunds.compactMap(\.id) ?? []) + (report?.pendingRefunds.compactMap(\.id) ?? [])
        let found = refunds.firstIndex { refund in
            listed.id == nil && refund.isWithoutAnswer && refund.amount == listed.amount && !known.contains(refund.id)
                && refund.mayBe(madeAt: listed.madeAt)
        }
        guard let found else { return nil }
        guard !context.isUnderWay(refunds[found]) else { throw .refundUnderWay }
        return found
    }

    private static let otherAmount = "other-amount"

    private mutating func release(
        _ alarm: Alarm, _ report: ProviderReport?, _ context: ObservationContext
    ) throws(ResolutionRejection) -> [PaymentFact] {
        guard let report, let index = index(of: report) else { return [] }
        switch report.status {
        case .paid:
            guard report.notGivenBack.isZero else { throw .moneyWasPaid(report.amount) }
            // It goes on reading as paid.
            noted.append(alarm)
            let wasPayable = attempts[index].state == .open || attempts[index].isUndecided
            attempts[index].state = .closed
            return wasPayable ? close(index, as: .cancelled) : []
        case .pending: throw .stillPayable
        case .refused(let reason): return decided(index, report, .refused(reason), context)
        case .cancelled: return decided(index, report, .cancelled, context)
        case .expired: return decided(index, report, .expired, context)
        case .lapsed: return lapsed(index, report)
        }
    }

    private func index(of report: ProviderReport) -> Int? {
        attempts.firstIndex { $0.reference == report.reference || $0.id == report.attempt }
    }
}

extension Refund {
    /// Whether nobody knows what became of its order, and the provider has no name for it yet.
    ///
    /// One that the provider took and has not carried out is not what was carried out.
    fileprivate var isWithoutAnswer: Bool { (state == .requested || state == .unknown) && reference == nil }

    /// Two clocks are not one, and a provider may count whole seconds.
    private static let clockDifferenceMax = Duration.seconds(60)

    /// Whether money that went back then, where the provider says when, may be what its order did.
    fileprivate func mayBe(madeAt: Instant?) -> Bool {
        guard let madeAt else { return true }
        return madeAt.adding(Self.clockDifferenceMax) >= requestedAt
    }
}
