package import PaymentModel

/// An organisation's account at a provider works.
package struct ProviderAccountConnectedV1: EventPayload {
    package static let type = EventType(.payments, "provider-account-connected", version: 1)

    /// The account.
    package let providerAccountID: ProviderAccountID
    /// Who takes the payment.
    package let provider: Provider
    /// Since when payments may have been made with it; absent where it is since this was told.
    package let since: LocalDate?

    package init(providerAccountID: ProviderAccountID, provider: Provider, since: LocalDate? = nil) {
        self.providerAccountID = providerAccountID
        self.provider = provider
        self.since = since
    }
}
