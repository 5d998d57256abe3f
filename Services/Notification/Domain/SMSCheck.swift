package import PaymentModel

/// What a writer should know of an SMS before it is sent: what forces Unicode, and what it costs with and without.
package struct SMSCheck: Hashable, Sendable {
    /// A character outside the alphabet of SMS.
    package struct Finding: Hashable, Sendable {
        package let character: String
        /// As `U+2019`, for what cannot be seen.
        package let codePoints: String
        /// Where it stands first, both counted from one.
        package let line: Int
        package let column: Int
        package private(set) var times: Int
        /// What to write instead; nil when only leaving it out helps.
        package let instead: String?

        mutating func count() { times += 1 }
    }

    package let parts: SMSParts
    /// Each character that forces Unicode once, in the order of the text.
    package let findings: [Finding]
    /// The text with the alphabet's own characters, as far as there are any.
    package let plain: String
    package let plainParts: SMSParts

    package init(_ text: String) {
        parts = SMSParts(of: text)
        plain = Transliteration.plain(text)
        plainParts = SMSParts(of: plain)
        findings = SMSCheck.findings(in: text)
    }

    private static func findings(in text: String) -> [Finding] {
        var found: [Finding] = []
        // By code points: an é of one and an é of two are equal as characters, and only one of them is dear.
        var places: [[Unicode.Scalar]: Int] = [:]
        var (line, column) = (1, 0)
        for character in text {
            column += 1
            let scalars = Array(character.unicodeScalars)
            if scalars.contains(where: { SMSAlphabet.septets(of: $0) == nil }) {
                if let place = places[scalars] {
                    found[place].count()
                } else {
                    places[scalars] = found.count
                    found.append(finding(character, line, column))
                }
            }
            if character.isNewline { (line, column) = (line + 1, 0) }
        }
        return found
    }

    private static func finding(_ character: Character, _ line: Int, _ column: Int) -> Finding {
        let codes = character.unicodeScalars.map { scalar in
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
        return Finding(
            character: String(character), codePoints: codes.joined(separator: " "), line: line, column: column,
            times: 1, instead: Transliteration.twin(of: character))
    }
}

/// What a gateway bills for one part, given for a thousand since a part costs fractions of a cent.
package struct SMSPrice: Hashable, Sendable {
    package let perThousandParts: Money

    package init(perThousandParts: Money) { self.perThousandParts = perThousandParts }

    /// What so many parts cost, rounded up to the minor unit: never less than what is billed.
    package func cost(ofParts parts: Int) throws(MoneyError) -> Money {
        let thousandths = try perThousandParts.multiplied(by: Int64(parts))
        let units = thousandths.minorUnits
        return Money(units / 1_000 + (units % 1_000 > 0 ? 1 : 0), perThousandParts.currency)
    }
}
