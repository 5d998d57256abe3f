package import PaymentModel

extension Payment {
    /// Calls the payment off.
    ///
    /// Nothing at the provider: it is over at once. Otherwise the provider is asked and its answer decides,
    /// because the client may be paying at this moment.
    package mutating func cancel(because reason: CancelReason) throws(PaymentRejection) -> [PaymentFact] {
        switch state {
        case .requested, .starting, .unknown, .open, .cancelling: return callOff(because: reason)
        case .accepted: throw .alreadyPaid
        case .refused, .cancelled, .expired: throw .closed(state)
        }
    }

    /// Gives way to another way to pay, PAY-13: only where it is known that nothing was charged.
    ///
    /// A provider that refused has decided; one that was not reached heard of nothing. All else might still be paid.
    package mutating func giveWay() throws(PaymentRejection) -> [PaymentFact] {
        guard !isClientErased else { throw .clientErased }
        guard !attempts.contains(where: { $0.state == .stray }) else { throw .outcomeUnknown }
        switch state {
        case .refused: return []
        case .requested where attempts.last?.state == .abandoned: return finishCancelled(because: .otherMethod)
        case .requested, .starting, .unknown, .open, .cancelling: throw .outcomeUnknown
        case .accepted: throw .alreadyPaid
        case .cancelled, .expired: throw .closed(state)
        }
    }

    /// Ends a payment whose link's time is over; an object at the provider is cancelled there first.
    package mutating func expire(at now: Instant) -> [PaymentFact] {
        guard now >= terms.expiresAt, state.isLive else { return [] }
        return callOff(because: .linkExpired)
    }

    /// Records that the provider's answer to a cancellation went missing; the sweeper asks again.
    package mutating func recordCancelUnknown() -> [PaymentFact] {
        guard state == .cancelling, !cancellationUnknown else { return [] }
        cancellationUnknown = true
        return [.becameUnknown(.cancel)]
    }

    private mutating func callOff(because reason: CancelReason) -> [PaymentFact] {
        guard state != .requested else { return finishCancelled(because: reason) }
        cancellation = cancellation ?? reason
        if state == .open { state = .cancelling }
        return []
    }

    mutating func finishCancelled(because reason: CancelReason) -> [PaymentFact] {
        cancellation = reason
        guard reason != .linkExpired else {
            state = .expired
            return [.expired]
        }
        state = .cancelled
        return [.cancelled(reason: reason)]
    }
}
