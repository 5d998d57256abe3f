import Crypto
import FoundationEssentials
package import PaymentModel

/// What somebody wrote back, as SMSFactor pushes it: a STOP or any reply.
package struct SMSFactorReply: Sendable {
    package let from: Phone
    package let text: String
    /// Our id of the message before it, or `unknown`.
    package let lastMessage: String
    /// The same for the same reply, however often it is pushed.
    package let identity: String

    /// Nil when the body is none.
    package init?(_ body: [UInt8]) {
        struct Body: Decodable {
            let date: String
            let message: String
            let from: String
            let last_message_id: String?
        }
        guard let read = try? JSONDecoder().decode(Body.self, from: Data(body)),
            let phone = Phone(e164: "+" + read.from.drop { $0 == "+" })
        else { return nil }
        from = phone
        text = read.message
        lastMessage = read.last_message_id.flatMap { MessageID($0) }.map { "\($0)" } ?? "unknown"
        // Where no message tells two of the same second apart, a little of the number does: too little to know it by.
        let apart = Escaping.hexadecimal(SHA256.hash(data: Data(phone.e164.utf8)).prefix(2))
        identity = "\(read.date)/\(lastMessage == "unknown" ? "unknown/\(apart)" : lastMessage)"
    }
}
