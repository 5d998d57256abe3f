package import PaymentModel

/// An account of the sub-ledger, by its number in the French chart of accounts (plan comptable général).
package enum Account: Hashable, Sendable {
    /// Clients (411): what clients owe.
    case clients
    /// Money held for clients, not yet counted for anything they owe (4191).
    case heldForClients
    /// Money a provider has taken and not yet paid out (511x, encaissements en cours).
    case clearing(Provider)
    /// The bank (512).
    case bank
    /// Commissions of providers (627).
    case commissions
    /// Deductible VAT on commissions (44566).
    case deductibleVAT
    /// Differences that nobody has explained yet (471, compte d'attente).
    case suspense

    /// Every account there is.
    package static let all: [Account] =
        [.clients, .heldForClients, .bank, .commissions, .deductibleVAT, .suspense] + Provider.allCases.map(clearing)

    /// The account with this number.
    package init?(number: String) {
        guard let account = Account.all.first(where: { $0.number == number }) else { return nil }
        self = account
    }

    package var number: String {
        switch self {
        case .clients: "411000"
        case .heldForClients: "419100"
        case .clearing(.alma): "511500"
        case .clearing(.stripe): "511600"
        case .clearing(.paypal): "511700"
        case .bank: "512000"
        case .commissions: "627000"
        case .deductibleVAT: "445660"
        case .suspense: "471000"
        }
    }
}
