import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Reads a file part by part into rows that wait for their turn; memory holds one part, however long the file is.
struct StageImport: Sendable {
    let database: Database
    let ids: IdentifierSource
    let reading: BlockingWork
    let files = ImportFileStore()
    let rows = ImportRowStore()

    /// Why a file as a whole cannot be read; its sender has to send another one.
    struct Unreadable: Error {
        let reason: Sentence
    }

    /// Rows of one file.
    static let rowsMax = 200_000
    /// Rows that are saved together.
    private static let rowsAtOnce = 500
    private static let linesOrderedAtOnce = 20_000

    func run(_ file: ImportFile, at clinics: ImportClinics) async throws {
        try await change(file) { change in try rows.clear(file, in: &change) }
        var reader: FileReader?
        var position = 0
        while let bytes = try await part(position, of: file) {
            let text = String(decoding: bytes, as: UTF8.self)
            let before = reader ?? FileReader(file, startingWith: text)
            let (after, records) = try await reading.run { try before.reading(text) }
            reader = after
            position += 1
            try await stage(records, of: file, with: after.plan, at: clinics)
        }
        guard let last = reader else { throw Unreadable(reason: "The file is empty.") }
        let (end, records) = try last.finishing()
        try await stage(records, of: file, with: end.plan, at: clinics)
        guard end.plan != nil else { throw Unreadable(reason: "The file is empty.") }
        try await order(file)
        try await change(file) { change in try rows.beginTaking(file, header: end.header, in: &change) }
    }

    /// Other rows than those of invoices are taken in as they come.
    private func order(_ file: ImportFile) async throws {
        if file.kind == .clients || file.kind == .invoices {
            for sign in [ImportRowStore.Sign.phone, .reference] {
                try await change(file) { change in try rows.refuseShared(sign, of: file, in: &change) }
            }
        }
        guard file.kind == .invoices else { return }
        try await change(file) { change in try rows.refuseSpoiltDocuments(of: file, in: &change) }
        let last = try await database.read(organisation: file.organisation) { transaction in
            try rows.lastLine(of: file.id, in: &transaction)
        }
        for from in stride(from: 1, through: last, by: Self.linesOrderedAtOnce) {
            try await change(file) { change in
                try rows.order(from...from + Int64(Self.linesOrderedAtOnce) - 1, of: file, in: &change)
            }
        }
    }

    private func stage(
        _ records: [SeparatedValues.Record], of file: ImportFile, with plan: ColumnPlan?, at clinics: ImportClinics
    ) async throws {
        guard let plan else { return }
        for from in stride(from: 0, to: records.count, by: Self.rowsAtOnce) {
            let some = records[from..<min(from + Self.rowsAtOnce, records.count)]
            let staged = some.map { RowStaging(file.kind, plan, clinics.places).row($0) }
            try await change(file) { change in try rows.stage(staged, of: file, in: &change) }
        }
    }

    private func part(_ position: Int, of file: ImportFile) async throws -> [UInt8]? {
        try await database.read(organisation: file.organisation) { transaction in
            try rows.part(position, of: file.id, in: &transaction)
        }
    }

    private func change(_ file: ImportFile, _ body: @escaping @Sendable (inout Change) throws -> Void) async throws {
        try await database.change(because: file.cause("import-staging", ids), body)
    }
}

extension ImportFile {
    /// One step of taking it in, in the name of who sent it.
    func cause(_ step: String, _ ids: IdentifierSource) -> Cause {
        Cause.step(step, by: actor, for: organisation, correlation: correlation, ids)
    }
}

/// The records of a file as its parts come.
private struct FileReader: Sendable {
    private let file: ImportFile
    private var values: SeparatedValues.Reader
    private(set) var header: [String] = []
    private(set) var plan: ColumnPlan?
    private var count = 0

    init(_ file: ImportFile, startingWith text: String) {
        self.file = file
        values = SeparatedValues.Reader(separator: SeparatedValues.separator(in: text))
    }

    func reading(_ text: String) throws -> (FileReader, [SeparatedValues.Record]) {
        var next = self
        for scalar in text.unicodeScalars { next.values.take(scalar) }
        if let line = next.values.endlessLine {
            throw StageImport.Unreadable(reason: "The record that begins on line \(line) never ends: look for a quote.")
        }
        let records = try next.records()
        return (next, records)
    }

    func finishing() throws -> (FileReader, [SeparatedValues.Record]) {
        var next = self
        if let line = next.values.openQuoteLine {
            throw StageImport.Unreadable(
                reason: "In the record that begins on line \(line) a quotation mark is not closed.")
        }
        next.values.finish()
        let records = try next.records()
        return (next, records)
    }

    private mutating func records() throws -> [SeparatedValues.Record] {
        var records = values.drain()
        if plan == nil, !records.isEmpty {
            header = records.removeFirst().fields.map(\.withoutZeros)
            do throws(MissingColumns) {
                plan = try file.mapping.plan(of: file.kind, header: header)
            } catch {
                let headings = error.headings.joined(separator: ", ")
                throw StageImport.Unreadable(
                    reason: "The header lacks: \(headings). Save a mapping that names the columns.")
            }
        }
        count += records.count
        guard count <= StageImport.rowsMax else {
            throw StageImport.Unreadable(reason: "The file has more than \(count: StageImport.rowsMax) rows.")
        }
        return records
    }
}

/// What is known of a row before its turn: what it belongs to, whose phone it brings, and its day.
struct RowStaging {
    private let kind: ImportKind
    private let plan: ColumnPlan
    private let places: ImportPlaces

    init(_ kind: ImportKind, _ plan: ColumnPlan, _ places: ImportPlaces) {
        self.kind = kind
        self.plan = plan
        self.places = places
    }

    func row(_ record: SeparatedValues.Record) -> StagedRow {
        let cells = record.fields.map(\.withoutZeros)
        let values = plan.values(of: cells)
        let reference = plan.value(kind.reference, in: values)
        let day = kind.day.flatMap { LocalDate(plan.value($0, in: values)) }
        let phone = places.phone(
            plan.value("client_phone", in: values), at: plan.value("clinic_code", in: values))
        let isWhole = cells.count <= plan.width
        return StagedRow(
            record: SeparatedValues.Record(line: record.line, fields: cells),
            document: reference.isEmpty ? "line \(record.line)" : reference, person: person(values), phone: phone,
            day: day,
            problem: isWhole
                ? cells == record.fields ? nil : .zero(at: record.line)
                : .tooMany(cells.count, of: plan.width, at: record.line))
    }

    /// Nobody where rows say neither whose number theirs is nor what the client is called.
    private func person(_ values: [String]) -> String? {
        let (reference, lastName) = (plan.value("client_ref", in: values), plan.value("client_last_name", in: values))
        guard !lastName.isEmpty || !reference.isEmpty else { return nil }
        // Without a last name a first one says nobody.
        let firstName = lastName.isEmpty ? "" : plan.value("client_first_name", in: values)
        return [reference, lastName, firstName].joined(separator: StagedRow.separator).lowercased()
    }
}

extension String {
    /// No text of the database can hold a zero.
    fileprivate var withoutZeros: String {
        unicodeScalars.contains("\0") ? String(String.UnicodeScalarView(unicodeScalars.filter { $0 != "\0" })) : self
    }
}

extension RowProblem {
    /// Behind a separator within a text every cell is that of another column.
    fileprivate static func tooMany(_ count: Int, of width: Int, at line: Int) -> RowProblem {
        RowProblem(
            line: line, column: "", reason: "It has \(count) columns, not \(width).",
            remedy: "Look for a missing or a superfluous separator.")
    }

    fileprivate static func zero(at line: Int) -> RowProblem {
        RowProblem(
            line: line, column: "", reason: "It holds a byte that is no character.",
            remedy: "Write the row anew; the byte is left out here.")
    }
}
