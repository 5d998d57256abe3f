import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Writes a message in the recipient's language, with the organisation's own words where it has some (NOT-2).
struct WriteMessage {
    let templates = TemplateStore()
    let policies = PolicyStore()

    func run(
        _ record: MessageRecord, with known: Particulars, of facts: MessageFacts, in change: inout Change
    ) throws -> MessageText {
        let name = TemplateName(occasion: record.occasion, channel: record.channel, language: known.recipient.language)
        let own = try templates.find(name, of: record.organisation, in: &change.transaction)
        guard let text = own.text ?? StandardTemplates.text(name) else { throw MissingTemplate(name: name) }
        let policy = try policies.find(record.organisation, in: &change.transaction)
        return MessageWriter(transliterates: policy.transliterates).write(
            try ParsedTemplate(text, as: name),
            TemplateValues(known.recipient, facts, code: known.code))
    }
}

/// An occasion nobody wrote a template for.
struct MissingTemplate: Error {
    let name: TemplateName
}
