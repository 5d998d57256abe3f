package import PaymentModel

/// An organisation's account at a provider works.
package struct ProviderAccountConnectedV1: EventPayload {
    package static let type = EventType(.payments, "provider-account-connected", version: 1)

    /// The account.
    package let providerAccountID: ProviderAccountID
    /// Who takes the payment.
    package let provider: Provider

    package init(providerAccountID: ProviderAccountID, provider: Provider) {
        self.providerAccountID = providerAccountID
        self.provider = provider
    }
}
