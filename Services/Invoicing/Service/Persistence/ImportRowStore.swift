import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A row as it is staged, before its turn.
struct StagedRow: Sendable {
    /// Between the parts of a person, since no text that people write has it; chr(31) in SQL.
    static let separator = "\u{1F}"

    let record: SeparatedValues.Record
    let document: String
    /// Reference, last and first name of a client, in small letters; names are empty where the row says none.
    let person: String?
    let phone: Phone?
    let day: LocalDate?
    let problem: RowProblem?
}

/// What became of a row.
struct RowOutcome: Sendable {
    enum Kind: String, Sendable {
        case added
        case alreadyThere = "already-there"
        case refused
    }

    let line: Int
    let kind: Kind
    let problem: RowProblem?

    static func refused(_ line: Int, _ problem: RowProblem) -> RowOutcome {
        RowOutcome(line: line, kind: .refused, problem: problem)
    }

    static func took(_ line: Int, isNew: Bool) -> RowOutcome {
        RowOutcome(line: line, kind: isNew ? .added : .alreadyThere, problem: nil)
    }
}

/// The rows of files that are taken in.
struct ImportRowStore {
    private let files = ImportFileStore()

    /// Begins anew with a file: an earlier try may have been cut off.
    func clear(_ file: ImportFile, in change: inout Change) throws {
        try files.requireRun(of: file, in: &change)
        change.executeLater("DELETE FROM import_row WHERE import_file = \(file.id)")
        change.executeLater("UPDATE import_file SET rows_read = 0 WHERE id = \(file.id)")
    }

    func part(
        _ position: Int, of file: ImportID, in transaction: inout PostgresTransaction
    ) throws -> [UInt8]? {
        try transaction.first(
            "SELECT bytes FROM import_part WHERE import_file = \(file) AND position = \(Int32(position))"
        ) { row in try row("bytes") }
    }

    func stage(_ rows: [StagedRow], of file: ImportFile, in change: inout Change) throws {
        try files.requireRun(of: file, in: &change)
        for row in rows {
            change.executeLater(
                """
                INSERT INTO import_row (import_file, line, organisation, cells, document, person, phone, day, turn,
                    outcome, field, reason, remedy)
                VALUES (\(file.id), \(Int64(row.record.line)), \(file.organisation), \(row.record.fields),
                    \(row.document), \(row.person), \(row.phone?.e164), \(row.day),
                    \(file.kind == .invoices ? nil : Int64(row.record.line)),
                    \(row.problem.map { _ in RowOutcome.Kind.refused.rawValue }), \(row.problem?.column),
                    \(row.problem?.reason), \(row.problem?.remedy))
                """)
        }
        change.executeLater(
            "UPDATE import_file SET rows_read = rows_read + \(Int64(rows.count)) WHERE id = \(file.id)")
    }

    /// Whether a row says what the client is called.
    private static let isNamed: SQL = "right(import_row.person, 2) <> repeat(chr(31), 2)"

    /// Stands in a sentence for a line that only the database knows.
    private static let line = "<line>"

    /// What stands for one person in a file.
    struct Sign {
        /// Of a row that says whom it names; nil where it shows none.
        fileprivate let shown: SQL
        fileprivate let field: String
        fileprivate let reason: Sentence
        fileprivate let remedy: Sentence

        static let phone = Sign(
            shown: "import_row.phone", field: "client_phone",
            reason: "The phone is that of another client, on line \(ImportRowStore.line).",
            remedy: "Leave it empty for one of them, or make one client of both.")
        static let reference = Sign(
            shown: "nullif(split_part(import_row.person, chr(31), 1), '')", field: "client_ref",
            reason: "The reference is that of another client, on line \(ImportRowStore.line).",
            remedy: "Give each client a reference of its own, or make one client of both.")
    }

    /// A sign stands for whom its first row names; others with it are refused, since nobody is billed for somebody
    /// else, and in a dry run nobody is written down who would show it.
    func refuseShared(_ sign: Sign, of told: ImportFile, in change: inout Change) throws {
        try files.requireRun(of: told, in: &change)
        change.executeLater(
            """
            UPDATE import_row SET outcome = 'refused', field = \(sign.field),
                reason = replace(\(sign.reason)::text, \(Self.line)::text, first.line::text), remedy = \(sign.remedy)
            FROM (
                SELECT DISTINCT ON (\(sign.shown)) \(sign.shown) AS shown, person, line FROM import_row
                WHERE import_file = \(told.id) AND \(sign.shown) IS NOT NULL AND \(Self.isNamed)
                ORDER BY \(sign.shown), line
            ) AS first
            WHERE import_file = \(told.id) AND outcome IS NULL AND \(sign.shown) = first.shown
                AND import_row.person <> first.person AND \(Self.isNamed)
            """)
    }

    /// A document with a row that is refused already is refused as a whole: nobody is billed a part of it.
    func refuseSpoiltDocuments(of told: ImportFile, in change: inout Change) throws {
        try files.requireRun(of: told, in: &change)
        let reason: Sentence = "Line \(Self.line) of the same document is refused."
        let remedy: Sentence = "Correct that one; a document is taken in as a whole."
        change.executeLater(
            """
            UPDATE import_row SET outcome = 'refused', field = '',
                reason = replace(\(reason)::text, \(Self.line)::text, bad.line::text), remedy = \(remedy)
            FROM (
                SELECT document, min(line) AS line FROM import_row
                WHERE import_file = \(told.id) AND outcome = 'refused' GROUP BY document
            ) AS bad
            WHERE import_file = \(told.id) AND outcome IS NULL AND import_row.document = bad.document
            """)
    }

    /// The last line a row begins on; 0 when there are no rows.
    func lastLine(of file: ImportID, in transaction: inout PostgresTransaction) throws -> Int64 {
        try transaction.one("SELECT coalesce(max(line), 0) AS line FROM import_row WHERE import_file = \(file)") {
            row in
            try row("line")
        }
    }

    /// Gives some lines the turns of their documents, in the order of their days; all of them at once would take as
    /// long as no statement may.
    func order(_ lines: ClosedRange<Int64>, of told: ImportFile, in change: inout Change) throws {
        try files.requireRun(of: told, in: &change)
        let file = told.id
        try change.execute(
            """
            UPDATE import_row SET turn = placed.turn
            FROM (
                SELECT document, row_number() OVER (ORDER BY min(day), min(line)) AS turn FROM import_row
                WHERE import_file = \(file) GROUP BY document
            ) AS placed
            WHERE import_file = \(file) AND outcome IS NULL AND import_row.document = placed.document
                AND line BETWEEN \(lines.lowerBound) AND \(lines.upperBound)
            """)
    }

    /// Every row has its turn: what is left of the file itself is not needed any more.
    func beginTaking(_ told: ImportFile, header: [String], in change: inout Change) throws {
        try files.requireRun(of: told, in: &change)
        let file = told.id
        change.executeLater("DELETE FROM import_part WHERE import_file = \(file)")
        change.executeLater("UPDATE import_file SET state = 'taking', header = \(header) WHERE id = \(file)")
        files.gotOn(told, in: &change)
    }

    /// The rows of the documents whose turn is next; none when all had theirs.
    func next(
        _ documents: Int, of file: ImportID, in transaction: inout PostgresTransaction
    ) throws -> [(record: SeparatedValues.Record, document: String)] {
        try transaction.query(
            """
            SELECT line, cells, document FROM import_row
            WHERE import_file = \(file) AND outcome IS NULL AND turn < \(Int64(documents)) + (
                SELECT min(turn) FROM import_row WHERE import_file = \(file) AND outcome IS NULL)
            ORDER BY turn, line
            """
        ) { row in
            (SeparatedValues.Record(line: try row("line"), fields: try row("cells")), try row("document"))
        }
    }

    /// What is left of a row that tells of a client who was forgotten.
    ///
    /// The document of a row of clients is a client's reference; that of others is by what they are taken in once.
    static let nothing: SQL = """
        cells = '{}', person = NULL, phone = NULL,
        document = CASE (SELECT kind FROM import_file AS file WHERE file.id = import_row.import_file)
            WHEN \(ImportKind.clients.rawValue) THEN 'line ' || line ELSE document END
        """

    /// What a dry run would have brought by now under some numbers: the first row of each that was not refused.
    func added(
        _ documents: [String], of file: ImportID, in transaction: inout PostgresTransaction
    ) throws -> [SeparatedValues.Record] {
        try transaction.query(
            """
            SELECT DISTINCT ON (document) line, cells FROM import_row
            WHERE import_file = \(file) AND outcome = 'added' AND document = ANY(\(documents))
                AND hashtextextended(document, 0) = ANY(ARRAY(
                    SELECT hashtextextended(told, 0) FROM unnest(\(documents)) AS told))
            ORDER BY document, line
            """
        ) { row in SeparatedValues.Record(line: try row("line"), fields: try row("cells")) }
    }

    /// The caller has made sure that it is its run that goes on.
    func save(_ outcomes: [RowOutcome], of file: ImportID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE import_row SET outcome = told.outcome, field = told.field, reason = told.reason, remedy = told.remedy
            FROM unnest(\(outcomes.map { Int64($0.line) }), \(outcomes.map(\.kind.rawValue)),
                \(outcomes.map { $0.problem?.column }), \(outcomes.map { $0.problem?.reason }),
                \(outcomes.map { $0.problem?.remedy })) AS told (line, outcome, field, reason, remedy)
            WHERE import_file = \(file) AND import_row.line = told.line
            """)
        let forgotten = outcomes.filter { $0.problem?.isOfForgotten == true }.map { Int64($0.line) }
        guard !forgotten.isEmpty else { return }
        change.executeLater(
            "UPDATE import_row SET \(Self.nothing) WHERE import_file = \(file) AND line = ANY(\(forgotten))")
    }

    /// All rows of a document that was taken in, in the transaction that took it.
    func saveAdded(_ lines: [Int], of file: ImportFile, in change: inout Change) throws {
        try files.requireRun(of: file, in: &change)
        change.executeLater(
            """
            UPDATE import_row SET outcome = 'added'
            WHERE import_file = \(file.id) AND line = ANY(\(lines.map(Int64.init)))
            """)
        files.gotOn(file, in: &change)
    }

    /// The headings of the file they came in.
    func header(of file: ImportID, in transaction: inout PostgresTransaction) throws -> [String] {
        try transaction.first("SELECT header FROM import_file WHERE id = \(file)") { row in
            try row("header") as [String]?
        }.flatMap(\.self) ?? []
    }

    /// Rows that were refused after a line, with what is wrong with each.
    func refused(
        of file: ImportID, after line: Int64, rows: Int, in transaction: inout PostgresTransaction
    ) throws -> [(record: SeparatedValues.Record, problem: RowProblem)] {
        try transaction.query(
            """
            SELECT line, cells, field, reason, remedy FROM import_row
            WHERE import_file = \(file) AND outcome = 'refused' AND line > \(line) ORDER BY line LIMIT \(Int64(rows))
            """
        ) { row in
            let record = SeparatedValues.Record(line: try row("line"), fields: try row("cells"))
            let problem = RowProblem(
                line: record.line, column: try row("field") as String? ?? "", reason: try row("reason"),
                remedy: try row("remedy"))
            return (record, problem)
        }
    }
}
