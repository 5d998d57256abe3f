/// A sentence for people: its English stands where it is said, its French in a ``Phrasebook`` (GEN-5).
///
/// Written as any text, `"The invoice is \(status), not a draft."`; amounts and dates in it are kept as what they are
/// and written as each language writes them.
package struct Sentence: Sendable {
    /// What stands in a ``pattern`` for a value.
    package static let place = "{}"

    /// The English with `{}` in the place of each value: the name of the sentence in a phrasebook.
    package let pattern: String

    let values: [Value]

    /// What is put into a sentence.
    indirect enum Value: Sendable {
        /// A name, an id, a number; or a word of English that a phrasebook may have.
        case word(String)
        /// How many of something there are; no id, year or line, which no language groups.
        case count(Int)
        case amount(Money)
        case day(LocalDate)
        case sentence(Sentence)
    }

    init(pattern: String, values: [Value]) {
        self.pattern = pattern
        self.values = values
    }

    /// A text that is made elsewhere; a phrasebook is asked for all of it.
    package init(_ text: String) {
        self.init(pattern: Self.place, values: [.word(text)])
    }

    /// One after the other.
    package static func + (left: Sentence, right: Sentence) -> Sentence {
        Sentence(pattern: left.pattern + right.pattern, values: left.values + right.values)
    }
}

extension Sentence: ExpressibleByStringInterpolation {
    package init(stringLiteral text: String) {
        self.init(pattern: text, values: [])
    }

    package init(stringInterpolation parts: Interpolation) {
        self.init(pattern: parts.pattern, values: parts.values)
    }

    /// Collects the pattern and what belongs into it.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var pattern = ""
        fileprivate var values: [Value] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            pattern.reserveCapacity(literalCapacity + interpolationCount * Sentence.place.count)
        }

        package mutating func appendLiteral(_ literal: String) { pattern += literal }

        /// An amount, written as the reader's language writes amounts.
        package mutating func appendInterpolation(_ amount: Money) { append(.amount(amount)) }

        /// How many of something there are, written as the reader's language writes large numbers.
        package mutating func appendInterpolation(count: Int) { append(.count(count)) }

        /// A day, written as the reader's language writes dates.
        package mutating func appendInterpolation(_ day: LocalDate) { append(.day(day)) }

        /// A part that is a sentence itself.
        package mutating func appendInterpolation(_ sentence: Sentence) { append(.sentence(sentence)) }

        /// Anything else, as it is described.
        package mutating func appendInterpolation(_ value: some Any) { append(.word(String(describing: value))) }

        private mutating func append(_ value: Value) {
            pattern += Sentence.place
            values.append(value)
        }
    }
}

// MARK: In English

extension Sentence: CustomStringConvertible, Hashable {
    /// The sentence in English, as it was written.
    package var description: String {
        filled(pattern) { value, _ in
            switch value {
            case .word(let word): word
            case .count(let count): "\(count)"
            case .amount(let amount): amount.description
            case .day(let day): day.description
            case .sentence(let sentence): sentence.description
            }
        }
    }

    /// Sentences that read the same are the same.
    package static func == (left: Sentence, right: Sentence) -> Bool { left.description == right.description }

    package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

extension Sentence {
    /// A pattern of the sentence with its values: `{}` is the next of them, `{2}` the second.
    ///
    /// What writes a value is told the text before it.
    func filled(_ pattern: String, _ written: (Value, String) -> String) -> String {
        var text = ""
        var next = 0
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{") {
            text += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}"), let index = index(rest[open...close], &next) else {
                // A brace that is part of the words, such as `/v1/invoices/{id}`.
                text.append("{")
                rest = rest[rest.index(after: open)...]
                continue
            }
            text += written(values[index], text)
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    /// Which value a place is for; nil where it is none.
    private func index(_ place: Substring, _ next: inout Int) -> Int? {
        let number = place.dropFirst().dropLast()
        if let told = Int(number) { return values.indices.contains(told - 1) ? told - 1 : nil }
        guard number.isEmpty, values.indices.contains(next) else { return nil }
        defer { next += 1 }
        return next
    }
}
