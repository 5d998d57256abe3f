package import PaymentModel

/// The words of a campaign as each recipient gets them, with who writes and how to say STOP (NOT-6, NOT-9).
package struct CampaignText: Sendable {
    private let template: MessageTemplate
    private let identity: String
    /// Whether its author wrote who writes.
    private let isSigned: Bool
    private let mention: String
    private let transliterates: Bool

    /// `mention` says how to opt out, such as `STOP au 36111`.
    package init(
        _ body: String, identity: String, mention: String, transliterates: Bool
    ) throws(MessageTemplate.Fault) {
        template = try MessageTemplate(body, of: .campaign)
        self.identity = identity
        // Without the names of a recipient, who may be called like that.
        isSigned = Self.says(identity, in: template.render(TemplateValues([.firstName: "", .lastName: ""])))
        self.mention = mention
        self.transliterates = transliterates
    }

    /// Whether it is the same for everybody.
    package var isUniform: Bool { !template.namesFields }

    package func write(firstName: String, lastName: String) -> String {
        let body = template.render(TemplateValues([.firstName: firstName, .lastName: lastName]))
        let named = isSigned ? body : "\(identity): \(body)"
        let whole = named.lowercased().contains(mention.lowercased()) ? named : "\(named)\n\(mention)"
        return transliterates ? Transliteration.cheapest(whole) : whole
    }

    /// Whether it is there as a name, in capitals or not, and not as a piece of another word.
    private static func says(_ name: String, in text: String) -> Bool {
        let (name, text) = (name.lowercased(), text.lowercased())
        return text.ranges(of: name).contains { place in
            let around = [text[..<place.lowerBound].last, text[place.upperBound...].first].compactMap(\.self)
            return !around.contains { $0.isLetter || $0.isNumber }
        }
    }
}

/// Writes a campaign to one after the other, to each in the text of its language where there is one (NOT-2).
package struct CampaignWriter: Sendable {
    package struct Written: Hashable, Sendable {
        package let text: String
        package let parts: Int
        /// Nil for the body, of which nobody says what language it is in.
        package let language: Language?
    }

    private let body: Words
    private let otherLanguages: [Language: Words]

    package init(_ body: CampaignText, otherLanguages: [Language: CampaignText] = [:]) {
        self.body = Words(body, in: nil)
        self.otherLanguages = otherLanguages.reduce(into: [:]) { words, other in
            words[other.key] = Words(other.value, in: other.key)
        }
    }

    package func write(to candidate: CampaignCandidate) -> Written {
        (candidate.language.flatMap { otherLanguages[$0] } ?? body).write(to: candidate)
    }

    /// One of its texts; where that is the same for everybody, its parts are counted once.
    private struct Words: Sendable {
        private let text: CampaignText
        private let language: Language?
        private let same: Written?

        init(_ text: CampaignText, in language: Language?) {
            self.text = text
            self.language = language
            same = text.isUniform ? Self.written(text.write(firstName: "", lastName: ""), in: language) : nil
        }

        func write(to candidate: CampaignCandidate) -> Written {
            same
                ?? Self.written(text.write(firstName: candidate.firstName, lastName: candidate.lastName), in: language)
        }

        private static func written(_ text: String, in language: Language?) -> Written {
            Written(text: text, parts: SMSParts(of: text).count, language: language)
        }
    }
}
