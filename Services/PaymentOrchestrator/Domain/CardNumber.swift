/// Tells a card's number from other digits, PAY-15: cards are typed on the provider's page, and nowhere else.
package enum CardNumber {
    /// Digits of a card's number, by how it begins.
    private static let lengths = [15, 16, 19]
    private static let longest = 19

    /// Whether a text has something that reads as a card's number, however it is grouped.
    package static func isWritten(in text: String) -> Bool {
        runs(in: text).contains { groups in groups.indices.contains { begins(groups[$0...]) } }
    }

    /// Whether the groups begin with a number, whole groups of it.
    private static func begins(_ groups: ArraySlice<String>) -> Bool {
        var digits = ""
        for group in groups {
            digits += group
            guard digits.count <= longest else { return false }
            if isNumber(digits) { return true }
        }
        return false
    }

    /// Groups of digits with no more than one space, hyphen or point between two.
    private static func runs(in text: String) -> [[String]] {
        var runs: [[String]] = [[]]
        var (group, gap) = ("", 0)
        for character in text {
            if character.isASCII, character.isWholeNumber {
                if gap > 1 { runs.append([]) }
                gap = 0
                group.append(character)
            } else {
                if !group.isEmpty { runs[runs.count - 1].append(group) }
                group = ""
                gap += character == "-" || character == "." || character.isWhitespace ? 1 : 2
            }
        }
        if !group.isEmpty { runs[runs.count - 1].append(group) }
        return runs
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
