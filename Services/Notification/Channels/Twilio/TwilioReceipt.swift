import Crypto
import FoundationEssentials
package import Observability
import PaymentModel

/// A delivery receipt as Twilio pushes it: a form, signed together with the address it was sent to.
package enum TwilioReceipt {
    /// The header with the signature.
    package static let signatureHeader = "X-Twilio-Signature"

    /// Whether Twilio made it: base64 of HMAC-SHA1 over the address and the sorted fields, with the account's token.
    ///
    /// As its page on the security of webhooks has it, with its example among the tests.
    package static func isGenuine(
        _ signature: String, url: String, form: [(String, String)], token: Secret
    ) -> Bool {
        let fields = form.sorted { $0.0 < $1.0 }.map { $0.0 + $0.1 }.joined()
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data((url + fields).utf8), using: SymmetricKey(data: Data(token.reveal().utf8)))
        return ReceiptProof.isSame(signature, Data(code).base64EncodedString())
    }

    /// Nil when the form is not a receipt about a message of ours.
    package static func read(message: String?, form: [(String, String)]) -> GatewayReceipt? {
        guard let id = message.flatMap({ MessageID($0) }),
            let status = form.first(where: { $0.0 == "MessageStatus" })?.1
        else { return nil }
        let verdict: GatewayReceipt.Verdict? =
            switch status {
            case "delivered", "read": .delivered
            case "undelivered", "failed": .undelivered
            default: nil
            }
        return GatewayReceipt(.message(id), code: String(status.prefix(20)), verdict: verdict)
    }
}
