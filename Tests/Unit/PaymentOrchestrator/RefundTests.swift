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

    @Test(arguments: [Money.euros(cents: 0), .euros(cents: -1), Currency("GBP").map { Money(100, $0) }])
    func `refuses what is no amount of this payment`(_ amount: Money?) throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        let amount = try #require(amount)
        #expect(throws: PaymentRejection.refundNotPositive) {
            _ = try payment.requestRefund(RefundID(1), of: amount, at: now)
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
}
