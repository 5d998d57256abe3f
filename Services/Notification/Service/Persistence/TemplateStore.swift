import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// An organisation's own words for a message, or that it went back to the standard ones.
struct TemplateRecord: Sendable {
    let name: TemplateName
    /// One more with every change; 0 where nobody has changed anything.
    let version: Int64
    /// Nil: the standard words.
    let text: TemplateText?
}

/// Who wrote which words when: versions are only ever added (GEN-6).
struct TemplateStore {
    func find(
        _ name: TemplateName, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> TemplateRecord {
        try transaction.read(finding(name, of: organisation)) ?? TemplateRecord(name: name, version: 0, text: nil)
    }

    /// Nil where nobody has changed anything.
    func finding(_ name: TemplateName, of organisation: OrganisationID) -> Query<TemplateRecord?> {
        .first(
            """
            SELECT \(Self.columns) FROM template
            WHERE organisation = \(organisation) AND occasion = \(name.occasion.rawValue)
                AND channel = \(name.channel.rawValue) AND language = \(name.language.rawValue)
            ORDER BY version DESC LIMIT 1
            """, read)
    }

    /// The latest version of each that was ever changed.
    func all(of organisation: OrganisationID, in transaction: inout PostgresTransaction) throws -> [TemplateRecord] {
        try transaction.query(
            """
            SELECT DISTINCT ON (occasion, channel, language) \(Self.columns) FROM template
            WHERE organisation = \(organisation) ORDER BY occasion, channel, language, version DESC
            """, read)
    }

    func add(_ record: TemplateRecord, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO template (organisation, occasion, channel, language, version, subject, body, changed_by)
            VALUES (\(change.cause.organisation), \(record.name.occasion.rawValue), \(record.name.channel.rawValue),
                \(record.name.language.rawValue), \(record.version), \(record.text?.subject), \(record.text?.body),
                \(change.cause.actor))
            """)
    }

    private static let columns: SQL = "occasion, channel, language, version, subject, body"

    private func read(_ row: Row) throws -> TemplateRecord {
        let (subject, body): (String?, String?) = (try row("subject"), try row("body"))
        return TemplateRecord(
            name: TemplateName(
                occasion: try row.word("occasion"), channel: try row.word("channel"),
                language: try row.word("language")),
            version: try row("version"), text: body.map { TemplateText(subject: subject ?? "", body: $0) })
    }
}
