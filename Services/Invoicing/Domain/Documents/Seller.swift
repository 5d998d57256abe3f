/// Who issues documents, as they must name it (Code de commerce R123-237, CGI annexe II 242 nonies A).
package struct Seller: Hashable, Sendable, Codable {
    /// Why a seller bills no VAT, or when it owes it.
    package enum VATScheme: String, Hashable, Sendable, Codable, CaseIterable {
        /// Owed when services are paid.
        case onReceipts = "on-receipts"
        /// Owed when they are billed (option pour les débits).
        case onDebits = "on-debits"
        /// None is billed (CGI art. 293 B).
        case exempt
    }

    /// What is sold (CGI, annex II, article 242 nonies A).
    package enum Operations: String, Hashable, Sendable, Codable, CaseIterable {
        case goods, services, both
    }

    package let name: String
    /// Such as `SELAS`, with its capital and registry as one would write them.
    package let legalForm: String?
    /// Such as `40 000 €`.
    package let capital: String?
    package let siren: String?
    package let siret: String?
    /// Such as `RCS Lyon`.
    package let registry: String?
    package let vatNumber: String?
    package let vatScheme: VATScheme
    package let address: PostalAddress
    package let phone: String?
    package let email: String?
    /// What a professional pays who is late, such as `3 fois le taux d'intérêt légal`.
    package let latePenalty: String?
    /// What lines of its documents are that do not say it.
    package let operations: Operations?
    /// Where what its documents ask for can be transferred to.
    package let bankAccount: BankAccount?
    /// Where the clinic is that a document is of, if it was said; nil of a seller that no document is of.
    package let establishmentAddress: PostalAddress?

    package init(
        name: String, legalForm: String? = nil, capital: String? = nil, siren: String? = nil, siret: String? = nil,
        registry: String? = nil, vatNumber: String? = nil, vatScheme: VATScheme = .onReceipts, address: PostalAddress,
        phone: String? = nil, email: String? = nil, latePenalty: String? = nil, operations: Operations? = nil,
        bankAccount: BankAccount? = nil, establishmentAddress: PostalAddress? = nil
    ) {
        self.name = name
        self.legalForm = legalForm
        self.capital = capital
        self.siren = siren
        self.siret = siret
        self.registry = registry
        self.vatNumber = vatNumber
        self.vatScheme = vatScheme
        self.address = address
        self.phone = phone
        self.email = email
        self.latePenalty = latePenalty
        self.operations = operations
        self.bankAccount = bankAccount
        self.establishmentAddress = establishmentAddress
    }
}

extension Seller {
    /// Form, capital and numbers of the company, as the foot of a page has them; nil when none is known.
    package var identity: String? {
        let form = [legalForm, capital.map { "au capital de \($0)" }].compactMap(\.self)
        let parts = [
            form.isEmpty ? nil : form.joined(separator: " "), siret.map { "SIRET \($0)" },
            siret == nil ? siren.map { "SIREN \($0)" } : nil, registry, vatNumber.map { "TVA \($0)" },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " – ")
    }
}

extension Seller.Operations {
    /// What lines are together; nil where one does not say it and its seller sells both, or does not say it either.
    package init?(of lines: [InvoiceLine], soldBy seller: Seller.Operations?) {
        let usual = seller == .both ? nil : seller
        let natures = lines.map { $0.nature ?? usual }
        let known = Set(natures.compactMap(\.self))
        guard !natures.contains(nil), let first = known.first else { return nil }
        self = known.count == 1 ? first : .both
    }

    /// As the law calls it.
    var text: String {
        switch self {
        case .goods: "livraisons de biens"
        case .services: "prestations de services"
        case .both: "livraisons de biens et prestations de services"
        }
    }
}
