package import PaymentModel

/// A phone number as people and spreadsheets write it (NOT-5).
package enum WrittenPhone {
    /// The number, French where no country is named; nil for what is none.
    ///
    /// A spreadsheet that took a number for an amount has eaten its plus sign or its first zero.
    package static func read(_ text: String) -> Phone? {
        var digits = ""
        var isInternational = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case "+" where digits.isEmpty && !isInternational: isInternational = true
            case ".", "-", "/", "(", ")", "\u{2010}", "\u{2011}", "'": continue
            default:
                guard scalar.properties.isWhitespace else { return nil }
            }
        }
        return phone(digits, isInternational: isInternational)
    }

    private static func phone(_ digits: String, isInternational: Bool) -> Phone? {
        if isInternational {
            // +33 (0)6 …: the zero in brackets is for those who call from within the country.
            let isFrenchWithZero = digits.hasPrefix("330") && digits.count == 12
            return Phone(e164: "+" + (isFrenchWithZero ? "33" + digits.dropFirst(3) : digits))
        }
        if digits.hasPrefix("00") { return phone(String(digits.dropFirst(2)), isInternational: true) }
        if digits.hasPrefix("0"), digits.count == 10 { return Phone(e164: "+33" + digits.dropFirst()) }
        if !digits.hasPrefix("0"), digits.count == 9 { return Phone(e164: "+33" + digits) }
        if digits.hasPrefix("33"), digits.count == 11 { return Phone(e164: "+" + digits) }
        return nil
    }

    /// Whether an SMS can arrive there: not on a French line that stays in its place.
    package static func takesSMS(_ phone: Phone) -> Bool {
        let number = phone.e164
        guard number.hasPrefix("+33") else { return true }
        let isMobile = number.hasPrefix("+336") || number.hasPrefix("+337")
        return isMobile && number.count == 12
    }
}
