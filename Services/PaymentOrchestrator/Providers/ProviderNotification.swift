package import PaymentModel

/// A notification as it arrived, not yet believed.
package struct ProviderNotification: Hashable, Sendable {
    /// The parameters of the address.
    package let query: [String: String]
    /// The headers, names in lower case.
    package let headers: [String: String]
    /// Exactly the bytes a signature is over.
    package let body: [UInt8]
    /// When it arrived.
    package let receivedAt: Instant

    /// A notification off the wire.
    package init(
        query: [String: String] = [:], headers: [String: String] = [:], body: [UInt8] = [], receivedAt: Instant
    ) {
        self.query = query
        self.headers = Dictionary(headers.map { ($0.lowercased(), $1) }) { first, _ in first }
        self.body = body
        self.receivedAt = receivedAt
    }
}

/// Whether a notification is the provider's.
package enum NotificationVerdict: Hashable, Sendable {
    /// It is, and names this payment, if it is about one at all.
    case genuine(reference: String?)
    case forged
}
