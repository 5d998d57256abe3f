/// Whom sentences are told: the language they read, and what is known in it (GEN-5).
package struct Reader: Sendable {
    /// The language.
    package let language: Language

    private let phrases: Phrasebook

    /// A reader of this language.
    package init(_ language: Language, _ phrases: Phrasebook) {
        self.language = language
        self.phrases = phrases
    }

    /// Somebody who reads English.
    package static let english = Reader(.english, .empty)

    /// Somebody who has the same phrasebook and asks for a language.
    package func reading(_ language: Language) -> Reader { Reader(language, phrases) }

    /// The sentence in the reader's language.
    package func text(of sentence: Sentence) -> String { phrases.text(of: sentence, in: language) }
}

extension CodingUserInfoKey {
    /// For whom an encoder writes; without a reader a sentence is written so that it can be told to anybody later.
    package static let reader: CodingUserInfoKey = {
        guard let key = CodingUserInfoKey(rawValue: "reader") else { preconditionFailure("any text is a key") }
        return key
    }()
}

extension Sentence: Codable {
    private enum Key: String, CodingKey { case pattern, values }

    package init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: Key.self) else {
            // Kept by an earlier version, or told by somebody else.
            self.init(try decoder.singleValueContainer().decode(String.self))
            return
        }
        self.init(
            pattern: try container.decode(String.self, forKey: .pattern),
            values: try container.decode([Value].self, forKey: .values))
    }

    package func encode(to encoder: any Encoder) throws {
        if let reader = encoder.userInfo[.reader] as? Reader {
            var container = encoder.singleValueContainer()
            try container.encode(reader.text(of: self))
        } else if values.isEmpty, !pattern.contains(Self.place) {
            // A text as before, which an instance of the version before can read.
            var container = encoder.singleValueContainer()
            try container.encode(pattern)
        } else {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(pattern, forKey: .pattern)
            try container.encode(values, forKey: .values)
        }
    }
}

extension Sentence.Value: Codable {
    private enum Key: String, CodingKey { case word, count, amount, day, sentence }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let word = try container.decodeIfPresent(String.self, forKey: .word) {
            self = .word(word)
        } else if let count = try container.decodeIfPresent(Int.self, forKey: .count) {
            self = .count(count)
        } else if let amount = try container.decodeIfPresent(Money.self, forKey: .amount) {
            self = .amount(amount)
        } else if let day = try container.decodeIfPresent(LocalDate.self, forKey: .day) {
            self = .day(day)
        } else {
            self = .sentence(try container.decode(Sentence.self, forKey: .sentence))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .word(let word): try container.encode(word, forKey: .word)
        case .count(let count): try container.encode(count, forKey: .count)
        case .amount(let amount): try container.encode(amount, forKey: .amount)
        case .day(let day): try container.encode(day, forKey: .day)
        case .sentence(let sentence): try container.encode(sentence, forKey: .sentence)
        }
    }
}
