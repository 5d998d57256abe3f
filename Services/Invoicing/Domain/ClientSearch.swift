import PaymentModel

/// What somebody typed to find a client: parts of a name, a company, an e-mail address, a reference or a phone number,
/// or a part of the number of an invoice, a credit note or a quote (INV-1).
package struct ClientSearch: Equatable, Sendable {
    /// As it was typed.
    package let text: String
    /// Whether it is digits in groups, as phones are written, which are looked for as they follow each other.
    ///
    /// Everybody with the same groups in another order would be found otherwise.
    package let isGrouped: Bool
    /// Digits to look for inside phone numbers; nil when it cannot be a part of one, or its words say as much.
    package let phoneDigits: String?
    /// In capitals, what may be a part of a document's number; nil when it cannot be.
    package let numberPart: String?

    /// Of a part so long the end alone leads to few numbers, if it is digits that count a series.
    private static let (numberEndMax, countingDigits) = (8, 5)

    /// Nil when there is not one letter or digit in it, since then it would find nobody or everybody.
    package init?(_ text: String) {
        guard text.contains(where: { $0.isLetter || $0.isNumber }) else { return nil }
        self.text = text
        isGrouped = Self.mayBePhone(text) && text.split(whereSeparator: { !$0.isASCIIDigit }).count > 1
        let digits = Self.phoneDigits(text)
        phoneDigits = digits == text ? nil : digits
        numberPart = Self.numberPart(text)
    }

    /// What is looked up of the part of a number: all, or no more of it than tells numbers apart.
    package var numberLookedUp: String? {
        numberPart.map { part in
            part.suffix(Self.countingDigits).allSatisfy(\.isASCIIDigit) ? String(part.suffix(Self.numberEndMax)) : part
        }
    }

    /// The part up to its last letter or dash, which is in the name of a series or in no number; empty before digits
    /// alone.
    package var numberBeginning: String? {
        numberPart.map { part in part.lastIndex { !$0.isASCIIDigit }.map { String(part[...$0]) } ?? "" }
    }

    /// Whether it is digits around a dash, as they are where a clinic's code ends and where a year does: `6-2026` is in
    /// `F-LILA6-2026-000001` and in `F-LILAS-2026-202600`.
    ///
    /// What is no longer than three is itself looked up.
    package var numberIsAroundDash: Bool {
        guard let part = numberPart, let dash = part.lastIndex(of: "-"), !part.contains(where: \.isLetter) else {
            return false
        }
        return part[..<dash].last?.isASCIIDigit == true && part[dash...].count > 2
    }

    private static func mayBePhone(_ text: String) -> Bool {
        text.allSatisfy { $0.isASCIIDigit || "+ .-/()\u{A0}\u{202F}\u{2009}\u{2011}".contains($0) }
    }

    /// Numbers are kept as they are dialled from abroad, so what is dialled before them at home is left out.
    ///
    /// So it is where it is written between the two, as in `+33 (0)6`; more zeros than two are dialled before nothing,
    /// and two are before a country. The mainland's is no part of a number that is of France overseas.
    private static func phoneDigits(_ said: String) -> String? {
        let text = said.replacing("(0)", with: "")
        guard mayBePhone(text) else { return nil }
        let typed = text.filter(\.isASCIIDigit)
        let dialled = typed.drop { $0 == "0" }
        let isDialled = [1, 2].contains(typed.count - dialled.count) && dialled.count >= typed.count - dialled.count
        let digits = isDialled ? dialled : typed[...]
        let namesCountry = text.contains { $0 == "+" } || typed.count - dialled.count == 2
        if namesCountry, digits.hasPrefix("33"), FrenchPlan.region(of: digits.dropFirst(2)) != nil {
            return String(digits.dropFirst(2))
        }
        return digits.isEmpty ? nil : String(digits)
    }

    private static func numberPart(_ said: String) -> String? {
        let begun = said.drop(while: \.isWhitespace)
        guard let last = begun.lastIndex(where: { !$0.isWhitespace }) else { return nil }
        let text = begun[...last]
        guard text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else { return nil }
        return text.uppercased()
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
