package import PaymentModel

/// A campaign is sent from now on, or from its planned time on.
package struct CampaignStartedV1: EventPayload {
    package static let type = EventType(.notifications, "campaign-started", version: 1)

    /// The campaign.
    package let campaignID: CampaignID
    /// How many people it is for, those left out not among them.
    package let recipients: Int
    /// How many parts of SMS that makes.
    package let parts: Int

    package init(campaignID: CampaignID, recipients: Int, parts: Int) {
        self.campaignID = campaignID
        self.recipients = recipients
        self.parts = parts
    }
}
