import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// One message of a campaign, complete.
struct CampaignMessage: Sendable {
    let id: MessageID
    let position: Int
    let candidate: CampaignCandidate
    let phone: Phone
    let written: CampaignWriter.Written
}

/// How a campaign's messages are sent, all of them alike.
struct CampaignDelivery: Sendable {
    /// The gateways, the one that is tried first in front.
    let order: [String]
    let ageMax: Duration
    /// Whether the quota promised their parts.
    let isPromised: Bool
}

/// How many messages of a campaign there are in a state, and how many parts gateways billed for them.
struct CampaignCount: Sendable {
    let state: Message.State
    let messages: Int
    let parts: Int
}

/// The messages of campaigns, many at once; each of them leaves like any other (NOT-6).
struct CampaignMessageStore {
    /// Those that may still leave.
    static let mayLeave: SQL = "state IN ('requested', 'ready', 'claimed')"
    /// Those that are not kept back yet.
    static let toHold: SQL = "state = 'ready' AND next_try_at < 'infinity'"

    /// Those that need not leave; of one whose gateway is being called nobody knows yet.
    static let toCallOff: SQL = "state = 'ready'"

    func insert(
        _ messages: [CampaignMessage], of record: CampaignRecord, _ delivery: CampaignDelivery, in change: inout Change
    ) {
        let id = record.campaign.id
        let parts = messages.map { Int32($0.written.parts) }
        let routes = messages.map { GatewayOrder.order(delivery.order, for: $0.phone.e164).first ?? "smsfactor" }
        change.executeLater(
            """
            INSERT INTO message (id, organisation, clinic, occasion, channel, lane, purpose, dedup_key, campaign,
                contact, client, facts, state, address, subject, body, proof, language, route, sender, planned_parts,
                reserved_parts, is_counted, expires_at)
            SELECT id, \(record.organisation), \(record.draft.clinic), \(Occasion.campaign.rawValue),
                \(Channel.sms.rawValue), \(Lane.bulk.rawValue), \(Purpose.marketing.rawValue),
                \("campaign/\(id)/")::text || position, \(id), contact, client, '{}', \(Message.State.ready.rawValue), phone,
                '', body, body, language, route, \(record.draft.sender?.text), parts,
                CASE WHEN \(delivery.isPromised) THEN parts ELSE 0 END, false,
                now() + \(delivery.ageMax.seconds) * interval '1 second'
            FROM unnest(\(messages.map(\.id))::uuid[], \(messages.map { Int32($0.position) })::int[],
                \(messages.map(\.candidate.contact))::uuid[], \(messages.map(\.candidate.client))::uuid[],
                \(messages.map(\.phone.e164))::text[], \(messages.map(\.written.text))::text[], \(parts)::int[],
                \(routes)::text[], \(messages.map { $0.written.language?.rawValue })::text[])
                AS told (id, position, contact, client, phone, body, parts, route, language)
            """)
    }

    func counts(
        of id: CampaignID, _ transaction: inout PostgresTransaction
    ) throws -> [CampaignCount] {
        try transaction.query(
            """
            SELECT state, count(*) AS messages, coalesce(sum(parts), 0)::bigint AS parts FROM message
            WHERE campaign = \(id) GROUP BY state
            """
        ) { row in
            CampaignCount(state: try row.word("state"), messages: try row("messages"), parts: try row("parts"))
        }
    }

    /// Whether anything of it may still leave.
    func hasWaiting(_ id: CampaignID, in change: inout Change) throws -> Bool {
        try change.first(
            """
            SELECT 1 AS one FROM message WHERE campaign = \(id) AND \(Self.mayLeave) LIMIT 1
            """
        ) { _ in true } ?? false
    }

    /// Keeps back what waits, whatever it waits for, and says why; answers how many.
    ///
    /// Here and below what is chosen is chosen once, as an array: a plan that joined the choice could make it anew and
    /// take more than `limit`.
    func hold(_ limit: Int, of id: CampaignID, in change: inout Change) throws -> Int {
        try change.execute(
            """
            UPDATE message SET next_try_at = 'infinity', reason = \(KeepToCampaign.paused)
            WHERE id = ANY(ARRAY(
                SELECT id FROM message WHERE campaign = \(id) AND \(Self.toHold)
                LIMIT \(Int64(limit)) FOR UPDATE SKIP LOCKED))
            """)
    }

    /// Lets go of what was kept back; answers how many.
    func release(_ limit: Int, of id: CampaignID, in change: inout Change) throws -> Int {
        try change.execute(
            """
            UPDATE message SET next_try_at = now(), waits_since = now(), reason = NULL
            WHERE id = ANY(ARRAY(
                SELECT id FROM message WHERE campaign = \(id) AND state = 'ready' AND next_try_at = 'infinity'
                LIMIT \(Int64(limit)) FOR UPDATE))
            """)
    }

    /// Calls off what waits and tells so; answers how many.
    func callOff(
        _ limit: Int, of record: CampaignRecord, because reason: CallOffReason, in change: inout Change
    ) throws -> Int {
        let calledOff: [MessageID] = try change.query(
            """
            UPDATE message SET state = 'called-off', reason = \(reason.note), body = NULL
            WHERE id = ANY(ARRAY(
                SELECT id FROM message WHERE campaign = \(record.campaign.id) AND \(Self.toCallOff)
                LIMIT \(Int64(limit)) FOR UPDATE SKIP LOCKED))
            RETURNING id
            """
        ) { row in try row("id") }
        change.announceCallOff(of: calledOff, of: record, because: reason)
        return calledOff.count
    }
}
