import Crypto
import Observability

/// The signature of Alma's notifications: the payment's name, authenticated with the account's key.
///
/// The notification says nothing else that could be believed, which is why the payment is read back after it.
enum AlmaWebhook {
    /// Where it is, in lower case.
    static let header = "x-alma-signature"

    /// Whether `signature` is Alma's for `reference`; the comparison takes the same time whatever differs.
    static func isGenuine(_ signature: String, of reference: String, key: Secret) -> Bool {
        guard let code = bytes(hexadecimal: signature) else { return false }
        let key = SymmetricKey(data: [UInt8](key.reveal().utf8))
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: [UInt8](reference.utf8), using: key)
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// Alma writes lower case; another spelling is not its signature.
    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
