import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TransactionalMessaging

/// Ends a contradiction between a provider and a payment as a person decided, after one more look at the provider.
struct ResolvePayment: Sendable {
    /// What a person decided, and why.
    struct Decision: Sendable {
        let payment: PaymentID
        let alarm: String
        /// The provider's object the alarm is about.
        let reference: String
        let resolution: Resolution
        let reason: String
    }

    let ask: AskProvider
    let ids: IdentifierSource
    let time: TimeSource

    func run(_ decision: Decision, because cause: Cause, _ prompt: Prompt) async throws {
        // A repetition has its answer, whatever the provider would say by now.
        if let _: PaymentState = try await ask.store.database.answer(to: cause) { return }
        if decision.resolution == .release { try await askOnceMore(decision, prompt) }
        let file = try await ask.file(decision.payment, of: prompt.organisation)
        let alarm = try alarm(of: decision, file)
        let isRead = decision.resolution != .note && !alarm.isSilence
        let report = isRead ? try await ask.reading(of: alarm.subject(file.record.payment), file) : nil
        try await decide(decision, alarm, report, file, cause, prompt)
    }

    private func alarm(of decision: Decision, _ file: AskProvider.File) throws(ResolutionRejection) -> Alarm {
        let alarm = file.record.payment.questions.first {
            $0.kind == decision.alarm && $0.reference == decision.reference
        }
        guard let alarm else { throw .alarmUnknown }
        return alarm
    }

    /// An object that may still be paid is cancelled at the provider before anybody calls it released; a refund that
    /// nobody waits for any more is looked for and not ordered.
    ///
    /// What has its answer after this is no alarm any more.
    private func askOnceMore(_ decision: Decision, _ prompt: Prompt) async throws {
        let file = try await ask.file(decision.payment, of: prompt.organisation)
        let alarm = try alarm(of: decision, file)
        if case .refundNoAnswer(let reference, _) = alarm {
            if let refund = RefundID(reference) { try await ask.look(for: refund, file, prompt) }
            return
        }
        if !alarm.isSilence {
            try await ask.store.update(decision.payment, because: prompt.cause("release", ids), .intent) { payment, _ in
                payment.state.isLive ? try payment.cancel(because: .staff) : []
            }
        }
        try await ask.settle(decision.payment, prompt)
    }

    private func decide(
        _ decision: Decision, _ alarm: Alarm, _ report: ProviderReport?, _ file: AskProvider.File, _ cause: Cause,
        _ prompt: Prompt
    ) async throws {
        let (refund, now): (RefundID, Instant) = (ids.make(), time.now())
        let givesBack = decision.resolution == .refund && !file.record.payment.isAboutSecondObject(alarm)
        let isOfSecond = decision.resolution == .refund && !givesBack
        let name = try await isOfSecond ? giveBack(alarm.reference, report, file) : nil
        let debt = file.record.payment.terms.debt
        try await ask.store.update(decision.payment, owing: debt, because: cause, givesBack ? .intent : .outcome) {
            payment, receivable in
            // Paid by another object meanwhile: that one's money is not what should go back.
            guard !givesBack || !payment.isAboutSecondObject(alarm) else { throw ResolutionRejection.paidOtherwise }
            let facts = try payment.resolve(
                alarm, by: decision.resolution, because: decision.reason, report, givenBackAs: name,
                in: ask.context(file, receivableSettled: receivable?.isSettled == true))
            return facts + (givesBack ? try payment.requestRefund(refund, of: nil, at: now) : [])
        }
        guard givesBack else { return }
        // Should it die here, the sweeper orders the refund.
        try await Task {
            try await ask.order(refund, orderedAt: now, ask.file(decision.payment, of: prompt.organisation), prompt)
        }.value
    }
}

extension ResolvePayment {
    /// Gives back what a second object took, before the alarm about it ends; answers the provider's name for it.
    ///
    /// It goes by the name of the object's own try, at most once however often and by whoever it is decided: should
    /// this die after the order, the alarm is still there, and who decides again finds it done.
    private func giveBack(
        _ reference: String, _ report: ProviderReport?, _ file: AskProvider.File
    ) async throws -> String? {
        guard let report, report.status == .paid,
            let attempt = file.record.payment.attempts.first(where: {
                $0.reference == reference || $0.id == report.attempt
            })
        else { throw ResolutionRejection.notPaidTwice }
        let (id, left) = (RefundID(attempt.id.value), report.notGivenBack)
        let pending = report.pendingRefunds.first { $0.id == id }
        guard left.isPositive, pending == nil else {
            return pending?.reference ?? report.refunds.first { $0.id == id }?.reference
        }
        let capture = file.record.payment.capture(of: reference)
        switch try await order(RefundOrder(id: id, reference: reference, capture: capture, amount: left), file) {
        case .completed(let name, _), .pending(let name): return name
        case .refused(let reason): throw ProviderRejection.refused(reason)
        case .neverReached: throw ProviderRejection.notReached
        case .unknown: throw ResolutionRejection.refundUnderWay
        }
    }

    private func order(_ order: RefundOrder, _ file: AskProvider.File) async throws -> RefundOutcome {
        do throws(OutcomeUnknown) {
            return try await ask.noted("refund", file, \.word) { () async throws(OutcomeUnknown) in
                try await file.provider.refund(order, ask.leased(file.access, since: file.readAt))
            }
        } catch {
            return .unknown
        }
    }
}

extension Alarm {
    /// The provider's object that is read about it: a refund is read with what it gives back.
    fileprivate func subject(_ payment: Payment) -> String {
        switch self {
        case .refundReturned, .refundMissing, .refundArrived, .refundedElsewhere, .refundedTwice, .refundDiffers,
            .disputeInOtherCurrency, .disputeWon, .disputeLostAgain:
            payment.acceptance?.reference ?? reference
        case .amountDiffers, .paidTwice, .noLongerPaid, .noAnswer, .refundNoAnswer: reference
        }
    }
}
