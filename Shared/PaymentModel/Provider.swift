/// A payment provider.
package enum Provider: String, Codable, CaseIterable, Sendable {
    case alma, stripe, paypal
}
