import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Takes a campaign in, and changes or discards it while it is a draft (NOT-6).
struct KeepCampaign {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let campaigns = CampaignStore()
    let contacts = ContactStore()
    let walls = ClinicStore()

    func create(_ draft: CampaignDraft, because cause: Cause) async throws -> Applied<CampaignKept> {
        let record = CampaignRecord(
            campaign: Campaign(id: ids.make()), organisation: cause.organisation, draft: draft, createdAt: time.now())
        return try await database.change(because: cause) { change in
            try requireToCome(draft, in: &change)
            try contacts.requireKnown(draft.contacts, in: "contactIDs", &change)
            try campaigns.insert(record, in: &change)
            return CampaignKept(record)
        }
    }

    func change(
        _ id: CampaignID, to draft: CampaignDraft, seen version: Int64, because cause: Cause
    ) async throws -> Applied<CampaignKept> {
        try await database.change(because: cause) { change in
            var record = try campaigns.lock(id, seen: version, in: &change)
            try record.campaign.requireDraft()
            try requireToCome(draft, in: &change)
            try contacts.requireKnown(draft.contacts, in: "contactIDs", named: record.draft.contacts, &change)
            record.draft = draft
            try campaigns.rewrite(record, in: &change)
            record.version += 1
            return CampaignKept(record)
        }
    }

    /// What is planned for a moment that has passed would leave as soon as it is started.
    private func requireToCome(_ draft: CampaignDraft, in change: inout Change) throws {
        guard let planned = draft.planned else { return }
        let now = time.now()
        try walls.moment(of: planned.day, planned.time, at: draft.clinic, now: now, in: &change)
            .requireToCome(at: now)
    }

    func discard(_ id: CampaignID, seen version: Int64, because cause: Cause) async throws {
        try await database.change(because: cause) { change in
            let record = try campaigns.lock(id, seen: version, in: &change)
            try record.campaign.requireDraft()
            campaigns.delete(id, in: &change)
        }
    }
}

/// What is remembered of a request about a campaign, for its repetition; nothing personal.
struct CampaignKept: Codable, Sendable {
    let id: CampaignID
    let version: Int64

    init(_ record: CampaignRecord) {
        id = record.campaign.id
        version = record.version
    }
}

extension CampaignStore {
    /// Locks it for somebody who saw a version of it.
    func lock(_ id: CampaignID, seen version: Int64, in change: inout Change) throws -> CampaignRecord {
        guard let record = try lock(id, in: &change) else { throw NotFound.campaign }
        guard record.version == version else { throw StaleVersion(current: record.version) }
        return record
    }
}
