import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Starts a campaign, pauses it, lets it go on, stops it (NOT-6).
struct SteerCampaign {
    /// What a person wants of a campaign that was started.
    enum Wish: Sendable {
        case pause, resume, stop
    }

    let database: Database
    let ids: IdentifierSource
    let draw: DrawOnQuota
    let bell: WorkBell
    let campaigns = CampaignStore()

    /// The quota promises all parts, or refuses before anything is written (NOT-8).
    ///
    /// `tally` was counted for the version that was seen.
    func start(
        _ id: CampaignID, for tally: CampaignTally, seen version: Int64, because cause: Cause
    ) async throws -> Applied<CampaignKept> {
        let before: ContactID = ids.make()
        return try await database.change(because: cause) { change in
            var record = try campaigns.lock(id, seen: version, in: &change)
            try record.campaign.start(for: tally)
            let promised = try draw.reserve(tally.parts, in: &change)
            record.progress.isLimited = promised > 0
            record.progress.partsInHand = promised
            record.progress.contactsBefore = before
            record.progress.expectedRecipients = tally.recipients
            record.progress.expectedParts = tally.parts
            campaigns.save(record, in: &change)
            bell.ring(.campaigns, after: &change)
            change.announce(
                CampaignStartedV1(campaignID: id, recipients: tally.recipients, parts: tally.parts), about: id,
                clinic: record.draft.clinic)
            record.version += 1
            return CampaignKept(record)
        }
    }

    func run(
        _ wish: Wish, _ id: CampaignID, seen version: Int64, because cause: Cause
    ) async throws -> Applied<CampaignKept> {
        try await database.change(because: cause) { change in
            var record = try campaigns.lock(id, seen: version, in: &change)
            switch wish {
            case .pause:
                try record.campaign.pause()
                record.progress.isHeld = true
            case .resume: try record.campaign.resume()
            case .stop: try record.campaign.stop()
            }
            campaigns.save(record, in: &change)
            bell.ring(.campaigns, after: &change)
            record.version += 1
            return CampaignKept(record)
        }
    }
}
