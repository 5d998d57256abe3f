package import PaymentModel

/// Nobody wants the message any more, so it is not sent; if it had left, or is wanted again, more is told.
package struct MessageCalledOffV1: EventPayload {
    package static let type = EventType(.notifications, "message-called-off", version: 1)

    /// The message.
    package let messageID: MessageID
    /// How it was to be sent.
    package let channel: MessageChannel
    /// What it is about, as a code.
    package let occasion: String
    /// The online payment it is about.
    package let paymentID: PaymentID?
    /// The invoice it is about.
    package let invoiceID: InvoiceID?
    /// The campaign it is a part of.
    package let campaignID: CampaignID?
    /// Why, as a code.
    package let reason: String

    package init(
        messageID: MessageID, channel: MessageChannel, occasion: String, paymentID: PaymentID? = nil,
        invoiceID: InvoiceID? = nil, campaignID: CampaignID? = nil, reason: String
    ) {
        self.messageID = messageID
        self.channel = channel
        self.occasion = occasion
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.campaignID = campaignID
        self.reason = reason
    }
}
