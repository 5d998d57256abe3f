package import HTTPClient
package import NotificationDomain
package import Observability
package import PaymentModel

/// What the reader of a mail presses to pay.
package struct PayButton: Sendable {
    package let label: String
    package let address: Secret

    package init(label: String, address: Secret) {
        self.label = label
        self.address = address
    }
}

/// A message ready to leave.
package struct OutgoingMessage: Sendable {
    package let id: MessageID
    /// A phone number in E.164, or an e-mail address.
    package let address: String
    /// Only e-mails have one.
    package let subject: String
    package let text: String
    /// The name a phone shows; nil: the one of the settings.
    package let sender: String?
    /// Whether it is an advertisement, which who said STOP gets through no gateway.
    package let isMarketing: Bool
    /// How marketing says STOP, where a gateway is told that it is that and puts its own mention there; nil: it is told
    /// of no such thing, and the text leaves as it is.
    package let stopMention: String?
    /// How many minutes from now on it is worth arriving; nil where that is longer than gateways try for.
    package let validMinutes: Int?
    /// When it was written, for the mail's date.
    package let writtenAt: Instant
    /// Only e-mails of invoices have one.
    package let payButton: PayButton?
    /// Only e-mails bring some.
    package let attachments: [MailMessage.Attachment]

    package init(
        id: MessageID, address: String, subject: String, text: String, sender: String? = nil,
        isMarketing: Bool = false, stopMention: String? = nil, validMinutes: Int? = nil, writtenAt: Instant,
        payButton: PayButton? = nil, attachments: [MailMessage.Attachment] = []
    ) {
        self.id = id
        self.address = address
        self.subject = subject
        self.text = text
        self.sender = sender
        self.isMarketing = isMarketing
        self.stopMention = stopMention
        self.validMinutes = validMinutes
        self.writtenAt = writtenAt
        self.payButton = payButton
        self.attachments = attachments
    }
}

extension OutgoingMessage {
    /// How long gateways try to reach a phone unless they are told, two days.
    static let validMinutesMax = 2_880

    /// Whole minutes of so many seconds, one at the least: what is not worth arriving any more does not.
    package static func validMinutes(in seconds: Int64) -> Int? {
        let minutes = max(1, seconds / 60)
        return minutes < validMinutesMax ? Int(minutes) : nil
    }

    /// The text for a gateway that adds its own mention of STOP to marketing; the same text for all else.
    var textWithoutMention: String {
        stopMention.map { StopMention.removed($0, from: text) } ?? text
    }
}

/// A way for messages to leave.
package protocol MessageGateway: Sendable {
    /// Its name in events and metrics, such as `smsfactor`.
    var name: String { get }

    /// Hands the message over once; it never tries again by itself, since only the caller knows what was recorded.
    ///
    /// An answer that does not say whether the message was taken MUST be `.unknown`.
    func send(_ message: OutgoingMessage) async -> DispatchOutcome
}
