import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Says what a campaign would be before anything of it leaves: for how many, in how many parts, without whom (NOT-6).
struct CountRecipients {
    let database: Database
    /// How to say STOP.
    let mention: String
    let sort = SortRecipients(isPreview: true)
    let recipients = CampaignRecipientStore()
    /// How many recipients are read at once.
    private static let batchMax = 2_000

    /// Batch by batch: a hundred thousand recipients hold no transaction open.
    func run(_ record: CampaignRecord, _ policy: SendingPolicy) async throws -> CampaignTally {
        let writer = try record.writer(mention: mention, policy)
        var (tally, place) = (CampaignTally(), CampaignPlace())
        while !place.isEnd {
            let from = place
            let (sorted, next) = try await database.read(organisation: record.organisation) { transaction in
                try sort.run(record, from: from, Self.batchMax, &transaction)
            }
            for one in sorted {
                if let reason = one.leftOut { tally.add(reason) } else { tally.add(writer, one.candidate) }
            }
            place = next
        }
        let elsewhere = try await database.read(organisation: record.organisation) { transaction in
            try recipients.countElsewhere(record, &transaction)
        }
        tally.add(elsewhere, .otherClinic)
        return tally
    }
}

extension CampaignTally {
    fileprivate mutating func add(_ writer: CampaignWriter, _ candidate: CampaignCandidate) {
        let parts = writer.write(to: candidate).parts
        if parts > SMSParts.most { add(.tooLong) } else { add(parts: parts) }
    }
}

extension CampaignRecord {
    /// Writes to each recipient, in the text of its language where there is one.
    func writer(mention: String, _ policy: SendingPolicy) throws -> CampaignWriter {
        CampaignWriter(
            try draft.text(mention: mention, policy), otherLanguages: try draft.otherTexts(mention: mention, policy))
    }
}

extension CampaignDraft {
    /// The body with who writes and how to say STOP.
    func text(mention: String, _ policy: SendingPolicy) throws -> CampaignText {
        try text(body, at: Self.place(of: nil), mention, policy)
    }

    /// The same of the languages that have a text of their own.
    func otherTexts(mention: String, _ policy: SendingPolicy) throws -> [Language: CampaignText] {
        var texts: [Language: CampaignText] = [:]
        for language in Language.allCases {
            guard let words = otherLanguages[language] else { continue }
            texts[language] = try text(words, at: Self.place(of: language), mention, policy)
        }
        return texts
    }

    /// Where a request says the text of a language, or the body.
    static func place(of language: Language?) -> String { language.map { "otherLanguages/\($0.rawValue)" } ?? "body" }

    private func text(
        _ words: String, at place: String, _ mention: String, _ policy: SendingPolicy
    ) throws -> CampaignText {
        do throws(MessageTemplate.Fault) {
            return try CampaignText(words, identity: identity, mention: mention, transliterates: policy.transliterates)
        } catch {
            throw ParsedTemplate.Refused(place: place, fault: error, occasion: .campaign)
        }
    }
}
