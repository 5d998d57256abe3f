import PaymentModel
import PaymentOrchestratorDomain
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
        let alarm = file.record.payment.questions.first {
            $0.kind == decision.alarm && $0.reference == decision.reference
        }
        guard let alarm else { throw ResolutionRejection.alarmUnknown }
        let isRead = decision.resolution != .note && !alarm.isSilence
        let report = isRead ? try await ask.reading(of: alarm.subject(file.record.payment), file) : nil
        try await decide(decision, alarm, report, file, cause, prompt)
    }

    /// An object that may still be paid is cancelled at the provider before anybody calls it released.
    ///
    /// What has its answer after this is no alarm any more.
    private func askOnceMore(_ decision: Decision, _ prompt: Prompt) async throws {
        let isSilence = try await ask.file(decision.payment, of: prompt.organisation).record.payment.alarms.contains {
            $0.kind == decision.alarm && $0.isSilence
        }
        if !isSilence {
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
        let givesBack = decision.resolution == .refund
        try await ask.store.update(decision.payment, because: cause, givesBack ? .intent : .outcome) { payment, _ in
            let facts = try payment.resolve(
                alarm, by: decision.resolution, because: decision.reason, report,
                in: ask.context(file, receivableSettled: false))
            return facts + (givesBack ? try payment.requestRefund(refund, of: nil, at: now) : [])
        }
        guard givesBack else { return }
        // Should it die here, the sweeper orders the refund.
        try await Task {
            try await ask.order(refund, orderedAt: now, ask.file(decision.payment, of: prompt.organisation), prompt)
        }.value
    }
}

extension Alarm {
    /// The provider's object that is read about it: a refund is read with what it gives back.
    fileprivate func subject(_ payment: Payment) -> String {
        switch self {
        case .refundReturned, .refundArrived, .refundedElsewhere, .refundedTwice, .refundDiffers:
            payment.acceptance?.reference ?? reference
        case .amountDiffers, .paidTwice, .noLongerPaid: reference
        case .amountDiffers, .paidTwice, .noAnswer, .refundNoAnswer: reference
        }
    }
}
