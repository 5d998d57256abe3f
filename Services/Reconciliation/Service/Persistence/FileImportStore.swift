import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A file on its way in.
struct FileImportID: Identifier {
    let words: IdentifierWords

    init(words: IdentifierWords) { self.words = words }
}

extension FileImportID: PostgresEncodable, PostgresDecodable {}

/// How far files on their way in are.
struct FileImportStore {
    enum Kind: String, Sendable {
        case statement
        case settlementReport = "settlement-report"
    }

    enum State: String, Sendable {
        case reading, taking, done, refused
    }

    /// Imports that are listed, newest first.
    static let listedMax = 100
    /// After so long without a sign of life an import has broken off with its process.
    static let silenceMax = "1 hour"

    /// A file that comes again under its sender's key goes on under its first id.
    ///
    /// Where the first is done, nothing more is noted: the answer is the first one's too.
    func begin(
        _ id: FileImportID, _ kind: Kind, _ file: IncomingFile, _ transaction: inout PostgresTransaction
    ) throws -> FileImportID {
        let known: FileImportID? = try transaction.first(
            """
            INSERT INTO file_import (id, organisation, kind, sender, key, bytes_in_all, state, is_dry_run)
            VALUES (\(id), \(file.organisation), \(kind.rawValue), \(file.sender), \(file.key), \(file.bytesInAll),
                \(State.reading.rawValue), \(file.intent == .dryRun))
            ON CONFLICT ON CONSTRAINT file_import_once DO UPDATE
            SET kind = EXCLUDED.kind, state = EXCLUDED.state, is_dry_run = EXCLUDED.is_dry_run, format = NULL,
                bytes = 0, lines = 0, bytes_in_all = EXCLUDED.bytes_in_all, trouble = NULL, started_at = now(),
                changed_at = now()
            WHERE \(Self.isOpen)
            RETURNING id
            """
        ) { row in try row("id") }
        return known ?? id
    }

    /// What was taken stays so, whatever becomes of the same file when it is sent again.
    private static let isOpen: SQL = "(file_import.state <> 'done' OR file_import.is_dry_run)"

    func note(
        _ id: FileImportID, of organisation: OrganisationID, _ state: State, _ progress: FileImportAnswer.Progress,
        trouble: Sentence?, _ transaction: inout PostgresTransaction
    ) throws {
        try transaction.execute(
            """
            UPDATE file_import SET state = \(state.rawValue), format = \(progress.format), bytes = \(progress.bytes),
                lines = \(progress.lines), trouble = \(trouble), changed_at = now()
            WHERE id = \(id) AND organisation = \(organisation) AND \(Self.isOpen)
            """)
    }

    /// A key is its sender's: of another's import with the same one nothing is found by it.
    func list(
        of organisation: OrganisationID, key: String?, of sender: String, _ transaction: inout PostgresTransaction
    ) throws -> [FileImportAnswer] {
        try transaction.query(
            """
            SELECT id, kind, key, format, bytes, lines, bytes_in_all, trouble, started_at, changed_at, is_dry_run,
                CASE WHEN state IN ('reading', 'taking') AND changed_at < now() - \(Self.silenceMax)::interval
                    THEN 'broken-off' ELSE state END AS state
            FROM file_import WHERE organisation = \(organisation)
                AND (\(key)::text IS NULL OR (key = \(key) AND (sender = \(sender) OR sender IS NULL)))
            ORDER BY id DESC LIMIT \(Int64(Self.listedMax))
            """
        ) { row in
            FileImportAnswer(
                id: try row("id"), kind: try row("kind"), key: try row("key"), state: try row("state"),
                isDryRun: try row("is_dry_run"), format: try row("format"), bytes: try row("bytes"),
                lines: try row("lines"),
                bytesInAll: try row("bytes_in_all"), trouble: try row("trouble"), startedAt: try row("started_at"),
                changedAt: try row("changed_at"))
        }
    }
}
