import Crypto
import PaymentModel

/// What a caller names a request by, so that sending it again changes nothing.
package struct IdempotencyKey: Hashable, Sendable {
    /// The key as the caller chose it.
    package let text: String

    /// SHA-256 of method, path and body: the same key with another request is refused.
    package let fingerprint: [UInt8]

    /// How long a key may be.
    package static let lengthMax = 255

    /// Reads the header; a key that is there MUST be usable, or a retry would not be recognised.
    static func read(
        _ headers: Headers, rule: IdempotencyRule, method: HTTPMethod, target: String, body: [UInt8]
    ) throws(Problem) -> IdempotencyKey? {
        let values = headers.all("Idempotency-Key")
        guard let text = values.first else {
            guard rule == .optional else {
                throw Problem(
                    .idempotencyKeyMissing, detail: "This operation creates something.",
                    remedy: "Send an Idempotency-Key of your own making, the same again when you retry.")
            }
            return nil
        }
        guard values.count == 1, (1...lengthMax).contains(text.utf8.count), text.utf8.allSatisfy(isVisible) else {
            throw Problem(
                .idempotencyKeyMalformed, detail: "The key must be 1 to \(lengthMax) visible ASCII characters, once.",
                remedy: "Send a UUID, for instance.")
        }
        var hash = begin(method, target)
        hash.update(data: body)
        return IdempotencyKey(text: text, fingerprint: Array(hash.finalize()))
    }

    private static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }

    /// The fingerprint of a request whose body follows.
    static func begin(_ method: HTTPMethod, _ target: String) -> SHA256 {
        var hash = SHA256()
        // The zero bytes keep two different requests from being the same run of bytes.
        hash.update(data: Array(method.rawValue.utf8) + [0] + Array(target.utf8) + [0])
        return hash
    }
}
