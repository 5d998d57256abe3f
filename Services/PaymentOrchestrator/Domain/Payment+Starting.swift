package import PaymentModel

extension Payment {
    /// The try that may still move money, if there is one.
    package var liveAttempt: Attempt? {
        attempts.last { $0.state == .starting || $0.state == .unknown || $0.state == .open }
    }

    /// Records that the provider is about to be asked to open the payment.
    ///
    /// MUST be committed before the call leaves: after a crash this row is what tells that money may move.
    /// Where less is owed than it asks for, the payment is called off instead.
    package mutating func start(
        _ attempt: AttemptID, at now: Instant, receivable: Receivable? = nil
    ) throws(PaymentRejection) -> [PaymentFact] {
        switch state {
        case .requested:
            // An instance of an earlier version may have led it back here.
            guard !isClientErased else { return finishCancelled(because: .clientErased) }
            if let left = receivable?.open, let reason = CancelReason(asking: terms.amount, left: left) {
                return finishCancelled(because: reason)
            }
            guard now < terms.expiresAt else { throw .linkExpired }
            guard isConfirmed else { throw .notConfirmed }
            state = .starting
            attempts.append(Attempt(id: attempt, state: .starting, reference: nil, payURL: nil, startedAt: now))
            return [.linkOpened(attempt)]
        case .starting: throw .startInProgress
        case .unknown: throw .outcomeUnknown
        case .cancelling: throw .beingCancelled
        case .open:
            // An object found again after a lost answer may come without its address; the next read brings it. One the
            // client has agreed to has none any more.
            guard let payURL = liveAttempt?.payURL else { throw .startInProgress }
            throw .alreadyOpen(payURL: payURL)
        case .accepted, .refused, .cancelled, .expired: throw .closed(state)
        }
    }

    /// Records what the provider made of an attempt; an answer may come late, twice, or after somebody else's.
    package mutating func recordStart(
        of attempt: AttemptID, _ outcome: StartOutcome
    ) throws(PaymentRejection) -> [PaymentFact] {
        guard let index = attempts.firstIndex(where: { $0.id == attempt }) else { throw .unknownAttempt }
        switch outcome {
        case .opened(let reference, let payURL): return opened(index, reference: reference, payURL: payURL)
        case .refused(let reason): return startRefused(index, reason: reason)
        case .neverReached: return abandoned(index)
        case .unknown: return startUnknown(index)
        }
    }

    mutating func opened(_ index: Int, reference: String, payURL: String?) -> [PaymentFact] {
        attempts[index].reference = reference
        if let payURL { attempts[index].payURL = payURL }
        switch attempts[index].state {
        case .starting, .unknown:
            attempts[index].state = .open
            state = cancellation == nil ? .open : .cancelling
        case .abandoned:
            // We told the client to try again, so this object must not stay payable beside the new one.
            attempts[index].state = .stray
        case .open, .closed, .stray, .calledOff:
            break
        }
        return []
    }

    private mutating func startRefused(_ index: Int, reason: String) -> [PaymentFact] {
        guard attempts[index].isUndecided else { return [] }
        return close(index, as: .refused(reason))
    }

    private mutating func abandoned(_ index: Int) -> [PaymentFact] {
        guard attempts[index].isUndecided else { return [] }
        attempts[index].state = .abandoned
        return leaveProvider()
    }

    private mutating func startUnknown(_ index: Int) -> [PaymentFact] {
        guard attempts[index].state == .starting else { return [] }
        attempts[index].state = .unknown
        state = .unknown
        return [.becameUnknown(.start)]
    }
}

extension Attempt {
    /// Whether nobody waits for it any more.
    var isOver: Bool { state == .closed || state == .calledOff }

    var isUndecided: Bool { state == .starting || state == .unknown }
}
