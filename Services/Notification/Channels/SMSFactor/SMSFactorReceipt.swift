import Crypto
import FoundationEssentials
package import Observability
package import PaymentModel

/// A delivery receipt as SMSFactor pushes it.
package struct SMSFactorReceipt: Sendable {
    /// Our own id, given as `gsmsmsid` when the message was sent.
    package let message: MessageID
    /// The gateway's code.
    package let status: Int32

    /// What a receipt says about a message.
    package enum Verdict: Hashable, Sendable { case delivered, undelivered }

    /// Nil for what decides nothing: on its way (1), and codes that are not in the gateway's list.
    package static func verdict(of status: Int32) -> Verdict? {
        switch status {
        case 3: .delivered
        case 0, 2, 4, 5, 6, 7, 9, 11, 12: .undelivered
        default: nil
        }
    }

    /// The header with the signature of the body.
    package static let signatureHeader = "X-SMSFactor-Signature"

    /// Whether the body was signed with our secret: hexadecimal HMAC-SHA256, compared in constant time.
    ///
    /// How SMSFactor computes it is not in its public pages; it is confirmed with the account's first receipt.
    package static func isGenuine(_ signature: String, of body: [UInt8], secret: Secret) -> Bool {
        let key = SymmetricKey(data: Data(secret.reveal().utf8))
        let expected = HMAC<SHA256>.authenticationCode(for: body, using: key)
        let text = expected.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        let given = Array(signature.lowercased().utf8), wanted = Array(text.utf8)
        guard given.count == wanted.count else { return false }
        return zip(given, wanted).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Nil when the body is not a receipt about a message of ours.
    package init?(_ body: [UInt8]) {
        struct Body: Decodable {
            let status: Int32
            let message_id: String
        }
        guard let read = try? JSONDecoder().decode(Body.self, from: Data(body)), let id = MessageID(read.message_id)
        else { return nil }
        message = id
        status = read.status
    }
}
