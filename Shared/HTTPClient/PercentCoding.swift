/// Texts inside an address, a query or a form.
package enum PercentCoding {
    /// Letters, digits and `-._~` stay as they are; all else is written as its UTF-8 bytes (RFC 3986).
    package static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if HeaderRules.isUnreserved(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
