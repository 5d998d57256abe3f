import NotificationDomain
import PaymentModel

/// How far a campaign's messages are.
struct CampaignProgress: Encodable, Sendable {
    /// Written, not given to a gateway yet.
    private(set) var waiting = 0
    /// A gateway is being called.
    private(set) var calling = 0
    private(set) var sent = 0
    private(set) var delivered = 0
    private(set) var failed = 0
    /// May have left.
    private(set) var uncertain = 0
    private(set) var calledOff = 0
    /// As gateways billed them.
    private(set) var parts = 0
    /// By the reason.
    let leftOut: [String: Int]

    init(_ counts: [CampaignCount], leftOut: [LeftOut: Int]) {
        self.leftOut = leftOut.byReason
        for count in counts {
            parts += count.parts
            switch count.state {
            case .requested, .ready: waiting += count.messages
            case .claimed: calling += count.messages
            case .sent: sent += count.messages
            case .delivered: delivered += count.messages
            case .failed: failed += count.messages
            case .uncertain: uncertain += count.messages
            case .calledOff: calledOff += count.messages
            }
        }
    }
}

/// A campaign as the API shows it.
struct CampaignAnswer: Encodable, Sendable {
    let id: CampaignID
    let name: String
    let state: String
    let clinicID: ClinicID?
    let sender: String?
    let identity: String
    let body: String
    /// Absent: everybody gets the body.
    let otherLanguages: [Language: String]?
    let groups: [String]
    let contactIDs: [ContactID]
    let phones: [String]
    /// On the clinic's wall; absent: at once.
    let day: LocalDate?
    let time: String?
    /// As counted at its start.
    let expectedRecipients: Int
    let expectedParts: Int
    /// How many of those it names were looked at so far, those left out among them, and whether that is all.
    let lookedAt: Int
    let isWritten: Bool
    /// Nothing of it waits any more.
    let isOver: Bool
    let createdAt: Instant
    let version: Int64
    /// Of one campaign; lists are without.
    var progress: CampaignProgress?

    init(_ record: CampaignRecord, progress: CampaignProgress? = nil) {
        let draft = record.draft
        id = record.campaign.id
        name = draft.name
        state = record.campaign.state.rawValue
        clinicID = draft.clinic
        sender = draft.sender?.text
        identity = draft.identity
        body = draft.body
        otherLanguages = draft.otherLanguages.isEmpty ? nil : draft.otherLanguages
        groups = draft.groups.map(\.text)
        contactIDs = draft.contacts
        phones = draft.phones
        day = draft.planned?.day
        time = draft.planned?.time.description
        expectedRecipients = record.progress.expectedRecipients
        expectedParts = record.progress.expectedParts
        lookedAt = record.progress.positions
        isWritten = record.progress.isWritten
        isOver = record.progress.isClosed
        createdAt = record.createdAt
        version = record.version
        self.progress = progress
    }
}

/// What a campaign would be.
struct CampaignPreviewAnswer: Encodable, Sendable {
    let recipients: Int
    let parts: Int
    /// Nil where the organisation's price is not known.
    let cost: Money?
    /// By the reason.
    let leftOut: [String: Int]
    /// Groups of it nobody is in.
    let emptyGroups: [String]
    /// As somebody made up would get it, who writes and how to say STOP with it.
    let sample: String
    let sms: SMSCheckAnswer
    /// The same of the languages that have a text of their own; absent: none has.
    let otherLanguages: [Language: Sample]?
    /// Nil where the organisation is not limited.
    let quotaLeft: Int?
    /// Whether the quota would let it start; one that was started had its parts then.
    let isWithinQuota: Bool
    /// Nil where it may leave as planned.
    let leavesAt: LeavesAt?

    struct Sample: Encodable, Sendable {
        let sample: String
        let sms: SMSCheckAnswer

        init(_ text: CampaignText, _ policy: SendingPolicy) throws(MoneyError) {
            sample = text.write(firstName: "Maximilienne", lastName: "Delacroix-Durand")
            sms = try SMSCheckAnswer(sample, by: policy)
        }
    }

    /// On the clinic's wall, or the organisation's.
    struct LeavesAt: Encodable, Sendable {
        let day: LocalDate
        let time: String
        let timeZone: String
    }

    init(
        _ tally: CampaignTally, _ text: CampaignText, _ otherTexts: [Language: CampaignText], _ policy: SendingPolicy,
        _ quota: Quota?, emptyGroups: [String], _ opening: FindOpening.Opening?, isStarted: Bool
    ) throws(MoneyError) {
        self.emptyGroups = emptyGroups
        leavesAt = opening.map { LeavesAt(day: $0.day, time: $0.time.description, timeZone: $0.timeZone) }
        recipients = tally.recipients
        parts = tally.parts
        cost = try policy.price?.cost(ofParts: tally.parts)
        leftOut = tally.leftOut.byReason
        let body = try Sample(text, policy)
        sample = body.sample
        sms = body.sms
        var others: [Language: Sample] = [:]
        for (language, text) in otherTexts { others[language] = try Sample(text, policy) }
        otherLanguages = others.isEmpty ? nil : others
        quotaLeft = quota?.left
        isWithinQuota = isStarted || quota.map { tally.parts <= $0.left } ?? true
    }
}

/// Somebody a campaign named, as the API shows it.
struct CampaignRecipientAnswer: Encodable, Sendable {
    let position: Int
    let contactID: ContactID?
    let name: String?
    let phone: String?
    /// The message's state, or `left-out`.
    let outcome: String
    let reason: String?
    let parts: Int?
    let messageID: MessageID?

    init(_ recipient: CampaignRecipient, for reader: Reader) {
        position = recipient.position
        contactID = recipient.contact
        name = recipient.name
        phone = recipient.phone
        outcome = recipient.outcome
        reason = recipient.reasonTold(to: reader)
        parts = recipient.parts
        messageID = recipient.message
    }
}

extension CampaignRecipient {
    var outcome: String { leftOut == nil ? state?.rawValue ?? "unknown" : "left-out" }

    /// The code of why it is left out, or why its message is where it is.
    func reasonTold(to reader: Reader) -> String? {
        leftOut?.rawValue ?? reason.map { reader.text(of: .note($0)) }
    }

    static let columns = ["position", "contact_id", "name", "phone", "outcome", "reason", "parts"]

    /// In the order of the columns.
    func cells(for reader: Reader) -> [String] {
        [
            "\(position)", contact?.description ?? "", name ?? "", phone ?? "", outcome,
            reasonTold(to: reader) ?? "", parts.map { "\($0)" } ?? "",
        ]
    }
}

extension [LeftOut: Int] {
    fileprivate var byReason: [String: Int] {
        Dictionary<String, Int>(uniqueKeysWithValues: map { ($0.key.rawValue, $0.value) })
    }
}
