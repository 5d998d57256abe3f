import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-12: what a provider was asked in vain` {
    private static let refund = RefundID(3)

    private func silent(_ state: PaymentState) throws -> (payment: Payment, alarm: Alarm) {
        var payment = try PaymentExamples.payment(in: state)
        let alarm = Alarm.noAnswer(reference: "\(PaymentExamples.attempt)")
        let (first, second) = (payment.recordNoAnswer(), payment.recordNoAnswer())
        #expect(first == [.alarm(alarm)])
        #expect(second.isEmpty, "once")
        return (payment, alarm)
    }

    @Test(arguments: [PaymentState.unknown, .cancelling])
    func `is released, and what is paid all the same is held for the client`(_ state: PaymentState) throws {
        let (before, alarm) = try silent(state)
        var payment = before
        #expect(throws: ResolutionRejection.doesNotFit(.note)) {
            _ = try payment.resolve(alarm, by: .note, because: "why", nil, in: PaymentExamples.context())
        }
        let facts = try payment.resolve(alarm, by: .release, because: "why", nil, in: PaymentExamples.context())
        #expect(facts == [.cancelled(reason: .staff), .alarmResolved(alarm, .release, reason: "why")])
        #expect(!payment.state.isLive && payment.alarms.isEmpty)
        let known = PendingCall.cancel(PaymentExamples.attempt, reference: PaymentExamples.reference)
        #expect(payment.pendingCalls == (state == .cancelling ? [known] : []), "what is there is cancelled on")
        let late = try payment.observe(
            PaymentExamples.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(late.count == 1 && payment.acceptance?.disposition == .heldForClient)
    }

    @Test func `is no alarm any more once it is answered`() throws {
        let (before, alarm) = try silent(.unknown)
        var payment = before
        _ = try PaymentEvent.opened.apply(to: &payment)
        payment.dropAnswered()
        #expect(payment.alarms.isEmpty)
        #expect(throws: ResolutionRejection.alarmUnknown) {
            _ = try payment.resolve(alarm, by: .release, because: "why", nil, in: PaymentExamples.context())
        }
        let facts = payment.recordNoAnswer()
        #expect(facts.isEmpty, "an open payment waits for its client alone")
    }

    @Test func `of a refund is not released while an order of it may still arrive`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        let (lease, ordered) = (Duration.seconds(60), PaymentExamples.now.adding(.seconds(-10)))
        _ = try payment.requestRefund(Self.refund, of: nil, at: ordered.adding(.zero - lease))
        _ = try payment.recordRefund(Self.refund, .unknown)
        let alarm = Alarm.refundNoAnswer(reference: "\(Self.refund)", amount: PaymentExamples.amount)
        _ = payment.recordNoAnswer()
        let earlier = payment
        try payment.orderRefundAgain(Self.refund, seen: ordered.adding(.zero - lease), at: ordered, lease: lease)
        let before = payment
        #expect(throws: ResolutionRejection.refundUnderWay) {
            _ = try payment.resolve(
                alarm, by: .release, because: "why", nil, in: PaymentExamples.context(orderLease: lease))
        }
        #expect(payment == before)
        var calm = earlier
        _ = try calm.resolve(alarm, by: .release, because: "why", nil, in: PaymentExamples.context(orderLease: lease))
        #expect(calm.refunds.map(\.state) == [.failed], "its last order had its time")
    }

    @Test func `of a refund leaves the money with the clinic, until the provider lists it after all`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(Self.refund, of: nil, at: PaymentExamples.now)
        _ = try payment.recordRefund(Self.refund, .unknown)
        let alarm = Alarm.refundNoAnswer(reference: "\(Self.refund)", amount: PaymentExamples.amount)
        let told = payment.recordNoAnswer()
        #expect(told == [.alarm(alarm)] && payment.refundable.isZero)
        let facts = try payment.resolve(alarm, by: .release, because: "why", nil, in: PaymentExamples.context())
        #expect(facts.first == .refundFailed(payment.refunds[0], reason: "released"))
        #expect(payment.refundable == PaymentExamples.amount && payment.pendingCalls.isEmpty)
        var report = PaymentExamples.report(.paid)
        report.refunds = [ReportedRefund(id: Self.refund, reference: "re_1", amount: PaymentExamples.amount)]
        let late = try payment.observe(
            report, of: PaymentExamples.attempt, in: PaymentExamples.context(failedRefunds: [Self.refund]))
        let arrived = Alarm.refundArrived(reference: "re_1", amount: PaymentExamples.amount)
        #expect(late == [.refundCompleted(payment.refunds[0]), .alarm(arrived)], "it may have been given again")
        #expect(payment.refundable.isZero, "never more than was paid")
    }
}
