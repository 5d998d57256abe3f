import PaymentModel

// What the provider was asked many times and does not say.
extension Payment {
    /// What only the provider could tell, each as the alarm it is once it was asked in vain.
    package var unanswered: [Alarm] {
        let isWaiting = state == .unknown || state == .cancelling
        let own = isWaiting ? [Alarm.noAnswer(reference: liveAttempt.map { "\($0.id)" } ?? "\(terms.id)")] : []
        let lost = refunds.filter { $0.state == .requested || $0.state == .unknown }
        return own + lost.map { .refundNoAnswer(reference: "\($0.id)", amount: $0.amount) }
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

    /// The money counts as the clinic's; should the provider list it as given back, it was done after all.
    mutating func letGo(ofRefund reference: String) -> [PaymentFact] {
        guard let index = refunds.firstIndex(where: { "\($0.id)" == reference }) else { return [] }
        (refunds[index].state, refunds[index].reference) = (.failed, nil)
        return [.refundFailed(refunds[index], reason: "released")]
    }
}
