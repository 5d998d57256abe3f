import HTTPServer
import Logging
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What an import is for.
enum ImportIntent: Sendable {
    case forGood
    /// To see what it would bring; nothing is kept.
    case dryRun
}

/// A file on its way in, who brings it, and what for.
struct IncomingFile: Sendable {
    /// Where its bytes come from.
    enum Content: Sendable {
        /// From whoever sends it, while it arrives.
        case upload(Upload)
        /// They are here.
        case whole([UInt8])
    }

    let content: Content
    let organisation: OrganisationID
    /// Whose key it is.
    let sender: String
    /// The key of the request.
    let key: String?
    /// As it was announced.
    let bytesInAll: Int64?
    let intent: ImportIntent
}

/// Reads a file while it arrives, and lays out what is in it.
protocol ImportStage: Actor {
    /// What was laid out.
    associatedtype Laid: Sendable

    func begin() async throws
    func take(_ piece: [UInt8]) async throws
    /// Ends the file.
    func finish() async throws -> Laid
    /// Notes how it ended.
    func end(_ error: (any Error)?) async
}

extension IncomingFile {
    /// Lays the file out on a workbench of its own while it arrives, and has all of it taken, or nothing.
    func read<Stage: ImportStage>(
        as kind: FileImportStore.Kind, in database: Database, _ ids: IdentifierSource, _ logger: Logger,
        through stage: (Workbench, ImportProgress) -> Stage,
        then take: (Stage.Laid, Workbench) async throws -> ImportAnswer
    ) async throws -> ImportAnswer {
        let bench = try await database.workbench(of: organisation)
        do {
            let progress = try await begin(kind, ids, database, logger)
            let answer = try await read(through: stage(bench, progress)) { laid in try await take(laid, bench) }
            await bench.close()
            return answer
        } catch {
            await bench.close()
            throw error
        }
    }

    private func read<Stage: ImportStage>(
        through stage: Stage, then take: (Stage.Laid) async throws -> ImportAnswer
    ) async throws -> ImportAnswer {
        let answer: ImportAnswer
        do {
            try await stage.begin()
            switch content {
            case .upload(let upload): try await upload.read { piece in try await stage.take(piece) }
            case .whole(let bytes): try await stage.take(bytes)
            }
            answer = try await take(try await stage.finish())
        } catch {
            await stage.end(error)
            throw error
        }
        // What is committed is done, whatever becomes of the note about it.
        await stage.end(nil)
        return answer
    }

    private func begin(
        _ kind: FileImportStore.Kind, _ ids: IdentifierSource, _ database: Database, _ logger: Logger
    ) async throws -> ImportProgress {
        let new: FileImportID = ids.make()
        let id = try await database.maintain(organisation: organisation) { transaction in
            try FileImportStore().begin(new, kind, self, &transaction)
        }
        return ImportProgress(id, of: organisation, in: database, logger)
    }
}
