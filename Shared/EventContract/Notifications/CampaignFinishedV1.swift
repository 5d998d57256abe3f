package import PaymentModel

/// Nothing of a campaign is waiting to be sent any more.
package struct CampaignFinishedV1: EventPayload {
    package static let type = EventType(.notifications, "campaign-finished", version: 1)

    /// The campaign.
    package let campaignID: CampaignID
    /// Whether somebody stopped it before its end.
    package let isStopped: Bool
    /// How many messages a gateway took.
    package let sent: Int
    /// How many messages were written and did not leave.
    package let notSent: Int
    /// How many messages may have left.
    package let uncertain: Int
    /// How many parts of SMS the gateways billed.
    package let parts: Int

    package init(campaignID: CampaignID, isStopped: Bool, sent: Int, notSent: Int, uncertain: Int, parts: Int) {
        self.campaignID = campaignID
        self.isStopped = isStopped
        self.sent = sent
        self.notSent = notSent
        self.uncertain = uncertain
        self.parts = parts
    }
}
