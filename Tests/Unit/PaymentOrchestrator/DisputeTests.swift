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
    private func observe(
        _ payment: inout Payment, _ report: ProviderReport, askedAfter seen: Set<RefundID> = []
    ) throws -> [PaymentFact] {
        try payment.observe(
            report, of: PaymentExamples.attempt, in: PaymentExamples.context(failedRefunds: seen))
    }

    private static let alarm = Alarm.refundReturned(reference: "refund_3", amount: .euros(cents: cents))

    /// A payment whose refund was done and came back.
    private func returned() throws -> Payment {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(3), of: .euros(cents: Self.cents), at: PaymentExamples.now)
        try observe(&payment, report(refund: .some(nil)))
        try observe(&payment, report(refund: "expired_or_canceled_card"))
        return payment
    }

    @discardableResult
    private func resolve(
        _ payment: inout Payment, by resolution: Resolution, _ last: ProviderReport?
    ) throws -> [PaymentFact] {
        try payment.resolve(Self.alarm, by: resolution, because: "why", last, in: PaymentExamples.context())
    }

    @Test func `a dispute is told when it opens and when it ends, once each`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        let opened = try observe(&payment, report([.open]))
        #expect(opened == [.disputeOpened(payment.disputes[0])])
        #expect(try observe(&payment, report([.open])).isEmpty)
        #expect(payment.hasOpenDispute && !payment.pendingCalls.isEmpty, "its end is looked for")
        #expect(try observe(&payment, report([.lost])) == [.disputeClosed(payment.disputes[0])])
        #expect(try observe(&payment, report([.lost])).isEmpty)
        #expect(payment.hasNothingOpen && payment.state == .accepted)
        let day = PaymentExamples.now.adding(.seconds(86_400))
        #expect(payment.nextLaterLook(after: PaymentExamples.now) == day, "it may be taken up again")
        #expect(payment.nextLaterLook(after: day.adding(.seconds(29 * 86_400))) == nil)
    }

    /// A reading from after every end that is known.
    private func look(_ payment: inout Payment, _ state: Dispute.State) throws -> [PaymentFact] {
        try payment.observe(
            report([state]), of: PaymentExamples.attempt,
            in: PaymentExamples.context(endedDisputes: payment.endedDisputes))
    }

    @Test(arguments: [Dispute.State.won, .lost])
    func `one that was won and is taken up again is another to others, unless an older reading says so`(
        _ end: Dispute.State
    ) throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        for state in [Dispute.State.open, .won] { try observe(&payment, report([state])) }
        #expect(try observe(&payment, report([.open])).isEmpty && !payment.hasOpenDispute, "an older reading")
        #expect(payment.takesUpDispute(report([.open])) && !payment.takesUpDispute(report([.won])))
        let opened = try look(&payment, .open)
        #expect(opened == [.disputeOpened(payment.disputes[1])])
        #expect(payment.disputes.map(\.name) == ["dispute_0", "dispute_0/2"])
        #expect(payment.hasOpenDispute && payment.refundable == .euros(cents: 15_000))
        #expect(try look(&payment, .open).isEmpty, "once")
        #expect(try look(&payment, end) == [.disputeClosed(payment.disputes[1])])
        #expect(payment.disputes.map(\.state) == [.won, end])
        #expect(payment.refundable == .euros(cents: end == .won ? 20_000 : 15_000))
        #expect(try look(&payment, end).isEmpty)
        // The same where nobody saw it open.
        var unseen = try PaymentExamples.payment(in: .accepted)
        for state in [Dispute.State.open, .won] { try observe(&unseen, report([state])) }
        #expect(try look(&unseen, .lost).count == 2 && unseen.disputes.map(\.state) == [.won, .lost])
    }

    @Test func `one that was lost and is looked at again is open, and stays charged back whatever comes of it`()
        throws
    {
        var payment = try PaymentExamples.payment(in: .accepted)
        for state in [Dispute.State.open, .lost] { try observe(&payment, report([state])) }
        #expect(try observe(&payment, report([.open])).isEmpty && !payment.hasOpenDispute, "an older reading")
        #expect(try look(&payment, .open) == [.disputeReopened(payment.disputes[0])])
        #expect(payment.hasOpenDispute && payment.refundable == .euros(cents: 15_000))
        #expect(try look(&payment, .lost) == [.disputeStayedLost(payment.disputes[0])])
        _ = try look(&payment, .open)
        let alarm = Alarm.disputeWon(reference: "dispute_0", amount: .euros(cents: Self.cents))
        #expect(try look(&payment, .won) == [.disputeStayedLost(payment.disputes[0]), .alarm(alarm)])
        #expect(payment.refundable == .euros(cents: 15_000), "the books have it charged back")
        #expect(try look(&payment, .won).isEmpty && payment.questions == [alarm])
        #expect(throws: ResolutionRejection.doesNotFit(.keep)) {
            _ = try payment.resolve(alarm, by: .keep, because: "why", report(), in: PaymentExamples.context())
        }
        _ = try payment.resolve(alarm, by: .note, because: "why", nil, in: PaymentExamples.context())
        #expect(try look(&payment, .won).isEmpty && payment.questions.isEmpty, "it was set right in the books")
        var straight = try PaymentExamples.payment(in: .accepted)
        try observe(&straight, report([.lost]))
        #expect(try look(&straight, .won) == [.alarm(alarm)])
    }

    @Test func `one that was lost and is won is read once more until a person is told, whatever lists say later`()
        throws
    {
        var payment = try PaymentExamples.payment(in: .accepted)
        try observe(&payment, report([.lost]))
        #expect(payment.takesUpDispute(report([.won])), "it may have been read before the end")
        #expect(try look(&payment, .won).count == 1 && !payment.takesUpDispute(report([.won])))
        let alarm = try #require(payment.alarms.first)
        _ = try payment.resolve(alarm, by: .note, because: "why", nil, in: PaymentExamples.context())
        #expect(!payment.takesUpDispute(report([.won])) && payment.takesUpDispute(report([.open])))
    }

    @Test func `one that was lost without taking anything calls nobody should it be won`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        var lost = report()
        lost.disputes = [
            Dispute(
                reference: "dispute_0", amount: .euros(cents: Self.cents), reason: "fraudulent", state: .lost,
                chargedBack: .euros(cents: 0))
        ]
        try observe(&payment, lost)
        #expect(payment.refundable == PaymentExamples.amount)
        #expect(!payment.takesUpDispute(report([.won])))
        #expect(try look(&payment, .won).isEmpty && payment.questions.isEmpty, "the books have no charge-back")
    }

    @Test func `one that was decided before anybody heard of it was opened all the same`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        let facts = try observe(&payment, report([.won]))
        #expect(facts.count == 2 && payment.disputes[0].state == .won)
        guard case .disputeOpened(let opened) = facts[0] else { Issue.record("\(facts)"); return }
        #expect(opened.state == .open)
    }

    @Test(arguments: [(nil, 1_200), (1_200, 5_000), (0, 5_000), (6_000, 5_000)] as [(Int64?, Int64)])
    func `what is charged back is what its end says, and the rest can be given back`(
        _ granted: Int64?, _ claimed: Int64
    ) throws {
        let taken = granted ?? claimed
        let ended = { (opened: Int64) -> ProviderReport in
            var report = report([.lost])
            report.disputes = [
                Dispute(
                    reference: "dispute_0", amount: .euros(cents: opened), reason: "fraudulent", state: .lost,
                    chargedBack: granted.map { .euros(cents: $0) })
            ]
            return report
        }
        var payment = try PaymentExamples.payment(in: .accepted)
        try observe(&payment, report([.open]))
        let facts = try observe(&payment, ended(claimed))
        #expect(facts == [.disputeClosed(payment.disputes[0])])
        #expect(payment.disputes[0].amount == .euros(cents: Self.cents), "what was told when it opened")
        #expect(payment.disputes[0].chargedBack == .euros(cents: taken))
        #expect(payment.refundable == .euros(cents: 20_000 - taken))
        #expect(try observe(&payment, report([.lost])).isEmpty)
        // The same where nobody heard of it before its end.
        var late = try PaymentExamples.payment(in: .accepted)
        guard case .disputeOpened(let opened) = try observe(&late, ended(claimed)).first else {
            Issue.record("\(late)")
            return
        }
        #expect(opened.chargedBack == nil && late.refundable == .euros(cents: 20_000 - taken))
    }

    @Test func `one in another currency calls a person once, who notes it`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        let francs = Money(5_000, try #require(Currency("CHF")))
        var report = report()
        report.disputes = [Dispute(reference: "dispute_0", amount: francs, reason: "fraudulent", state: .open)]
        let alarm = Alarm.disputeInOtherCurrency(reference: "dispute_0", amount: francs)
        #expect(try observe(&payment, report) == [.disputeOpened(payment.disputes[0]), .alarm(alarm)])
        #expect(payment.questions == [alarm])
        #expect(payment.refundable == .euros(cents: 15_000), "as if it were of ours, until somebody knows better")
        _ = try payment.resolve(alarm, by: .note, because: "why", nil, in: PaymentExamples.context())
        #expect(try observe(&payment, report).isEmpty && payment.questions.isEmpty)
    }

    @Test func `what is claimed may rise while it is open, and cannot be given back too`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        let claims = { (cents: Int64, state: Dispute.State) -> ProviderReport in
            var report = report()
            report.disputes = [
                Dispute(reference: "dispute_0", amount: .euros(cents: cents), reason: "fraudulent", state: state)
            ]
            return report
        }
        try observe(&payment, claims(5_000, .open))
        #expect(try observe(&payment, claims(20_000, .open)).isEmpty, "the books have it from its end")
        #expect(payment.refundable.isZero)
        try observe(&payment, claims(5_000, .open))
        #expect(payment.refundable.isZero, "an older reading")
        let facts = try observe(&payment, claims(20_000, .lost))
        #expect(facts == [.disputeClosed(payment.disputes[0])])
        #expect(payment.disputes[0].amount == .euros(cents: 5_000), "what was told when it opened")
        #expect(payment.disputes[0].chargedBack == .euros(cents: 20_000) && payment.refundable.isZero)
    }

    @Test func `what is disputed or charged back cannot be given back too, and what was won can`() throws {
        for (state, left) in [(Dispute.State.open, Int64(15_000)), (.lost, 15_000), (.won, 20_000)] {
            var payment = try PaymentExamples.payment(in: .accepted)
            try observe(&payment, report([state]))
            #expect(payment.refundable == .euros(cents: left), "\(state)")
            let tooMuch = PaymentRejection.refundTooLarge(left: .euros(cents: left))
            let disputed = PaymentRejection.refundDisputed(left: .euros(cents: left), isOpen: state == .open)
            #expect(throws: state == .won ? tooMuch : disputed) {
                _ = try payment.requestRefund(
                    RefundID(1), of: .euros(cents: left + 1), at: PaymentExamples.now)
            }
            #expect(throws: tooMuch, "more than was paid, disputed or not") {
                _ = try payment.requestRefund(RefundID(1), of: .euros(cents: 20_001), at: PaymentExamples.now)
            }
        }
        var refunded = try PaymentExamples.payment(in: .accepted)
        _ = try refunded.requestRefund(RefundID(1), of: nil, at: PaymentExamples.now)
        try observe(&refunded, report([.open]))
        #expect(refunded.refundable.isZero, "never below nothing")
        #expect(throws: PaymentRejection.refundTooLarge(left: .zero(.eur)), "the refund was first") {
            _ = try refunded.requestRefund(RefundID(2), of: nil, at: PaymentExamples.now)
        }
    }

    @Test func `a refund that was done and comes back is told, a person is called, and nobody gives it twice`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(3), of: .euros(cents: Self.cents), at: PaymentExamples.now)
        #expect(try observe(&payment, report(refund: .some(nil))).count == 1)
        let facts = try observe(&payment, report(refund: "expired_or_canceled_card"))
        #expect(
            facts == [.refundReturned(payment.refunds[0], reason: "expired_or_canceled_card"), .alarm(Self.alarm)])
        #expect(payment.refunds.map(\.state) == [.returned])
        #expect(payment.refundable == .euros(cents: 15_000), "the client may have got it in another way")
        #expect(payment.pendingCalls.isEmpty)
        // What an older reading says of it changes nothing.
        #expect(try observe(&payment, report(refund: .some(nil))).isEmpty && payment.refunds[0].state == .returned)
    }

    @Test func `what came back and was made good outside stays given, until it is decided otherwise`() throws {
        var payment = try returned()
        let noted = try resolve(&payment, by: .note, nil)
        #expect(noted == [.alarmResolved(Self.alarm, .note, reason: "why")] && payment.alarms.isEmpty)
        #expect(payment.refundable == .euros(cents: 15_000), "the client was paid in cash")
        #expect(throws: PaymentRejection.refundTooLarge(left: .euros(cents: 15_000))) {
            _ = try payment.requestRefund(RefundID(4), of: PaymentExamples.amount, at: PaymentExamples.now)
        }
        try resolve(&payment, by: .keep, report(refund: "failed"))
        #expect(payment.refundable == PaymentExamples.amount, "it was not made good after all")
        #expect(throws: ResolutionRejection.alarmUnknown) { try resolve(&payment, by: .keep, report(refund: "failed")) }
    }

    @Test func `what came back is given once more when a person says so and the provider still says that it failed`()
        throws
    {
        var payment = try returned()
        for last in [nil, report(), report(refund: .some(nil))] {
            #expect(throws: ResolutionRejection.refundNotFailed) { try resolve(&payment, by: .keep, last) }
        }
        #expect(throws: ResolutionRejection.doesNotFit(.refund)) {
            try resolve(&payment, by: .refund, report(refund: "failed"))
        }
        try resolve(&payment, by: .keep, report(refund: "failed"))
        #expect(payment.alarms.isEmpty && payment.refunds.map(\.state) == [.undone])
        _ = try payment.requestRefund(RefundID(4), of: nil, at: PaymentExamples.now)
        #expect(payment.refundable.isZero && payment.refunds.map(\.amount).last == PaymentExamples.amount)
        // The second is another one: what an older reading says of the first changes nothing about it.
        #expect(try observe(&payment, report(refund: .some(nil))).isEmpty)
        #expect(payment.refunds.map(\.state) == [.undone, .requested])
    }

    @Test(arguments: [Resolution.keep, .note, nil])
    func `a refund that failed and is listed as done by a newer list is told as another, and a person is called`(
        _ decision: Resolution?
    ) throws {
        var payment = try returned()
        if let decision { try resolve(&payment, by: decision, report(refund: "failed")) }
        let arrived = Alarm.refundArrived(reference: "refund_3", amount: .euros(cents: Self.cents))
        let facts = try observe(&payment, report(refund: .some(nil)), askedAfter: [RefundID(3)])
        let other = try #require(payment.refunds.last)
        #expect(other.id == PaymentExamples.elsewhere && other.amount == .euros(cents: Self.cents))
        #expect(facts == [.refundCompleted(other), .alarm(arrived)] && payment.alarms == [arrived])
        #expect(payment.refunds.map(\.state) == [decision == .note ? .returned : .undone, .completed])
        // What was made good in another way was given as well.
        #expect(payment.refundable == .euros(cents: decision == .note ? 10_000 : 15_000))
        #expect(try observe(&payment, report(refund: .some(nil)), askedAfter: [RefundID(3)]).isEmpty, "once")
        let noted = try payment.resolve(arrived, by: .note, because: "why", nil, in: PaymentExamples.context())
        #expect(noted == [.alarmResolved(arrived, .note, reason: "why")] && payment.questions.isEmpty)
        #expect(try observe(&payment, report(refund: .some(nil)), askedAfter: [RefundID(3)]).isEmpty)
        let again = try observe(&payment, report(refund: "failed"))
        #expect(again == [.refundReturned(payment.refunds[1], reason: "failed"), .alarm(Self.alarm)])
    }

    @Test func `one that never was done fails without a word of having been done`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try payment.requestRefund(RefundID(3), of: .euros(cents: Self.cents), at: PaymentExamples.now)
        _ = try payment.recordRefund(RefundID(3), .pending(reference: "refund_3"))
        let facts = try observe(&payment, report(refund: "failed"))
        #expect(facts == [.refundFailed(payment.refunds[0], reason: "failed")] && payment.alarms.isEmpty)
        #expect(payment.refundable == PaymentExamples.amount, "the money never left")
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
            return payment.refunds.allSatisfy(\.state.failedByList) && payment.disputes.map(\.state) == [.lost]
                && words.filter { $0 == "refundCompleted" }.count <= 1
                && words.filter { $0 == "refundReturned" || $0 == "refundFailed" }.count == 1
                && words.filter { $0 == "disputeOpened" }.count == 1
                && words.filter { $0 == "disputeClosed" }.count == 1
        }
    }
}
