package import PaymentModel

/// Rows that were refused as a file for spreadsheets: what is wrong, then the row as it came, to be corrected and sent
/// again as it is, since columns are found by their headings.
package struct RefusedRowSheet: Sendable {
    private let header: [String]
    private let reader: Reader

    package init(header: [String], for reader: Reader) {
        self.header = header
        self.reader = reader
    }

    /// The byte-order mark by which spreadsheets know UTF-8, and the headings (C-27).
    package var head: String {
        "\u{FEFF}" + line(Self.headings(for: reader.language) + header)
    }

    /// What stands before the headings of the file itself, in each language.
    static let headings = Language.allCases.map { headings(for: $0) }

    private static func headings(for language: Language) -> [String] {
        switch language {
        case .french: ["ligne", "colonne", "motif", "remède"]
        case .english: ["line", "column", "reason", "remedy"]
        }
    }

    package func line(_ record: SeparatedValues.Record, _ problem: RowProblem) -> String {
        let (reason, remedy) = (reader.text(of: problem.reason), reader.text(of: problem.remedy))
        return line(["\(problem.line)", problem.column, reason, remedy] + record.fields)
    }

    private func line(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ";") + "\r\n" }

    /// Always quoted: a cell keeps what it holds, and a heading may hold anything; strangers wrote it, so no formula
    /// runs.
    private func quoted(_ cell: String) -> String {
        "\"" + SpreadsheetCell.disarmed(cell).doublingQuotes + "\""
    }
}
