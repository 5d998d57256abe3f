import FoundationEssentials
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// One change that a person made (GEN-6).
struct AuditEntry: Codable, Sendable {
    let id: AuditEntryID
    let subject: SubjectID
    let action: String
    let actor: String
    let at: Instant
    /// JSON of what it was and what it became, as the API shows it.
    let before: String?
    let after: String?
    /// What it told of a person was erased (GEN-7).
    let personErased: Bool
}

/// Which entries are asked for; nil is any.
struct AuditFilter: Sendable {
    let subject: SubjectID?
    let actor: String?
}

/// What people changed; append-only.
struct AuditStore {
    let ids: IdentifierSource

    func record<Value: Encodable>(
        _ action: String, about subject: some Identifier, before: Value?, after: Value?, in change: inout Change
    ) throws {
        let id: AuditEntryID = ids.make()
        change.executeLater(
            """
            INSERT INTO audit_entry (id, organisation, subject, action, actor, before, after)
            VALUES (\(id), \(change.cause.organisation), \(SubjectID(subject.value)), \(action), \(change.cause.actor),
                \(try before.map(text)), \(try after.map(text)))
            """)
    }

    /// What was changed, newest first.
    func list(
        _ filter: AuditFilter, in organisation: OrganisationID, before id: AuditEntryID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [AuditEntry] {
        var condition: SQL = "organisation = \(organisation) AND id < \(id)"
        if let subject = filter.subject { condition = "\(condition) AND subject = \(subject)" }
        if let actor = filter.actor { condition = "\(condition) AND actor = \(actor)" }
        return try transaction.query(
            """
            SELECT id, subject, action, actor, occurred_at, before, after, person_erased FROM audit_entry
            WHERE \(condition)
            ORDER BY id DESC LIMIT \(Int64(rows))
            """
        ) { row in
            AuditEntry(
                id: try row("id"), subject: try row("subject"), action: try row("action"), actor: try row("actor"),
                at: try row("occurred_at"), before: try row("before"), after: try row("after"),
                personErased: try row("person_erased"))
        }
    }

    private func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
