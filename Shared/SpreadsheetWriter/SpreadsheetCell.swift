/// What a cell of a spreadsheet holds; none of it is ever a formula.
package enum SpreadsheetCell: Sendable, Hashable {
    /// Nothing.
    case empty
    /// A text, shown as it is whatever it begins with.
    case text(String)
    /// A whole number.
    case number(Int64)
    /// An amount in the smallest unit of its currency, and how many of its digits stand behind the decimal sign.
    case amount(minorUnits: Int64, digits: Int)
    /// A day.
    case day(year: Int, month: Int, day: Int)
}

/// Why a spreadsheet was not written.
package struct SpreadsheetError: Error, Sendable, Hashable {
    /// What the library says.
    package let reason: String
}
