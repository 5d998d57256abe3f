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

    /// `others` are the things it tells of beside its subject, such as the debts money was counted for: it is found by
    /// each of them.
    func record<Value: Encodable>(
        _ action: String, about subject: some Identifier, and others: [UInt128] = [], before: Value?, after: Value?,
        in change: inout Change
    ) throws {
        let id: AuditEntryID = ids.make()
        change.executeLater(
            """
            INSERT INTO audit_entry (id, organisation, subject, action, actor, before, after)
            VALUES (\(id), \(change.cause.organisation), \(SubjectID(subject.value)), \(action), \(change.cause.actor),
                \(try before.map { try PostgresJSON.of($0).text }), \(try after.map { try PostgresJSON.of($0).text }))
            """)
        let mentioned = Set(others).subtracting([subject.value]).sorted()
        guard !mentioned.isEmpty else { return }
        change.executeLater(
            """
            INSERT INTO audit_mention (organisation, subject, entry)
            SELECT \(change.cause.organisation), *, \(id) FROM unnest(\(mentioned)::uuid[])
            """)
    }

    /// What was changed, newest first.
    func list(
        _ filter: AuditFilter, in organisation: OrganisationID, before id: AuditEntryID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [AuditEntry] {
        let page: SQL = "ORDER BY id DESC LIMIT \(Int64(rows))"
        var condition: SQL = "audit_entry.organisation = \(organisation) AND id < \(id)"
        if let actor = filter.actor { condition = "\(condition) AND actor = \(actor)" }
        var entries: SQL = "audit_entry WHERE \(condition)"
        if let subject = filter.subject {
            // One after the other, each in the order of its index.
            entries = """
                ((SELECT * FROM audit_entry WHERE \(condition) AND subject = \(subject) \(page))
                UNION ALL (SELECT audit_entry.* FROM audit_mention JOIN audit_entry ON id = entry
                    WHERE \(condition) AND audit_mention.organisation = \(organisation)
                        AND audit_mention.subject = \(subject) AND entry < \(id)
                    ORDER BY entry DESC LIMIT \(Int64(rows)))) AS audit_entry
                """
        }
        return try transaction.query(
            """
            SELECT id, subject, action, actor, occurred_at, before, after, person_erased FROM \(entries) \(page)
            """
        ) { row in
            AuditEntry(
                id: try row("id"), subject: try row("subject"), action: try row("action"), actor: try row("actor"),
                at: try row("occurred_at"), before: try row("before"), after: try row("after"),
                personErased: try row("person_erased"))
        }
    }
}
