import PaymentModel

/// Reads the statements of French banks in records of 120 characters: old balance, movements with complements, new one.
struct CFONB120: StatementReader {
    private var lines = FileLines()
    private var reader = CFONB120Reader()

    mutating func take(_ piece: [UInt8], into found: inout FoundMovements) throws {
        for line in try lines.take(piece) { try reader.take(line, &found) }
    }

    mutating func finish(into found: inout FoundMovements) throws {
        for line in lines.finish() { try reader.take(line, &found) }
        guard !reader.isOpen, !found.statements.isEmpty else {
            throw FileProblem(
                line: nil, reason: "The file ends before a new balance (record 07).",
                remedy: "Ask the bank for the file again.")
        }
    }
}

/// One record.
private struct CFONBRecord {
    let line: Int
    private let characters: [Character]

    init(_ text: String, _ line: Int) throws {
        // Spaces at the end are cut off on the way by some tools.
        let length = text.count
        guard (88...120).contains(length) else {
            throw FileProblem(
                line: line, reason: "It has \(length) characters, a record has 120.",
                remedy: "Ask the bank for the file again.")
        }
        self.line = line
        characters = Array(text) + Array(repeating: Character(" "), count: 120 - length)
    }

    var code: String { self[0..<2] }

    subscript(range: Range<Int>) -> String { String(characters[range]) }

    func text(_ range: Range<Int>) -> String {
        self[range].split(separator: " ").joined(separator: " ")
    }

    func day(_ range: Range<Int>) throws -> LocalDate {
        guard let day = FileDay.read(self[range], "ddmmyy") else {
            throw FileProblem(
                line: line, reason: "\"\(self[range])\" is not a day.", remedy: "Ask the bank for the file again.")
        }
        return day
    }

    var currency: Currency? { Currency(self[16..<19]) }

    /// Fourteen characters, of which the last is a digit and the sign of the whole at once.
    func amount() throws -> Money {
        var broken: FileProblem {
            FileProblem(
                line: line, reason: "\"\(self[90..<104])\" is not an amount.",
                remedy: "Ask the bank for the file again.")
        }
        guard let currency, let decimals = characters[19].wholeNumberValue, decimals <= currency.minorDigits,
            let (digit, isNegative) = Self.overpunched[characters[103]], let whole = Int64(self[90..<103])
        else { throw broken }
        var value = whole * 10 + Int64(digit)
        for _ in decimals..<currency.minorDigits { value *= 10 }
        return Money(isNegative ? -value : value, currency)
    }

    private static let overpunched: [Character: (Int, Bool)] = {
        var table: [Character: (Int, Bool)] = ["{": (0, false), "}": (0, true)]
        for (digit, letter) in "ABCDEFGHI".enumerated() { table[letter] = (digit + 1, false) }
        for (digit, letter) in "JKLMNOPQR".enumerated() { table[letter] = (digit + 1, true) }
        for digit in 0...9 { table[Character("\(digit)")] = (digit, false) }
        return table
    }()

    /// Bank, branch and account as they stand.
    var accountWritten: String { self[2..<7] + self[11..<16] + self[21..<32] }

    /// The number the account is known by.
    var account: String {
        IBAN.french(bank: self[2..<7], branch: self[11..<16], account: self[21..<32]) ?? IBAN.plain(accountWritten)
    }
}

/// Follows the records of a file.
private struct CFONB120Reader: Sendable {
    private(set) var isOpen = false
    private var account = ""
    /// Of the old balance: check digits are worked out once in a statement, not in each of its records.
    private var accountWritten = ""
    private var opening: Money?
    private var openedOn = LocalDate.earliest
    private var pending: (amount: Money, day: LocalDate, texts: [String], line: Int)?

    mutating func take(_ line: FileLine, _ found: inout FoundMovements) throws {
        let text = line.text
        guard !text.allSatisfy(\.isWhitespace) else { return }
        try take(CFONBRecord(text, line.number), &found)
    }

    private mutating func take(_ record: CFONBRecord, _ found: inout FoundMovements) throws {
        guard record.code == "01" || isOpen else {
            throw FileProblem(
                line: record.line,
                reason: "A record \(record.code.prefix(2)) stands before an old balance (record 01).",
                remedy: "Ask the bank for the file again.")
        }
        let isSame = record.accountWritten == accountWritten || record.account == account
        guard record.code == "01" || isSame else {
            throw FileProblem(
                line: record.line, reason: "It is of another account than the balance above.",
                remedy: "Ask the bank for the file again.")
        }
        switch record.code {
        case "01": try open(record)
        case "04":
            try endMovement(&found)
            pending = (
                try record.amount(), try record.day(34..<40),
                [record.text(48..<79), record.text(81..<88), record.text(104..<120)], record.line
            )
        case "05": pending?.texts.append(record.text(48..<118))
        case "07": try close(record, &found)
        default:
            throw FileProblem(
                line: record.line, reason: "There is no record \(record.code).",
                remedy: "Choose the bank's file of statements (CFONB 120).")
        }
    }

    private mutating func open(_ record: CFONBRecord) throws {
        guard !isOpen else {
            throw FileProblem(
                line: record.line, reason: "An old balance follows another without a new one between them.",
                remedy: "Ask the bank for the file again.")
        }
        (isOpen, account, accountWritten) = (true, record.account, record.accountWritten)
        opening = try record.amount()
        openedOn = try record.day(34..<40)
    }

    private mutating func close(_ record: CFONBRecord, _ found: inout FoundMovements) throws {
        try endMovement(&found)
        isOpen = false
        let closing = try record.amount()
        try found.close(
            BankStatement(
                iban: account, reference: "CFONB \(openedOn) \(try record.day(34..<40)) \(closing)", format: .cfonb120,
                currency: closing.currency, opening: opening, closing: closing, line: record.line))
    }

    private mutating func endMovement(_ found: inout FoundMovements) throws {
        guard let movement = pending else { return }
        let text = movement.texts.filter { !$0.isEmpty }.joined(separator: " ")
        try found.add(.named(movement.amount, on: movement.day, text, line: movement.line))
        pending = nil
    }
}
