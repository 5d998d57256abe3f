import PaymentModel

/// Tells a card's number from other digits, PAY-15: cards are typed on the provider's page, and nowhere else.
package enum CardNumber {
    /// Digits of a card's number, by how it begins.
    private static let lengths = [15, 16, 19]
    private static let longest = 19
    /// What stands between groups of digits where no blank does.
    private static let separators = Set("-./_\u{2010}\u{2011}\u{2013}\u{2014}")

    /// Whether a text has something that reads as a card's number, however it is grouped.
    package static func isWritten(in text: String) -> Bool {
        let isAboutChips = PetChip.isMeant(in: text)
        return runs(in: AccountNumber.removed(from: text)).contains { groups in
            groups.indices.contains { begins(groups[$0...], isAboutChips: isAboutChips) }
        }
    }

    /// Whether the groups begin with a number, whole groups of it.
    private static func begins(_ groups: ArraySlice<String>, isAboutChips: Bool) -> Bool {
        var digits = ""
        for group in groups {
            digits += group
            guard digits.count <= longest else { return false }
            guard isNumber(digits) else { continue }
            if !(isAboutChips && PetChip.isOne(digits)) { return true }
        }
        return false
    }

    /// Groups of digits with blanks, or with one separator, between two.
    private static func runs(in text: String) -> [[String]] {
        var runs: [[String]] = [[]]
        var (group, gap) = ("", Gap())
        for character in text {
            if character.isASCII, character.isWholeNumber {
                if !gap.joins { runs.append([]) }
                gap = Gap()
                group.append(character)
            } else {
                if !group.isEmpty { runs[runs.count - 1].append(group) }
                group = ""
                gap.take(character)
            }
        }
        if !group.isEmpty { runs[runs.count - 1].append(group) }
        return runs
    }

    /// What stands between two groups.
    private struct Gap {
        var (blanks, separators, others) = (0, 0, 0)

        /// Two phones with a dash and blanks between them are no card.
        var joins: Bool { others == 0 && (separators == 0 || (separators == 1 && blanks == 0)) }

        mutating func take(_ character: Character) {
            if character.isWhitespace {
                blanks += 1
            } else if CardNumber.separators.contains(character) {
                separators += 1
            } else {
                others += 1
            }
        }
    }

    private static func isNumber(_ digits: String) -> Bool {
        lengths.contains(digits.count) && isIssued(digits) && hasCheckDigit(digits)
    }

    /// Whether a network gives out numbers that begin so; fourteen digits are a French company's, not a card's.
    private static func isIssued(_ digits: String) -> Bool {
        guard let start = Int(digits.prefix(2)) else { return false }
        return switch digits.count {
        case 15: start == 34 || start == 37
        case 16: (22...27).contains(start) || start == 35 || (40...58).contains(start) || (60...65).contains(start)
        default: (40...49).contains(start) || (62...67).contains(start)
        }
    }

    /// Every second digit from the right counts twice, digit by digit; the sum ends with nought.
    private static func hasCheckDigit(_ digits: String) -> Bool {
        let sum = digits.reversed().compactMap(\.wholeNumberValue).enumerated().reduce(0) { sum, next in
            let value = next.offset.isMultiple(of: 2) ? next.element : next.element * 2
            return sum + value / 10 + value % 10
        }
        return sum.isMultiple(of: 10)
    }
}

/// The number of an animal's chip: a country and at most 38 bits, where a text speaks of chips.
private enum PetChip {
    private static let words = ["puce", "chip", "transpondeur", "i-cad", "icad"]
    private static let most: Int64 = 274_877_906_943

    static func isMeant(in text: String) -> Bool {
        let text = text.lowercased()
        return words.contains { text.contains($0) }
    }

    /// Hungary's and Ireland's begin like cards.
    static func isOne(_ digits: String) -> Bool {
        digits.count == 15 && (digits.hasPrefix("348") || digits.hasPrefix("372"))
            && Int64(digits.dropFirst(3)).map { $0 <= most } == true
    }
}

/// The number of a bank account (IBAN), parts of which may read as a card's.
private enum AccountNumber {
    /// The text with a letter in place of each account's number whose check digits are right.
    static func removed(from text: String) -> String {
        let characters = Array(text)
        var (kept, index): ([Character], Int) = ([], 0)
        while index < characters.count {
            let isWithin = index > 0 && characters[index - 1].isLetterOrDigit
            if !isWithin, let after = end(of: characters[index...]) {
                kept.append("x")
                index = after
            } else {
                kept.append(characters[index])
                index += 1
            }
        }
        return String(kept)
    }

    /// Where a number that begins here ends; `nil` when none begins.
    private static func end(of rest: ArraySlice<Character>) -> Int? {
        guard let length = IBAN.length(of: String(rest.prefix(2)).uppercased()) else { return nil }
        var written: [Character] = []
        for index in rest.indices {
            let character = rest[index]
            if character.isWhitespace { continue }
            guard character.isASCII, character.isLetterOrDigit else { return nil }
            written.append(character)
            guard written.count == length else { continue }
            let isWhole = rest.dropFirst(index + 1 - rest.startIndex).first?.isLetterOrDigit != true
            return isWhole && IBAN.checked(String(written)) != nil ? index + 1 : nil
        }
        return nil
    }
}

extension Character {
    fileprivate var isLetterOrDigit: Bool { isLetter || isWholeNumber }
}
