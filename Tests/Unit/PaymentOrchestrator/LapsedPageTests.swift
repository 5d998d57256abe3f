import PaymentModel
import PaymentOrchestratorDomain
import Testing

/// A provider's page that lives shorter than our link.
@Suite struct `A page that lapsed` {
    private func lapsed() throws -> Payment {
        var payment = try PaymentExamples.payment(in: .open)
        let facts = try payment.observe(
            PaymentExamples.report(.lapsed), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(facts.isEmpty, "nobody has to be told: the link works on")
        return payment
    }

    @Test func `is believed whatever amount an object that is gone is said to have had`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        var report = PaymentExamples.report(.lapsed)
        report.amount = .zero(.eur)
        #expect(try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context()).isEmpty)
        #expect(payment.state == .requested && payment.alarms.isEmpty)
    }

    @Test func `makes room for another, and leaves nothing to ask about`() throws {
        var payment = try lapsed()
        #expect(payment.pendingCalls.isEmpty && payment.liveAttempt == nil)
        _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        #expect(payment.state == .starting)
    }

    @Test func `that was paid after all is the green light, and the other page is disarmed`() throws {
        var payment = try lapsed()
        _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        _ = try payment.recordStart(
            of: PaymentExamples.secondAttempt, .opened(reference: "second", payURL: "https://checkout.example/second"))
        _ = try payment.observe(
            PaymentExamples.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(payment.state == .accepted)
        #expect(payment.pendingCalls == [.cancel(PaymentExamples.secondAttempt, reference: "second")])
    }

    @Test func `which the client has agreed on is no page to go back to, whatever was known of it`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        #expect(payment.liveAttempt?.payURL != nil)
        var report = PaymentExamples.report(.pending)
        report.isAgreed = true
        _ = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(payment.state == .open && payment.liveAttempt?.payURL == nil)
        #expect(throws: PaymentRejection.startInProgress) {
            _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        }
    }

    @Test func `ends a payment that is being called off`() throws {
        var payment = try PaymentExamples.payment(in: .cancelling)
        _ = try payment.observe(
            PaymentExamples.report(.lapsed), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(payment.state == .cancelled)
    }
}
