package import PaymentModel

/// A gateway has taken the message.
package struct MessageSentV1: EventPayload {
    package static let type = EventType(.notifications, "message-sent", version: 1)

    /// The message.
    package let messageID: MessageID
    /// How it is sent.
    package let channel: MessageChannel
    /// What it is about, as a code.
    package let occasion: String
    /// The online payment it is about.
    package let paymentID: PaymentID?
    /// The invoice it is about.
    package let invoiceID: InvoiceID?
    /// The campaign it is a part of.
    package let campaignID: CampaignID?
    /// Who carried it.
    package let gateway: String
    /// How many parts it is billed as.
    package let parts: Int
    /// The gateway's id of the message.
    package let gatewayReference: String?

    package init(
        messageID: MessageID, channel: MessageChannel, occasion: String, paymentID: PaymentID? = nil,
        invoiceID: InvoiceID? = nil, campaignID: CampaignID? = nil, gateway: String, parts: Int,
        gatewayReference: String? = nil
    ) {
        self.messageID = messageID
        self.channel = channel
        self.occasion = occasion
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.campaignID = campaignID
        self.gateway = gateway
        self.parts = parts
        self.gatewayReference = gatewayReference
    }
}
