import Observability
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Compares a code the client read out with the one that was sent; a wrong one counts (PAY-5).
struct CheckCode: Sendable {
    let store: PaymentStore
    let codes: VerificationCodes
    let time: TimeSource

    func run(_ id: PaymentID, _ digits: Secret, because cause: Cause) async throws -> VerificationOutcome {
        let now = time.now()
        return try await store.database.change(because: cause) { change in
            var outcome = VerificationOutcome.wrong(triesLeft: 0)
            let decide = { (payment: inout Payment, _: Receivable?) throws in
                guard let code = payment.verification?.code else { throw VerificationRejection.notWanted }
                let fingerprint = try codes.fingerprint(of: digits.reveal(), as: code)
                let answer = try payment.verify(fingerprint, at: now)
                outcome = answer.outcome
                return answer.facts
            }
            try store.apply(id, .outcome, decide, in: &change)
            return outcome
        }.answer
    }
}
