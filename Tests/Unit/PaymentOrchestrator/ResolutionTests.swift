import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `A contradiction between provider and payment` {
    private static let paid = Money.euros(cents: 19_000)
    private static let alarm = Alarm.amountDiffers(
        reference: PaymentExamples.reference, asked: PaymentExamples.amount, reported: paid)

    private static func report(_ status: ProviderReport.Status, _ amount: Money = paid) -> ProviderReport {
        var report = PaymentExamples.report(status)
        report.amount = amount
        return report
    }

    /// An open payment whose provider has another amount.
    private func differing(_ state: PaymentState = .open) throws -> Payment {
        var payment = try PaymentExamples.payment(in: state)
        _ = try payment.observe(Self.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(payment.alarms == [Self.alarm])
        return payment
    }

    private func resolve(
        _ payment: inout Payment, _ resolution: Resolution, _ report: ProviderReport?
    ) throws -> [PaymentFact] {
        try payment.resolve(
            Self.alarm, by: resolution, because: "why", report, in: PaymentExamples.context())
    }

    @Test(arguments: [PaymentState.open, .cancelling, .cancelled, .expired])
    func `PAY-12: is ended by holding what was paid for the client, whatever the state`(_ state: PaymentState) throws {
        var payment = try differing(state)
        let facts = try resolve(&payment, .keep, Self.report(.paid))
        #expect(payment.state == .accepted && payment.alarms.isEmpty)
        #expect(payment.acceptance?.amount == Self.paid && payment.acceptance?.disposition == .heldForClient)
        #expect(payment.refundable == Self.paid)
        #expect(facts.last == .alarmResolved(Self.alarm, .keep, reason: "why"))
        let again = try payment.observe(
            Self.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(again.isEmpty && payment.alarms.isEmpty, "what was accepted is what is expected")
    }

    @Test(arguments: [ProviderReport.Status.cancelled, .expired, .refused("no")])
    func `is released when the provider took nothing`(_ status: ProviderReport.Status) throws {
        var payment = try differing()
        _ = try resolve(&payment, .release, Self.report(status))
        #expect(!payment.state.isLive && payment.acceptance == nil && payment.alarms.isEmpty)
        let idle = try payment.observe(
            Self.report(status), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(idle.isEmpty)
        let late = try payment.observe(
            Self.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(late == [.alarm(Self.alarm)], "C-01: money that comes after all is never silent")
        _ = try resolve(&payment, .keep, Self.report(.paid))
        #expect(payment.acceptance?.disposition == .heldForClient)
    }

    @Test func `is ended by no decision that the provider's last word does not allow`() throws {
        let cases: [(Resolution, ProviderReport?, ResolutionRejection)] = [
            (.release, Self.report(.paid), .moneyWasPaid(Self.paid)), (.release, Self.report(.pending), .stillPayable),
            (.keep, Self.report(.pending), .nothingWasPaid), (.keep, nil, .nothingWasPaid),
            (.refund, Self.report(.cancelled), .nothingWasPaid), (.note, nil, .doesNotFit(.note)),
        ]
        for (resolution, report, rejection) in cases {
            var payment = try differing()
            let before = payment
            #expect(throws: rejection) { _ = try resolve(&payment, resolution, report) }
            #expect(payment == before, "a refusal changes nothing")
        }
    }

    @Test func `is gone by itself when the provider corrected the amount before the decision`() throws {
        var payment = try differing()
        _ = try resolve(&payment, .keep, Self.report(.paid, PaymentExamples.amount))
        #expect(payment.acceptance?.disposition == .receivable && payment.acceptance?.amount == PaymentExamples.amount)
    }

    @Test func `PAY-12: is one, too, where two of the provider's objects say different amounts, and what moved counts`()
        throws
    {
        var payment = try PaymentExamples.payment(in: .open)
        var report = PaymentExamples.report(.paid)
        report.otherAmount = Self.paid
        let facts = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(facts == [.alarm(Self.alarm)] && payment.state == .open, "nothing reads as paid")
        _ = try resolve(&payment, .keep, report)
        #expect(payment.acceptance?.amount == PaymentExamples.amount)
        #expect(payment.acceptance?.disposition == .receivable)
        let again = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(again.isEmpty && payment.alarms.isEmpty, "it was decided")
    }

    /// A payment that has its money by one object, while another took a different amount.
    private func paidBeside() throws -> Payment {
        var payment = try PaymentExamples.payment(in: .starting)
        _ = try payment.recordStart(of: PaymentExamples.attempt, .neverReached)
        _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        let pays = PaymentExamples.report(.paid, reference: "pays")
        _ = try payment.observe(pays, of: PaymentExamples.secondAttempt, in: PaymentExamples.context())
        _ = try payment.observe(Self.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(payment.state == .accepted && payment.alarms == [Self.alarm])
        return payment
    }

    @Test(arguments: [Resolution.refund, .note])
    func `PAY-12: about an object beside the one that pays ends by a refund of it, or a note`(
        _ resolution: Resolution
    ) throws {
        var payment = try paidBeside()
        #expect(payment.isAboutSecondObject(Self.alarm), "its money is not what the payment gives back")
        #expect(throws: ResolutionRejection.paidOtherwise) { _ = try resolve(&payment, .keep, Self.report(.paid)) }
        #expect(throws: ResolutionRejection.moneyWasPaid(Self.paid)) {
            _ = try resolve(&payment, .release, Self.report(.paid))
        }
        #expect(throws: ResolutionRejection.notPaidTwice) {
            _ = try resolve(&payment, .refund, Self.report(.cancelled))
        }
        let facts = try resolve(&payment, resolution, resolution == .note ? nil : Self.report(.paid))
        #expect(facts == [.alarmResolved(Self.alarm, resolution, reason: "why")])
        #expect(payment.alarms.isEmpty && payment.acceptance?.reference == "pays")
        #expect(payment.refundable == PaymentExamples.amount, "the books have one payment")
        let again = try payment.observe(
            Self.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(again.isEmpty && payment.alarms.isEmpty, "it was decided")
        #expect(payment.hasNothingOpen, "nobody asks about what is paid for ever")
        let month = PaymentExamples.now.adding(.seconds(30 * 86_400))
        #expect(payment.nextLaterLook(after: month) == nil)
    }

    @Test func `PAY-12: what went back of a second object and comes back is another, which a note ends`() throws {
        var payment = try paidBeside()
        _ = try resolve(&payment, .refund, Self.report(.paid))
        let day = PaymentExamples.now.adding(.seconds(86_400))
        #expect(payment.nextLaterLook(after: PaymentExamples.now) == day)
        #expect(
            payment.pendingCalls == [.follow(PaymentExamples.attempt, reference: PaymentExamples.reference)])
        var report = Self.report(.paid)
        let ours = RefundID(PaymentExamples.attempt.value)
        report.refunds = [
            ReportedRefund(id: nil, reference: "theirs", amount: Self.paid, failure: "lost"),
            ReportedRefund(id: ours, reference: "ours", amount: Self.paid),
        ]
        let done = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(done.isEmpty)
        report.refunds[1] = ReportedRefund(id: ours, reference: "ours", amount: Self.paid, failure: "lost")
        let returned = Alarm.refundReturned(reference: "ours", amount: Self.paid)
        let told = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(told == [.alarm(returned)] && payment.questions == [returned])
        #expect(throws: ResolutionRejection.doesNotFit(.keep)) {
            _ = try payment.resolve(returned, by: .keep, because: "why", report, in: PaymentExamples.context())
        }
        _ = try payment.resolve(returned, by: .note, because: "why", nil, in: PaymentExamples.context())
        let again = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(again.isEmpty && payment.questions.isEmpty, "it goes on being listed")
        #expect(payment.refundable == PaymentExamples.amount, "the books have one payment")
    }

    @Test func `PAY-12: of another currency is released once all of it went back at the provider`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        let francs = Money(19_000, try #require(Currency("CHF")))
        var report = Self.report(.paid, francs)
        _ = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        let alarm = Alarm.amountDiffers(
            reference: PaymentExamples.reference, asked: PaymentExamples.amount, reported: francs)
        #expect(payment.alarms == [alarm])
        report.refunds = [ReportedRefund(id: nil, reference: "back", amount: Money(18_999, francs.currency))]
        #expect(throws: ResolutionRejection.moneyWasPaid(francs)) {
            _ = try payment.resolve(alarm, by: .release, because: "why", report, in: PaymentExamples.context())
        }
        report.refunds = [ReportedRefund(id: nil, reference: "back", amount: francs)]
        _ = try payment.resolve(alarm, by: .release, because: "why", report, in: PaymentExamples.context())
        #expect(payment.state == .cancelled && payment.alarms.isEmpty)
        let again = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(again.isEmpty && payment.alarms.isEmpty, "it goes on reading as paid")
    }

    @Test func `about a second object that does not read as paid is ended by a note, and by no refund`() throws {
        var payment = try PaymentExamples.payment(in: .starting)
        _ = try payment.recordStart(of: PaymentExamples.attempt, .neverReached)
        _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        for (reference, attempt) in [("one", PaymentExamples.secondAttempt), ("two", PaymentExamples.attempt)] {
            let report = PaymentExamples.report(.paid, reference: reference)
            _ = try payment.observe(report, of: attempt, in: PaymentExamples.context())
        }
        let alarm = Alarm.paidTwice(reference: "two", amount: PaymentExamples.amount)
        let before = payment
        for last in [nil, PaymentExamples.report(.pending, reference: "two")] {
            #expect(throws: ResolutionRejection.notPaidTwice) {
                _ = try payment.resolve(alarm, by: .refund, because: "why", last, in: PaymentExamples.context())
            }
        }
        #expect(throws: ResolutionRejection.doesNotFit(.release)) {
            _ = try payment.resolve(alarm, by: .release, because: "why", nil, in: PaymentExamples.context())
        }
        #expect(payment == before)
        let noted = try payment.resolve(alarm, by: .note, because: "why", nil, in: PaymentExamples.context())
        #expect(noted == [.alarmResolved(alarm, .note, reason: "why")])
    }

    @Test func `of another kind is noted, and nothing moves`() throws {
        var payment = try PaymentExamples.payment(in: .accepted)
        var report = PaymentExamples.report(.paid)
        report.refunds = [ReportedRefund(id: nil, reference: "elsewhere", amount: .euros(cents: 100))]
        _ = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        let alarm = try #require(payment.alarms.first)
        let before = payment
        #expect(throws: ResolutionRejection.doesNotFit(.keep)) {
            _ = try payment.resolve(alarm, by: .keep, because: "why", report, in: PaymentExamples.context())
        }
        let facts = try payment.resolve(alarm, by: .note, because: "why", nil, in: PaymentExamples.context())
        #expect(facts == [.alarmResolved(alarm, .note, reason: "why")])
        #expect(payment.alarms.isEmpty && payment.refunds == before.refunds)
    }
}
