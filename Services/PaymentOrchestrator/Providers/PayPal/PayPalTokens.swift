import Observability
import PaymentModel

/// The tokens by which accounts are spoken for, until they end.
actor PayPalTokens {
    private struct Held {
        let credentials: String
        let token: Secret
        let goodUntil: Instant
    }

    private var held: [ProviderAccountID: Held] = [:]

    /// The account's token, unless it has ended or belongs to other credentials.
    func token(of account: ProviderAccountID, for credentials: Secret, at now: Instant) -> Secret? {
        guard let known = held[account], known.credentials == credentials.reveal(), now < known.goodUntil else {
            return nil
        }
        return known.token
    }

    func keep(_ token: Secret, of account: ProviderAccountID, for credentials: Secret, until: Instant) {
        held[account] = Held(credentials: credentials.reveal(), token: token, goodUntil: until)
    }

    func forget(_ account: ProviderAccountID) { held[account] = nil }
}
