package import PaymentModel

extension Payment {
    /// How long the link is not sent once more: two clicks are one message.
    package static let linkPause = Duration.seconds(60)

    /// Has the link sent to the client's phone, once more or for the first time.
    package mutating func askForLink(at now: Instant) throws(PaymentRejection) -> [PaymentFact] {
        try requireUsableLink(at: now)
        if let linkAskedAt {
            let wait = linkAskedAt.adding(Self.linkPause) - now
            guard wait <= .zero else { throw .linkJustSent(seconds: wait.wholeSeconds) }
        }
        linkAskedAt = now
        return [.linkRequested]
    }

    /// Whether the link may be handed to the client now, or why not.
    package func requireUsableLink(at now: Instant) throws(PaymentRejection) {
        guard !isClientErased else { throw .clientErased }
        try requireLink(at: now)
        // Where nobody knows whether the provider holds it, the client could do nothing with it.
        guard state != .unknown else { throw .outcomeUnknown }
    }

    /// Whether the client has agreed at the provider, which has yet to decide.
    ///
    /// By its word alone: a page that is not known may be one that the next read brings.
    package var isAgreed: Bool { state == .open && liveAttempt?.isAgreed == true }

    /// Whether somebody called it off and its provider has yet to decide; while that is still asked whether there is
    /// anything of it, its state does not say so.
    package var isCancelling: Bool { state.isLive && cancellation != nil }

    /// Whether the client can do something with the link, or why not.
    package func requireLink(at now: Instant) throws(PaymentRejection) {
        switch state {
        case .requested, .starting, .unknown: break
        case .open: guard !isAgreed else { throw .agreed }
        case .cancelling: throw .beingCancelled
        case .accepted, .refused, .cancelled, .expired: throw .closed(state)
        }
        // While its provider is still being asked about it, its state does not say so.
        guard cancellation == nil else { throw .beingCancelled }
        guard now < terms.expiresAt else { throw .linkExpired }
        guard isConfirmed else { throw .notConfirmed }
    }
}

extension Duration {
    /// As many seconds as it takes at least, so that whoever waits them does not come too early.
    fileprivate var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
