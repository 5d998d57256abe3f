/// One text to one phone that the gateway took.
struct SMSMessage: Sendable {
    let ticket: String
    let token: String
    /// The sender's own id, empty when none was given.
    let reference: String
    let to: String
    let text: String
    /// What the phone shows.
    let shown: String
    let sender: String?
    let pushType: String
    let delay: String?
    let parts: Int
    let sentAt: Int64
    var receipt: Int?

    var json: JSON {
        [
            "ticket": .text(ticket), "gsmsmsid": .text(reference), "to": .text(to), "text": .text(text),
            "shown": .text(shown), "sender": .optional(sender), "pushtype": .text(pushType),
            "delay": .optional(delay), "parts": .count(parts), "sentAt": .integer(sentAt),
            "receipt": .optional(receipt.map { Int64($0) }),
        ]
    }
}

/// A customer of the gateway.
struct SMSAccount: Sendable {
    let token: String
    var credits: Int
    var webhooks: [SMSWebhook] = []
}

/// An address the gateway pushes to.
struct SMSWebhook: Sendable {
    let id: Int
    let type: String
    let url: String
    /// Shared secret; nothing is signed without one.
    let signature: String?

    var json: JSON {
        ["webhook_id": .text(String(id)), "type": .text(type), "url": .text(url), "signature": .optional(signature)]
    }
}

/// How pushes are signed: the gateway's pages do not say, so a client should accept both.
enum SMSSignatureMode: String, Sendable, CaseIterable {
    case hmac, secret
}
