/// A phone number in E.164.
///
/// It describes itself masked, so that a log line cannot give it away by accident; use `e164` to send.
package struct Phone: Hashable, Sendable, Codable, CustomStringConvertible {
    package let e164: String

    /// Nil unless it is a plus sign and 7 to 15 digits, the first not zero.
    package init?(e164: String) {
        let digits = e164.utf8.dropFirst()
        guard e164.utf8.first == UInt8(ascii: "+"), (7...15).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        self.e164 = e164
    }

    /// Enough to recognise one's own number: `+33*******78`.
    package var masked: String {
        let hidden = String(repeating: "*", count: e164.count - 5)
        return e164.prefix(3) + hidden + e164.suffix(2)
    }

    package var description: String { masked }

    /// As the number is read by now; two are one number when this is the same of both.
    package var readNow: Phone { Phone(e164: FrenchPlan.readNow(e164)) ?? self }

    /// In which ways the number may be kept: as it is read by now, and as it was read before.
    package var waysKept: [String] { [readNow.e164] + FrenchPlan.keptBefore(readNow.e164) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let phone = Phone(e164: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a phone number in E.164")
        }
        self = phone
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(e164)
    }
}
