import PaymentModel
import TransactionalMessaging

/// A grid as a file, in parts: as many rows as there are, in memory that stays flat (REC-7).
struct GridFile {
    let name: String
    let columns: [String]
    /// What the columns are called for people.
    let headers: [String]
    /// In which people read its words.
    let language: Language
    let format: ExportFormat
    let separator: DecimalSeparator

    func parts(of rows: RowCursor<[Cell]>) -> any FileParts {
        switch format {
        case .csv: text(CSVFormat(separator: separator, language: language), rows)
        case .txt: text(TXTFormat(separator: separator, language: language), rows)
        case .xml: text(XMLFormat(), rows)
        case .xlsx: WorkbookParts(name: name, columns: headers, rows: rows, in: language)
        }
    }

    private func text(_ format: some TextFormat, _ rows: RowCursor<[Cell]>) -> any FileParts {
        TextParts(head: Array(format.head(name, headers).utf8), of: rows, foot: Array(format.foot.utf8)) {
            [columns] cells in Array(format.row(cells, columns).utf8)
        }
    }
}

/// One cell of a CSV file.
enum CSVCell {
    /// Quoted where it must be; a text a spreadsheet would run as a formula is disarmed, a number is left alone.
    static func text(_ value: String) -> String {
        let safe = disarmed(value)
        guard safe.unicodeScalars.contains(where: { ";\"\n\r".unicodeScalars.contains($0) }) else { return safe }
        return "\"" + safe.doublingQuotes + "\""
    }

    /// Looked at by Unicode scalar: a character such as CR LF, or a sign with an accent on it, is none of the
    /// characters it is made of.
    static func disarmed(_ value: String) -> String {
        let isFormula = value.unicodeScalars.first.map { "=+-@\t\r\n".unicodeScalars.contains($0) } ?? false
        return isFormula && !isNumber(value) ? "'" + value : value
    }

    /// A sign, digits and at most one separator.
    private static func isNumber(_ value: String) -> Bool {
        let digits = value.hasPrefix("-") ? value.dropFirst() : value[...]
        let parts = digits.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "," || $0 == "." }
        return parts.allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) } }
    }
}
