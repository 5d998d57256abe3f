import PaymentModel
import ReconciliationDomain

/// How an organisation's bank writes its CSV files; saved under a name (REC-4).
struct CSVMapping: Codable, Sendable, Hashable {
    enum Separator: String, Codable, CaseIterable, Sendable {
        case semicolon, comma, tab

        var byte: UInt8 {
            switch self {
            case .semicolon: UInt8(ascii: ";")
            case .comma: UInt8(ascii: ",")
            case .tab: UInt8(ascii: "\t")
            }
        }
    }

    enum Encoding: String, Codable, CaseIterable, Sendable {
        case utf8 = "utf-8"
        case western = "windows-1252"
    }

    enum DayOrder: String, Codable, CaseIterable, Sendable {
        case dayMonthYear = "day-month-year"
        case yearMonthDay = "year-month-day"
        case monthDayYear = "month-day-year"
    }

    let iban: String
    let currency: Currency
    let separator: Separator
    let decimalSeparator: DecimalSeparator
    let encoding: Encoding
    let dayOrder: DayOrder
    /// Names of columns in the header; the amount is one column with a sign, or two.
    let dayColumn: String
    let amountColumn: String?
    let debitColumn: String?
    let creditColumn: String?
    let textColumns: [String]
    /// A column with a reference of the bank that it never uses twice.
    let referenceColumn: String?
}

/// What becomes of a file with rows that cannot be read.
enum BadRows: Sendable {
    /// Nothing of it is taken.
    case refuseFile
    /// The good rows are taken, only where a person asks for it; the format has no balances that would miss the others.
    case passOver
}

/// Reads a bank's CSV file by a mapping; the format has no balances.
struct CSVStatement: StatementReader {
    private let mapping: CSVMapping
    private let badRows: BadRows
    private var rows: CSVRows
    private var reader: CSVStatementRows?

    init(_ mapping: CSVMapping?, _ badRows: BadRows) throws {
        guard let mapping else {
            throw FileProblem(
                line: nil, reason: "It is read by a mapping, and none was named.",
                remedy: "Save one with PUT /v1/csv-mappings/{name} and give its name.")
        }
        (self.mapping, self.badRows) = (mapping, badRows)
        let isWestern = mapping.encoding == .western
        rows = CSVRows(separator: mapping.separator.byte) { bytes in
            isWestern ? FileText.western(bytes[...]) : FileText.decoded(bytes[...])
        }
    }

    mutating func take(_ piece: [UInt8], into found: inout FoundMovements) throws {
        for row in try rows.take(piece) { try take(row, &found) }
    }

    mutating func finish(into found: inout FoundMovements) throws {
        for row in try rows.finish() { try take(row, &found) }
        guard reader != nil else {
            throw FileProblem(
                line: 1, reason: "No line has the column \(mapping.dayColumn).",
                remedy: mapping.remedyForAnotherHeader)
        }
        let tally = found.tally
        guard let days = tally.days else {
            throw FileProblem(
                line: nil, reason: "There is no movement in it.", remedy: "Choose a period with movements.")
        }
        let sum = tally.sum ?? .zero(mapping.currency)
        try found.close(
            BankStatement(
                iban: mapping.iban, reference: "CSV \(days.lowerBound) \(days.upperBound) \(tally.count) \(sum)",
                format: .csv, currency: mapping.currency, opening: nil, closing: nil))
    }

    /// Banks write the account and the period above the header.
    private mutating func take(_ row: CSVRows.Row, _ found: inout FoundMovements) throws {
        guard let reader else {
            guard row.fields.contains(mapping.dayColumn) else { return }
            let reader = CSVStatementRows(mapping: mapping, header: row.fields)
            try reader.checkHeader()
            return self.reader = reader
        }
        do {
            try found.add(reader.movement(row))
        } catch let problem as FileProblem where badRows == .passOver {
            found.passOver(problem)
        }
    }
}

extension CSVMapping {
    /// Names the encoding: with another one, letters of the header are other letters.
    fileprivate var remedyForAnotherHeader: Sentence {
        "Choose the file this mapping is for, or mend the mapping; it reads the file as \(encoding.rawValue)."
    }
}

/// Makes movements of rows.
private struct CSVStatementRows: Sendable {
    let mapping: CSVMapping
    let header: [String]
    private let places: [String: Int]

    init(mapping: CSVMapping, header: [String]) {
        self.mapping = mapping
        self.header = header
        places = Dictionary(header.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
    }

    func checkHeader() throws {
        let wanted = [mapping.amountColumn, mapping.debitColumn, mapping.creditColumn, mapping.referenceColumn]
        let missing = (wanted.compactMap { $0 } + mapping.textColumns).filter { !header.contains($0) }
        guard missing.isEmpty else {
            throw FileProblem(
                line: nil, reason: "The header lacks \(missing.joined(separator: ", ")).",
                remedy: mapping.remedyForAnotherHeader)
        }
    }

    func movement(_ row: CSVRows.Row) throws -> BankMovement {
        guard row.fields.count == header.count else {
            throw FileProblem(
                line: row.line, reason: "It has \(row.fields.count) columns, the header has \(header.count).",
                remedy: "Download the file again.")
        }
        let amount = try amount(of: row)
        let written = cell(mapping.dayColumn, row)
        guard let day = readDay(written, as: mapping.dayOrder) else {
            let isOtherOrder = CSVMapping.DayOrder.allCases.contains { readDay(written, as: $0) != nil }
            throw FileProblem(
                line: row.line, reason: "\"\(written.prefix(20))\" is not a day.",
                remedy: isOtherOrder
                    ? "Mend the mapping: its order is \(mapping.dayOrder.rawValue)."
                    : "Mend the day in the file, or ask the bank for it again.")
        }
        let text = mapping.textColumns.map { cell($0, row) }.filter { !$0.isEmpty }.joined(separator: " ")
        let reference = mapping.referenceColumn.map { cell($0, row) } ?? ""
        guard !reference.isEmpty else { return .named(amount, on: day, text, line: row.line) }
        return BankMovement(reference: reference, amount: amount, bookedOn: day, text: text, line: row.line)
    }

    private func cell(_ column: String, _ row: CSVRows.Row) -> String {
        places[column].map { row.fields[$0] } ?? ""
    }

    /// One column with a sign, or one for each side, of which one is filled.
    private func amount(of row: CSVRows.Row) throws -> Money {
        if let column = mapping.amountColumn { return try money(cell(column, row), row.line) }
        let debit = mapping.debitColumn.map { cell($0, row) } ?? ""
        let credit = mapping.creditColumn.map { cell($0, row) } ?? ""
        guard debit.isEmpty != credit.isEmpty else {
            throw FileProblem(
                line: row.line, reason: "It has not exactly one of a debit and a credit.",
                remedy: "Mend the line or the mapping.")
        }
        guard credit.isEmpty else { return try money(credit, row.line) }
        let amount = try money(debit, row.line)
        return amount.isPositive ? try amount.negated() : amount
    }

    private func money(_ text: String, _ line: Int) throws -> Money {
        let (currency, isComma) = (mapping.currency, mapping.decimalSeparator == .comma)
        guard let plain = WrittenAmount.plain(text, decimal: isComma ? "," : "."),
            let minorUnits = DecimalAmount.minorUnits(plain, digits: currency.minorDigits)
        else {
            throw FileProblem(
                line: line,
                reason: text.allSatisfy(\.isWhitespace)
                    ? "The amount is missing." : "\"\(text.prefix(30))\" is not an amount.",
                remedy: isComma ? remedyForComma : remedyForPoint)
        }
        return Money(minorUnits, currency)
    }

    private var remedyForComma: Sentence {
        """
        Give digits, thousands in threes, and at most \(mapping.currency.minorDigits) decimals behind a comma; or mend \
        the mapping, whose decimalSeparator is comma.
        """
    }

    private var remedyForPoint: Sentence {
        """
        Give digits, thousands in threes, and at most \(mapping.currency.minorDigits) decimals behind a point; or mend \
        the mapping, whose decimalSeparator is point.
        """
    }

    private func readDay(_ text: String, as order: CSVMapping.DayOrder) -> LocalDate? {
        let parts = text.split { !$0.isNumber }.prefix(3).map { Int($0) ?? -1 }
        guard parts.count == 3 else { return nil }
        let (year, month, day) =
            switch order {
            case .dayMonthYear: (parts[2], parts[1], parts[0])
            case .yearMonthDay: (parts[0], parts[1], parts[2])
            case .monthDayYear: (parts[2], parts[0], parts[1])
            }
        return LocalDate(year: year < 100 ? 2_000 + year : year, month: month, day: day)
    }
}
