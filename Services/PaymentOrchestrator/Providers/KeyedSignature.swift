import Crypto
import Observability

/// HMAC-SHA256 in lower-case hexadecimal, as providers sign their notifications.
enum KeyedSignature {
    /// Whether `signature` is the key's for `message`; the comparison takes the same time whatever differs.
    static func isGenuine(_ signature: some StringProtocol, of message: [UInt8], key: Secret) -> Bool {
        guard let code = bytes(hexadecimal: signature) else { return false }
        let key = SymmetricKey(data: [UInt8](key.reveal().utf8))
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key)
    }

    private static func bytes(hexadecimal text: some StringProtocol) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// Providers write lower case; another spelling is not their signature.
    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
