import FoundationEssentials
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The CSV mappings of organisations, by name.
struct CSVMappingStore {
    func put(_ mapping: CSVMapping, named name: String, in change: inout Change) throws {
        let definition = String(decoding: try JSONEncoder().encode(mapping), as: UTF8.self)
        change.executeLater(
            """
            INSERT INTO csv_mapping (organisation, name, definition, changed_by)
            VALUES (\(change.cause.organisation), \(name), \(definition)::text, \(change.cause.actor))
            ON CONFLICT ON CONSTRAINT csv_mapping_once DO UPDATE
            SET definition = EXCLUDED.definition, changed_by = EXCLUDED.changed_by, changed_at = now()
            """)
    }

    func find(
        _ name: String, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> CSVMapping? {
        try transaction.first(
            "SELECT definition FROM csv_mapping WHERE organisation = \(organisation) AND name = \(name)"
        ) { row in try Self.decoded(try row("definition")) }
    }

    func list(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [CSVMappingAnswer] {
        try transaction.query(
            "SELECT name, definition FROM csv_mapping WHERE organisation = \(organisation) ORDER BY name LIMIT 1000"
        ) { row in CSVMappingAnswer(name: try row("name"), mapping: try Self.decoded(try row("definition"))) }
    }

    private static func decoded(_ text: String) throws -> CSVMapping {
        try JSONDecoder().decode(CSVMapping.self, from: Data(text.utf8))
    }
}
