import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What people write of a campaign (NOT-6).
struct CampaignDraft: Sendable {
    let name: String
    /// Nil: contacts of all clinics.
    let clinic: ClinicID?
    let sender: SenderName?
    let identity: String
    let body: String
    /// For contacts of these languages instead of the body (NOT-2).
    let otherLanguages: [Language: String]
    let groups: [GroupName]
    let contacts: [ContactID]
    /// As they were written.
    let phones: [String]
    /// On the clinic's wall; nil: at once.
    let planned: PlannedTime?

    struct PlannedTime: Sendable {
        let day: LocalDate
        let time: LocalTime
    }
}

/// A campaign, and how far it is written.
struct CampaignRecord: Sendable {
    var campaign: Campaign
    let organisation: OrganisationID
    var draft: CampaignDraft
    var version: Int64 = 1
    let createdAt: Instant
    var progress = Progress()

    struct Progress: Sendable {
        /// Contacts of later are not among its recipients.
        var contactsBefore: ContactID?
        var expectedRecipients = 0
        var expectedParts = 0
        var isLimited = false
        /// Promised by the quota and not given to a message yet.
        var partsInHand = 0
        var lastContact: ContactID?
        var phonesTaken = 0
        var positions = 0
        var isWritten = false
        var isHeld = false
        var isClosed = false
    }
}

/// The campaigns (NOT-6).
struct CampaignStore {
    func insert(_ record: CampaignRecord, in change: inout Change) throws {
        let (draft, otherLanguages) = (record.draft, try PostgresJSON.of(record.draft.otherLanguages))
        change.executeLater(
            """
            INSERT INTO campaign (id, organisation, clinic, name, state, sender, identity, body, other_languages,
                groups, contacts, phones, local_day, local_minutes, created_by, created_at)
            VALUES (\(record.campaign.id), \(record.organisation), \(draft.clinic), \(draft.name),
                \(record.campaign.state.rawValue), \(draft.sender?.text), \(draft.identity), \(draft.body),
                \(otherLanguages), \(draft.groups.map(\.text)), \(draft.contacts), \(draft.phones),
                \(draft.planned?.day),
                \(draft.planned.map { Int32($0.time.minutes) }), \(change.cause.actor), \(record.createdAt))
            """)
    }

    /// What people wrote.
    func rewrite(_ record: CampaignRecord, in change: inout Change) throws {
        let (draft, otherLanguages) = (record.draft, try PostgresJSON.of(record.draft.otherLanguages))
        change.executeLater(
            """
            UPDATE campaign SET clinic = \(draft.clinic), name = \(draft.name), sender = \(draft.sender?.text),
                identity = \(draft.identity), body = \(draft.body), other_languages = \(otherLanguages),
                groups = \(draft.groups.map(\.text)), contacts = \(draft.contacts),
                phones = \(draft.phones), local_day = \(draft.planned?.day),
                local_minutes = \(draft.planned.map { Int32($0.time.minutes) }), version = version + 1
            WHERE id = \(record.campaign.id)
            """)
    }

    /// Where it is and how far; people see a new version when they, or its end, changed its state.
    func save(_ record: CampaignRecord, in change: inout Change) {
        let progress = record.progress
        change.executeLater(
            """
            UPDATE campaign SET version = version + CASE WHEN state = \(record.campaign.state.rawValue) THEN 0 ELSE 1 END,
                state = \(record.campaign.state.rawValue),
                started_at = CASE WHEN \(record.campaign.state == .draft) THEN NULL ELSE coalesce(started_at, now()) END,
                contacts_before = \(progress.contactsBefore), expected_recipients = \(Int32(progress.expectedRecipients)),
                expected_parts = \(Int32(progress.expectedParts)), is_limited = \(progress.isLimited),
                parts_in_hand = \(progress.partsInHand), last_contact = \(progress.lastContact),
                phones_taken = \(Int32(progress.phonesTaken)), positions = \(Int32(progress.positions)),
                is_written = \(progress.isWritten), is_held = \(progress.isHeld),
                closed_at = CASE WHEN \(progress.isClosed) THEN coalesce(closed_at, now()) END,
                phones = CASE WHEN \(progress.isClosed) THEN '{}' ELSE phones END
            WHERE id = \(record.campaign.id)
            """)
    }

    func delete(_ id: CampaignID, in change: inout Change) {
        change.executeLater("DELETE FROM campaign WHERE id = \(id)")
    }

    func lock(_ id: CampaignID, in change: inout Change) throws -> CampaignRecord? {
        try change.first("SELECT \(Self.columns) FROM campaign WHERE id = \(id) FOR UPDATE", read)
    }

    func find(
        _ id: CampaignID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> CampaignRecord? {
        try transaction.first(
            "SELECT \(Self.columns) FROM campaign WHERE id = \(id) AND organisation = \(organisation)", read)
    }

    /// The newest first; nil for `clinics` stands for all of them.
    func list(
        of organisation: OrganisationID, clinics: [ClinicID]?, before id: CampaignID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [CampaignRecord] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM campaign WHERE organisation = \(organisation) AND id < \(id)
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            ORDER BY id DESC LIMIT \(Int64(rows))
            """, read)
    }

    /// What a message's campaign allows; nil for one that is not there.
    func state(of id: CampaignID, in change: inout Change) throws -> Campaign.State? {
        try change.first("SELECT state FROM campaign WHERE id = \(id)") { row in try row.word("state") }
    }

    /// Campaigns that were started and are not over, their planned time come; `waits` is one for which there is nothing
    /// to write, to keep back, to call off or to end now.
    func open(
        _ transaction: inout PostgresTransaction
    ) throws -> [(id: CampaignID, organisation: OrganisationID, isPaused: Bool, waits: Bool)] {
        try transaction.query(
            """
            SELECT campaign.id, campaign.organisation, state = 'paused' AS is_paused, CASE state
                WHEN 'running' THEN is_written AND NOT is_held AND EXISTS (
                    SELECT FROM message WHERE campaign = campaign.id AND \(CampaignMessageStore.mayLeave))
                WHEN 'paused' THEN NOT EXISTS (
                    SELECT FROM message WHERE campaign = campaign.id AND \(CampaignMessageStore.toHold))
                WHEN 'stopped' THEN is_written AND NOT EXISTS (
                    SELECT FROM message WHERE campaign = campaign.id AND \(CampaignMessageStore.toCallOff))
                    AND EXISTS (SELECT FROM message WHERE campaign = campaign.id AND \(CampaignMessageStore.mayLeave))
                ELSE false END AS waits
            FROM campaign \(ClinicStore.known(of: "campaign"))
            WHERE closed_at IS NULL AND state <> 'draft' AND (
                state = 'stopped' OR local_day IS NULL
                OR (local_day + local_minutes * interval '1 minute') AT TIME ZONE \(ClinicStore.zone) <= now())
            ORDER BY campaign.id
            """
        ) { row in
            (
                id: try row("id"), organisation: try row("organisation"), isPaused: try row("is_paused"),
                waits: try row("waits")
            )
        }
    }

    private static let columns: SQL = """
        id, organisation, clinic, name, state, sender, identity, body, other_languages, groups, contacts, phones,
        local_day, local_minutes, version, created_at, contacts_before, expected_recipients, expected_parts, is_limited,
        parts_in_hand, last_contact, phones_taken, positions, is_written, is_held, closed_at IS NOT NULL AS is_closed
        """

    private func read(_ row: Row) throws -> CampaignRecord {
        CampaignRecord(
            campaign: Campaign(id: try row("id"), state: try row.word("state")), organisation: try row("organisation"),
            draft: try draft(row), version: try row("version"), createdAt: try row("created_at"),
            progress: try progress(row))
    }

    private func draft(_ row: Row) throws -> CampaignDraft {
        let (sender, groups): (String?, [String]) = (try row("sender"), try row("groups"))
        let (day, minutes): (LocalDate?, Int32?) = (try row("local_day"), try row("local_minutes"))
        let time = minutes.flatMap { LocalTime(minutes: Int($0)) }
        return CampaignDraft(
            name: try row("name"), clinic: try row("clinic"), sender: sender.flatMap(SenderName.init),
            identity: try row("identity"), body: try row("body"),
            otherLanguages: try row.json("other_languages"), groups: groups.compactMap(GroupName.init),
            contacts: try row("contacts"), phones: try row("phones"),
            planned: day.flatMap { day in time.map { CampaignDraft.PlannedTime(day: day, time: $0) } })
    }

    private func progress(_ row: Row) throws -> CampaignRecord.Progress {
        func number(_ column: String) throws -> Int {
            let number: Int32 = try row(column)
            return Int(number)
        }
        return CampaignRecord.Progress(
            contactsBefore: try row("contacts_before"), expectedRecipients: try number("expected_recipients"),
            expectedParts: try number("expected_parts"), isLimited: try row("is_limited"),
            partsInHand: try row("parts_in_hand"), lastContact: try row("last_contact"),
            phonesTaken: try number("phones_taken"), positions: try number("positions"),
            isWritten: try row("is_written"), isHeld: try row("is_held"), isClosed: try row("is_closed"))
    }
}
