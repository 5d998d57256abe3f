import PaymentModel

extension Payment {
    /// Forgets who pays (GEN-7); what was paid, given back and disputed stays.
    ///
    /// What is at the provider goes on there, since it has the client's details and its word decides. What is not is
    /// over: no provider could be told who pays.
    package mutating func eraseClient() -> [PaymentFact] {
        guard !isClientErased else { return [] }
        isClientErased = true
        return [.clientErased] + (state == .requested ? finishCancelled(because: .clientErased) : [])
    }

    /// Nothing of it is at the provider any more: the client may go on again, unless it was called off meanwhile or
    /// the client was erased.
    mutating func leaveProvider() -> [PaymentFact] {
        guard let reason = cancellation ?? (isClientErased ? .clientErased : nil) else {
            state = .requested
            return []
        }
        return finishCancelled(because: reason)
    }
}
