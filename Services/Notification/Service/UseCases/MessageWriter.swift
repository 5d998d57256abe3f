import Mustache
import NotificationDomain
import PaymentModel

/// A message's words.
struct MessageText: Sendable {
    /// Empty for an SMS.
    let subject: String
    let body: String
}

/// Writes messages from templates, in the recipient's language (NOT-2).
struct MessageWriter: Sendable {
    private let library: [TemplateName: MustacheTemplate]

    /// A template is missing or not well-formed: a mistake of ours, told at start.
    init() throws {
        var library: [TemplateName: MustacheTemplate] = [:]
        for (name, text) in Templates.all { library[name] = try MustacheTemplate(string: text) }
        self.library = library
    }

    func write(_ record: MessageRecord, for recipient: Recipient) throws -> MessageText {
        let values = try self.values(record, recipient)
        let body = try render(TemplateName(record.occasion, record.channel, .body, recipient.language), values)
        guard record.channel == .email else {
            // One letter outside the alphabet of SMS doubles the bill (C-15).
            return MessageText(subject: "", body: Transliteration.plain(body))
        }
        let subject = try render(TemplateName(record.occasion, .email, .subject, recipient.language), values)
        return MessageText(subject: subject, body: body)
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
