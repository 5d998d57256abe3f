import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Writes a message in the recipient's language, with the organisation's own words where it has some (NOT-2).
struct WriteMessage {
    let templates = TemplateStore()
    let policies = PolicyStore()

    /// The words, and how the organisation sends them.
    func run(
        _ record: MessageRecord, with known: Particulars, of facts: MessageFacts, in change: inout Change
    ) throws -> (text: MessageText, policy: SendingPolicy) {
        let name = TemplateName(
            occasion: record.occasion, channel: record.channel, language: known.recipient.language)
        let (own, chosen) = try change.read(
            templates.finding(name, of: record.organisation), policies.finding(record.organisation))
        guard let text = own?.text ?? StandardTemplates.text(name) else { throw MissingTemplate(name: name) }
        let policy = chosen ?? SendingPolicy()
        let words = MessageWriter(transliterates: policy.transliterates).write(
            try ParsedTemplate(text, as: name), TemplateValues(known.recipient, facts, code: known.code))
        return (words, policy)
    }
}

/// An occasion nobody wrote a template for.
struct MissingTemplate: Error {
    let name: TemplateName
}
