import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-14: disputes and refunds that come back` {
    private static let cents: Int64 = 5_000

    private func report(_ disputes: [Dispute.State] = [], refund: String?? = nil) -> ProviderReport {
        var report = PaymentExamples.report(.paid)
        report.disputes = disputes.enumerated().map { index, state in
            Dispute(
                reference: "dispute_\(index)", amount: .euros(cents: Self.cents), reason: "fraudulent", state: state)
        }
        if case .some(let failure) = refund {
            report.refunds = [
                ReportedRefund(
                    id: RefundID(3), reference: "refund_3", amount: .euros(cents: Self.cents), failure: failure)
            ]
        }
        return report
    }

    @discardableResult
    private func observe(_ payment: inout Payment, _ report: ProviderReport) throws -> [PaymentFact] {
        try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
    }

    @Test func `a dispute is told when it opens and when it ends, once each`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        let opened = try observe(&payment, report([.open]))
        #expect(opened == [.disputeOpened(payment.disputes[0])])
        #expect(try observe(&payment, report([.open])).isEmpty)
        #expect(payment.hasOpenDispute && !payment.pendingCalls.isEmpty, "its end is looked for")
        #expect(try observe(&payment, report([.lost])) == [.disputeClosed(payment.disputes[0])])
        #expect(try observe(&payment, report([.lost])).isEmpty)
        #expect(payment.pendingCalls.isEmpty && payment.state == .accepted)
    }

    @Test func `one that was decided before anybody heard of it was opened all the same`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        let facts = try observe(&payment, report([.won]))
        #expect(facts.count == 2 && payment.disputes[0].state == .won)
        guard case .disputeOpened(let opened) = facts[0] else { Issue.record("\(facts)"); return }
        #expect(opened.state == .open)
    }

    @Test func `what is disputed or charged back cannot be given back too, and what was won can`() throws {
        for (state, left) in [(Dispute.State.open, Int64(15_000)), (.lost, 15_000), (.won, 20_000)] {
            var payment = try PaymentExamples.payment(in: .accepted)
            try observe(&payment, report([state]))
            #expect(payment.refundable == .euros(cents: left), "\(state)")
            #expect(throws: PaymentRejection.refundTooLarge(left: .euros(cents: left))) {
                _ = try payment.requestRefund(
                    RefundID(1), of: .euros(cents: left + 1), at: PaymentExamples.now)
            }
        }
        var refunded = try PaymentExamples.payment(in: .accepted)
        _ = try refunded.requestRefund(RefundID(1), of: nil, at: PaymentExamples.now)
        try observe(&refunded, report([.open]))
        #expect(refunded.refundable.isZero, "never below nothing")
    }

    @Test func `a refund that was done and comes back is told, a person is called, and it can be given again`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(3), of: .euros(cents: Self.cents), at: PaymentExamples.now)
        #expect(try observe(&payment, report(refund: .some(nil))).count == 1)
        let facts = try observe(&payment, report(refund: "expired_or_canceled_card"))
        let alarm = Alarm.refundReturned(reference: "refund_3", amount: .euros(cents: Self.cents))
        #expect(
            facts == [.refundReturned(payment.refunds[0], reason: "expired_or_canceled_card"), .alarm(alarm)])
        #expect(payment.refunds.map(\.state) == [.returned])
        #expect(payment.refundable == PaymentExamples.amount, "the money is the clinic's again")
        #expect(payment.pendingCalls.isEmpty)
        _ = try payment.requestRefund(RefundID(4), of: nil, at: PaymentExamples.now)
        #expect(payment.refundable.isZero && payment.refunds.map(\.amount).last == PaymentExamples.amount)
        // The second is another one: what an older reading says of the first changes nothing about it.
        #expect(try observe(&payment, report(refund: .some(nil))).isEmpty)
        #expect(payment.refunds.map(\.state) == [.returned, .requested])
        let noted = try payment.resolve(
            alarm, by: .note, because: "told the client", nil, in: PaymentExamples.context())
        #expect(noted == [.alarmResolved(alarm, .note, reason: "told the client")] && payment.alarms.isEmpty)
    }

    @Test func `one that never was done fails without a word of having been done`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(3), of: .euros(cents: Self.cents), at: PaymentExamples.now)
        _ = try payment.recordRefund(RefundID(3), .pending(reference: "refund_3"))
        let facts = try observe(&payment, report(refund: "failed"))
        #expect(facts == [.refundFailed(payment.refunds[0], reason: "failed")] && payment.alarms.isEmpty)
    }

    /// Readings of what happened are recorded in any order and as often as may be, answers of orders between them.
    @Test func `an older reading never makes a refund that came back, or a dispute that ended, what it was`() {
        holds { generator in
            let readings = [
                report(), report(refund: .some(nil)), report([.open], refund: .some(nil)),
                report([.lost], refund: .some(nil)), report([.lost], refund: "failed"),
            ]
            var payment = try PaymentExamples.payment(in: .accepted)
            _ = try payment.requestRefund(RefundID(3), of: .euros(cents: Self.cents), at: PaymentExamples.now)
            var facts: [PaymentFact] = []
            // The last one is among them, wherever it comes.
            for reading in (readings + readings).shuffled(using: &generator) {
                facts += try observe(&payment, reading)
                guard generator.number(0...2) as Int == 0 else { continue }
                facts += try payment.recordRefund(
                    RefundID(3), .completed(reference: "refund_3", schedule: []))
            }
            let words = facts.map { "\($0)".prefix { $0 != "(" } }
            return payment.refunds.map(\.state) == [.returned] && payment.disputes.map(\.state) == [.lost]
                && words.filter { $0 == "refundCompleted" }.count <= 1
                && words.filter { $0 == "refundReturned" || $0 == "refundFailed" }.count == 1
                && words.filter { $0 == "disputeOpened" }.count == 1
                && words.filter { $0 == "disputeClosed" }.count == 1
        }
    }
}
