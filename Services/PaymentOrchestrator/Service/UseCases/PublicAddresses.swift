import Observability
import PaymentModel
import PaymentProviders

/// The addresses under which the outside reaches this service.
struct PublicAddresses: Sendable, Hashable {
    /// For clients.
    let clients: String
    /// For providers.
    let providers: String

    /// The link a client pays by.
    func link(_ token: Secret) -> String { "\(clients)/p/\(token.reveal())" }

    /// Where a provider sends the client and its notifications.
    func returning(_ token: Secret, account: ProviderAccountID, provider: Provider) -> ReturnAddresses {
        let back = "\(link(token))/return"
        return ReturnAddresses(
            accepted: back, cancelled: back, refused: back,
            notification: "\(providers)/webhooks/\(provider.rawValue)/\(account)")
    }
}
