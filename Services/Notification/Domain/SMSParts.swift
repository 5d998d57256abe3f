/// How a text is sent as SMS and how many parts are billed for it (NOT-7).
package struct SMSParts: Hashable, Sendable {
    /// How the characters are coded.
    package enum Coding: String, Hashable, Sendable {
        case gsm7, ucs2

        /// Units in a message of one part: septets, or 16-bit units.
        var single: Int { self == .gsm7 ? 160 : 70 }
        /// Units in each part of a longer one, less the header that joins them.
        var joined: Int { self == .gsm7 ? 153 : 67 }
    }

    package let coding: Coding
    package let count: Int
    /// Septets, or 16-bit units, of all its characters.
    package let units: Int
    /// The first character that forces Unicode and so doubles the bill.
    package let forcesUnicode: Unicode.Scalar?

    /// More than any message needs; beyond it a phone may show the parts of one message as several.
    package static let most = 10

    package init(of text: String) {
        let scalars = Array(text.unicodeScalars)
        forcesUnicode = scalars.first { SMSAlphabet.septets(of: $0) == nil }
        coding = forcesUnicode == nil ? .gsm7 : .ucs2
        let coding = coding
        let units = scalars.map { scalar in
            coding == .gsm7 ? SMSAlphabet.septets(of: scalar) ?? 1 : UTF16.width(scalar)
        }
        self.units = units.reduce(0, +)
        count = SMSParts.parts(units, coding)
    }

    /// Fills part after part; what takes two units is never cut in two.
    private static func parts(_ units: [Int], _ coding: Coding) -> Int {
        guard units.reduce(0, +) > coding.single else { return 1 }
        var parts = 1
        var used = 0
        for unit in units {
            if used + unit > coding.joined {
                parts += 1
                used = 0
            }
            used += unit
        }
        return parts
    }

    /// The text for a gateway that cuts Unicode after every 67 units wherever that is, as Kannel does.
    ///
    /// A part that would end within a pair of units is filled up with a character that shows nothing, so the gateway
    /// cuts where we counted.
    package static func filled(_ text: String) -> String {
        let parts = SMSParts(of: text)
        guard parts.coding == .ucs2, parts.count > 1 else { return text }
        var filled = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let width = UTF16.width(scalar)
            if used + width > parts.coding.joined {
                if used < parts.coding.joined { filled.append(filler) }
                used = 0
            }
            filled.append(scalar)
            used += width
        }
        return String(filled)
    }

    /// A space of no width.
    package static let filler: Unicode.Scalar = "\u{200B}"
}
