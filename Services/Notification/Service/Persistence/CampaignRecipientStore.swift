import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Somebody a campaign named, and what became of it.
struct CampaignRecipient: Sendable {
    let position: Int
    let contact: ContactID?
    let name: String?
    let phone: String?
    let leftOut: LeftOut?
    let message: MessageID?
    let state: Message.State?
    let reason: String?
    let parts: Int?
}

/// Whom campaigns name, and what is written to them (NOT-6).
struct CampaignRecipientStore {
    /// Contacts of its groups and its list, in the order of their ids.
    func contacts(
        of record: CampaignRecord, after id: ContactID?, _ limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> [CampaignCandidate] {
        try transaction.query(
            """
            SELECT id, client, first_name, last_name, language, phone FROM contact
            WHERE \(selected(by: record)) AND id > \(id ?? ContactID(0)) ORDER BY id LIMIT \(Int64(limit))
            """
        ) { row in
            let (language, number): (Language, String?) = (try row.word("language"), try row("phone"))
            return CampaignCandidate(
                contact: try row("id"), client: try row("client"), firstName: try row("first_name"),
                lastName: try row("last_name"), language: language, number: number,
                phone: number.flatMap { Phone(e164: $0) }.flatMap(WrittenNumbers.mobile))
        }
    }

    /// Which of these numbers its groups and its list of contacts name already.
    func named(
        by record: CampaignRecord, among phones: [String], _ transaction: inout PostgresTransaction
    ) throws -> Set<String> {
        Set(
            try transaction.query(
                "SELECT phone FROM contact WHERE \(selected(by: record)) AND phone = ANY(\(phones))"
            ) { row in try row("phone") as String })
    }

    /// How many its groups and its list of contacts name who are of another clinic than its own, or of none.
    func countElsewhere(_ record: CampaignRecord, _ transaction: inout PostgresTransaction) throws -> Int {
        guard let clinic = record.draft.clinic else { return 0 }
        return try transaction.one(
            """
            SELECT count(*) AS count FROM contact
            WHERE \(named(by: record)) AND clinic IS DISTINCT FROM \(clinic)::uuid
            """
        ) { row in try row("count") }
    }

    /// Those of its groups nobody of the organisation is in, as a group that was written wrongly.
    func emptyGroups(of record: CampaignRecord, _ transaction: inout PostgresTransaction) throws -> [String] {
        try transaction.query(
            """
            SELECT told.name FROM unnest(\(record.draft.groups.map(\.text))::text[]) AS told (name)
            WHERE NOT EXISTS (SELECT FROM contact
                WHERE organisation = \(record.organisation) AND groups @> ARRAY[told.name])
            ORDER BY told.name COLLATE "C"
            """
        ) { row in try row("name") as String }
    }

    private func selected(by record: CampaignRecord) -> SQL {
        let clinic = record.draft.clinic
        return "\(named(by: record)) AND (\(clinic)::uuid IS NULL OR clinic = \(clinic))"
    }

    /// Of whichever clinic.
    private func named(by record: CampaignRecord) -> SQL {
        let draft = record.draft
        return """
            organisation = \(record.organisation) AND id < \(record.progress.contactsBefore ?? ContactID(.max))
                AND (groups && \(draft.groups.map(\.text))::text[] OR id = ANY(\(draft.contacts)))
            """
    }

    /// Which of these numbers it has written to.
    func written(
        by id: CampaignID, among phones: [String], _ transaction: inout PostgresTransaction
    ) throws -> Set<String> {
        Set(
            try transaction.query(
                """
                SELECT phone FROM campaign_recipient
                WHERE campaign = \(id) AND phone = ANY(\(phones)) AND message IS NOT NULL
                """
            ) { row in try row("phone") as String })
    }

    func insert(_ recipients: [CampaignRecipient], of id: CampaignID, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO campaign_recipient (campaign, position, organisation, contact, name, phone, message, left_out)
            SELECT \(id), position, \(change.cause.organisation), contact, name, phone, message, left_out
            FROM unnest(\(recipients.map { Int32($0.position) })::int[], \(recipients.map(\.contact))::uuid[],
                \(recipients.map(\.name))::text[], \(recipients.map(\.phone))::text[],
                \(recipients.map(\.message))::uuid[], \(recipients.map { $0.leftOut?.rawValue })::text[])
                AS told (position, contact, name, phone, message, left_out)
            """)
    }

    /// In the order they were written in.
    func list(
        of id: CampaignID, after position: Int, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [CampaignRecipient] {
        try transaction.query(
            """
            SELECT position, recipient.contact, name, recipient.phone, left_out, recipient.message, state, reason, parts
            FROM campaign_recipient AS recipient LEFT JOIN message ON message.id = recipient.message
            WHERE recipient.campaign = \(id) AND position > \(Int32(position)) ORDER BY position LIMIT \(Int64(rows))
            """
        ) { row in
            let (position, parts): (Int32, Int32?) = (try row("position"), try row("parts"))
            let (leftOut, state): (String?, String?) = (try row("left_out"), try row("state"))
            return CampaignRecipient(
                position: Int(position), contact: try row("contact"), name: try row("name"), phone: try row("phone"),
                leftOut: leftOut.flatMap(LeftOut.init(rawValue:)), message: try row("message"),
                state: state.flatMap(Message.State.init(rawValue:)), reason: try row("reason"),
                parts: parts.map { Int($0) })
        }
    }

    func leftOut(
        of id: CampaignID, _ transaction: inout PostgresTransaction
    ) throws -> [LeftOut: Int] {
        let counts = try transaction.query(
            """
            SELECT left_out, count(*) AS count FROM campaign_recipient
            WHERE campaign = \(id) AND left_out IS NOT NULL GROUP BY left_out
            """
        ) { row in (try row.word("left_out") as LeftOut, try row("count") as Int) }
        return Dictionary(uniqueKeysWithValues: counts)
    }
}
