/// How the client is led to the page where they pay.
package enum PaymentChannel: String, Codable, CaseIterable, Sendable {
    case sms, link, browser
}
