import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-10: a refund that was told as done and the provider does not list` {
    private static let cents: Int64 = 5_000
    private static let day = PaymentExamples.now.adding(.seconds(86_400))
    private static let missing = Alarm.refundMissing(reference: "re_1", amount: .euros(cents: cents))

    /// An accepted payment of which a part was given back.
    private func refunded() throws -> Payment {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(3), of: .euros(cents: Self.cents), at: PaymentExamples.now)
        _ = try payment.recordRefund(RefundID(3), .completed(reference: "re_1", schedule: []))
        return payment
    }

    private func report(_ refunds: ReportedRefund...) -> ProviderReport {
        var report = PaymentExamples.report(.paid)
        report.refunds = refunds
        return report
    }

    private func observe(
        _ payment: inout Payment, _ report: ProviderReport, at instant: Instant = Self.day, failed: Set<RefundID> = []
    ) throws -> [PaymentFact] {
        let context = PaymentExamples.context(failedRefunds: failed, knowsAcceptance: true, at: instant)
        return try payment.observe(report, of: PaymentExamples.attempt, in: context)
    }

    private static let listed = ReportedRefund(id: RefundID(3), reference: "re_1", amount: .euros(cents: cents))

    @Test func `calls a person a day later, once, and nobody once it is listed`() throws {
        var payment = try refunded()
        let before = Self.day.adding(.seconds(-1))
        #expect(try observe(&payment, report(), at: before).isEmpty, "an older list, for all we know")
        #expect(try observe(&payment, report()) == [.alarm(Self.missing)])
        #expect(try observe(&payment, report()).isEmpty)
        #expect(try observe(&payment, report(Self.listed)).isEmpty)
        #expect(payment.alarms.isEmpty && payment.refunds.map(\.state) == [.completed])
    }

    @Test func `is read by the provider's name for it, and by none where it has no name`() throws {
        var payment = try refunded()
        _ = try observe(&payment, report())
        #expect(payment.alarms == [Self.missing])
        #expect(payment.refundReferences(of: PaymentExamples.reference) == ["re_1"])
        var unnamed = try PaymentExamples.payment(in: .accepted)
        _ = try unnamed.requestRefund(RefundID(3), of: .euros(cents: Self.cents), at: PaymentExamples.now)
        _ = try unnamed.recordRefund(RefundID(3), .completed(reference: nil, schedule: []))
        _ = try observe(&unnamed, report())
        #expect(unnamed.alarms == [.refundMissing(reference: "\(RefundID(3))", amount: .euros(cents: Self.cents))])
        #expect(unnamed.refundReferences(of: PaymentExamples.reference).isEmpty, "ours means nothing there")
    }

    @Test func `is not missing where the list has not all, or the provider has it in another way`() throws {
        var some = report()
        some.hidesRefundsBefore = PaymentExamples.now
        var pending = report()
        pending.pendingRefunds = [PendingRefund(id: RefundID(3), reference: "re_1")]
        var summed = report()
        summed.refundedInAll = .euros(cents: Self.cents)
        let unnamed = ReportedRefund(id: nil, reference: "re_1", amount: .euros(cents: Self.cents))
        for report in [some, pending, summed, report(unnamed), report(Self.listed)] {
            var payment = try refunded()
            #expect(try observe(&payment, report).isEmpty && payment.alarms.isEmpty, "\(report)")
        }
    }

    @Test func `stays open where a later list has some refunds only`() throws {
        var payment = try refunded()
        _ = try observe(&payment, report())
        var some = report()
        some.hidesRefundsBefore = PaymentExamples.now
        #expect(try observe(&payment, some).isEmpty)
        #expect(payment.alarms == [Self.missing])
    }

    @Test func `does not keep what the client owes from being followed`() throws {
        var payment = try refunded()
        var told = report()
        told.schedule = [
            ScheduledInstalment(
                dueOn: PaymentExamples.today, amount: PaymentExamples.amount, customerFee: .euros(cents: 0))
        ]
        #expect(try observe(&payment, told, at: Self.day.adding(.seconds(-1))).isEmpty, "read before the refund")
        #expect(try observe(&payment, told) == [.alarm(Self.missing), .scheduleChanged(told.schedule)])
    }

    @Test func `is the clinic's by a manager's word while it is not listed, and told should it arrive`() throws {
        var payment = try refunded()
        _ = try observe(&payment, report())
        let context = PaymentExamples.context(knowsAcceptance: true, at: Self.day)
        #expect(throws: ResolutionRejection.refundNotFailed) {
            _ = try payment.resolve(Self.missing, by: .keep, because: "seen", report(Self.listed), in: context)
        }
        let kept = try payment.resolve(Self.missing, by: .keep, because: "seen", report(), in: context)
        guard case .refundReturned(let refund, _) = kept.first else {
            Issue.record("\(kept)")
            return
        }
        #expect(refund.id == RefundID(3) && kept.count == 2 && payment.alarms.isEmpty)
        #expect(payment.refundable == PaymentExamples.amount)
        let arrived = try observe(&payment, report(Self.listed), failed: [RefundID(3)])
        #expect(arrived.last == .alarm(.refundArrived(reference: "re_1", amount: .euros(cents: Self.cents))))
        #expect(payment.refundable == .euros(cents: 15_000))
    }

    @Test func `is no news once it is noted that the client has it`() throws {
        var payment = try refunded()
        _ = try observe(&payment, report())
        let context = PaymentExamples.context(knowsAcceptance: true, at: Self.day)
        _ = try payment.resolve(Self.missing, by: .note, because: "seen", nil, in: context)
        #expect(try observe(&payment, report()).isEmpty)
        #expect(payment.refundable == .euros(cents: 15_000))
    }
}
