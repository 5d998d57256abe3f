import PaymentModel

/// The words of a text as references are compared: runs of letters and digits, in capitals.
///
/// Banks write `payout_11xA` as `PAYOUT 11XA`, `PAYOUT-11XA` or `payout.11xa`: what separates the words is no part of
/// them.
package struct ReferenceWords: Hashable, Sendable {
    package let words: [String]

    /// Splits a text.
    package init(_ text: String) {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for scalar in text.uppercased().unicodeScalars {
            guard !scalar.isPartOfWord else {
                word.append(scalar)
                continue
            }
            if !word.isEmpty { words.append(String(word)) }
            word = String.UnicodeScalarView()
        }
        if !word.isEmpty { words.append(String(word)) }
        self.words = words
    }

    /// Whether the word stands there as a whole.
    package func contains(_ word: String) -> Bool { words.contains(word) }

    /// The words run together, as some banks write a reference.
    var joined: String { words.joined() }

    /// All of them as one key; nil where there are none.
    var key: String? { words.isEmpty ? nil : key(at: 0, count: words.count) }

    /// The words from one on, as one key; nil when there are not so many.
    func key(at start: Int, count: Int) -> String? {
        start + count <= words.count ? words[start..<start + count].joined(separator: " ") : nil
    }

    /// The runs of words that are known; one that lies within a longer one is a part of that, and names nothing.
    ///
    /// `counts` is of how many words those may be that are known, the longest first.
    func runs(of counts: [Int], where isKnown: (String) -> Bool) -> [String] {
        places(of: counts, where: isKnown).map { words[$0].joined(separator: " ") }
    }

    /// Where those runs stand.
    func places(of counts: [Int], where isKnown: (String) -> Bool) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var end = 0
        for start in words.indices {
            for count in counts {
                guard let run = key(at: start, count: count), isKnown(run) else { continue }
                if start + count > end {
                    found.append(start..<start + count)
                    end = start + count
                }
                break
            }
        }
        return found
    }
}

extension Unicode.Scalar {
    fileprivate var isPartOfWord: Bool {
        guard value >= 0x80 else { return (48...57).contains(value) || (65...90).contains(value) }
        return properties.isAlphabetic || properties.numericType != nil
    }
}

/// The references of payouts, found in texts by a look into a table for each word.
struct PayoutReferences: Sendable {
    /// A shorter reference would be found in texts that mean something else.
    private static let charactersMin = 6

    private var payouts: [String: [PendingPayout]] = [:]
    /// References that are known besides, whoever holds their payouts: what one covers in a text is no shorter one.
    private var held: Set<String> = []
    /// Of how many words references consist, the longest first.
    private var counts: [Int] = []
    /// What references of two words look like: the first word and the second's length.
    private var shapes: Set<Shape> = []

    private struct Shape: Hashable, Sendable {
        let lead: String
        let length: Int
    }

    init(_ pending: [PendingPayout]) {
        for payout in pending {
            let reference = ReferenceWords(payout.reference)
            guard reference.joined.count >= Self.charactersMin, let key = reference.key else { continue }
            for key in Set([key, reference.joined]) { payouts[key, default: []].append(payout) }
            know(counts: [1, reference.words.count])
            if reference.words.count == 2 {
                shapes.insert(Shape(lead: reference.words[0], length: reference.words[1].count))
            }
        }
    }

    /// Knows these as well, be they of the payouts here or of others.
    mutating func hold(_ references: [String]) {
        for reference in references.map(ReferenceWords.init) {
            guard let key = reference.key else { continue }
            held.insert(key)
            know(counts: [reference.words.count])
        }
    }

    private mutating func know(counts new: [Int]) {
        for count in new where !counts.contains(count) { counts = (counts + [count]).sorted(by: >) }
    }

    /// What stands in a text and could be a reference of so many words at most, of which one of these is a part.
    func longer(in text: ReferenceWords, wordsMax: Int) -> Set<String> {
        guard wordsMax > 1 else { return [] }
        var found: Set<String> = []
        for place in text.places(of: counts, where: { payouts[$0] != nil }) where place.count < wordsMax {
            for count in place.count + 1...wordsMax {
                let starts = max(0, place.upperBound - count)...place.lowerBound
                found.formUnion(starts.compactMap { text.key(at: $0, count: count) })
            }
        }
        return found
    }

    /// Every pair of a payout and a line whose text has its reference; a correction of a person is not taken back.
    ///
    /// What the bank took is no part of a payout that brings something, be it named in what it took.
    func naming(_ lines: [ReadLine], refusing refused: Set<RefusedPair>) -> [Candidate] {
        lines.flatMap { line in
            let found = payouts(in: line.words).filter { $0.amount.currency == line.line.amount.currency }
            return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }.values
                .filter { !line.line.amount.isNegative || $0.amount.isNegative }
                .filter { !refused.contains(RefusedPair(payout: $0.id, bankLine: line.line.id)) }
                .map { Candidate(payout: $0, line: line.line) }
        }
    }

    /// Whether a text has any of the references, or one that looks like them and is of a payout not told of yet.
    func areNamed(in text: ReferenceWords) -> Bool {
        !runs(in: text).isEmpty
            || zip(text.words, text.words.dropFirst()).contains { lead, code in
                shapes.contains(Shape(lead: lead, length: code.count))
            }
    }

    private func payouts(in text: ReferenceWords) -> [PendingPayout] {
        runs(in: text).flatMap { payouts[$0] ?? [] }
    }

    private func runs(in text: ReferenceWords) -> [String] {
        text.runs(of: counts) { payouts[$0] != nil || held.contains($0) }
    }
}
