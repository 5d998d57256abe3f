import NotificationDomain
import PaymentModel

/// The words of a message as the API shows them.
struct TemplateAnswer: Codable, Sendable {
    let occasion: String
    let channel: String
    let language: Language
    /// False when the organisation wrote its own.
    let isStandard: Bool
    let subject: String?
    let body: String
    /// What the words may name, as `{{amount}}`.
    let fields: [String]
    /// What a row between `{{#schedule}}` and `{{/schedule}}` may name besides; absent where there is none.
    let scheduleFields: [String]?

    init(_ record: TemplateRecord) {
        let name = record.name
        let text = record.text ?? StandardTemplates.text(name)
        occasion = name.occasion.rawValue
        channel = name.channel.rawValue
        language = name.language
        isStandard = record.text == nil
        subject = text.flatMap { $0.subject.isEmpty ? nil : $0.subject }
        body = text?.body ?? ""
        fields = name.occasion.fields.map(\.rawValue)
        scheduleFields = name.occasion.hasSchedule ? Occasion.scheduleFields.map(\.rawValue) : nil
    }
}

/// A message as it would be sent to somebody made up.
struct PreviewAnswer: Encodable, Sendable {
    let subject: String?
    let body: String
    /// Of an SMS.
    let sms: SMSCheckAnswer?
}

/// What an SMS costs and what makes it dear (NOT-7, C-15).
struct SMSCheckAnswer: Encodable, Sendable {
    struct Finding: Encodable, Sendable {
        let character: String
        let codePoints: String
        let line: Int
        let column: Int
        let times: Int
        let instead: String?
    }

    struct Plain: Encodable, Sendable {
        let text: String
        let parts: Int
        let cost: Money?
    }

    struct Sent: Encodable, Sendable {
        let text: String
        let coding: String
        let parts: Int
        let cost: Money?
    }

    let coding: String
    let units: Int
    let parts: Int
    /// Whether a template that is sent in so many parts is refused.
    let isTooLong: Bool
    let cost: Money?
    /// The text with the organisation's letters: what is billed.
    let asSent: Sent
    /// What forces Unicode, and what to write instead.
    let findings: [Finding]
    /// The same text without what has a plain twin.
    let plain: Plain

    init(_ text: String, by policy: SendingPolicy) throws(MoneyError) {
        let (check, price) = (SMSCheck(text), policy.price)
        coding = check.parts.coding.rawValue
        units = check.parts.units
        parts = check.parts.count
        cost = try price?.cost(ofParts: check.parts.count)
        let sent = policy.transliterates ? Transliteration.cheapest(text) : text
        let sentParts = SMSParts(of: sent)
        isTooLong = sentParts.count > SMSParts.most
        asSent = Sent(
            text: sent, coding: sentParts.coding.rawValue, parts: sentParts.count,
            cost: try price?.cost(ofParts: sentParts.count))
        findings = check.findings.map { finding in
            Finding(
                character: finding.character, codePoints: finding.codePoints, line: finding.line,
                column: finding.column, times: finding.times, instead: finding.instead)
        }
        plain = Plain(
            text: check.plain, parts: check.plainParts.count, cost: try price?.cost(ofParts: check.plainParts.count))
    }
}

/// How an organisation sends, as the API shows it.
struct PolicyAnswer: Codable, Sendable {
    let sender: String?
    let transliterates: Bool
    let pricePerThousandParts: Money?
    /// The gateways for SMS, the one that is tried first in front.
    let gateways: [String]?
    /// When marketing may be sent, on working days there.
    let marketingFrom: String
    let marketingUntil: String
    let region: String
    /// How messages about invoices travel; absent: they are not sent.
    let documentsBy: String?
    let receiptsBy: String?
    let depositRequestsBy: String?
    let overdueBy: String?
    let paymentEndsBy: String?
    /// Below how many parts of SMS the organisation is told; absent: it is not.
    let quotaLowBelow: Int?
    let quotaLimitsAll: Bool
    let version: Int64

    init(_ policy: SendingPolicy) {
        sender = policy.sender?.text
        transliterates = policy.transliterates
        pricePerThousandParts = policy.price?.perThousandParts
        gateways = policy.gateways
        marketingFrom = policy.hours.opensAt.description
        marketingUntil = policy.hours.closesAt.description
        region = policy.hours.region.rawValue
        documentsBy = policy.invoices.documents?.rawValue
        receiptsBy = policy.invoices.receipts?.rawValue
        depositRequestsBy = policy.invoices.depositRequests?.rawValue
        overdueBy = policy.invoices.overdue?.rawValue
        paymentEndsBy = policy.invoices.paymentEnds?.rawValue
        quotaLowBelow = policy.quotaLowBelow
        quotaLimitsAll = policy.quotaLimitsAll
        version = policy.version
    }
}
