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

    /// What was changed about something, newest first.
    func list(
        of subject: SubjectID, in organisation: OrganisationID, before id: AuditEntryID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [AuditEntry] {
        try transaction.query(
            """
            SELECT id, subject, action, actor, occurred_at, before, after FROM audit_entry
            WHERE organisation = \(organisation) AND subject = \(subject) AND id < \(id)
            ORDER BY id DESC LIMIT \(Int64(rows))
            """
        ) { row in
            AuditEntry(
                id: try row("id"), subject: try row("subject"), action: try row("action"), actor: try row("actor"),
                at: try row("occurred_at"), before: try row("before"), after: try row("after"))
        }
    }

    private func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
