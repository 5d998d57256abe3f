import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

extension ImportID: PostgresEncodable, PostgresDecodable {}

/// A file that is taken in, as its sender asked for it.
struct ImportFile: Sendable {
    enum State: String, Codable, Sendable {
        case reading, taking, done, failed

        /// Whether nothing more becomes of it.
        var isEnd: Bool { self == .done || self == .failed }
    }

    enum Mode: String, CaseIterable, Codable, Sendable {
        /// Say what would happen and change nothing.
        case dryRun = "dry-run"
        /// Take what is right.
        case keepGood = "keep-good"
    }

    let id: ImportID
    let organisation: OrganisationID
    let kind: ImportKind
    let mode: ImportFile.Mode
    let mappingName: String?
    let mapping: ColumnMapping
    /// Those its sender acts for; nil: all.
    let clinics: [ClinicID]?
    let actor: String
    let correlation: CorrelationID
    var state = State.reading
    var header: [String] = []
    /// Which run of the job goes on with it.
    var run: Int64 = 0
}

/// How far a file is.
struct ImportProgress: Codable, Sendable {
    let read: Int64
    let added: Int64
    let alreadyThere: Int64
    let refused: Int64
}

/// Files that are taken in, until what they hold of people is not needed any more.
struct ImportFileStore {
    private static let columns: SQL = """
        id, organisation, kind, mode, mapping_name, mapping, clinics, actor, correlation, state, failure, header,
        created_at, finished_at, rows_read, added, already_there, refused
        """

    func insert(_ file: ImportFile, _ parts: [[UInt8]], in change: inout Change) throws {
        let mapping = try PostgresJSON.of(file.mapping)
        change.executeLater(
            """
            INSERT INTO import_file (id, organisation, kind, mode, mapping_name, mapping, clinics, actor, correlation)
            VALUES (\(file.id), \(file.organisation), \(file.kind.rawValue), \(file.mode.rawValue),
                \(file.mappingName), \(mapping), \(file.clinics), \(file.actor), \(file.correlation))
            """)
        for (position, bytes) in parts.enumerated() {
            try change.execute(
                """
                INSERT INTO import_part (import_file, position, organisation, bytes)
                VALUES (\(file.id), \(Int32(position)), \(file.organisation), \(bytes))
                """)
        }
    }

    /// The files to go on with, oldest first; of an organisation's invoices only its first file, since numbers follow
    /// the days.
    func open(rows: Int, in transaction: inout PostgresTransaction) throws -> [ImportFile] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM import_file
            WHERE state IN ('reading', 'taking') AND (next_try_at IS NULL OR next_try_at <= now())
                AND NOT (kind = \(ImportKind.invoices.rawValue) AND EXISTS (
                    SELECT FROM import_file AS earlier
                    WHERE earlier.organisation = import_file.organisation AND earlier.kind = import_file.kind
                        AND earlier.id < import_file.id AND earlier.state IN ('reading', 'taking')))
            ORDER BY id LIMIT \(Int64(rows))
            """, read)
    }

    /// How many files of an organisation are not finished.
    func openCount(of organisation: OrganisationID, in change: inout Change) throws -> Int64 {
        try change.one(
            """
            SELECT count(*) AS count FROM import_file
            WHERE organisation = \(organisation) AND state IN ('reading', 'taking')
            """
        ) { row in try row("count") }
    }

    func find(
        _ id: ImportID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> ImportAnswer? {
        let found = try transaction.first(
            "SELECT \(Self.columns) FROM import_file WHERE id = \(id) AND organisation = \(organisation)", head)
        return try found.map { try answers([$0], in: &transaction)[0] }
    }

    /// Newest first; only those of one sender when `actor` is given.
    func list(
        of organisation: OrganisationID, by actor: String?, before id: ImportID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [ImportAnswer] {
        let found = try transaction.query(
            """
            SELECT \(Self.columns) FROM import_file
            WHERE organisation = \(organisation) AND id < \(id) AND (\(actor)::text IS NULL OR actor = \(actor))
            ORDER BY id DESC LIMIT \(Int64(rows))
            """, head)
        return try answers(found, in: &transaction)
    }

    private struct Head {
        let file: ImportFile
        /// As it was counted at the end.
        let rows: ImportProgress
        let failure: Sentence?
        let createdAt: Instant
        let finishedAt: Instant?
    }

    private func head(_ row: Row) throws -> Head {
        Head(
            file: try read(row), rows: try progress(row), failure: try row("failure"),
            createdAt: try row("created_at"), finishedAt: try row("finished_at"))
    }

    private func progress(_ row: Row) throws -> ImportProgress {
        ImportProgress(
            read: try row("rows_read"), added: try row("added"), alreadyThere: try row("already_there"),
            refused: try row("refused"))
    }

    private func answers(
        _ heads: [Head], in transaction: inout PostgresTransaction
    ) throws -> [ImportAnswer] {
        let counted = try progress(of: heads.map(\.file).filter { !$0.state.isEnd }.map(\.id), in: &transaction)
        return heads.map { head in
            ImportAnswer(
                head.file, counted[head.file.id] ?? head.rows, failure: head.failure, createdAt: head.createdAt,
                finishedAt: head.finishedAt)
        }
    }

    /// How far files are whose rows have not all been counted yet.
    private func progress(
        of files: [ImportID], in transaction: inout PostgresTransaction
    ) throws -> [ImportID: ImportProgress] {
        guard !files.isEmpty else { return [:] }
        let found = try transaction.query(
            """
            SELECT import_file.id, rows_read, counted.* FROM import_file CROSS JOIN LATERAL (
                SELECT \(Self.counts) FROM import_row WHERE import_file = import_file.id) AS counted
            WHERE import_file.id = ANY(\(files))
            """
        ) { row in (try row("id") as ImportID, try progress(row)) }
        return Dictionary(found) { first, _ in first }
    }

    fileprivate static let counts: SQL = """
        count(*) FILTER (WHERE outcome = 'added') AS added,
        count(*) FILTER (WHERE outcome = 'already-there') AS already_there,
        count(*) FILTER (WHERE outcome = 'refused') AS refused
        """

    private func read(_ row: Row) throws -> ImportFile {
        ImportFile(
            id: try row("id"), organisation: try row("organisation"), kind: try row.word("kind"),
            mode: try row.word("mode"), mappingName: try row("mapping_name"), mapping: try row.json("mapping"),
            clinics: try row("clinics"), actor: try row("actor"), correlation: try row("correlation"),
            state: try row.word("state"), header: try row("header") as [String]? ?? [])
    }
}

// MARK: Going on

extension ImportFileStore {
    /// Somebody else began with the file since, or ended it; who leads may change at any moment.
    struct Overtaken: Error {}

    /// A run of the job begins with a file: where it stands now, and how often it was tried without a step forward.
    ///
    /// Nil when it is finished, or another run began a moment ago: its try must not count as one that failed. The next
    /// try waits the longer the more there were.
    func begin(
        _ told: ImportFile, in transaction: inout PostgresTransaction
    ) throws -> (file: ImportFile, tries: Int)? {
        try transaction.first(
            """
            UPDATE import_file SET attempts = attempts + 1, runs = runs + 1,
                next_try_at = now() + make_interval(secs => power(4, least(attempts, 5)))
            WHERE id = \(told.id) AND state IN ('reading', 'taking') AND (next_try_at IS NULL OR next_try_at <= now())
            RETURNING attempts, runs, state, header
            """
        ) { row in
            var file = told
            (file.state, file.run) = (try row.word("state"), try row("runs"))
            file.header = try row("header") as [String]? ?? []
            return (file, Int(try row("attempts") as Int32))
        }
    }

    /// Locks the file for the run that goes on with it; whoever began later ends this one.
    func requireRun(of file: ImportFile, in change: inout Change) throws {
        let isMine = try change.first(
            """
            SELECT 1 AS one FROM import_file
            WHERE id = \(file.id) AND runs = \(file.run) AND state IN ('reading', 'taking') FOR UPDATE
            """
        ) { _ in true }
        guard isMine == true else { throw Overtaken() }
    }

    /// It got on: only tries without any step forward count.
    func gotOn(_ file: ImportFile, in change: inout Change) {
        change.executeLater(
            "UPDATE import_file SET attempts = 0, next_try_at = NULL WHERE id = \(file.id) AND attempts > 0")
    }

    /// A try that was called off was none.
    func callOff(_ file: ImportFile, in transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            UPDATE import_file SET attempts = greatest(attempts - 1, 0), next_try_at = NULL
            WHERE id = \(file.id) AND runs = \(file.run)
            """)
    }

    func fail(_ file: ImportFile, because reason: Sentence, in change: inout Change) throws {
        try end(file, as: .failed, reason, &change)
        change.executeLater("DELETE FROM import_part WHERE import_file = \(file.id)")
    }

    func finish(_ file: ImportFile, in change: inout Change) throws { try end(file, as: .done, nil, &change) }

    /// Counts what became of the rows, and forgets those that need nobody.
    private func end(
        _ file: ImportFile, as state: ImportFile.State, _ failure: Sentence?, _ change: inout Change
    ) throws {
        try requireRun(of: file, in: &change)
        change.executeLater(
            """
            UPDATE import_file SET state = \(state.rawValue), failure = \(failure), finished_at = now(),
                added = counted.added, already_there = counted.already_there, refused = counted.refused
            FROM (SELECT \(Self.counts) FROM import_row WHERE import_file = \(file.id)) AS counted
            WHERE id = \(file.id)
            """)
        change.executeLater(
            "DELETE FROM import_row WHERE import_file = \(file.id) AND outcome IS DISTINCT FROM 'refused'")
    }

    /// Refused rows are there for somebody to correct them, and not for ever: they tell of people.
    func forget(finishedBefore instant: Instant, in transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            WITH old AS (
                UPDATE import_file SET rows_forgotten = true
                WHERE finished_at < \(instant) AND NOT rows_forgotten RETURNING id)
            DELETE FROM import_row USING old WHERE import_row.import_file = old.id
            """)
    }
}
