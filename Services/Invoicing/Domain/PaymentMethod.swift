package import PaymentModel

/// What a method of payment is by nature; rules ask for it, whatever an organisation calls its methods.
package enum MethodKind: String, Hashable, Sendable, CaseIterable {
    case cash, cheque, card, transfer
    case directDebit = "direct-debit"
    case alma, stripe, paypal, other

    /// Whether its money arrives by itself, from a provider.
    package var arrivesByItself: Bool {
        switch self {
        case .alma, .stripe, .paypal: true
        case .cash, .cheque, .card, .transfer, .directDebit, .other: false
        }
    }
}

/// A way in which an organisation is paid (mode de règlement, INV-6).
package struct PaymentMethod: Hashable, Sendable {
    /// Never changes; payments keep it.
    package let code: String
    package let kind: MethodKind
    package var label: String
    package var isOnline: Bool
    package var isActive: Bool
    /// Code of the journal its payments are booked in.
    package var journal: String
    package var account: String
    /// Where what its provider keeps is booked.
    package var commissionAccount: String?

    package init(
        code: String, kind: MethodKind, label: String, isOnline: Bool, isActive: Bool = true, journal: String,
        account: String, commissionAccount: String? = nil
    ) {
        self.code = code
        self.kind = kind
        self.label = label
        self.isOnline = isOnline
        self.isActive = isActive
        self.journal = journal
        self.account = account
        self.commissionAccount = commissionAccount
    }

    /// The most methods one organisation has.
    package static let countMax = 100

    /// What a French clinic starts with; accounts of the plan comptable général.
    package static let defaults: [PaymentMethod] = [
        PaymentMethod(code: "cash", kind: .cash, label: "Espèces", isOnline: false, journal: "CA", account: "530000"),
        PaymentMethod(
            code: "cheque", kind: .cheque, label: "Chèque", isOnline: false, journal: "BQ", account: "511200"),
        PaymentMethod(
            code: "card", kind: .card, label: "Carte bancaire", isOnline: false, journal: "BQ", account: "511300",
            commissionAccount: "627000"),
        PaymentMethod(
            code: "transfer", kind: .transfer, label: "Virement", isOnline: false, journal: "BQ", account: "512000"),
        PaymentMethod(
            code: "direct-debit", kind: .directDebit, label: "Prélèvement", isOnline: false, journal: "BQ",
            account: "512000"),
        PaymentMethod(
            code: "alma", kind: .alma, label: "Alma", isOnline: true, journal: "AL", account: "511500",
            commissionAccount: "627000"),
        PaymentMethod(
            code: "stripe", kind: .stripe, label: "Stripe", isOnline: true, journal: "ST", account: "511600",
            commissionAccount: "627000"),
        PaymentMethod(
            code: "paypal", kind: .paypal, label: "PayPal", isOnline: true, journal: "PP", account: "511700",
            commissionAccount: "627000"),
    ]
}

extension PaymentMethod {
    /// What documents of this language call it: a label of ours has an English one, an organisation's own has not.
    package func label(in language: Language) -> String {
        guard language == .english, Self.defaults.contains(where: { $0.code == code && $0.label == label }) else {
            return label
        }
        return switch kind {
        case .cash: "Cash"
        case .cheque: "Cheque"
        case .card: "Card"
        case .transfer: "Transfer"
        case .directDebit: "Direct debit"
        case .alma, .stripe, .paypal, .other: label
        }
    }
}
