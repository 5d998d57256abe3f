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

    /// False when no file waited.
    func run() async throws -> Bool {
        var (isMore, hasWorked) = (true, false)
        while isMore {
            try Task.checkCancellation()
            let open = try await database.read(organisation: nil) { transaction in
                try files.open(rows: Self.filesMax, in: &transaction)
            }
            isMore = false
            hasWorked = hasWorked || !open.isEmpty
            for file in open where try await goOn(file) { isMore = true }
        }
        let old = time.now().adding(.seconds(-Self.keptSeconds))
        try await database.maintain(organisation: nil) { transaction in
            try files.forget(finishedBefore: old, in: &transaction)
        }
        return hasWorked
    }

    /// Whether there is more to do of it at once.
    private func goOn(_ told: ImportFile) async throws -> Bool {
        // As it stands now, which may be further than when it was listed.
        let begun = try await database.maintain(organisation: told.organisation) { transaction in
            try files.begin(told, in: &transaction)
        }
        guard let (file, tries) = begun else { return false }
        do {
            return try await goOn(file, tries: tries)
        } catch is ImportFileStore.Overtaken {
            return false
        } catch {
            if Task.isCancelled {
                await callOff(file)
                throw error
            }
            // One file that cannot be gone on with now must not keep the others waiting.
            logger.warning("an import could not be gone on with", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func goOn(_ file: ImportFile, tries: Int) async throws -> Bool {
        do {
            guard tries <= Self.triesMax else {
                throw StageImport.Unreadable(
                    reason: "It was tried \(Self.triesMax) times and failed each time; nothing more of it is done.")
            }
            return try await step(Going(file: file, isLast: tries == Self.triesMax))
        } catch let unreadable as StageImport.Unreadable {
            return try await change(file, "import-failed") { change in
                try files.fail(file, because: unreadable.reason, in: &change)
                return false
            }
        }
    }

    /// Whoever calls the job off does not mean the file.
    private func callOff(_ file: ImportFile) async {
        let saving = Task {
            try await database.maintain(organisation: file.organisation) { transaction in
                try files.callOff(file, in: &transaction)
            }
        }
        if case .failure(let error) = await saving.result {
            logger.notice("a try counts though it was called off", metadata: ["error": "\(error)"])
        }
    }

    /// A file one run goes on with.
    private struct Going: Sendable {
        let file: ImportFile
        /// What cannot be taken now is refused then, so that one row does not hold up the others for ever.
        let isLast: Bool
    }

    private func step(_ going: Going) async throws -> Bool {
        let file = going.file
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
            // What waited for it goes on at once.
            guard try await takeBatch(of: going, by: plan, at: clinics) else { return true }
        }
        return true
    }

    /// False when nothing was left, and the file is done.
    private func takeBatch(
        of going: Going, by plan: ColumnPlan, at clinics: ImportClinics
    ) async throws -> Bool {
        let file = going.file
        let found = try await database.read(organisation: file.organisation) { transaction in
            try rows.next(file.kind.documentsAtOnce, of: file.id, in: &transaction)
        }
        let told = found.map { row in
            let record = SeparatedValues.Record(line: row.record.line, fields: plan.values(of: row.record.fields))
            return (record: record, document: row.document)
        }
        guard !told.isEmpty else {
            return try await change(file, "import-done") { change in
                try files.finish(file, in: &change)
                return false
            }
        }
        let isTrial = file.mode == .dryRun
        switch file.kind {
        case .invoices:
            let cause = file.cause("import-invoices", ids)
            let outcomes = try await invoices.run(
                told, of: file, isLast: going.isLast, at: clinics, because: cause)
            return try await save(file) { _ in outcomes }
        case .clients:
            return try await take(told.map(\.record), of: going, by: plan, ImportedPerson.read, at: clinics) {
                earlier, people, change in
                try clients.run(people, after: earlier, at: clinics, isTrial: isTrial, in: &change)
            }
        case .openItems:
            return try await take(told.map(\.record), of: going, by: plan, ImportedItem.read, at: clinics) {
                earlier, items, change in
                try openItems.run(items, after: earlier, at: clinics, isTrial: isTrial, in: &change)
            }
        case .payments:
            // A payment locks what its client owes: one at a time, so that no till waits for a file.
            for row in told {
                _ = try await take([row.record], of: going, by: plan, ImportedPayment.read, at: clinics) {
                    earlier, some, change in
                    try some.map {
                        try payments.run($0, after: earlier.first, at: clinics, isTrial: isTrial, in: &change)
                    }
                }
            }
            return true
        }
    }

    /// Takes what can be read of some rows and saves what became of all of them, in one transaction; `body` is also
    /// told what a dry run would have brought before under the same numbers.
    private func take<Told: Sendable>(
        _ records: [SeparatedValues.Record], of going: Going, by plan: ColumnPlan,
        _ read: (SeparatedValues.Record, ImportPlaces) -> ImportedRow<Told>, at clinics: ImportClinics,
        _ body: @escaping @Sendable (_ earlier: [Told], [Told], inout Change) throws -> [RowOutcome]
    ) async throws -> Bool {
        let told = records.map { read($0, clinics.places) }
        let earlier = try await tried(records, of: going.file, by: plan).compactMap { read($0, clinics.places).value }
        let bad = told.flatMap { row in row.problems.prefix(1).map { RowOutcome.refused($0.line, $0) } }
        let good = told.compactMap(\.value)
        do {
            return try await save(going.file) { change in try bad + body(earlier, good, &change) }
        } catch let error as PostgresError where Self.once.contains(where: error.isUniqueViolation) {
            // Somebody brought one of them a moment ago; it is found at the second try.
            return try await save(going.file) { change in try bad + body(earlier, good, &change) }
        } catch  where going.isLast && error.isOfTheRow {
            guard records.count == 1, let line = records.first?.line else {
                for record in records { _ = try await take([record], of: going, by: plan, read, at: clinics, body) }
                return true
            }
            logger.warning("a row of an import was refused", metadata: ["error": "\(error)"])
            return try await save(going.file) { _ in [.refused(line, .failed(at: line))] }
        }
    }

    /// What a dry run would have brought by now under the numbers of some rows; a file that is taken in finds it in the
    /// books.
    private func tried(
        _ records: [SeparatedValues.Record], of file: ImportFile, by plan: ColumnPlan
    ) async throws -> [SeparatedValues.Record] {
        guard file.mode == .dryRun else { return [] }
        let documents = records.compactMap(\.fields.first)
        let found = try await database.read(organisation: file.organisation) { transaction in
            try rows.added(documents, of: file.id, in: &transaction)
        }
        return found.map { SeparatedValues.Record(line: $0.line, fields: plan.values(of: $0.fields)) }
    }

    private func save(
        _ file: ImportFile, _ outcomes: @escaping @Sendable (inout Change) throws -> [RowOutcome]
    ) async throws -> Bool {
        try await change(file, "import-rows") { change in
            try files.requireRun(of: file, in: &change)
            rows.save(try outcomes(&change), of: file.id, in: &change)
            files.gotOn(file, in: &change)
            return true
        }
    }

    private func change(
        _ file: ImportFile, _ step: String, _ body: @escaping @Sendable (inout Change) throws -> Bool
    ) async throws -> Bool {
        try await database.change(because: file.cause(step, ids), body).answer
    }
}

extension Error {
    /// Whether it comes from what is taken, and not from the state of the machine or another run.
    var isOfTheRow: Bool {
        switch self {
        case let error as PostgresError:
            switch error.kind {
            // Of the data, of what holds between them, of a limit, or of a trigger.
            case .server(let state): ["22", "23", "54", "P0"].contains(state.rawValue.prefix(2))
            case .decoding, .usage: true
            case .connection, .commitUnknown, .poolExhausted, .closed, .timeout, .cancelled: false
            }
        case is ImportFileStore.Overtaken, is CancellationError: false
        default: true
        }
    }
}

extension RowProblem {
    static func failed(at line: Int) -> RowProblem {
        RowProblem(
            line: line, column: "", reason: "It could not be taken in, though it was tried several times.",
            remedy: "Look for something unusual in it; whoever runs the service finds the reason in its log.")
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
