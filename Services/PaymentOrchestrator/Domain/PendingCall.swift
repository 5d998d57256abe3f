package import PaymentModel

/// A question the provider has to be asked before the payment can go on.
///
/// A use case asks it right after its intent is committed; the sweeper asks those whose asker died. Both record the
/// answer in the same way, so neither needs to know of the other.
package enum PendingCall: Hashable, Sendable {
    /// Ask whether the provider knows the attempt.
    case findAttempt(AttemptID)
    /// Read the payment back.
    case read(AttemptID, reference: String)
    /// Cancel the provider's object, then read it back.
    case cancel(AttemptID, reference: String)
    /// Ask whether the provider knows the refund, and order it if it does not.
    case settleRefund(RefundID, reference: String)
    /// Read an accepted payment back, for what became of its instalments, disputes or refunds.
    case follow(AttemptID, reference: String)

    /// Whether nobody waits for it.
    package var isFollowing: Bool { if case .follow = self { true } else { false } }
}

extension Payment {
    /// Everything the provider still has to be asked, in the order it should be asked.
    package var pendingCalls: [PendingCall] {
        attempts.compactMap(pendingCall(of:)) + refunds.compactMap(pendingCall(of:)) + following
    }

    /// Whether a provider's object is asked about until the provider has decided.
    package func isAsked(about reference: String) -> Bool {
        pendingCalls.contains { call in
            switch call {
            case .read(_, let asked), .cancel(_, let asked): asked == reference
            case .findAttempt, .settleRefund, .follow: false
            }
        }
    }

    private func pendingCall(of attempt: Attempt) -> PendingCall? {
        switch attempt.state {
        case .starting, .unknown: return .findAttempt(attempt.id)
        case .open:
            guard let reference = attempt.reference else { return .findAttempt(attempt.id) }
            return state == .cancelling
                ? .cancel(attempt.id, reference: reference) : .read(attempt.id, reference: reference)
        case .stray: return attempt.reference.map { .cancel(attempt.id, reference: $0) }
        case .calledOff: return attempt.reference.map { .read(attempt.id, reference: $0) }
        case .abandoned, .closed: return nil
        }
    }

    /// When it has to be looked at for the last time, where nothing else is open.
    package func lastLook(after lease: Duration) -> Instant? {
        let marked = attempts.filter { $0.state == .calledOff }
        let others = pendingCalls.filter { call in
            if case .read(let id, _) = call { return !marked.contains { $0.id == id } }
            return !call.isFollowing
        }
        return others.isEmpty ? marked.compactMap(\.calledOffAt).max()?.adding(lease) : nil
    }

    private var following: [PendingCall] { followingAcceptance + attempts.compactMap(look(at:)) }

    /// What went back of a second object may come back like any refund.
    private func look(at attempt: Attempt) -> PendingCall? {
        guard attempt.givenBackAt != nil else { return nil }
        return attempt.reference.map { .follow(attempt.id, reference: $0) }
    }

    private var followingAcceptance: [PendingCall] {
        guard let reference = acceptance?.reference,
            nextInstalmentOn != nil || hasOpenDispute || refunds.contains(where: { !$0.looks.isEmpty })
                || disputes.contains(where: { !$0.looks.isEmpty }),
            let attempt = attempts.first(where: { $0.reference == reference })
        else { return [] }
        return [.follow(attempt.id, reference: reference)]
    }

    /// Whether a provider still has to say how a dispute ends.
    package var hasOpenDispute: Bool { disputes.contains { $0.state == .open } }

    private func pendingCall(of refund: Refund) -> PendingCall? {
        guard let acceptance, !refund.state.isDecided else { return nil }
        return .settleRefund(refund.id, reference: acceptance.reference)
    }
}
