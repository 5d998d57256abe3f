import HTTPClient

/// A body or a query in Stripe's form encoding, nested names in brackets.
struct StripeForm: Sendable {
    private var pairs: [(name: String, value: String)] = []

    /// Adds a value under a name such as `metadata[quittance_attempt]`; nothing when there is none.
    mutating func set(_ name: String, _ value: String?) {
        if let value { pairs.append((name, value)) }
    }

    /// As it is sent, every name and value percent-encoded.
    var text: String {
        pairs.map { "\(PercentCoding.encoded($0.name))=\(PercentCoding.encoded($0.value))" }.joined(separator: "&")
    }
}
