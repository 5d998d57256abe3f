/// Where what is billed goes, if not to the buyer's own address.
///
/// CGI annexe II 242 nonies A, EN 16931 BG-13.
package struct DeliveryPlace: Hashable, Sendable, Codable {
    /// Who takes it in there; nil is the buyer.
    package let name: String?
    package let address: PostalAddress

    package init(name: String?, address: PostalAddress) {
        self.name = name
        self.address = address
    }
}
