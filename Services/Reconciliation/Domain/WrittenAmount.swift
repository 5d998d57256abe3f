/// Amounts as people and banks write them: with a decimal sign, and perhaps with thousands set apart.
package enum WrittenAmount {
    /// The digits with a decimal point and nothing else; nil where the text may mean another amount.
    ///
    /// What sets thousands apart has exactly three digits behind it: with a decimal comma `12.50` is no amount, and
    /// certainly not 1 250.
    package static func plain(_ text: String, decimal: Character) -> String? {
        var rest = text.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst().drop(while: \.isWhitespace) }
        let parts = rest.split(separator: decimal, omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = ungrouped(parts[0], decimal: decimal) else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard fraction.allSatisfy(isDigit) else { return nil }
        return (isNegative ? "-" : "") + whole + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    private static func ungrouped(_ text: Substring, decimal: Character) -> String? {
        let other: Character = decimal == "," ? "." : ","
        let separators: [Character] = [other, " ", "\u{A0}", "\u{202F}", "'"]
        let groups = text.split(omittingEmptySubsequences: false) { separators.contains($0) }
        guard let first = groups.first, !first.isEmpty, groups.allSatisfy({ $0.allSatisfy(isDigit) }) else {
            return nil
        }
        guard groups.count == 1 || (first.count <= 3 && groups.dropFirst().allSatisfy { $0.count == 3 }) else {
            return nil
        }
        return groups.joined()
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
}
