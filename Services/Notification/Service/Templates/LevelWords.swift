import NotificationDomain

/// What is said at a level of dunning, by the organisation or by us; it always says how much is due (INV-14).
struct LevelWords {
    private let words: [MessageTemplate]
    private let separator: String

    /// Nil where the words name a field there is not, as they could before that was refused.
    init?(own text: String, for name: TemplateName) throws(MessageTemplate.Fault) {
        let own: MessageTemplate
        do throws(MessageTemplate.Fault) {
            own = try MessageTemplate(text, of: .overdue, asSubject: true)
        } catch {
            return nil
        }
        guard !own.names(.levelText) else { return nil }
        let due = try MessageTemplate(InvoiceTemplates.whatIsDue(name.channel, name.language), of: .overdue)
        self.init(own.names(.amount) ? [own] : [own, due], name)
    }

    init(standardFor name: TemplateName) throws(MessageTemplate.Fault) {
        let text = InvoiceTemplates.levelText(name.channel, name.language)
        self.init([try MessageTemplate(text, of: .overdue)], name)
    }

    private init(_ words: [MessageTemplate], _ name: TemplateName) {
        self.words = words
        separator = name.channel == .sms ? " " : "\n\n"
    }

    /// The values with these words, filled in, as one more.
    func added(to values: TemplateValues) -> TemplateValues {
        var values = values
        values.fields[.levelText] = words.map { $0.render(values) }.joined(separator: separator)
        return values
    }
}

/// Writes a reminder of what is late, with what the organisation says at its level.
struct LevelWriter {
    let writer: MessageWriter
    /// The organisation's own, or ours.
    let template: ParsedTemplate
    let standard: ParsedTemplate

    /// `text` is what the organisation says at the level, if it says something of its own.
    func write(_ values: TemplateValues, saying text: String?) throws(MessageTemplate.Fault) -> MessageText {
        let name = template.name
        if let text, let own = try LevelWords(own: text, for: name) {
            // The words of the level are nearer than a template that has no place for them.
            let written = writer.write(
                template.body.names(.levelText) ? template : standard, own.added(to: values))
            // What makes more parts than phones put together says what is due in ours.
            if written.parts <= SMSParts.most { return written }
        }
        return writer.write(template, try LevelWords(standardFor: name).added(to: values))
    }
}
