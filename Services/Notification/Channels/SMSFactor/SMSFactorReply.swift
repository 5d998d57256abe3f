import Crypto
import FoundationEssentials
import PaymentModel

/// What somebody wrote back, as SMSFactor pushes it: a STOP or any reply.
package struct SMSFactorReply: Sendable {
    /// The number as the gateway has it, with its country or as it is dialled there.
    package let from: String
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
        guard let read = try? JSONDecoder().decode(Body.self, from: Data(body)) else { return nil }
        from = read.from
        text = read.message
        lastMessage = read.last_message_id.flatMap { MessageID($0) }.map { "\($0)" } ?? "unknown"
        // Where no message tells two of the same second apart, a little of the number does: too little to know it by.
        let number = "+" + read.from.drop { $0 == "+" }
        let apart = Escaping.hexadecimal(SHA256.hash(data: Data(number.utf8)).prefix(2))
        identity = "\(read.date)/\(lastMessage == "unknown" ? "unknown/\(apart)" : lastMessage)"
    }
}
