import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-13: giving way to another method` {
    @Test(arguments: PaymentState.allCases)
    func `is for what is known not to have charged, and nothing else`(state: PaymentState) throws {
        var payment = try PaymentExamples.payment(in: state)
        switch state {
        case .refused: #expect(try payment.giveWay().isEmpty && payment.state == .refused)
        case .requested, .starting, .unknown, .open, .cancelling:
            #expect(throws: PaymentRejection.outcomeUnknown) { _ = try payment.giveWay() }
        case .accepted: #expect(throws: PaymentRejection.alreadyPaid) { _ = try payment.giveWay() }
        case .cancelled, .expired: #expect(throws: PaymentRejection.closed(state)) { _ = try payment.giveWay() }
        }
    }

    @Test func `ends a payment whose provider never heard of it, for good`() throws {
        var payment = try PaymentExamples.payment(in: .starting)
        _ = try payment.recordStart(of: PaymentExamples.attempt, .neverReached)
        #expect(try payment.giveWay() == [.cancelled(reason: .otherMethod)] && payment.state == .cancelled)
        #expect(throws: PaymentRejection.closed(.cancelled)) {
            _ = try payment.start(PaymentExamples.secondAttempt, at: PaymentExamples.now)
        }
    }

    @Test func `is not for a payment one of whose objects could still be paid`() throws {
        var payment = try PaymentExamples.payment(in: .starting)
        _ = try payment.recordStart(of: PaymentExamples.attempt, .neverReached)
        // The provider did hear of it after all.
        _ = try payment.recordStart(
            of: PaymentExamples.attempt, .opened(reference: "late", payURL: PaymentExamples.payURL))
        #expect(throws: PaymentRejection.outcomeUnknown) { _ = try payment.giveWay() }
    }
}
