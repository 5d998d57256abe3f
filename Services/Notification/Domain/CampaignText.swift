/// The words of a campaign as each recipient gets them, with who writes and how to say STOP (NOT-6, NOT-9).
package struct CampaignText: Sendable {
    private let template: MessageTemplate
    private let identity: String
    private let mention: String
    private let transliterates: Bool

    /// `mention` says how to opt out, such as `STOP au 36111`.
    package init(
        _ body: String, identity: String, mention: String, transliterates: Bool
    ) throws(MessageTemplate.Fault) {
        template = try MessageTemplate(body, of: .campaign)
        self.identity = identity
        self.mention = mention
        self.transliterates = transliterates
    }

    /// Whether it is the same for everybody.
    package var isUniform: Bool { !template.namesFields }

    package func write(firstName: String, lastName: String) -> String {
        let body = template.render(TemplateValues([.firstName: firstName, .lastName: lastName]))
        let named = body.lowercased().contains(identity.lowercased()) ? body : "\(identity): \(body)"
        let whole = named.lowercased().contains(mention.lowercased()) ? named : "\(named)\n\(mention)"
        return transliterates ? Transliteration.cheapest(whole) : whole
    }
}

/// Writes a campaign to one after the other, and counts each text's parts once where all are the same.
package struct CampaignWriter: Sendable {
    package struct Written: Hashable, Sendable {
        package let text: String
        package let parts: Int
    }

    private let text: CampaignText
    private let same: Written?

    package init(_ text: CampaignText) {
        self.text = text
        same = text.isUniform ? CampaignWriter.written(text.write(firstName: "", lastName: "")) : nil
    }

    package func write(to candidate: CampaignCandidate) -> Written {
        same ?? CampaignWriter.written(text.write(firstName: candidate.firstName, lastName: candidate.lastName))
    }

    private static func written(_ text: String) -> Written { Written(text: text, parts: SMSParts(of: text).count) }
}
