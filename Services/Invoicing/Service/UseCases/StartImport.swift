import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Takes a file of practice-management software, whose rows a job then takes in.
struct StartImport {
    let database: Database
    let ids: IdentifierSource
    let audit: AuditStore
    let reading: BlockingWork
    /// Wakes the job.
    let arrivals: Doorbell
    let files = ImportFileStore()
    let mappings = ImportMappingStore()

    /// What a file is and what to do with it.
    struct Wish: Sendable {
        let kind: ImportKind
        let mode: ImportFile.Mode
        let mapping: String?
    }

    /// Why a file is not taken.
    enum Refusal: Error {
        case noText
        case noMapping(String)
        case otherKind(String, ImportKind)
        case tooManyOpen(Int64)
    }

    /// Files of an organisation that are not finished.
    static let openMax: Int64 = 20

    /// Bytes of a part of a file as it is kept until it is read.
    static let partBytes = 262_144

    func run(
        _ bytes: [UInt8], _ wish: Wish, for clinics: ClinicAccess, because cause: Cause
    ) async throws -> Applied<ImportAnswer> {
        let parts = try await reading.run {
            guard let text = ImportText.utf8(bytes) else { throw Refusal.noText }
            return ImportText.parts(text, bytes: StartImport.partBytes)
        }
        let id: ImportID = ids.make()
        return try await database.change(because: cause) { change in
            let file = ImportFile(
                id: id, organisation: cause.organisation, kind: wish.kind, mode: wish.mode, mappingName: wish.mapping,
                mapping: try mapping(of: wish, in: &change), clinics: clinics.list, actor: cause.actor,
                correlation: cause.correlation)
            let open = try files.openCount(of: cause.organisation, in: &change)
            guard open < StartImport.openMax else { throw Refusal.tooManyOpen(open) }
            try files.insert(file, parts, in: &change)
            guard let answer = try files.find(id, of: cause.organisation, in: &change.transaction) else {
                throw NotFound.importFile(id)
            }
            try audit.record("import-started", about: id, before: nil as ImportAnswer?, after: answer, in: &change)
            change.afterCommit { [arrivals] in arrivals.ring() }
            return answer
        }
    }

    private func mapping(of wish: Wish, in change: inout Change) throws -> ColumnMapping {
        guard let name = wish.mapping else { return ColumnMapping() }
        guard let found = try mappings.find(name, of: change.cause.organisation, in: &change.transaction) else {
            throw Refusal.noMapping(name)
        }
        guard found.kind == wish.kind else { throw Refusal.otherKind(name, found.kind) }
        return found.mapping
    }
}

/// A file that is taken in, as the API shows it.
struct ImportAnswer: Codable, Sendable {
    let id: ImportID
    let kind: ImportKind
    let mode: ImportFile.Mode
    let mapping: String?
    let state: ImportFile.State
    /// Why nothing more of it is done.
    let failure: Sentence?
    let startedBy: String
    let rows: ImportProgress
    /// Headings of which nothing is read; nil while the file itself is not read.
    let ignoredColumns: [String]?
    let createdAt: Instant
    let finishedAt: Instant?

    init(
        _ file: ImportFile, _ rows: ImportProgress, failure: Sentence?, createdAt: Instant, finishedAt: Instant?
    ) {
        id = file.id
        kind = file.kind
        mode = file.mode
        mapping = file.mappingName
        state = file.state
        self.failure = failure
        startedBy = file.actor
        self.rows = rows
        ignoredColumns =
            file.header.isEmpty ? nil : (try? file.mapping.plan(of: file.kind, header: file.header))?.ignored
        self.createdAt = createdAt
        self.finishedAt = finishedAt
    }
}
