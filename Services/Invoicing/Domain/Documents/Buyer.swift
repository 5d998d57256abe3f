/// Whom a document is made out to.
package struct Buyer: Hashable, Sendable, Codable {
    package let name: String
    package let address: PostalAddress
    /// Of a business.
    package let siren: String?
    package let vatNumber: String?

    package init(name: String, address: PostalAddress, siren: String? = nil, vatNumber: String? = nil) {
        self.name = name
        self.address = address
        self.siren = siren
        self.vatNumber = vatNumber
    }

    /// Other rules hold between professionals: penalties, the recovery indemnity (Code de commerce L441-10, D441-5).
    package var isBusiness: Bool { siren != nil || vatNumber != nil }
}
