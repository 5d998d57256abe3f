import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Reads a file of statements while it arrives, and lays its movements out for the transaction that takes them.
///
/// Nothing of it is held in memory but the last piece: neither a file of a million lines nor one without an end needs
/// more.
actor StageStatement: ImportStage {
    /// How a file is to be read.
    struct Reading: Sendable {
        /// Nil: by what the file looks like.
        let format: StatementFormat?
        let mapping: CSVMapping?
        let badRows: BadRows
    }

    /// What was laid out.
    struct Laid: Sendable {
        let statements: [BankStatement]
        let bad: [FileProblem]
        let badInAll: Int
        let lines: Int
    }

    private static let batch = 5_000

    private let reading: Reading
    private let bench: Workbench
    private let ids: IdentifierSource
    private let time: TimeSource
    private let staged = StagedMovements()
    private var progress: ImportProgress
    private var shown = FileImportAnswer.Progress()
    private var head: [UInt8] = []
    private var reader: (any StatementReader)?
    private var found = FoundMovements()
    private var position: Int64 = 0

    init(
        _ reading: Reading, on bench: Workbench, showing progress: ImportProgress, ids: IdentifierSource,
        time: TimeSource
    ) {
        (self.reading, self.bench, self.progress, self.ids, self.time) = (reading, bench, progress, ids, time)
    }

    func begin() async throws {
        try await bench.prepare { [staged] transaction in try staged.create(&transaction) }
    }

    func take(_ piece: [UInt8]) async throws {
        shown.bytes += Int64(piece.count)
        if reader == nil {
            head.append(contentsOf: piece)
            guard head.count >= StatementFormat.headBytes else { return }
            try start()
        } else {
            try reader?.take(piece, into: &found)
        }
        if found.waitingCount >= Self.batch { try await handOn() }
        shown.lines = Int64(found.count)
        if progress.isDue(at: time.now()) { await progress.note(.reading, shown) }
    }

    /// Ends the file.
    func finish() async throws -> Laid {
        if reader == nil { try start() }
        try reader?.finish(into: &found)
        try found.checkEnd()
        try await handOn()
        try await bench.prepare { [staged] transaction in try staged.number(&transaction) }
        shown.lines = Int64(found.count)
        await progress.note(.taking, shown)
        return Laid(
            statements: found.statements, bad: found.bad, badInAll: found.badInAll, lines: found.count)
    }

    /// Notes how it ended.
    func end(_ error: (any Error)?) async {
        await progress.end(error == nil ? .done : .refused, shown, trouble: error.map(ImportProgress.trouble))
    }

    private func start() throws {
        let format = reading.format ?? (reading.mapping == nil ? StatementFormat.detected(in: head) : .csv)
        guard let format else {
            throw FileProblem(
                line: 1, reason: "It looks like no format of statements that is known.",
                remedy: "Name its format, or a mapping when it is CSV.")
        }
        shown.format = format.rawValue
        reader = try format.reader(reading.mapping, reading.badRows)
        try reader?.take(head, into: &found)
        head = []
    }

    private func handOn() async throws {
        let drafts = found.handOn().map { StagedMovements.Draft(id: ids.make(), found: $0) }
        let first = position
        position += Int64(drafts.count)
        try await bench.prepare { [staged] transaction in try staged.add(drafts, from: first, &transaction) }
    }
}
