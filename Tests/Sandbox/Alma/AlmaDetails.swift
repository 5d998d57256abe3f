/// What the merchant sent along: returned as it came, never interpreted beyond the URLs.
struct AlmaDetails: Sendable {
    var returnURL: String?
    var customerCancelURL: String?
    var failureReturnURL: String?
    var ipnCallbackURL: String?
    var locale: String
    var origin: String
    var captureMethod: String
    var triggerDescription: String?
    var customData: JSON
    var customer: JSON
    var billingAddress: JSON
    var shippingAddress: JSON
    var cart: JSON
    var orders: [JSON]

    var customerEmail: String? { customer["email"]?.asText }
}
