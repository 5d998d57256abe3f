import HTTPServer
import InvoicingDomain
import Logging
import Observability
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Takes in the files that wait, some documents of each in turn, so that a long one holds up no other.
struct TakeImports: Sendable {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    let logger: Logger
    let stage: StageImport
    let clients: TakeClientRows
    let invoices: TakeInvoiceRows
    let openItems: TakeOpenItemRows
    let payments: TakePaymentRow
    let files = ImportFileStore()
    let rows = ImportRowStore()

    /// What two may bring at the same time.
    private static let once = [
        "client_phone_once", "client_reference_once", "receivable_reference_once", "payment_reference_once",
    ]
    /// Files that are gone on with in one round.
    private static let filesMax = 50
    /// Batches of one file in one round.
    private static let batchesMax = 10
    /// Tries without a step forward after which a file is given up.
    private static let triesMax = 5
    /// How long refused rows are there to be fetched, in seconds.
    private static let keptSeconds: Int64 = 30 * 86_400

    func run() async throws {
        var isMore = true
        while isMore {
            try Task.checkCancellation()
            let open = try await database.read(organisation: nil) { transaction in
                try files.open(rows: Self.filesMax, in: &transaction)
            }
            isMore = false
            for file in open where try await goOn(file) { isMore = true }
        }
        let old = time.now().adding(.seconds(-Self.keptSeconds))
        try await database.maintain(organisation: nil) { transaction in
            try files.forget(finishedBefore: old, in: &transaction)
        }
    }

    /// Whether there is more to do of it at once.
    private func goOn(_ told: ImportFile) async throws -> Bool {
        var file = told
        do {
            let begun = try await database.change(because: file.cause("import-begun", ids)) { change in
                try files.begin(told.id, triesMax: Self.triesMax, in: &change)
            }.answer
            guard let run = begun else { return false }
            file.run = run
            return try await step(file)
        } catch let unreadable as StageImport.Unreadable {
            _ = try await change(file, "import-failed") { change in
                try files.fail(told.id, because: unreadable.reason, &change)
                return true
            }
            return false
        } catch {
            if Task.isCancelled { throw error }
            // One file that cannot be gone on with now must not keep the others waiting.
            logger.warning("an import could not be gone on with", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func step(_ file: ImportFile) async throws -> Bool {
        let access = file.clinics.map { ClinicAccess.some(Set($0)) } ?? .all
        let clinics = try await database.read(organisation: file.organisation) { transaction in
            try ImportClinics(of: file.organisation, for: access, in: &transaction)
        }
        guard file.state != .reading else {
            try await stage.run(file, at: clinics)
            return true
        }
        let plan: ColumnPlan
        do {
            plan = try file.mapping.plan(of: file.kind, header: file.header)
        } catch {
            throw StageImport.Unreadable(reason: "Its mapping does not fit its header any more.")
        }
        for _ in 0..<Self.batchesMax {
            try Task.checkCancellation()
            guard try await takeBatch(of: file, by: plan, at: clinics) else { return false }
        }
        return true
    }

    /// False when nothing was left, and the file is done.
    private func takeBatch(
        of file: ImportFile, by plan: ColumnPlan, at clinics: ImportClinics
    ) async throws -> Bool {
        let found = try await database.read(organisation: file.organisation) { transaction in
            try rows.next(file.kind.documentsAtOnce, of: file.id, in: &transaction)
        }
        let told = found.map { row in
            let record = SeparatedValues.Record(line: row.record.line, fields: plan.values(of: row.record.fields))
            return (record: record, document: row.document)
        }
        guard !told.isEmpty else {
            return try await change(file, "import-done") { change in
                try files.finish(file.id, in: &change)
                return false
            }
        }
        switch file.kind {
        case .invoices:
            let cause = file.cause("import-invoices", ids)
            let outcomes = try await invoices.run(told, of: file, at: clinics, because: cause)
            return try await save(file) { _ in outcomes }
        case .clients:
            return try await take(told.map(\.record), of: file, ImportedPerson.read, at: clinics) { people, change in
                try clients.run(people, at: clinics, isTrial: file.mode == .dryRun, in: &change)
            }
        case .openItems:
            return try await take(told.map(\.record), of: file, ImportedItem.read, at: clinics) { items, change in
                try openItems.run(items, at: clinics, isTrial: file.mode == .dryRun, in: &change)
            }
        case .payments:
            // A payment locks what its client owes: one at a time, so that no till waits for a file.
            for row in told {
                _ = try await take([row.record], of: file, ImportedPayment.read, at: clinics) { some, change in
                    try some.map { try payments.run($0, at: clinics, isTrial: file.mode == .dryRun, in: &change) }
                }
            }
            return true
        }
    }

    /// Takes what can be read of some rows and saves what became of all of them, in one transaction.
    private func take<Told: Sendable>(
        _ records: [SeparatedValues.Record], of file: ImportFile,
        _ read: (SeparatedValues.Record, ImportPlaces) -> ImportedRow<Told>, at clinics: ImportClinics,
        _ body: @escaping @Sendable ([Told], inout Change) throws -> [RowOutcome]
    ) async throws -> Bool {
        let told = records.map { read($0, clinics.places) }
        let bad = told.flatMap { row in row.problems.prefix(1).map { RowOutcome.refused($0.line, $0) } }
        let good = told.compactMap(\.value)
        do {
            return try await save(file) { change in try bad + body(good, &change) }
        } catch let error as PostgresError where Self.once.contains(where: error.isUniqueViolation) {
            // Somebody brought one of them a moment ago; it is found at the second try.
            return try await save(file) { change in try bad + body(good, &change) }
        }
    }

    private func save(
        _ file: ImportFile, _ outcomes: @escaping @Sendable (inout Change) throws -> [RowOutcome]
    ) async throws -> Bool {
        try await change(file, "import-rows") { change in
            rows.save(try outcomes(&change), of: file.id, in: &change)
            files.gotOn(file.id, in: &change)
            return true
        }
    }

    private func change(
        _ file: ImportFile, _ step: String, _ body: @escaping @Sendable (inout Change) throws -> Bool
    ) async throws -> Bool {
        try await database.change(because: file.cause(step, ids), body).answer
    }
}

extension ImportKind {
    /// Documents that are taken between two looks at what is left.
    fileprivate var documentsAtOnce: Int {
        switch self {
        case .clients, .openItems: 200
        case .invoices, .payments: 50
        }
    }
}
