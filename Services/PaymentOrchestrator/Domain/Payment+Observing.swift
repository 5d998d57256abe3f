package import PaymentModel

/// What the recording of a provider's report needs to know of our own side.
package struct ObservationContext: Sendable {
    /// The time of the recording, used when the provider names none.
    package let now: Instant
    /// The clinic's local day at an instant; payouts are promised in days of the clinic.
    package let localDate: @Sendable (Instant) -> LocalDate
    /// Days from acceptance to the expected payout.
    package let payoutOffsetDays: Int
    /// The fee to book when the provider does not state it.
    package let fallbackFee: ProviderFee
    /// Whether the receivable was settled by other means meanwhile.
    package let receivableSettled: Bool
    /// How long after a cancellation our own word may still move money; `nil` where it takes no word of ours.
    package let lateCapture: Duration?
    /// Refunds whose failure was known before the provider was asked: what it says of them is newer.
    package let failedRefunds: Set<RefundID>
    /// Disputes whose end was known before the provider was asked, by its names: what it says of them is newer.
    package let endedDisputes: Set<String>
    /// Whether the acceptance was known before the provider was asked: what it says of the payment is newer.
    package let knowsAcceptance: Bool
    /// How long an order of ours may take to arrive.
    package let orderLease: Duration
    /// Names money that went back at the provider without an order of ours.
    package let nameRefund: @Sendable () -> RefundID

    /// A context for one recording.
    package init(
        now: Instant, localDate: @escaping @Sendable (Instant) -> LocalDate, payoutOffsetDays: Int,
        fallbackFee: ProviderFee, receivableSettled: Bool, lateCapture: Duration? = nil,
        failedRefunds: Set<RefundID> = [], endedDisputes: Set<String> = [], knowsAcceptance: Bool = false,
        orderLease: Duration,
        nameRefund: @escaping @Sendable () -> RefundID
    ) {
        self.now = now
        self.localDate = localDate
        self.payoutOffsetDays = payoutOffsetDays
        self.fallbackFee = fallbackFee
        self.receivableSettled = receivableSettled
        self.lateCapture = lateCapture
        self.failedRefunds = failedRefunds
        self.endedDisputes = endedDisputes
        self.knowsAcceptance = knowsAcceptance
        self.orderLease = orderLease
        self.nameRefund = nameRefund
    }
}

extension Payment {
    /// Records what the provider says: the one way a payment reaches its end, whoever asked.
    ///
    /// Reports may be old: two readers can record in the other order than they read. A decision is final at the
    /// provider, so an older `pending` changes nothing, and `paid` always wins.
    package mutating func observe(
        _ report: ProviderReport, of attempt: AttemptID, in context: ObservationContext
    ) throws(PaymentRejection) -> [PaymentFact] {
        guard let index = attempts.firstIndex(where: { $0.id == attempt }) else { throw .unknownAttempt }
        guard isSubject(of: report) else { return [] }
        attempts[index].capture = report.capture ?? attempts[index].capture
        let tellsRefunds =
            differingAmount(in: report) == nil && (report.status == .paid || context.contradicts(report, self))
        let facts = observe(report, ofAttemptAt: index, context)
        return tellsRefunds ? facts : facts + recordPuzzle(report, context)
    }

    private mutating func observe(
        _ report: ProviderReport, ofAttemptAt index: Int, _ context: ObservationContext
    ) -> [PaymentFact] {
        // What is over moves no money, whatever its amount was.
        if report.status != .lapsed, let differing = differingAmount(in: report) {
            // What a person released and never was paid needs nobody a second time.
            guard !attempts[index].isOver || report.status == .paid else { return [] }
            if acceptance != nil, report.status == .paid {
                // The payment has its money, and by this object nobody pays once more.
                attempts[index].reference = report.reference
                attempts[index].state = .closed
            }
            let alarm = Alarm.amountDiffers(reference: report.reference, asked: terms.amount, reported: differing)
            return raise(alarm) + returned(ofSecondAt: index, report, after: alarm)
        }
        guard !context.contradicts(report, self) else {
            // Its instalments and refunds are told all the same, and a person looks at the rest.
            return follow(report, context)
                + raise(.noLongerPaid(reference: report.reference, amount: report.amount))
        }
        switch report.status {
        case .pending:
            let facts = opened(index, reference: report.reference, payURL: report.payURL)
            // An older reading takes no agreement back.
            attempts[index].isAgreed = report.isAgreed || attempts[index].isAgreed
            if attempts[index].isAgreed { attempts[index].payURL = nil }
            return facts
        case .paid: return paid(index, report, context)
        case .refused(let reason): return decided(index, report, .refused(reason), context)
        case .cancelled: return decided(index, report, .cancelled, context)
        case .expired: return decided(index, report, .expired, context)
        case .lapsed: return lapsed(index, report)
        }
    }

    /// Whether a report is about this payment: one that names a try of another's says nothing of it, wherever it was
    /// read.
    package func isSubject(of report: ProviderReport) -> Bool {
        report.attempt.map { named in attempts.contains { $0.id == named } } ?? true
    }

    /// The provider's page lives shorter than our link: the client may go on again.
    mutating func lapsed(_ index: Int, _ report: ProviderReport) -> [PaymentFact] {
        attempts[index].reference = report.reference
        let wasLive = attempts[index].state == .open || attempts[index].isUndecided
        attempts[index].state = .closed
        return wasLive ? leaveProvider() : []
    }

    /// Whether the provider says of what was accepted that it is not paid: a reading from before the acceptance may.
    ///
    /// An object that is there no longer says nothing of the money.
    package func isContradicted(by report: ProviderReport) -> Bool {
        acceptance?.reference == report.reference && report.status != .paid && report.status != .lapsed
    }

    /// The name of the money that one of the provider's objects took, where it is known.
    package func capture(of reference: String) -> String? {
        attempts.first { $0.reference == reference }?.capture
    }

    /// An amount of the report that is not the one expected; of what was accepted, what moved alone counts.
    private func differingAmount(in report: ProviderReport) -> Money? {
        guard report.amount == expectedAmount(of: report) else { return report.amount }
        return acceptance?.reference == report.reference ? nil : report.otherAmount
    }

    /// What was asked for, or what a person accepted instead.
    private func expectedAmount(of report: ProviderReport) -> Money {
        guard let acceptance, acceptance.reference == report.reference else { return terms.amount }
        return acceptance.amount
    }

    enum Ending: Hashable {
        case refused(String), cancelled, expired
    }

    mutating func decided(
        _ index: Int, _ report: ProviderReport, _ ending: Ending, _ context: ObservationContext
    ) -> [PaymentFact] {
        attempts[index].reference = report.reference
        switch attempts[index].state {
        case .starting, .unknown, .open:
            let facts = close(index, as: ending)
            lookOnceMore(index, ending, context)
            return facts
        case .stray:
            attempts[index].state = .closed
            lookOnceMore(index, ending, context)
            return []
        case .calledOff:
            let age = attempts[index].calledOffAt.map { context.now - $0 } ?? .zero
            guard ending != .cancelled || age >= context.lateCapture ?? .zero else { return [] }
            attempts[index].state = .closed
            return []
        case .abandoned, .closed:
            // The payment goes on with another attempt, or is over; this object can no longer hurt.
            attempts[index].state = .closed
            return []
        }
    }

    /// Where money moves by our word, one that left before the cancellation may arrive after it.
    private mutating func lookOnceMore(_ index: Int, _ ending: Ending, _ context: ObservationContext) {
        guard ending == .cancelled, context.lateCapture != nil else { return }
        attempts[index].state = .calledOff
        attempts[index].calledOffAt = context.now
    }

    mutating func close(_ index: Int, as ending: Ending) -> [PaymentFact] {
        attempts[index].state = .closed
        switch ending {
        case .refused(let reason):
            state = .refused
            refusal = reason
            return [.refused(reason: reason)]
        case .cancelled:
            return finishCancelled(because: cancellation ?? .provider)
        case .expired:
            state = .expired
            return [.expired]
        }
    }

    private mutating func paid(_ index: Int, _ report: ProviderReport, _ context: ObservationContext) -> [PaymentFact] {
        attempts[index].reference = report.reference
        attempts[index].state = .closed
        guard let acceptance else { return accept(index, report, context) }
        guard acceptance.reference == report.reference else {
            let alarm = Alarm.paidTwice(reference: report.reference, amount: report.amount)
            return raise(alarm) + returned(ofSecondAt: index, report, after: alarm)
        }
        // Should it be paid no more another time, that is news; what was counted is in the books.
        let isCounted = refunds.contains { $0.reference == report.reference }
        if !isCounted { noted.removeAll { $0 == .noLongerPaid(reference: report.reference, amount: report.amount) } }
        return follow(report, context)
    }

    /// What was given back of a second object, which ended the alarm about it, and came back: no refund here tells of
    /// it.
    private mutating func returned(
        ofSecondAt index: Int, _ report: ProviderReport, after alarm: Alarm
    ) -> [PaymentFact] {
        guard noted.contains(alarm) else { return [] }
        let own = report.refunds.filter { $0.id == RefundID(attempts[index].id.value) }
        // Where its order is gone some day, nothing else names it.
        if attempts[index].givenBackAt != nil, let name = own.first?.reference { attempts[index].givenBackAs = name }
        return own.filter { $0.failure != nil }.flatMap { refund in
            raise(.refundReturned(reference: refund.reference, amount: refund.amount))
        }
    }

    /// The green light; whose the money is follows from the payment's state unless `disposition` says it.
    mutating func accept(
        _ index: Int, _ report: ProviderReport, _ context: ObservationContext, _ disposition: Disposition? = nil
    ) -> [PaymentFact] {
        attempts[index].reference = report.reference
        attempts[index].state = .closed
        let acceptance = acceptance(of: report, context, disposition)
        self.acceptance = acceptance
        state = .accepted
        disarmOtherAttempts()
        return [.accepted(acceptance)] + recordReportedRefunds(report, context)
            + recordReportedDisputes(report, context)
    }

    /// Whatever else is still payable at the provider must be cancelled there, or the client could pay twice.
    mutating func disarmOtherAttempts() {
        for index in attempts.indices {
            switch attempts[index].state {
            case .starting, .unknown: attempts[index].state = .abandoned
            case .open: attempts[index].state = attempts[index].reference == nil ? .abandoned : .stray
            case .abandoned, .stray, .calledOff, .closed: break
            }
        }
    }

    private func acceptance(
        of report: ProviderReport, _ context: ObservationContext, _ disposition: Disposition?
    ) -> Acceptance {
        let at = report.acceptedAt ?? context.now
        // Once the end was announced the receivable is free for another payment, so the money is the client's.
        let released = !state.isLive || context.receivableSettled
        return Acceptance(
            reference: report.reference, amount: report.amount, at: at, schedule: report.schedule,
            instalments: report.instalments, fee: report.fee ?? context.fallbackFee,
            expectedPayoutOn: context.localDate(at).adding(days: context.payoutOffsetDays),
            disposition: disposition ?? (released ? .heldForClient : .receivable))
    }

    mutating func raise(_ alarm: Alarm) -> [PaymentFact] {
        guard !alarms.contains(alarm), !noted.contains(alarm) else { return [] }
        alarms.append(alarm)
        return [.alarm(alarm)]
    }
}

extension ObservationContext {
    /// Whether a refund's last order may still be about to arrive.
    func isUnderWay(_ refund: Refund) -> Bool { now - refund.orderedAt < orderLease }

    /// Whether a reading from after the acceptance says that nothing is paid.
    func contradicts(_ report: ProviderReport, _ payment: Payment) -> Bool {
        knowsAcceptance && payment.isContradicted(by: report)
    }
}
