import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-14: what was accepted and is not paid any more` {
    private static let alarm = Alarm.noLongerPaid(
        reference: PaymentExamples.reference, amount: PaymentExamples.amount)
    private static let unpaid: [ProviderReport.Status] = [.pending, .refused("declined"), .cancelled, .expired]

    @discardableResult
    private func observe(
        _ payment: inout Payment, _ report: ProviderReport, knowing: Bool = true
    ) throws -> [PaymentFact] {
        try payment.observe(
            report, of: PaymentExamples.attempt, in: PaymentExamples.context(knowsAcceptance: knowing))
    }

    @Test(arguments: unpaid)
    func `is told to a person once, and stays in the books until it is decided`(
        _ status: ProviderReport.Status
    ) throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        #expect(try observe(&payment, PaymentExamples.report(status), knowing: false).isEmpty, "it may be older")
        #expect(try observe(&payment, PaymentExamples.report(status)) == [.alarm(Self.alarm)])
        #expect(try observe(&payment, PaymentExamples.report(status)).isEmpty)
        #expect(payment.state == .accepted && payment.refundable == PaymentExamples.amount)
        _ = try payment.resolve(Self.alarm, by: .note, because: "why", nil, in: PaymentExamples.context())
        #expect(try observe(&payment, PaymentExamples.report(status)).isEmpty && payment.alarms.isEmpty)
    }

    @Test(arguments: [Resolution.note, .count])
    func `is news again after it was paid in between, unless it was counted`(_ decision: Resolution) throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        let (unpaid, paid) = (PaymentExamples.report(.pending), PaymentExamples.report(.paid))
        try observe(&payment, unpaid)
        _ = try payment.resolve(Self.alarm, by: decision, because: "why", unpaid, in: PaymentExamples.context())
        #expect(try observe(&payment, unpaid).isEmpty)
        #expect(try observe(&payment, paid).isEmpty)
        let told: [PaymentFact] = decision == .note ? [.alarm(Self.alarm)] : []
        #expect(try observe(&payment, unpaid) == told)
    }

    @Test func `is nothing that an object can say which is gone, or which did not take the money`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        #expect(try observe(&payment, PaymentExamples.report(.lapsed)).isEmpty)
        #expect(try observe(&payment, PaymentExamples.report(.cancelled, reference: "payment_other")).isEmpty)
    }

    @Test func `tells its instalments and its refunds all the same, PAY-9, PAY-10`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        try observe(&payment, report(.paid, .due), knowing: false)
        _ = try payment.requestRefund(RefundID(3), of: .euros(cents: 500), at: PaymentExamples.now)
        var late = report(.pending, .late)
        late.refunds = [ReportedRefund(id: RefundID(3), reference: "refund_3", amount: .euros(cents: 500))]
        let words = try observe(&payment, late).map { "\($0)".prefix { $0 != "(" } }
        #expect(words == ["refundCompleted", "instalmentLate", "alarm"])
        #expect(payment.refunds.map(\.state) == [.completed])
    }

    @Test func `counts as given back when a person says so and the provider still does`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        try observe(&payment, PaymentExamples.report(.pending))
        for last in [nil, PaymentExamples.report(.paid), PaymentExamples.report(.lapsed)] {
            #expect(throws: ResolutionRejection.refundNotListed) { try count(&payment, last) }
        }
        let facts = try count(&payment, PaymentExamples.report(.pending))
        let refund = try #require(payment.refunds.first)
        #expect(refund.amount == PaymentExamples.amount && refund.state == .completed)
        #expect(facts == [.refundCompleted(refund), .alarmResolved(Self.alarm, .count, reason: "why")])
        #expect(payment.refundable.isZero && payment.alarms.isEmpty)
        #expect(try observe(&payment, PaymentExamples.report(.pending)).isEmpty, "it is no news")
    }

    @Test(arguments: [RefundOutcome.neverReached, .unknown, .pending(reference: nil)], [Int64(500), 20_000])
    func `is not counted while a refund has no end, whose money would be the clinic's again should it fail`(
        _ outcome: RefundOutcome, _ cents: Int64
    ) throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(3), of: .euros(cents: cents), at: PaymentExamples.now)
        _ = try payment.recordRefund(RefundID(3), outcome)
        try observe(&payment, PaymentExamples.report(.pending))
        let before = payment
        #expect(throws: ResolutionRejection.refundUnderWay) { try count(&payment, PaymentExamples.report(.pending)) }
        #expect(payment == before)
        _ = try payment.recordRefund(RefundID(3), .refused("it is not paid"))
        try count(&payment, PaymentExamples.report(.pending))
        #expect(payment.refundable.isZero && payment.refunds.last?.amount == PaymentExamples.amount)
    }

    @discardableResult
    private func count(_ payment: inout Payment, _ last: ProviderReport?) throws -> [PaymentFact] {
        try payment.resolve(Self.alarm, by: .count, because: "why", last, in: PaymentExamples.context())
    }

    private func report(_ status: ProviderReport.Status, _ state: InstalmentProgress.State) -> ProviderReport {
        var report = PaymentExamples.report(status)
        let due = PaymentExamples.today.adding(days: 30)
        let none = Money.zero(.eur)
        report.schedule = [ScheduledInstalment(dueOn: due, amount: PaymentExamples.amount, customerFee: none)]
        report.instalments = [
            InstalmentProgress(
                dueOn: due, amount: PaymentExamples.amount, customerFee: none, state: state, paidOn: nil)
        ]
        return report
    }
}
