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
    /// Cash in the tills (53).
    case cash
    /// Cheques in the tills (5112).
    case cheques
    /// Card payments the bank has not booked yet (511).
    case cards
    /// Transfers and others that were told of at a till and the bank has not booked yet (511).
    case otherTenders
    /// Money between a till and the bank (58).
    case underWay
    /// What tills and banks miss (658).
    case shortages
    /// What they have too much (758).
    case surpluses
    /// Commissions of providers (627).
    case commissions
    /// Deductible VAT on commissions (44566).
    case deductibleVAT
    /// VAT on fees from abroad that is owed by the clinic itself (4452, autoliquidation).
    case selfAssessedVAT
    /// What providers withhold while a payment is disputed (467).
    case withheld
    /// Differences that nobody has explained yet (471, compte d'attente).
    case suspense

    /// Every account there is.
    package static let all: [Account] =
        [
            .clients, .heldForClients, .bank, .commissions, .deductibleVAT, .suspense, .cash, .cheques, .cards,
            .otherTenders, .underWay, .shortages, .surpluses, .selfAssessedVAT, .withheld,
        ] + Provider.allCases.map(clearing)

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
        case .cash: "530000"
        case .cheques: "511200"
        case .cards: "511800"
        case .otherTenders: "511900"
        case .underWay: "580000"
        case .shortages: "658000"
        case .surpluses: "758000"
        case .commissions: "627000"
        case .deductibleVAT: "445660"
        case .selfAssessedVAT: "445200"
        case .withheld: "467000"
        case .suspense: "471000"
        }
    }
}
