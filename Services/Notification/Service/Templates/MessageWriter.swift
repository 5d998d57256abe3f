import Mustache
import NotificationDomain
import PaymentModel

/// A message's words.
struct MessageText: Sendable {
    /// Empty for an SMS.
    let subject: String
    let body: String
    /// The body without what opens something: what is kept once the message has left.
    let proof: String
}

/// Writes messages from templates, in the recipient's language (NOT-2).
struct MessageWriter: Sendable {
    /// Stands in the proof for what opens something.
    static let masked = "[...]"

    private let library: [TemplateName: MustacheTemplate]

    /// A template is missing or not well-formed: a mistake of ours, told at start.
    init() throws {
        var library: [TemplateName: MustacheTemplate] = [:]
        for (name, text) in Templates.all { library[name] = try MustacheTemplate(string: text) }
        self.library = library
    }

    func write(_ record: MessageRecord, for recipient: Recipient) throws -> MessageText {
        var values = try self.values(record, recipient)
        let name = TemplateName(record.occasion, record.channel, .body, recipient.language)
        let body = try render(name, values)
        values["link"] = Self.masked
        let proof = try render(name, values)
        guard record.channel == .email else {
            // One letter outside the alphabet of SMS doubles the bill (C-15).
            return MessageText(
                subject: "", body: Transliteration.plain(body), proof: Transliteration.plain(proof))
        }
        let subject = try render(TemplateName(record.occasion, .email, .subject, recipient.language), values)
        return MessageText(subject: subject, body: body, proof: proof)
    }

    private func render(_ name: TemplateName, _ values: [String: Any]) throws -> String {
        guard let template = library[name] else { throw MissingTemplate(name: name) }
        return template.render(values)
    }

    private func values(_ record: MessageRecord, _ recipient: Recipient) throws -> [String: Any] {
        let language = recipient.language
        let facts = try MessageFacts(record.facts)
        return [
            "firstName": recipient.firstName, "lastName": recipient.lastName, "clinic": recipient.clinicName,
            "amount": Wording.amount(facts.amount ?? recipient.amount, in: language), "link": recipient.payLink,
            "schedule": recipient.schedule.map { instalment in
                [
                    "day": Wording.date(instalment.dueOn),
                    "amount": Wording.amount(Money(total(instalment), instalment.amount.currency), in: language),
                ]
            },
        ]
    }

    private func total(_ instalment: ScheduledInstalment) -> Int64 {
        instalment.amount.minorUnits + instalment.customerFee.minorUnits
    }
}

/// An occasion nobody wrote a template for.
struct MissingTemplate: Error {
    let name: TemplateName
}
