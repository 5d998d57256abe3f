/// Where a payment stands between a receivable and a provider.
///
/// Every state before the last four is *live*: money may still move, so no other payment of the same receivable
/// may begin. A closed state is what the provider decided, never what we hoped.
package enum PaymentState: String, Hashable, Sendable, Codable, CaseIterable {
    /// The link exists; the provider was not asked anything yet.
    case requested
    /// The provider was asked to open the payment and the answer is not recorded yet.
    case starting
    /// The provider was asked to open the payment and nobody knows whether it did.
    case unknown
    /// The provider holds the payment and the client may pay.
    case open
    /// We asked the provider to cancel; its answer decides who won.
    case cancelling
    /// The provider has the client's agreement and pays the clinic: the green light.
    case accepted
    /// The provider said no.
    case refused
    /// Called off, and the provider agrees that it is.
    case cancelled
    /// Nobody paid in time.
    case expired

    /// Whether money may still move, which keeps every other payment of the receivable out.
    package var isLive: Bool {
        switch self {
        case .requested, .starting, .unknown, .open, .cancelling: true
        case .accepted, .refused, .cancelled, .expired: false
        }
    }
}

/// Where accepted money goes.
package enum Disposition: String, Hashable, Sendable, Codable, CaseIterable {
    /// It pays the receivable the payment was made for.
    case receivable
    /// It arrived after the receivable was released or settled and belongs to the client.
    case heldForClient = "held-for-client"
}

/// A question to a provider whose answer did not come back.
package enum ProviderOperation: String, Hashable, Sendable, Codable {
    case start, cancel, refund
}
