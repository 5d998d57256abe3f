import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A saved mapping with the version a person may have seen; 0 when there is none.
struct ImportMappingRecord: Codable, Sendable {
    let name: String
    let kind: ImportKind
    let mapping: ColumnMapping
    var version: Int64
}

/// How organisations' files are read: a mapping for each software and kind of file.
struct ImportMappingStore {
    private static let columns: SQL = "name, kind, mapping, version"

    func find(
        _ name: String, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> ImportMappingRecord? {
        try transaction.first(
            "SELECT \(Self.columns) FROM import_mapping WHERE organisation = \(organisation) AND name = \(name)", read)
    }

    /// In the order of their names, from the one after `name` on.
    func list(
        of organisation: OrganisationID, after name: String, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ImportMappingRecord] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM import_mapping
            WHERE organisation = \(organisation) AND name > \(name) ORDER BY name LIMIT \(Int64(rows))
            """, read)
    }

    /// Writes over what was there at `version`; false when somebody else was faster.
    func put(_ record: ImportMappingRecord, over version: Int64, in change: inout Change) throws -> Bool {
        let mapping = try PostgresJSON.of(record.mapping)
        return try change.execute(
            """
            INSERT INTO import_mapping AS kept (organisation, name, kind, mapping)
            VALUES (\(change.cause.organisation), \(record.name), \(record.kind.rawValue), \(mapping))
            ON CONFLICT (organisation, name) DO UPDATE SET kind = EXCLUDED.kind, mapping = EXCLUDED.mapping,
                version = kept.version + 1, changed_at = now()
            WHERE kept.version = \(version)
            """) == 1
    }

    func remove(_ name: String, at version: Int64, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            DELETE FROM import_mapping
            WHERE organisation = \(change.cause.organisation) AND name = \(name) AND version = \(version)
            """) == 1
    }

    private func read(_ row: Row) throws -> ImportMappingRecord {
        ImportMappingRecord(
            name: try row("name"), kind: try row.word("kind"), mapping: try row.json("mapping"),
            version: try row("version"))
    }
}
