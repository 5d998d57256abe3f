import Crypto

/// The provider's signature of a notification: HMAC-SHA256 of the payment's id with the merchant's key.
enum AlmaSignature {
    static let header = "X-Alma-Signature"

    static func of(_ paymentID: String, key: String) -> String { hexadecimalHMAC(paymentID.utf8, key: key) }
}

/// Lower-case hexadecimal HMAC-SHA256.
func hexadecimalHMAC(_ message: some Sequence<UInt8>, key: String) -> String {
    let code = HMAC<SHA256>.authenticationCode(for: Array(message), using: SymmetricKey(data: Array(key.utf8)))
    return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
