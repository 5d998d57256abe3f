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
        guard let standard = StandardTemplates.text(name) else { throw MissingTemplate(name: name) }
        let policy = chosen ?? SendingPolicy()
        let writer = MessageWriter(transliterates: policy.transliterates)
        let template = try ParsedTemplate(own?.text ?? standard, as: name)
        let values = TemplateValues(known.recipient, facts, code: known.code, for: name)
        guard record.occasion == .overdue else { return (writer.write(template, values), policy) }
        let level = LevelWriter(
            writer: writer, template: template,
            standard: own == nil ? template : try ParsedTemplate(standard, as: name))
        let words = known.recipient.words(afterDays: facts.daysLate)
        return (try level.write(values, saying: words), policy)
    }
}

/// An occasion nobody wrote a template for.
struct MissingTemplate: Error {
    let name: TemplateName
}
