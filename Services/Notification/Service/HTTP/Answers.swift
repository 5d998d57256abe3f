import NotificationDomain
import PaymentModel

/// A message in a list; its text and address are left out, since lists are read by many.
struct MessageAnswer: Codable, Sendable {
    let id: MessageID
    let occasion: String
    let channel: String
    let state: String
    let paymentID: PaymentID
    let tries: Int
    /// Why it is where it is, when there is something to say; nothing personal.
    let reason: String?
    /// What the gateway bills.
    let parts: Int?
    let createdAt: Instant

    init(_ record: MessageRecord) {
        id = record.message.id
        occasion = record.occasion.rawValue
        channel = record.channel.rawValue
        state = record.message.state.rawValue
        paymentID = record.payment
        tries = record.message.tries
        reason = record.reason
        parts = record.parts
        createdAt = record.createdAt
    }
}
