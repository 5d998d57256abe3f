import Crypto
import HTTPServer
import Observability
import PaymentModel

/// The secret part of a payment's link: whoever has it may pay, and see what is to be paid.
struct LinkToken: Sendable {
    private static let byteCount = 16

    /// As it stands in the address.
    let text: Secret

    /// What is stored in its place to find it by.
    let hash: [UInt8]

    private init(checked text: String) {
        self.text = Secret(text)
        hash = Array(SHA256.hash(data: Array(text.utf8)))
    }

    /// Reads a token from an address; anything that cannot be one is not looked up.
    init?(_ text: String) {
        guard Base64URL.decode(text)?.count == Self.byteCount else { return nil }
        self.init(checked: text)
    }

    /// Makes a token of 128 random bits.
    static func random() -> LinkToken {
        // The system's generator is a cryptographic one.
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        return LinkToken(checked: Base64URL.encode(bytes))
    }

    /// The token as it is kept for a payment.
    func kept(for payment: PaymentID, by sealer: Sealer) throws -> KeptToken {
        KeptToken(hash: hash, sealed: try sealer.seal(text, for: payment))
    }
}
