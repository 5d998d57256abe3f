import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Reads a provider's report while it arrives, and lays its lines out for the transaction that takes them.
actor StageSettlement: ImportStage {
    /// What was laid out.
    struct Laid: Sendable {
        let heads: [FoundSettlement.Head]
    }

    private static let batch = 5_000

    private let bench: Workbench
    private let ids: IdentifierSource
    private let time: TimeSource
    private let staged = StagedSettlement()
    private var progress: ImportProgress
    private var shown: FileImportAnswer.Progress
    private var rows = CSVRows()
    private var reader: any SettlementReader
    private var found = FoundSettlement()
    private var position: Int64 = 0

    init(
        _ reading: SettlementReading, on bench: Workbench, showing progress: ImportProgress, ids: IdentifierSource,
        time: TimeSource
    ) {
        (self.bench, self.progress, self.ids, self.time) = (bench, progress, ids, time)
        reader = reading.reader
        shown = FileImportAnswer.Progress(format: reading.provider.rawValue)
    }

    func begin() async throws {
        try await bench.prepare { [staged] transaction in try staged.create(&transaction) }
    }

    func take(_ piece: [UInt8]) async throws {
        shown.bytes += Int64(piece.count)
        for row in try rows.take(piece) { try reader.take(row, into: &found) }
        if found.waitingCount >= Self.batch { try await handOn() }
        shown.lines = Int64(found.count)
        if progress.isDue(at: time.now()) { await progress.note(.reading, shown) }
    }

    /// Ends the file.
    func finish() async throws -> Laid {
        for row in try rows.finish() { try reader.take(row, into: &found) }
        try reader.finish(into: &found)
        try await handOn()
        shown.lines = Int64(found.count)
        let heads = found.heads
        try await bench.prepare { [staged] transaction in try staged.check(heads, &transaction) }
        await progress.note(.taking, shown)
        return Laid(heads: heads)
    }

    /// Notes how it ended.
    func end(_ error: (any Error)?) async {
        await progress.end(error == nil ? .done : .refused, shown, trouble: error.map(ImportProgress.trouble))
    }

    private func handOn() async throws {
        let drafts = found.handOn().map { StagedSettlement.Draft(id: ids.make(), found: $0) }
        let first = position
        position += Int64(drafts.count)
        try await bench.prepare { [staged] transaction in try staged.add(drafts, from: first, &transaction) }
    }
}
