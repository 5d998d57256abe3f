import PaymentOrchestratorDomain

// What is asked, and what came of it.

extension AskProvider {
    /// What came of asking, from the least on.
    enum Learnt: Comparable {
        case nothing
        /// A reading said nothing of how things stand.
        case notAnswered
        case news
    }
}

extension PendingCall {
    /// What of it changes nothing at the provider: whoever only looks reads what another should cancel.
    var question: PendingCall? {
        switch self {
        case .findAttempt, .read: self
        case .cancel(let attempt, let reference): .read(attempt, reference: reference)
        case .settleRefund, .follow: nil
        }
    }
}
