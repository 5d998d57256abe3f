/// The rows of a CSV file with the lines they begin on (RFC 4180).
struct CSVRows {
    /// A row that has anything in it.
    struct Row: Equatable {
        let line: Int
        let fields: [String]
    }

    let rows: [Row]

    /// Reads a text; a field in quotes may have separators, quotes and line breaks in it.
    init(_ text: String, separator: Unicode.Scalar = ",") throws(FileProblem) {
        var reader = CSVReader(separator: separator)
        for scalar in text.unicodeScalars.drop(while: { $0 == "\u{FEFF}" }) { reader.take(scalar) }
        rows = try reader.finish()
    }
}

/// Takes a CSV file in, character by character.
private struct CSVReader {
    private enum Place { case plain, quoted, afterQuote }

    let separator: Unicode.Scalar
    private var rows: [CSVRows.Row] = []
    private var fields: [String] = []
    private var field = String.UnicodeScalarView()
    private var place = Place.plain
    private var line = 1
    private var rowLine = 1

    init(separator: Unicode.Scalar) { self.separator = separator }

    mutating func take(_ scalar: Unicode.Scalar) {
        if scalar == "\n" { line += 1 }
        switch (place, scalar) {
        case (.quoted, "\""): place = .afterQuote
        case (.quoted, _): field.append(scalar)
        case (.afterQuote, "\""):
            field.append(scalar)
            place = .quoted
        case (.plain, "\"") where field.isEmpty: place = .quoted
        case (_, separator): endField()
        case (_, "\n"): endRow()
        case (_, "\r"): break
        default: field.append(scalar)
        }
    }

    mutating func finish() throws(FileProblem) -> [CSVRows.Row] {
        guard place != .quoted else {
            throw FileProblem(
                line: rowLine, reason: "A quotation mark is not closed.", remedy: "Export the report again.")
        }
        endRow()
        return rows
    }

    private mutating func endField() {
        fields.append(String(field))
        field = String.UnicodeScalarView()
        place = .plain
    }

    private mutating func endRow() {
        endField()
        if fields != [""] { rows.append(CSVRows.Row(line: rowLine, fields: fields)) }
        fields = []
        rowLine = line
    }
}
