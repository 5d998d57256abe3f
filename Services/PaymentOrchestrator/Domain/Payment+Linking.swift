package import PaymentModel

extension Payment {
    /// How long the link is not sent once more: two clicks are one message.
    package static let linkPause = Duration.seconds(60)

    /// Has the link sent to the client's phone, once more or for the first time.
    package mutating func askForLink(at now: Instant) throws(PaymentRejection) -> [PaymentFact] {
        try requireLink(at: now)
        if let linkAskedAt {
            let wait = linkAskedAt.adding(Self.linkPause) - now
            guard wait <= .zero else { throw .linkJustSent(seconds: max(1, wait.components.seconds)) }
        }
        linkAskedAt = now
        return [.linkRequested]
    }

    /// Whether the client can do something with the link, or why not.
    package func requireLink(at now: Instant) throws(PaymentRejection) {
        switch state {
        case .requested, .starting, .unknown, .open: break
        case .cancelling: throw .beingCancelled
        case .accepted, .refused, .cancelled, .expired: throw .closed(state)
        }
        guard now < terms.expiresAt else { throw .linkExpired }
        guard isConfirmed else { throw .notConfirmed }
    }
}
