/// What sentences are in French, by their English (GEN-5).
package struct Phrasebook: Sendable {
    /// The French patterns by the English ones; words that are put into sentences too.
    package let french: [String: String]

    /// A phrasebook of these patterns.
    package init(french: [String: String]) {
        self.french = french
    }

    /// Nothing but English.
    package static let empty = Phrasebook(french: [:])

    /// This book and another; where both know a sentence, the other is asked.
    package func adding(_ other: Phrasebook) -> Phrasebook {
        Phrasebook(french: french.merging(other.french) { _, new in new })
    }

    /// The sentence in a language; what the book does not know stays English.
    package func text(of sentence: Sentence, in language: Language) -> String {
        switch language {
        case .english: sentence.description
        case .french:
            sentence.filled(french[sentence.pattern] ?? sentence.pattern) { value, before in
                switch value {
                case .word(let word): french[word] ?? word
                case .count(let count): Wording.count(count, in: .french)
                case .amount(let amount): Wording.amount(amount, in: .french)
                case .day(let day): Wording.date(day)
                case .sentence(let part): Self.part(text(of: part, in: .french), after: before)
                }
            }
        }
    }

    /// After a colon French goes on small, unless with a name.
    private static func part(_ text: String, after before: String) -> String {
        guard before.hasSuffix(": "), let first = text.first, beginnings.contains(where: { text.hasPrefix($0) }) else {
            return text
        }
        return first.lowercased() + text.dropFirst()
    }

    private static let beginnings = [
        "Le ", "La ", "Les ", "L'", "Ce ", "Cet ", "Cette ", "Ces ", "C'", "Il ", "Un ", "Une ", "Des ", "Aucun ",
        "Aucune ",
    ]
}
