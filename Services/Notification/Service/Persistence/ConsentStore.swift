import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What somebody decided about marketing.
enum ConsentDecision: String, Codable, Sendable, CaseIterable {
    case given, withdrawn
}

/// A decision with its proof.
struct ConsentRecord: Sendable {
    let id: MessageID
    let channel: Channel
    let address: String
    let decision: ConsentDecision
    let proof: String
    let decidedAt: Instant
}

/// Who agreed to marketing and who does not want it any more.
struct ConsentStore {
    func add(_ record: ConsentRecord, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
            VALUES (\(record.id), \(change.cause.organisation), \(record.channel.rawValue), \(record.address),
                \(record.decision.rawValue), \(record.proof), \(record.decidedAt), \(change.cause.actor))
            """)
    }

    /// The latest decision; nil when somebody never decided anything.
    func decision(
        of address: String, by channel: Channel, in organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> ConsentDecision? {
        try history(of: address, by: channel, in: organisation, 1, &transaction).first?.decision
    }

    /// The decisions, the latest first.
    func history(
        of address: String, by channel: Channel, in organisation: OrganisationID, _ limit: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [ConsentRecord] {
        try transaction.query(
            """
            SELECT id, channel, address, decision, proof, decided_at FROM consent
            WHERE organisation = \(organisation) AND channel = \(channel.rawValue) AND address = \(address)
            ORDER BY decided_at DESC, id DESC LIMIT \(Int64(limit))
            """
        ) { row in
            ConsentRecord(
                id: try row("id"), channel: try row.word("channel"), address: try row("address"),
                decision: try row.word("decision"), proof: try row("proof"), decidedAt: try row("decided_at"))
        }
    }

    /// The latest decisions about SMS of those who ever decided, true for those who agree.
    func decisions(
        of phones: [String], in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [String: Bool] {
        let decided = try transaction.query(
            """
            SELECT DISTINCT ON (address) address, decision = 'given' AS agreed FROM consent
            WHERE organisation = \(organisation) AND channel = 'sms' AND address = ANY(\(phones))
            ORDER BY address, decided_at DESC, id DESC
            """
        ) { row in (try row("address") as String, try row("agreed") as Bool) }
        return Dictionary(uniqueKeysWithValues: decided)
    }

    /// Those of these phones that had agreed to SMS by then, and decided nothing since.
    func agreed(
        _ phones: [String], by moment: Instant, in organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> [String] {
        try transaction.query(
            """
            SELECT address FROM (
                SELECT DISTINCT ON (address) address, decision, decided_at FROM consent
                WHERE organisation = \(organisation) AND channel = 'sms' AND address = ANY(\(phones))
                ORDER BY address, decided_at DESC, id DESC) AS latest
            WHERE decision = 'given' AND decided_at <= \(moment) ORDER BY address
            """
        ) { row in try row("address") }
    }

    /// Who wrote to some of these phones, each with the client it meant the last time.
    func writers(to addresses: [String], _ transaction: inout PostgresTransaction) throws -> [Writer] {
        try transaction.query(
            """
            SELECT DISTINCT ON (organisation, address) organisation, address, client FROM message
            WHERE address = ANY(\(addresses)) AND channel = 'sms'
            ORDER BY organisation, address, client IS NULL, id DESC
            """
        ) { row in
            Writer(organisation: try row("organisation"), address: try row("address"), client: try row("client"))
        }
    }

    /// An organisation that wrote to a phone.
    struct Writer: Sendable {
        let organisation: OrganisationID
        let address: String
        /// Nil when it meant somebody whom the books do not know.
        let client: ClientID?
    }
}
