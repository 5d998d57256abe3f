import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The CSV mappings of organisations, by name.
struct CSVMappingStore {
    func put(_ mapping: CSVMapping, named name: String, in change: inout Change) throws {
        let definition = try PostgresJSON.of(mapping).text
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
        ) { row in try row.json("definition") }
    }

    func list(
        of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [CSVMappingAnswer] {
        try transaction.query(
            "SELECT name, definition FROM csv_mapping WHERE organisation = \(organisation) ORDER BY name LIMIT 1000"
        ) { row in CSVMappingAnswer(name: try row("name"), mapping: try row.json("definition")) }
    }
}
