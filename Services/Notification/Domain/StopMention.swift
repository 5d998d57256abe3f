/// How marketing says that one can opt out, as campaigns and their authors write it (NOT-9).
package enum StopMention {
    /// What stands between the word and the number it is sent to.
    private static let between: Set<String> = ["au", "par", "sms", "sms:", ":"]
    /// The word, the number, and what is between them.
    private static let wordsMax = 4

    /// The text for a gateway that adds a mention of its own: without ours, wherever its author put it, and without one
    /// at the end that says the same in other words, such as of a campaign written before ours was changed.
    package static func removed(_ mention: String, from text: String) -> String {
        var rest = text
        for said in [mention, Transliteration.cheapest(mention)] {
            if let place = place(of: said, in: rest) { rest = without(place, rest) }
        }
        while let shorter = withoutEnding(rest) { rest = shorter }
        return rest.isEmpty ? text : rest
    }

    /// Where it is said last, in capitals or not.
    private static func place(of mention: String, in text: String) -> Range<String.Index>? {
        let wanted = mention.map { $0.lowercased() }
        for start in text.indices.reversed() {
            guard let end = text.index(start, offsetBy: wanted.count, limitedBy: text.endIndex) else { continue }
            if zip(text[start..<end], wanted).allSatisfy({ $0.lowercased() == $1 }) { return start..<end }
        }
        return nil
    }

    /// What is around it is one text afterwards, without the space before it and a second full stop.
    private static func without(_ place: Range<String.Index>, _ text: String) -> String {
        let before = trimmed(text[..<place.lowerBound])
        var after = text[place.upperBound...]
        let isSentenceOver = before.last.map { ".!?".contains($0) } ?? true
        if isSentenceOver, let next = after.first, ".!".contains(next) { after.removeFirst() }
        return String(before) + String(after)
    }

    /// Nil where the text ends with something else.
    private static func withoutEnding(_ text: String) -> String? {
        let words = Array(text.split(whereSeparator: \.isWhitespace).suffix(wordsMax))
        guard let number = words.last, isShortNumber(number),
            let start = words.lastIndex(where: { $0.lowercased() == "stop" }),
            words[(start + 1)...].dropLast().allSatisfy({ between.contains($0.lowercased()) })
        else { return nil }
        return String(trimmed(text[..<words[start].startIndex]))
    }

    /// Of the ranges that marketing and services are answered at in France.
    private static func isShortNumber(_ word: Substring) -> Bool {
        word.count == 5 && word.allSatisfy(\.isNumber) && (word.hasPrefix("36") || word.hasPrefix("38"))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
