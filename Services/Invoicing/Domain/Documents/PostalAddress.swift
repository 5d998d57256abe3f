/// Where somebody can be written to.
package struct PostalAddress: Hashable, Sendable, Codable {
    package let street: String?
    package let postcode: String?
    package let town: String
    /// ISO 3166-1 alpha-2.
    package let country: String

    package init(street: String?, postcode: String?, town: String, country: String) {
        self.street = street
        self.postcode = postcode
        self.town = town
        self.country = country
    }
}
