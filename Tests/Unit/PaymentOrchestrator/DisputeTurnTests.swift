import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-14: disputes that turn after they were lost` {
    private static let amount = Money.euros(cents: 5_000)
    private static let won = Alarm.disputeWon(reference: "dispute_0", amount: amount)
    private static let lost = Alarm.disputeLostAgain(reference: "dispute_0", amount: amount)

    private static func report(_ state: Dispute.State) -> ProviderReport {
        var report = PaymentExamples.report(.paid)
        report.disputes = [Dispute(reference: "dispute_0", amount: amount, reason: "fraudulent", state: state)]
        return report
    }

    /// A reading from after every end that is known.
    private func look(
        _ payment: inout Payment, _ state: Dispute.State, at instant: Instant = PaymentExamples.now
    ) throws -> [PaymentFact] {
        try payment.observe(
            Self.report(state), of: PaymentExamples.attempt,
            in: PaymentExamples.context(endedDisputes: payment.endedDisputes, at: instant))
    }

    @Test(arguments: [true, false])
    func `one that is lost again calls a person once more where the books were set right, however often it turns`(
        isSeenOpen: Bool
    ) throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try look(&payment, .lost)
        for _ in 0..<2 {
            #expect(try look(&payment, .won) == [.alarm(Self.won)])
            _ = try payment.resolve(Self.won, by: .note, because: "why", nil, in: PaymentExamples.context())
            #expect(payment.takesUpDispute(Self.report(.lost)), "it may have been read before")
            if isSeenOpen { _ = try look(&payment, .open) }
            #expect(try look(&payment, .lost).last == .alarm(Self.lost) && payment.questions == [Self.lost])
            #expect(try look(&payment, .lost).isEmpty && !payment.takesUpDispute(Self.report(.lost)), "once")
            _ = try payment.resolve(Self.lost, by: .note, because: "why", nil, in: PaymentExamples.context())
            #expect(try look(&payment, .lost).isEmpty && payment.questions.isEmpty)
        }
        #expect(payment.disputes.map(\.state) == [.lost] && payment.refundable == .euros(cents: 15_000))
    }

    @Test(arguments: [true, false])
    func `one that turns back before the books were set right for it calls nobody any more`(isSeenOpen: Bool) throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try look(&payment, .lost)
        for _ in 0..<2 {
            #expect(try look(&payment, .won) == [.alarm(Self.won)] && payment.questions == [Self.won])
            #expect(payment.takesUpDispute(Self.report(.lost)), "it may have been read before")
            if isSeenOpen { _ = try look(&payment, .open) }
            #expect(try look(&payment, .lost).count == (isSeenOpen ? 1 : 0) && payment.questions.isEmpty)
            #expect(!payment.takesUpDispute(Self.report(.lost)), "the books have it charged back")
        }
        _ = try look(&payment, .won)
        _ = try payment.resolve(Self.won, by: .note, because: "why", nil, in: PaymentExamples.context())
        for _ in 0..<2 {
            #expect(try look(&payment, .lost) == [.alarm(Self.lost)] && payment.questions == [Self.lost])
            #expect(payment.takesUpDispute(Self.report(.won)), "it may have been read before")
            if isSeenOpen { _ = try look(&payment, .open) }
            #expect(try look(&payment, .won).count == (isSeenOpen ? 1 : 0) && payment.questions.isEmpty)
            #expect(!payment.takesUpDispute(Self.report(.won)), "the books were set right for it")
        }
    }

    @Test func `one that turns is looked at a day, a week and a month later anew, until it stays as it is`() throws {
        let day = { (number: Int64) in PaymentExamples.now.adding(.seconds(number * 86_400)) }
        var payment = try PaymentExamples.payment(in: .accepted)
        _ = try look(&payment, .lost)
        #expect(try look(&payment, .won, at: day(29)) == [.alarm(Self.won)])
        #expect(payment.nextLaterLook(after: day(30)) == day(36))
        _ = try payment.resolve(Self.won, by: .note, because: "why", nil, in: PaymentExamples.context())
        #expect(try look(&payment, .won, at: day(36)).isEmpty && payment.nextLaterLook(after: day(36)) == day(59))
        #expect(try look(&payment, .lost, at: day(59)) == [.alarm(Self.lost)], "of which nobody told")
        #expect(payment.nextLaterLook(after: day(59)) == day(60))
        #expect(try look(&payment, .lost, at: day(66)).isEmpty && payment.nextLaterLook(after: day(66)) == day(89))
        #expect(try look(&payment, .lost, at: day(89)).isEmpty && payment.nextLaterLook(after: day(89)) == nil)
    }
}
