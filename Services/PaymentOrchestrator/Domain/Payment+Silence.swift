import PaymentModel

// What the provider was asked many times and does not say.
extension Payment {
    /// What only the provider could tell, each as the alarm it is once it was asked in vain.
    package var unanswered: [Alarm] {
        let isWaiting = state == .unknown || state == .cancelling
        let own = isWaiting ? [Alarm.noAnswer(reference: liveAttempt.map { "\($0.id)" } ?? "\(terms.id)")] : []
        let lost = refunds.filter { $0.state == .requested || $0.state == .unknown }
        return own + lost.map(\.silence)
    }

    /// Gives up asking: from now on a person decides, unless the provider answers after all.
    package mutating func recordNoAnswer() -> [PaymentFact] { unanswered.flatMap { raise($0) } }

    /// Drops the alarms about what has its answer by now.
    package mutating func dropAnswered() {
        let waiting = unanswered
        alarms.removeAll { $0.isSilence && !waiting.contains($0) }
    }

    /// The receivable is free; what is paid all the same is held for the client.
    ///
    /// An object that the provider is known to have goes on being cancelled there.
    mutating func letGo() -> [PaymentFact] {
        disarmOtherAttempts()
        return finishCancelled(because: cancellation ?? .staff)
    }

    /// The money counts as the clinic's, which may give it again; should it have gone back after all, a person is told.
    mutating func letGo(
        ofRefund silence: Alarm, _ context: ObservationContext
    ) throws(ResolutionRejection) -> [PaymentFact] {
        guard let index = refunds.firstIndex(where: { $0.silence == silence }) else { return [] }
        guard !context.isUnderWay(refunds[index]) else { throw .refundUnderWay }
        (refunds[index].state, refunds[index].reference) = (.failed, nil)
        noted.append(silence)
        return [.refundFailed(refunds[index], reason: "released")]
    }

    /// Whether a person let go of a refund: it counts as failed by nobody's word.
    func isReleased(_ refund: Refund) -> Bool { refund.state == .failed && noted.contains(refund.silence) }
}

extension Refund {
    /// That the provider was asked in vain what became of it.
    fileprivate var silence: Alarm { .refundNoAnswer(reference: "\(id)", amount: amount) }
}
