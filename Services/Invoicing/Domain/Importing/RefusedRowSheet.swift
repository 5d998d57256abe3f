package import PaymentModel

/// Rows that were refused as a file for spreadsheets: what is wrong, then the row as it came, to be corrected and sent
/// again as it is, since columns are found by their headings.
package struct RefusedRowSheet: Sendable {
    private let header: [String]
    private let isFrench: Bool

    package init(header: [String], language: Language) {
        self.header = header
        isFrench = language == .french
    }

    /// The byte-order mark by which spreadsheets know UTF-8, and the headings (C-27).
    package var head: String {
        let own = isFrench ? ["ligne", "colonne", "motif", "remède"] : ["line", "column", "reason", "remedy"]
        return "\u{FEFF}" + line(own + header)
    }

    package func line(_ record: SeparatedValues.Record, _ problem: RowProblem) -> String {
        line(["\(problem.line)", problem.column, problem.reason, problem.remedy] + record.fields)
    }

    private func line(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ";") + "\r\n" }

    /// Always quoted: a cell keeps what it holds, and a heading may hold anything; strangers wrote it, so no formula
    /// runs.
    private func quoted(_ cell: String) -> String {
        "\"" + SpreadsheetCell.disarmed(cell).replacing("\"", with: "\"\"") + "\""
    }
}
