import NotificationDomain
import PaymentModel

/// A message in a list; its text and address are left out, since lists are read by many.
struct MessageAnswer: Codable, Sendable {
    let id: MessageID
    let occasion: String
    let channel: String
    let state: String
    /// What it is about: this, a debt, recorded money or a campaign.
    let paymentID: PaymentID?
    let invoiceID: InvoiceID?
    let receivableID: ReceivableID?
    let paymentOnAccountID: PaymentOnAccountID?
    let campaignID: CampaignID?
    let tries: Int
    /// Why it is where it is, when there is something to say; nothing personal.
    let reason: Sentence?
    /// What the gateway bills.
    let parts: Int?
    let createdAt: Instant
    /// When it should leave; nothing for campaigns.
    let dueAt: Instant?
    /// Until when it is held, or waits for its time; nothing for what may leave, or is tried again in a while.
    let waitsUntil: Instant?
    /// When a gateway took it; of one that arrived though its only call was not answered, when that was made.
    let leftAt: Instant?
    let isLate: Bool
    /// The same as `state` and `reason` for those who have the client before them.
    let words: MessageWords

    init(_ record: MessageRecord, lateAfter: Duration) {
        id = record.message.id
        occasion = record.occasion.rawValue
        channel = record.channel.rawValue
        state = record.message.state.rawValue
        paymentID = record.matter.payment
        invoiceID = record.matter.invoice
        receivableID = record.matter.receivable
        paymentOnAccountID = record.matter.paymentOnAccount
        campaignID = record.matter.campaign
        tries = record.message.tries
        reason = record.reason.map { Sentence.note($0) }
        parts = record.parts
        createdAt = record.createdAt
        dueAt = record.dueAt
        waitsUntil = record.waitsUntil
        leftAt = record.leftAt
        isLate = record.isLate(after: lateAfter)
        words = MessageWords(record.message.state, reason: record.reason)
    }
}

/// What a message says, as far as it is kept: without what opens something, such as a link or a code.
struct MessageTextAnswer: Encodable, Sendable {
    let id: MessageID
    let channel: String
    /// Only what left was told.
    let state: String
    /// Masked; enough to recognise one's own.
    let address: String?
    /// Absent where nobody chose one, as of a campaign's body.
    let language: String?
    /// Of a mail.
    let subject: String?
    let text: String

    init(_ record: MessageRecord, _ proof: String) {
        id = record.message.id
        channel = record.channel.rawValue
        state = record.message.state.rawValue
        address =
            switch record.channel {
            case .sms: record.address.flatMap { Phone(e164: $0) }?.masked
            case .email: record.address.flatMap { EmailAddress($0) }?.masked
            }
        language = record.language?.rawValue
        subject = record.channel == .email ? record.subject : nil
        text = proof
    }
}

/// A reminder as the API shows it.
struct ReminderAnswer: Codable, Sendable {
    /// Also the message's, once it is one.
    let id: MessageID
    let occasion: String
    let paymentID: PaymentID
    let state: String
    /// At the clinic.
    let day: LocalDate
    let time: String
    /// The instant that is, in the zone of the clinic as it is by now; absent in what was remembered before.
    let dueAt: Instant?
    let timeZone: String?
    /// Until when its link can be used: one due later is called off before.
    ///
    /// Absent of notices of debits, which have no link, and where it was not told.
    let linkEndsAt: Instant?
    let reason: Sentence?
    /// People of the directory who get it besides the client; absent in what was remembered before there were any.
    let contactIDs: [ContactID]?
    let version: Int64

    init(_ record: ReminderRecord, at moment: WallMoment, linkEndsAt: Instant?) {
        id = record.reminder.id
        occasion = record.occasion.rawValue
        paymentID = record.payment
        state = record.reminder.state.rawValue
        day = record.reminder.day
        time = record.reminder.time.description
        dueAt = moment.dueAt
        timeZone = moment.timeZone
        self.linkEndsAt = record.occasion == .paymentReminder ? linkEndsAt : nil
        reason = record.reason.map { Sentence($0) }
        contactIDs = record.contacts
        version = record.version
    }
}

extension ReminderAnswer {
    init(_ shown: ShownReminder) {
        self.init(shown.record, at: shown.moment, linkEndsAt: shown.linkEndsAt)
    }
}

/// A decision as the API shows it.
struct ConsentAnswer: Codable, Sendable {
    /// What holds, for who recorded one that may be older.
    struct Standing: Codable, Sendable {
        let decision: ConsentDecision
        let decidedAt: Instant
    }

    let decision: ConsentDecision
    let channel: String
    let proof: String
    let decidedAt: Instant
    /// As it was read, for who recorded it; nothing personal is remembered.
    var phone: String?
    /// Absent in lists, and in what was remembered before.
    let standing: Standing?

    init(_ record: ConsentRecord, standing: ConsentRecord? = nil) {
        decision = record.decision
        channel = record.channel.rawValue
        proof = record.proof
        decidedAt = record.decidedAt
        self.standing = standing.map { Standing(decision: $0.decision, decidedAt: $0.decidedAt) }
    }
}
