import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Lets a campaign's message leave only while the campaign runs: what a person stops stops with the next claim (NOT-6).
struct KeepToCampaign {
    static let paused = "its campaign is paused"
    /// How soon it is looked at again; `write-campaigns` keeps it back for longer.
    private static let pausedSeconds: Int64 = 30
    let messages = MessageStore()
    let campaigns = CampaignStore()

    /// False when the message may not leave now.
    func run(_ record: MessageRecord, in change: inout Change) throws -> Bool {
        guard let id = record.matter.campaign else { return true }
        switch try campaigns.state(of: id, in: &change) {
        case .running, .finished: return true
        case .paused:
            try messages.postpone(
                record.message.id, bySeconds: Self.pausedSeconds, reason: Self.paused, in: &change)
        case .stopped, .draft, nil: try change.callOff(record, because: .campaignStopped)
        }
        return false
    }
}
