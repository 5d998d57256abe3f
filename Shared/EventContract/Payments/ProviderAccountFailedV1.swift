package import PaymentModel

/// An organisation's account at a provider works no longer; until it is connected again nothing new starts there.
package struct ProviderAccountFailedV1: EventPayload {
    package static let type = EventType(.payments, "provider-account-failed", version: 1)

    /// The account.
    package let providerAccountID: ProviderAccountID
    /// Who takes the payment.
    package let provider: Provider
    /// Why, in the provider's words.
    package let reason: String

    package init(providerAccountID: ProviderAccountID, provider: Provider, reason: String) {
        self.providerAccountID = providerAccountID
        self.provider = provider
        self.reason = reason
    }
}
