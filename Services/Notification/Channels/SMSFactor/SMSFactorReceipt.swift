import Crypto
import FoundationEssentials
package import Observability
import PaymentModel

/// A delivery receipt as SMSFactor pushes it: our own id comes back as `message_id`.
package enum SMSFactorReceipt {
    /// The header with the signature of the body.
    package static let signatureHeader = "X-SMSFactor-Signature"

    /// Whether the body was signed with our secret: hexadecimal HMAC-SHA256, compared in constant time.
    ///
    /// How SMSFactor computes it is not in its public pages; it is confirmed with the account's first receipt.
    package static func isGenuine(_ signature: String, of body: [UInt8], secret: Secret) -> Bool {
        let key = SymmetricKey(data: Data(secret.reveal().utf8))
        let expected = HMAC<SHA256>.authenticationCode(for: body, using: key)
        return ReceiptProof.isSame(signature.lowercased(), Escaping.hexadecimal(expected))
    }

    /// Nil when the body is no receipt; the account may have sent messages that are not ours.
    package static func read(_ body: [UInt8]) -> GatewayReceipt? {
        struct Body: Decodable {
            let status: Int32
            let message_id: String?
        }
        guard let read = try? JSONDecoder().decode(Body.self, from: Data(body)) else { return nil }
        let subject = read.message_id.flatMap { MessageID($0) }.map(GatewayReceipt.Subject.message)
        return GatewayReceipt(subject ?? .another, code: "\(read.status)", verdict: verdict(of: read.status))
    }

    /// Nil for what decides nothing: not sent yet (0), on its way (1), and codes that are not in the gateway's list.
    ///
    /// Whether 2 (not delivered) and 12 (its receipt has lapsed) are the last word is in none of its pages: a message
    /// is lost by them until another receipt says that it arrived.
    private static func verdict(of status: Int32) -> GatewayReceipt.Verdict? {
        switch status {
        case 3: .delivered
        case 2, 4, 5, 6, 7, 9, 11, 12: .undelivered
        default: nil
        }
    }
}
