import NotificationDomain
import Observability
import PaymentModel

/// A message's words.
struct MessageText: Sendable {
    /// Empty for an SMS.
    let subject: String
    let body: String
    /// The body without what opens something: what is kept once the message has left.
    let proof: String
    /// Of an SMS; 0 for a mail.
    let parts: Int
    let language: Language
}

/// Fills templates in (NOT-2).
struct MessageWriter: Sendable {
    /// Stands in the proof for what opens something.
    static let masked = "[...]"

    /// Whether one letter outside the alphabet of SMS, which doubles the bill, is replaced (C-15).
    let transliterates: Bool

    func write(_ template: ParsedTemplate, _ values: TemplateValues) -> MessageText {
        var masked = values
        for field in [TemplateField.link, .code] { masked.fields[field] = Self.masked }
        let body = body(template, values)
        return MessageText(
            subject: subject(template, values), body: body, proof: self.body(template, masked),
            parts: template.name.channel == .sms ? SMSParts(of: body).count : 0,
            language: template.name.language)
    }

    /// On one line, whatever a value has.
    private func subject(_ template: ParsedTemplate, _ values: TemplateValues) -> String {
        template.subject.render(values).split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private func body(_ template: ParsedTemplate, _ values: TemplateValues) -> String {
        let body = template.body.render(values)
        return template.name.channel == .sms && transliterates ? Transliteration.cheapest(body) : body
    }
}

extension TemplateValues {
    /// What a message of this name says to a recipient; the amount is the fact's own where it has one.
    init(_ recipient: Recipient, _ facts: MessageFacts, code: Secret? = nil, for name: TemplateName) {
        self.init(
            [
                .firstName: recipient.firstName, .lastName: recipient.lastName, .clinic: recipient.clinicName,
                .amount: Self.amount(facts.amount ?? recipient.amount, for: name), .link: recipient.payLink ?? "",
                .day: (facts.day ?? recipient.dueOn).map { Wording.date($0) } ?? "", .code: code?.reveal() ?? "",
                .number: facts.number ?? recipient.number ?? recipient.label ?? "",
                .level: facts.level.map(String.init) ?? "",
            ],
            schedule: (recipient.schedule ?? []).map { Self.row($0, for: name) })
    }

    private static func row(_ instalment: ScheduledInstalment, for name: TemplateName) -> [TemplateField: String] {
        let total = instalment.amount.minorUnits + instalment.customerFee.minorUnits
        return [
            .day: Wording.date(instalment.dueOn),
            .amount: amount(Money(total, instalment.amount.currency), for: name),
        ]
    }

    /// An SMS has plain spaces: one narrow one, which its author cannot leave out, would double the bill (C-15).
    private static func amount(_ money: Money, for name: TemplateName) -> String {
        let text = Wording.amount(money, in: name.language)
        return name.channel == .sms ? text.replacing("\u{202F}", with: " ") : text
    }

    /// Somebody who is not there, for previews; long enough that a real client's message is hardly longer.
    static func sample(for name: TemplateName) -> TemplateValues {
        let third = amount(.euros(cents: 43_330), for: name)
        let values = TemplateValues(
            [
                .firstName: "Maximilienne", .lastName: "Delacroix-Durand", .clinic: "Clinique vétérinaire des Lilas",
                .amount: amount(.euros(cents: 129_990), for: name),
                .link: "https://paiement.example.org/p/" + String(repeating: "x", count: 22),
                .day: "31/12/2026", .code: "482913", .number: "F-LILAS-2026-000123", .level: "2",
            ],
            schedule: ["31/12/2026", "31/01/2027", "28/02/2027"].map { [.day: $0, .amount: third] })
        return (try? LevelWords(standardFor: name))?.added(to: values) ?? values
    }
}
