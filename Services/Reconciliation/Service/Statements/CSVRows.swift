import PaymentModel

/// The rows of a CSV file with the lines they begin on (RFC 4180), as its bytes arrive.
///
/// A field in quotes may have separators, quotes and line breaks in it.
struct CSVRows: Sendable {
    /// A row that has anything in it.
    struct Row: Equatable {
        let line: Int
        let fields: [String]
    }

    private enum Place { case plain, quoted, afterQuote }

    /// Bytes of one row; more is no file of a bank or a provider.
    private static let rowBytesMax = 1 << 20
    /// Fields of one row; separators alone would be no bytes.
    private static let fieldsMax = 1_000
    private static let (quote, feed, carriageReturn) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))

    private let separator: UInt8
    /// How the bytes of a field are read; nil where they are no such text.
    private let decode: @Sendable ([UInt8]) -> String?
    private var fields: [String] = []
    private var field: [UInt8] = []
    private var rowBytes = 0
    private var place = Place.plain
    private var line = 1
    private var rowLine = 1
    private var isAtBeginning = true
    private var beginning: [UInt8] = []

    init(
        separator: UInt8 = UInt8(ascii: ","),
        decode: @escaping @Sendable ([UInt8]) -> String? = { String(validating: $0, as: UTF8.self) }
    ) {
        self.separator = separator
        self.decode = decode
    }

    /// The rows that end in the piece.
    mutating func take(_ piece: [UInt8]) throws -> [Row] {
        guard isAtBeginning else { return try read(piece[...]) }
        beginning.append(contentsOf: piece)
        return beginning.count >= FileLines.mark.count ? try begin() : []
    }

    mutating func finish() throws -> [Row] {
        let rows = isAtBeginning ? try begin() : []
        guard place != .quoted else {
            throw FileProblem(
                line: rowLine, reason: "A quotation mark is not closed.", remedy: "Export the report again.")
        }
        return rows + (try endRow().map { [$0] } ?? [])
    }

    /// The mark of UTF-8 is no part of the first field.
    private mutating func begin() throws -> [Row] {
        isAtBeginning = false
        let start = beginning.starts(with: FileLines.mark) ? FileLines.mark.count : 0
        let bytes = beginning[start...]
        beginning = []
        return try read(bytes)
    }

    private mutating func read(_ bytes: ArraySlice<UInt8>) throws -> [Row] {
        var rows: [Row] = []
        for byte in bytes {
            if byte == Self.feed { line += 1 }
            switch (place, byte) {
            case (.quoted, Self.quote): place = .afterQuote
            case (.quoted, _): field.append(byte)
            case (.afterQuote, Self.quote):
                field.append(byte)
                place = .quoted
            case (.plain, Self.quote) where field.isEmpty: place = .quoted
            case (_, separator): try endField()
            case (_, Self.feed): if let row = try endRow() { rows.append(row) }
            case (_, Self.carriageReturn): break
            default: field.append(byte)
            }
        }
        guard rowBytes + field.count <= Self.rowBytesMax else {
            throw FileProblem(
                line: rowLine, reason: "It has more than \(Self.rowBytesMax) bytes.", remedy: "Export the report again."
            )
        }
        return rows
    }

    private mutating func endField() throws {
        guard let text = decode(field) else {
            throw FileProblem(
                line: rowLine, reason: "It is not a text in UTF-8.", remedy: "Export it as UTF-8.")
        }
        guard fields.count < Self.fieldsMax else {
            throw FileProblem(
                line: rowLine, reason: "It has more than \(Self.fieldsMax) columns.", remedy: "Export the report again."
            )
        }
        fields.append(text)
        rowBytes += field.count + 1
        field.removeAll(keepingCapacity: true)
        place = .plain
    }

    /// Nil when nothing is in it.
    private mutating func endRow() throws -> Row? {
        try endField()
        let row = Row(line: rowLine, fields: fields)
        (fields, rowBytes, rowLine) = ([], 0, line)
        return row.fields == [""] ? nil : row
    }
}
