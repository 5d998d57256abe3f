/// How a message reaches its recipient.
package enum MessageChannel: String, Codable, CaseIterable, Sendable {
    case sms, email
}
