/// An e-mail address that can stand in an envelope.
///
/// It describes itself masked, so that a log line cannot give it away by accident; use `text` to send.
package struct EmailAddress: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    /// Nil unless it has a local part and a domain with a dot, without anything that could end a header.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, EmailAddress.isLocalPart(parts[0]),
            EmailAddress.isDomain(parts[1])
        else { return nil }
        self.text = text
    }

    /// Enough to recognise one's own address: `j***@example.com`.
    package var masked: String { text.prefix(1) + "***" + text.drop { $0 != "@" } }

    package var description: String { masked }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let address = EmailAddress(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an e-mail address")
        }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    private static func isLocalPart(_ part: Substring) -> Bool {
        (1...64).contains(part.utf8.count) && part.first != "." && part.last != "." && !part.contains("..")
            && part.utf8.allSatisfy(isPlain)
    }

    private static func isDomain(_ part: Substring) -> Bool {
        let labels = part.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isPlain(_ character: UInt8) -> Bool {
        isAlphanumeric(character) || "!#$%&'*+/=?^_`{|}~.-".utf8.contains(character)
    }

    private static func isAlphanumeric(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
