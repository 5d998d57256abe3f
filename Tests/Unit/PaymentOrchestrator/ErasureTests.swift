import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `GEN-7: a payment whose client is erased` {
    private func erased(in state: PaymentState) throws -> Payment {
        var payment = try PaymentExamples.payment(in: state)
        _ = payment.eraseClient()
        return payment
    }

    @Test(arguments: PaymentState.allCases)
    func `is over where no provider was asked, and stays as it is anywhere else`(state: PaymentState) throws {
        var payment = try PaymentExamples.payment(in: state)
        let before = payment
        let facts = payment.eraseClient()
        #expect(payment.isClientErased)
        #expect(payment.acceptance == before.acceptance && payment.attempts == before.attempts)
        switch state {
        case .requested:
            #expect(facts == [.clientErased, .cancelled(reason: .clientErased)] && payment.state == .cancelled)
        case .starting, .unknown, .open, .cancelling, .accepted, .refused, .cancelled, .expired:
            #expect(facts == [.clientErased] && payment.state == state)
            #expect(payment.pendingCalls == before.pendingCalls, "the provider is asked on")
        }
        #expect(payment.eraseClient().isEmpty, "once")
    }

    @Test func `is over when its provider has nothing of it any more, since none could be told who pays`() throws {
        var lapsed = try erased(in: .open)
        let facts = try lapsed.observe(
            PaymentExamples.report(.lapsed), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(facts == [.cancelled(reason: .clientErased)] && lapsed.state == .cancelled)
        for state in [PaymentState.starting, .unknown] {
            var unheard = try erased(in: state)
            let facts = try unheard.recordStart(of: PaymentExamples.attempt, .neverReached)
            #expect(facts == [.cancelled(reason: .clientErased)] && unheard.state == .cancelled, "\(state)")
        }
    }

    @Test func `is not opened anew, nor in another way, and its link goes to nobody`() throws {
        var former = Payment(terms: PaymentExamples.terms, state: .requested, isClientErased: true)
        #expect(
            try former.start(PaymentExamples.attempt, at: PaymentExamples.now) == [.cancelled(reason: .clientErased)])
        #expect(former.attempts.isEmpty)
        var refused = try erased(in: .refused)
        #expect(throws: PaymentRejection.clientErased) { _ = try refused.giveWay() }
        var open = try erased(in: .open)
        #expect(throws: PaymentRejection.clientErased) { _ = try open.askForLink(at: PaymentExamples.now) }
        #expect(throws: PaymentRejection.clientErased) { try open.requireUsableLink(at: PaymentExamples.now) }
    }

    @Test func `is paid by whoever is at the provider's page, and given back as any other`() throws {
        var payment = try erased(in: .open)
        _ = try payment.observe(
            PaymentExamples.report(.paid), of: PaymentExamples.attempt, in: PaymentExamples.context())
        #expect(payment.state == .accepted && payment.acceptance?.disposition == .receivable)
        let facts = try payment.requestRefund(RefundID(3), of: nil, at: PaymentExamples.now)
        #expect(facts.count == 1 && payment.refundable.isZero)
    }
}
