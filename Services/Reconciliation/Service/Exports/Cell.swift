import PaymentModel
import SpreadsheetWriter

/// One value of a grid, before any format decides how it is written.
enum Cell: Sendable, Hashable {
    case empty
    case text(String)
    /// A code of ours, which people read in their language and programs as it is.
    case word(String, french: String)
    case number(Int64)
    case amount(Money)
    case day(LocalDate)

    init(_ text: String?) { self = text.map(Cell.text) ?? .empty }

    init(_ day: LocalDate?) { self = day.map(Cell.day) ?? .empty }

    init(_ amount: Money?) { self = amount.map(Cell.amount) ?? .empty }

    /// The value as a text for people, decimals with the given sign.
    func text(separator: String, in language: Language) -> String {
        switch self {
        case .empty: ""
        case .text(let text): text
        case .word(let code, let french): language == .french ? french : code
        case .number(let number): "\(number)"
        case .amount(let amount): amount.decimalText(separator: separator)
        case .day(let day): day.description
        }
    }

    /// The value as a spreadsheet keeps it: amounts as numbers, days as days.
    func forSpreadsheet(in language: Language) -> SpreadsheetCell {
        switch self {
        case .empty: .empty
        case .text(let text): .text(text)
        case .word(let code, let french): .text(language == .french ? french : code)
        case .number(let number): .number(number)
        case .amount(let amount): .amount(minorUnits: amount.minorUnits, digits: amount.currency.minorDigits)
        case .day(let day): .day(year: day.year, month: day.month, day: day.day)
        }
    }
}

/// How decimals are written in an export.
enum DecimalSeparator: String, Codable, CaseIterable, Sendable {
    case comma, point

    var sign: String { self == .comma ? "," : "." }
}
