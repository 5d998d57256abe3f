import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-5: a link that is sent once more` {
    private let later = PaymentExamples.now.adding(Payment.linkPause)

    @Test func `is not sent within a minute of the request that sent it, and says how long that is`() throws {
        var payment = Payment.request(PaymentExamples.terms, at: PaymentExamples.now).payment
        #expect(throws: PaymentRejection.linkJustSent(seconds: 60)) {
            _ = try payment.askForLink(at: PaymentExamples.now)
        }
        // Whoever waits as long as was said is not too early.
        #expect(throws: PaymentRejection.linkJustSent(seconds: 1)) {
            _ = try payment.askForLink(at: later.adding(.milliseconds(-300)))
        }
        #expect(try payment.askForLink(at: later) == [.linkRequested])
    }

    @Test func `is neither sent nor shown while its payment is called off and the provider has yet to answer`() throws {
        for state in [PaymentState.starting, .unknown] {
            var payment = try PaymentExamples.payment(in: state)
            _ = try payment.cancel(because: .staff)
            #expect(payment.state == state)
            #expect(throws: PaymentRejection.beingCancelled) { try payment.requireLink(at: PaymentExamples.now) }
            #expect(throws: PaymentRejection.beingCancelled) { _ = try payment.askForLink(at: PaymentExamples.now) }
        }
    }

    @Test func `is neither sent nor shown once the client has agreed, though the provider has not decided`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        try payment.requireLink(at: PaymentExamples.now)
        var report = PaymentExamples.report(.pending)
        report.isAgreed = true
        _ = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(throws: PaymentRejection.agreed) { try payment.requireLink(at: PaymentExamples.now) }
        #expect(throws: PaymentRejection.agreed) { _ = try payment.askForLink(at: PaymentExamples.now) }
    }

    @Test func `is of use where no page is known, unless the provider says that the client has agreed`() throws {
        var found = try PaymentExamples.payment(in: .unknown)
        var report = PaymentExamples.report(.pending)
        report.payURL = nil
        _ = try found.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(found.state == .open && found.liveAttempt?.payURL == nil && !found.isAgreed)
        #expect(try found.askForLink(at: PaymentExamples.now) == [.linkRequested])
        // Read while it is decided: the tries may be those of a moment later.
        let decided = try PaymentExamples.payment(in: .refused).attempts
        #expect(try !PaymentExamples.payment(in: .open).with(attempts: decided, refunds: []).isAgreed)
    }

    @Test func `is of no use once the client has agreed, whatever an older reading says`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        var report = PaymentExamples.report(.pending)
        for isAgreed in [true, false] {
            report.isAgreed = isAgreed
            _ = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
            #expect(payment.isAgreed && payment.liveAttempt?.payURL == nil)
        }
    }

    @Test func `is not sent while nobody knows whether the provider holds the payment`() throws {
        var payment = try PaymentExamples.payment(in: .unknown)
        #expect(throws: PaymentRejection.outcomeUnknown) { _ = try payment.askForLink(at: PaymentExamples.now) }
    }
}
