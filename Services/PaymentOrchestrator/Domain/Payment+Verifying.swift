package import PaymentModel

extension Payment {
    /// Whether it may go on to the provider: where a code is wanted, only once it was read out right.
    package var isConfirmed: Bool { terms.confirmation == .nothing || verification?.verifiedAt != nil }

    /// Records that a code is about to be sent to the client's phone; the one before it is no longer good.
    package mutating func askForCode(
        _ code: Verification.Code, at now: Instant
    ) throws(VerificationRejection) -> [PaymentFact] {
        guard terms.confirmation == .code else { throw .notWanted }
        guard state == .requested else { throw .closed(state) }
        let number = (verification?.number ?? 0) + 1
        if let verification {
            guard verification.verifiedAt == nil else { throw .verifiedBefore }
            guard number <= Verification.codesMax else { throw .codesUsedUp }
            let wait = verification.askedAt.adding(Verification.pause) - now
            guard wait <= .zero else { throw .tooSoon(seconds: max(1, wait.components.seconds)) }
        }
        let asked = Verification(code: code, askedAt: now, number: number, triesLeft: Verification.triesMax)
        verification = asked
        return [.codeRequested(asked)]
    }

    /// Compares what was read out with what was sent; a wrong one counts, so its outcome MUST be committed.
    package mutating func verify(
        _ fingerprint: [UInt8], at now: Instant
    ) throws(VerificationRejection) -> (outcome: VerificationOutcome, facts: [PaymentFact]) {
        guard var known = verification else { throw .notWanted }
        guard known.verifiedAt == nil else { return (.verified, []) }
        guard state == .requested else { throw .closed(state) }
        guard known.triesLeft > 0 else { throw .triesUsedUp }
        guard now < known.expiresAt else { throw .expired }
        guard isSame(fingerprint, known.code.fingerprint) else {
            known.triesLeft -= 1
            verification = known
            return (.wrong(triesLeft: known.triesLeft), [.codeWrong(triesLeft: known.triesLeft)])
        }
        known.verifiedAt = now
        verification = known
        return (.verified, [.codeRight])
    }
}

/// Takes the same time whatever differs.
private func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count, !one.isEmpty else { return false }
    return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
