package import PaymentModel

/// A message to a client is to be sent.
package struct MessageRequestedV1: EventPayload {
    package static let type = EventType(.notifications, "message-requested", version: 1)

    /// The message.
    package let messageID: MessageID
    /// Whom it is for.
    package let clientID: ClientID?
    /// The online payment it is about.
    package let paymentID: PaymentID?
    /// The invoice it is about.
    package let invoiceID: InvoiceID?
    /// The campaign it is a part of.
    package let campaignID: CampaignID?
    /// How it is sent.
    package let channel: MessageChannel
    /// What it is about, as a code.
    package let occasion: String
    /// How urgent it is, as a code.
    package let lane: String

    package init(
        messageID: MessageID, clientID: ClientID? = nil, paymentID: PaymentID? = nil, invoiceID: InvoiceID? = nil,
        campaignID: CampaignID? = nil, channel: MessageChannel, occasion: String, lane: String
    ) {
        self.messageID = messageID
        self.clientID = clientID
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.campaignID = campaignID
        self.channel = channel
        self.occasion = occasion
        self.lane = lane
    }
}
