import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `Refunding a payment, PAY-10` {
    private let now = PaymentExamples.now

    @Test func `never promises more than was paid, even while others are on their way`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(1), of: .euros(cents: 15_000), at: now)
        #expect(throws: PaymentRejection.refundTooLarge(left: .euros(cents: 5_000))) {
            _ = try payment.requestRefund(RefundID(2), of: .euros(cents: 5_001), at: now)
        }
        _ = try payment.recordRefund(RefundID(1), .unknown)
        #expect(payment.refundable == .euros(cents: 5_000))
        _ = try payment.recordRefund(RefundID(1), .refused("no"))
        #expect(payment.refundable == PaymentExamples.amount)
    }

    @Test func `gives back all that is left when no amount is named`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(1), of: .euros(cents: 1), at: now)
        _ = try payment.requestRefund(RefundID(2), of: nil, at: now)
        #expect(payment.refunds.map(\.amount.minorUnits) == [1, 19_999])
        #expect(payment.refundable.isZero)
        #expect(throws: PaymentRejection.refundTooLarge(left: .zero(.eur))) {
            _ = try payment.requestRefund(RefundID(3), of: nil, at: now)
        }
    }

    @Test func `refuses what is no amount of this payment`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        for amount in [Money.euros(cents: 0), .euros(cents: -1)] {
            #expect(throws: PaymentRejection.refundNotPositive) {
                _ = try payment.requestRefund(RefundID(1), of: amount, at: now)
            }
        }
        let pounds = Money(100, try #require(Currency("GBP")))
        #expect(throws: PaymentRejection.refundInOtherCurrency(.eur)) {
            _ = try payment.requestRefund(RefundID(1), of: pounds, at: now)
        }
    }

    @Test func `is told once, whether the answer or a later reading brings it`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(1), of: .euros(cents: 500), at: now)
        _ = try payment.recordRefund(RefundID(1), .unknown)
        var report = PaymentExamples.report(.paid)
        report.refunds = [ReportedRefund(id: RefundID(1), reference: "refund_1", amount: .euros(cents: 500))]
        let seen = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        let answered = try payment.recordRefund(RefundID(1), .completed(reference: "refund_1", schedule: []))
        #expect(seen.count == 1 && answered.isEmpty)
        #expect(payment.refunds.map(\.state) == [.completed])
    }

    @Test func `takes over the schedule the provider recomputed`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(1), of: .euros(cents: 500), at: now)
        let schedule = [
            ScheduledInstalment(
                dueOn: PaymentExamples.today, amount: .euros(cents: 19_500), customerFee: .zero(.eur))
        ]
        _ = try payment.recordRefund(RefundID(1), .completed(reference: nil, schedule: schedule))
        #expect(payment.acceptance?.schedule == schedule)
    }

    @Test func `alarms about money given back at the provider that nobody here asked for`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        var report = PaymentExamples.report(.paid)
        report.refunds = [ReportedRefund(id: nil, reference: "refund_x", amount: .euros(cents: 500))]
        let facts = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(facts == [.alarm(.refundedElsewhere(reference: "refund_x", amount: .euros(cents: 500)))])
    }

    @Test func `is ordered again by one of those who looked at the same time, and only after the first's lease`() throws
    {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(1), of: nil, at: now)
        let later = now.adding(.seconds(60))
        let lease = Duration.seconds(60)
        #expect(throws: PaymentRejection.refundBeingOrdered) {
            try payment.orderRefundAgain(RefundID(1), seen: now, at: now.adding(.seconds(59)), lease: lease)
        }
        try payment.orderRefundAgain(RefundID(1), seen: now, at: later, lease: lease)
        #expect(throws: PaymentRejection.refundBeingOrdered) {
            try payment.orderRefundAgain(RefundID(1), seen: now, at: later.adding(lease), lease: lease)
        }
        _ = try payment.recordRefund(RefundID(1), .completed(reference: "refund_1", schedule: []))
        #expect(throws: PaymentRejection.refundBeingOrdered) {
            try payment.orderRefundAgain(RefundID(1), seen: later, at: later.adding(lease), lease: lease)
        }
    }
}

@Suite struct `What a provider lists as given back` {
    private func payment(refunded outcome: RefundOutcome) throws -> Payment {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(1), of: .euros(cents: 500), at: PaymentExamples.now)
        _ = try payment.recordRefund(RefundID(1), outcome)
        return payment
    }

    private func listed(_ reference: String, cents: Int64 = 500) -> ReportedRefund {
        ReportedRefund(id: RefundID(1), reference: reference, amount: .euros(cents: cents))
    }

    private func observe(_ refunds: [ReportedRefund], by payment: inout Payment) throws -> [PaymentFact] {
        var report = PaymentExamples.report(.paid)
        report.refunds = refunds
        return try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
    }

    @Test func `is matched one to one: the second under one name alarms, once, in any order`() throws {
        let second = PaymentFact.alarm(.refundedTwice(reference: "second", amount: .euros(cents: 500)))
        for list in [["first", "second"], ["second", "first"]] {
            var payment = try payment(refunded: .completed(reference: "first", schedule: []))
            #expect(try observe(list.map { listed($0) }, by: &payment) == [second])
            #expect(try observe(list.map { listed($0) }, by: &payment).isEmpty)
        }
        var unknown = try payment(refunded: .unknown)
        let facts = try observe([listed("first"), listed("second")], by: &unknown)
        #expect(facts == [.refundCompleted(unknown.refunds[0]), second])
    }

    @Test func `completes a refund that failed by an earlier answer`() throws {
        var payment = try payment(refunded: .refused("the sum is too high"))
        #expect(payment.refundable == PaymentExamples.amount)
        #expect(try observe([listed("late")], by: &payment) == [.refundCompleted(payment.refunds[0])])
        #expect(payment.refunds[0].state == .completed && payment.refundable == .euros(cents: 19_500))
        var answered = try self.payment(refunded: .refused("the sum is too high"))
        let facts = try answered.recordRefund(RefundID(1), .completed(reference: "late", schedule: []))
        #expect(facts == [.refundCompleted(answered.refunds[0])])
    }

    @Test func `of another amount than was ordered completes nothing and alarms`() throws {
        var payment = try payment(refunded: .unknown)
        let facts = try observe([listed("first", cents: 501)], by: &payment)
        let alarm = Alarm.refundDiffers(
            reference: "first", asked: .euros(cents: 500), reported: .euros(cents: 501))
        #expect(facts == [.alarm(alarm)] && payment.refunds[0].state == .unknown)
    }

    @Test func `alarms when two orders of one refund were both answered with success`() throws {
        var payment = try payment(refunded: .completed(reference: "first", schedule: []))
        let again = try payment.recordRefund(RefundID(1), .completed(reference: "second", schedule: []))
        #expect(again == [.alarm(.refundedTwice(reference: "second", amount: .euros(cents: 500)))])
    }

    // MARK: What a person decides about it

    @discardableResult
    private func resolve(
        _ alarm: Alarm, by resolution: Resolution, _ refunds: [ReportedRefund], _ payment: inout Payment
    ) throws -> [PaymentFact] {
        var report = PaymentExamples.report(.paid)
        report.refunds = refunds
        return try payment.resolve(
            alarm, by: resolution, because: "why", report, in: PaymentExamples.context())
    }

    @Test(arguments: [nil, RefundID(1)])
    func `is counted when a person says so and the provider still lists it, and the books are told`(
        _ name: RefundID?
    ) throws {
        var payment = try payment(refunded: .completed(reference: "first", schedule: []))
        let list = [
            listed("first"), ReportedRefund(id: name, reference: "second", amount: .euros(cents: 700)),
        ]
        _ = try observe(list, by: &payment)
        let alarm = try #require(payment.alarms.first)
        #expect(throws: ResolutionRejection.refundNotListed) {
            try resolve(alarm, by: .count, [listed("first")], &payment)
        }
        for wrong in [Resolution.keep, .refund, .release] {
            #expect(throws: ResolutionRejection.doesNotFit(wrong)) { try resolve(alarm, by: wrong, list, &payment) }
        }
        #expect(payment.refundable == .euros(cents: 19_500), "nothing is counted by itself")
        let facts = try resolve(alarm, by: .count, list, &payment)
        let counted = try #require(payment.refunds.last)
        #expect(facts == [.refundCompleted(counted), .alarmResolved(alarm, .count, reason: "why")])
        #expect(counted.id == PaymentExamples.elsewhere && counted.amount == .euros(cents: 700))
        #expect(payment.refundable == .euros(cents: 18_800) && payment.alarms.isEmpty)
        #expect(try observe(list, by: &payment).isEmpty && payment.alarms.isEmpty, "it is ours now")
    }

    @Test(arguments: [RefundOutcome.unknown, .completed(reference: "first", schedule: [])])
    func `with another amount than was ordered is counted with its own, and the order withdrawn`(
        _ outcome: RefundOutcome
    ) throws {
        var payment = try payment(refunded: outcome)
        let list = [listed("first", cents: 501)]
        _ = try observe(list, by: &payment)
        let alarm = try #require(payment.alarms.first)
        let facts = try resolve(alarm, by: .count, list, &payment)
        let (order, counted) = (payment.refunds[0], payment.refunds[1])
        let told: PaymentFact =
            outcome == .unknown
            ? .refundFailed(order, reason: "other-amount") : .refundReturned(order, reason: "other-amount")
        #expect(facts == [told, .refundCompleted(counted), .alarmResolved(alarm, .count, reason: "why")])
        #expect(payment.refundable == .euros(cents: 19_499) && payment.hasNothingOpen)
        // The answer of the order may still come.
        _ = try payment.recordRefund(RefundID(1), .completed(reference: "first", schedule: []))
        #expect(payment.refundable == .euros(cents: 19_499))
        #expect(try observe(list, by: &payment).isEmpty)
    }

    @Test func `and noted as set right outside is no news at the next reading`() throws {
        var payment = try payment(refunded: .completed(reference: "first", schedule: []))
        let list = [listed("first"), ReportedRefund(id: nil, reference: "x", amount: .euros(cents: 700))]
        _ = try observe(list, by: &payment)
        let alarm = try #require(payment.alarms.first)
        let noted = try resolve(alarm, by: .note, list, &payment)
        #expect(noted == [.alarmResolved(alarm, .note, reason: "why")] && payment.alarms.isEmpty)
        #expect(try observe(list, by: &payment).isEmpty && payment.alarms.isEmpty)
    }
}
