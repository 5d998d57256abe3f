import Crypto
import FoundationEssentials
package import Observability
package import PaymentModel

/// What a gateway reported of a message it had taken.
package struct GatewayReceipt: Hashable, Sendable {
    /// Which message is meant: ours by our id, or the one the gateway gave its own reference, or one that is not ours.
    package enum Subject: Hashable, Sendable {
        case message(MessageID)
        case reference(String)
        case another
    }

    /// What a receipt says about a message.
    package enum Verdict: String, Hashable, Sendable, CaseIterable { case delivered, undelivered }

    package let subject: Subject
    /// The gateway's word or number for it.
    package let code: String
    /// Nil for what decides nothing: on its way, and codes nobody knows.
    package let verdict: Verdict?

    package init(_ subject: Subject, code: String, verdict: Verdict?) {
        self.subject = subject
        self.code = code
        self.verdict = verdict
    }
}

/// Whether who calls us knows a secret of ours.
package enum ReceiptProof {
    /// Compares in constant time, so that nothing is learnt from how long it takes.
    package static func isSame(_ given: String, _ wanted: String) -> Bool {
        let (given, wanted) = (Array(given.utf8), Array(wanted.utf8))
        guard given.count == wanted.count else { return false }
        return zip(given, wanted).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// What stands in the address a gateway is told to call about one message: nobody can make it up for another.
    package static func key(of message: MessageID, secret: Secret) -> String {
        let key = SymmetricKey(data: Data(secret.reveal().utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(message.description.utf8), using: key)
        return Escaping.hexadecimal(code.prefix(16))
    }
}
