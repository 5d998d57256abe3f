import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Saves how an organisation's files are read, so that nobody tells it twice.
struct KeepImportMapping {
    let database: Database
    let audit: AuditStore
    let mappings = ImportMappingStore()

    func put(
        _ name: String, _ kind: ImportKind, _ mapping: ColumnMapping, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ImportMappingRecord> {
        try await database.change(because: cause) { change in
            let known = try mappings.find(name, of: change.cause.organisation, in: &change.transaction)
            var record = ImportMappingRecord(name: name, kind: kind, mapping: mapping, version: version)
            guard known?.version ?? 0 == version, try mappings.put(record, over: version, in: &change) else {
                throw StaleVersion(current: known?.version ?? 0)
            }
            record.version += 1
            try audit.record(
                "import-mapping-changed", about: change.cause.organisation, before: known, after: record, in: &change)
            return record
        }
    }

    func remove(_ name: String, seen version: Int64, because cause: Cause) async throws {
        try await database.change(because: cause) { change in
            let known = try mappings.find(name, of: change.cause.organisation, in: &change.transaction)
            guard let known else { throw NotFound.importMapping(name) }
            guard try mappings.remove(name, at: version, in: &change) else {
                throw StaleVersion(current: known.version)
            }
            try audit.record(
                "import-mapping-removed", about: change.cause.organisation, before: known,
                after: nil as ImportMappingRecord?, in: &change)
        }
    }
}
