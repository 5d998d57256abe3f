import CXLSXWriter

/// An Excel workbook that is written row by row in flat memory; a file of its own at a path.
///
/// It belongs to one task at a time: the library knows no threads. A sheet that is full is followed by another.
@safe package final class SpreadsheetFile {
    /// Rows of one sheet, the header not counted; Excel takes no more.
    package static let rowsPerSheetMax = 1_048_575
    /// Characters of one cell; Excel takes no more.
    private static let charactersMax = 32_767

    private let name: String
    private let columns: [String]
    private let rowsPerSheetMax: Int
    private var workbook: UnsafeMutablePointer<lxw_workbook>?
    private var sheet: UnsafeMutablePointer<lxw_worksheet>?
    private var formats: [Int: UnsafeMutablePointer<lxw_format>] = unsafe [:]
    private var dayFormat: UnsafeMutablePointer<lxw_format>?
    private var rows = 0
    private var sheets = 0

    /// Opens a file with one sheet of these columns; fewer rows on a sheet are for tests.
    package init(
        path: String, name: String, columns: [String], rowsPerSheetMax: Int = SpreadsheetFile.rowsPerSheetMax
    ) throws(SpreadsheetError) {
        self.name = name
        self.columns = columns
        self.rowsPerSheetMax = rowsPerSheetMax
        unsafe workbook = quittance_workbook(path)
        guard unsafe workbook != nil else { throw SpreadsheetError(reason: "there is no memory for a workbook") }
        unsafe dayFormat = workbook_add_format(workbook)
        unsafe format_set_num_format(dayFormat, "yyyy-mm-dd")
        try beginSheet()
    }

    deinit {
        if let workbook = unsafe workbook { unsafe lxw_workbook_free(workbook) }
    }

    /// Writes one more row.
    package func append(_ cells: [SpreadsheetCell]) throws(SpreadsheetError) {
        if rows == rowsPerSheetMax { try beginSheet() }
        rows += 1
        for (column, cell) in cells.enumerated() { try write(cell, at: UInt32(rows), UInt16(column)) }
    }

    /// Ends the file; it is whole only when this did not throw.
    package func close() throws(SpreadsheetError) {
        guard let open = unsafe workbook else { return }
        unsafe workbook = nil
        try check(unsafe workbook_close(open))
    }

    private func beginSheet() throws(SpreadsheetError) {
        sheets += 1
        rows = 0
        unsafe sheet = workbook_add_worksheet(workbook, sheets == 1 ? name : "\(name) \(sheets)")
        guard unsafe sheet != nil else { throw SpreadsheetError(reason: "the name of the sheet cannot be one") }
        for (column, title) in columns.enumerated() { try write(.text(title), at: 0, UInt16(column)) }
    }

    private func write(
        _ cell: SpreadsheetCell, at row: UInt32, _ column: UInt16
    ) throws(SpreadsheetError) {
        switch cell {
        case .empty: return
        case .text(let text):
            let text = Self.writable(text)
            try check(unsafe worksheet_write_string(sheet, row, column, text, nil))
        case .number(let number): try check(unsafe worksheet_write_number(sheet, row, column, Double(number), nil))
        case .amount(let minorUnits, let digits):
            var scale = 1.0
            for _ in 0..<digits { scale *= 10 }
            try check(
                unsafe worksheet_write_number(sheet, row, column, Double(minorUnits) / scale, format(digits)))
        case .day(let year, let month, let day):
            var date = lxw_datetime(year: Int32(year), month: Int32(month), day: Int32(day), hour: 0, min: 0, sec: 0)
            try check(unsafe worksheet_write_datetime(sheet, row, column, &date, dayFormat))
        }
    }

    /// Numbers with so many decimals; made once, since every format is written into the file.
    private func format(_ digits: Int) -> UnsafeMutablePointer<lxw_format>? {
        if let known = unsafe formats[digits] { return unsafe known }
        let made = unsafe workbook_add_format(workbook)
        unsafe format_set_num_format(
            made, digits == 0 ? "#,##0" : "#,##0." + String(repeating: "0", count: digits))
        unsafe formats[digits] = made
        return unsafe made
    }

    /// What XML cannot hold is left out, and what a cell cannot hold is cut off.
    private static func writable(_ text: String) -> String {
        let isFine = text.unicodeScalars.allSatisfy(isWritable) && text.utf16.count <= charactersMax
        guard !isFine else { return text }
        var kept = String.UnicodeScalarView()
        var length = 0
        for scalar in text.unicodeScalars where isWritable(scalar) {
            length += UTF16.width(scalar)
            guard length <= charactersMax else { break }
            kept.append(scalar)
        }
        return String(kept)
    }

    private static func isWritable(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value >= 32 || scalar == "\t" || scalar == "\n" || scalar == "\r") && scalar.value & 0xFFFE != 0xFFFE
    }

    private func check(_ code: lxw_error) throws(SpreadsheetError) {
        guard code != LXW_NO_ERROR else { return }
        throw SpreadsheetError(reason: unsafe String(cString: lxw_strerror(code)))
    }
}
