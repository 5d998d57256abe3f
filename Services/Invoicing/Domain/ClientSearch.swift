/// What somebody typed to find a client: parts of a name, a company, an e-mail address, a reference, a phone number, or
/// of an invoice's number, or the whole number of a credit note or quote (INV-1).
package struct ClientSearch: Equatable, Sendable {
    /// As it was typed.
    package let text: String
    /// Words of so many letters or fewer are the beginning of one; longer ones may stand anywhere in it.
    package let beginning: Int32
    /// Digits to look for inside phone numbers; nil when it cannot be a part of one.
    package let phoneDigits: String?
    /// In capitals, what an invoice's number may end with; nil when it cannot be the end of one.
    package let numberEnd: String?
    /// How many digits may follow it in a number it stands inside of; none when it can only be an end.
    package let digitsBehind: [Int]
    /// What may be inside the digits of an invoice's number that count its series, though in very many of them.
    package let digitsInside: String?

    /// One digit is in nearly every phone number.
    private static let phonePartMin = 2
    /// Fewer characters than this are at the end of too many numbers to tell a client by.
    private static let numberPartMin = 3

    /// Nil when there is not one letter or digit in it, since then it would find nobody or everybody.
    package init?(_ text: String) {
        guard text.contains(where: { $0.isLetter || $0.isNumber }) else { return nil }
        self.text = text
        beginning = Self.beginning(text)
        phoneDigits = Self.phoneDigits(text)
        numberEnd = Self.numberEnd(text)
        digitsBehind = numberEnd.map(Self.digitsBehind) ?? []
        digitsInside = (2...3).contains(text.count) && text.allSatisfy(\.isASCIIDigit) ? text : nil
    }

    /// A letter alone is an initial, since words with that letter in them are nearly all there are.
    ///
    /// In a phone number in groups of two these begin words as well, or everybody with the same groups in another order
    /// would be found.
    private static func beginning(_ text: String) -> Int32 {
        mayBePhone(text) && text.split(whereSeparator: { !$0.isASCIIDigit }).count > 1 ? 2 : 1
    }

    private static func mayBePhone(_ text: String) -> Bool {
        text.allSatisfy { $0.isASCIIDigit || "+ .-/()\u{A0}\u{202F}\u{2009}\u{2011}".contains($0) }
    }

    /// Numbers are kept as they are dialled from abroad, so what is dialled before them at home is left out, also where
    /// it is written between the two, as in `+33 (0)6`; more zeros than two are dialled before nothing.
    private static func phoneDigits(_ said: String) -> String? {
        let text = said.replacing("(0)", with: "")
        guard mayBePhone(text) else { return nil }
        let typed = text.filter(\.isASCIIDigit)
        let dialled = typed.drop { $0 == "0" }
        let digits = typed.count - dialled.count > 2 ? typed[...] : dialled
        return digits.count >= phonePartMin ? String(digits) : nil
    }

    private static func numberEnd(_ text: String) -> String? {
        guard text.count >= numberPartMin, text.last?.isASCIIDigit == true,
            text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else { return nil }
        return text.uppercased()
    }

    /// A part tells numbers apart by three digits at least of those that count their series: what is before them is
    /// said in whole when it is said at all, and three digits alone are inside of too many to gather them all.
    private static func digitsBehind(_ part: String) -> [Int] {
        let counting = part.reversed().prefix(while: \.isASCIIDigit).count
        let most = DocumentSeries.digits - counting
        guard counting >= numberPartMin, most > 0 else { return [] }
        if counting == part.count { return counting > numberPartMin ? Array(1...most) : [] }
        return part.dropLast(counting).last == "-" ? [most] : []
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
