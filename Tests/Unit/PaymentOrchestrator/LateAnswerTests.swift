import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `An answer that comes late` {
    @Test(
        "C-01: money that arrives after the end is held for the client, never silent",
        arguments: [PaymentState.cancelled, .expired, .refused])
    func heldForClient(_ state: PaymentState) throws {
        var payment = try PaymentExamples.payment(in: state)
        let facts = try payment.observe(
            PaymentExamples.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(payment.acceptance?.disposition == .heldForClient)
        #expect(facts == payment.acceptance.map { [.accepted($0)] })
    }

    @Test func `is held for the client when the receivable was settled otherwise`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        _ = try payment.observe(
            PaymentExamples.report(.paid), of: PaymentExamples.attempt,
            in: PaymentExamples.context(receivableSettled: true))
        #expect(payment.acceptance?.disposition == .heldForClient)
    }

    @Test func `PAY-7 loses a cancel to a payment that was first`() throws {
        var payment = try PaymentExamples.payment(in: .cancelling)
        _ = try payment.observe(
            PaymentExamples.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(payment.state == .accepted)
        #expect(payment.acceptance?.disposition == .receivable)
    }

    @Test func `C-01 keeps a second start out while nobody knows about the first`() throws {
        var payment = try PaymentExamples.payment(in: .unknown)
        #expect(throws: PaymentRejection.outcomeUnknown) {
            _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        }
    }

    @Test func `makes an object cancelled at the provider when another attempt took its place`() throws {
        var payment = try PaymentExamples.payment(in: .starting)
        _ = try payment.recordStart(of: PaymentExamples.attempt, .neverReached)
        _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        _ = try payment.recordStart(of: PaymentExamples.attempt, .opened(reference: "late", payURL: "https://late"))
        #expect(payment.state == .starting)
        #expect(
            payment.pendingCalls == [
                .cancel(PaymentExamples.attempt, reference: "late"), .findAttempt(PaymentExamples.secondAttempt),
            ])
    }

    @Test(arguments: [PaymentState.starting, .unknown, .open, .cancelling, .accepted, .cancelled])
    func `PAY-12: says nothing where it is about another payment's try`(_ state: PaymentState) throws {
        let before = try PaymentExamples.payment(in: state)
        let statuses: [ProviderReport.Status] = [.pending, .paid, .refused("no"), .cancelled, .expired, .lapsed]
        for reference in [PaymentExamples.reference, "payment_other"] {
            for status in statuses {
                var (payment, report) = (before, PaymentExamples.report(status, reference: reference))
                (report.attempt, report.capture) = (AttemptID(99), "capture_other")
                report.refunds = [ReportedRefund(id: nil, reference: "re_x", amount: PaymentExamples.amount)]
                let context = PaymentExamples.context(knowsAcceptance: true)
                #expect(try payment.observe(report, of: PaymentExamples.attempt, in: context).isEmpty)
                #expect(payment == before, "\(status) of \(reference)")
            }
        }
    }

    @Test func `alarms when two objects of one payment were both paid`() throws {
        var payment = try PaymentExamples.payment(in: .starting)
        _ = try payment.recordStart(of: PaymentExamples.attempt, .neverReached)
        _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        _ = try payment.observe(
            PaymentExamples.report(.paid, reference: "second"), of: PaymentExamples.secondAttempt,
            in: PaymentExamples.context())
        let facts = try payment.observe(
            PaymentExamples.report(.paid, reference: "late"), of: PaymentExamples.attempt,
            in: PaymentExamples.context())
        #expect(facts == [.alarm(.paidTwice(reference: "late", amount: PaymentExamples.amount))])
    }

    @Test func `leaves nothing payable at the provider once another attempt was paid`() throws {
        var payment = try PaymentExamples.payment(in: .starting)
        _ = try payment.recordStart(of: PaymentExamples.attempt, .neverReached)
        _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        _ = try payment.recordStart(
            of: PaymentExamples.secondAttempt, .opened(reference: "second", payURL: "https://second"))
        _ = try payment.observe(
            PaymentExamples.report(.paid, reference: "late"), of: PaymentExamples.attempt,
            in: PaymentExamples.context())
        #expect(payment.pendingCalls == [.cancel(PaymentExamples.secondAttempt, reference: "second")])
    }

    @Test func `C-05 about another amount is never taken, and a person is told once`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        var report = PaymentExamples.report(.paid)
        report.amount = .euros(cents: 19_999)
        let facts = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        let again = try payment.observe(report, of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(payment.state == .open)
        #expect(facts.count == 1 && again.isEmpty)
        #expect(payment.alarms.map(\.kind) == ["amount-differs"])
    }

    @Test func `turns a cancel asked for during the start into a cancel at the provider`() throws {
        var payment = try PaymentExamples.payment(in: .starting)
        _ = try payment.cancel(because: .staff)
        _ = try payment.recordStart(
            of: PaymentExamples.attempt,
            .opened(reference: PaymentExamples.reference, payURL: PaymentExamples.payURL))
        #expect(payment.state == .cancelling)
        #expect(
            payment.pendingCalls == [.cancel(PaymentExamples.attempt, reference: PaymentExamples.reference)])
    }

    @Test func `ends as expired when it was the link's time that called it off`() throws {
        var payment = try PaymentExamples.payment(in: .open)
        _ = payment.expire(at: PaymentExamples.terms.expiresAt)
        #expect(payment.state == .cancelling)
        let facts = try payment.observe(
            PaymentExamples.report(.cancelled), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(facts == [.expired])
    }

    @Test func `does not open a link whose time is over`() throws {
        var payment = try PaymentExamples.payment(in: .requested)
        #expect(throws: PaymentRejection.linkExpired) {
            _ = try payment.start(PaymentExamples.attempt, at: PaymentExamples.terms.expiresAt)
        }
        #expect(payment.expire(at: PaymentExamples.now).isEmpty)
    }
}
