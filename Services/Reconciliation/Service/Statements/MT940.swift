import PaymentModel

/// Reads SWIFT's customer statements MT940, with or without their envelope.
struct MT940: StatementReader {
    /// A tag with its lines.
    struct Field {
        let tag: String
        var text: String
        let line: Int
    }

    private var lines = FileLines()
    private var field: Field?
    private var reader = MT940Reader()

    mutating func take(_ piece: [UInt8], into found: inout FoundMovements) throws {
        for line in try lines.take(piece) { try take(line, &found) }
    }

    mutating func finish(into found: inout FoundMovements) throws {
        for line in lines.finish() { try take(line, &found) }
        if let field { try reader.take(field, &found) }
        try reader.finish(&found)
        guard !found.statements.isEmpty else {
            throw FileProblem(
                line: nil, reason: "There is no statement with a closing balance (:62F:) in it.",
                remedy: "Choose the bank's MT940 file.")
        }
    }

    /// A line that begins with no tag belongs to the field above it; the envelope is none of ours.
    private mutating func take(_ fileLine: FileLine, _ found: inout FoundMovements) throws {
        let text = fileLine.text
        let line = text.hasPrefix("{") ? text[(text.firstRange(of: "{4:")?.upperBound ?? text.endIndex)...] : text[...]
        guard !line.isEmpty, !line.hasPrefix("-") || line.hasPrefix("- ") else { return }
        if line.hasPrefix(":"), let end = line.dropFirst().firstIndex(of: ":"),
            (2...3).contains(line.distance(from: line.startIndex, to: end) - 1)
        {
            if let field { try reader.take(field, &found) }
            let tag = String(line[line.index(after: line.startIndex)..<end])
            field = Field(tag: tag, text: String(line[line.index(after: end)...]), line: fileLine.number)
        } else if let length = field?.text.utf8.count, length + line.utf8.count <= FileLines.lineBytesMax {
            field?.text.append("\n")
            field?.text.append(contentsOf: line)
        } else {
            throw FileProblem(
                line: fileLine.number, reason: "It does not begin with a tag such as :20:.",
                remedy: "Choose the bank's MT940 file.")
        }
    }
}

/// Follows the fields of a file.
private struct MT940Reader: Sendable {
    private var account: String?
    private var number = ""
    private var opening: Money?
    private var closing: Money?
    private var pending: (amount: Money, day: LocalDate, reference: String, line: Int)?
    private var texts: [String] = []
    private var line = 1

    mutating func take(_ field: MT940.Field, _ found: inout FoundMovements) throws {
        switch field.tag {
        case "20": try finish(&found)
        case "25": account = field.text.split(whereSeparator: \.isNewline).first.map(String.init)
        case "28C", "28": number = field.text
        case "60F", "60M": opening = try balance(field)
        case "61":
            try endMovement(&found)
            try begin(field)
        case "86": if pending != nil { texts.append(Self.plain(field.text)) }
        case "62F", "62M":
            try endMovement(&found)
            closing = try balance(field)
            line = field.line
        default: break
        }
    }

    /// Ends the statement that was read, if one was.
    mutating func finish(_ found: inout FoundMovements) throws {
        try endMovement(&found)
        defer { (account, number, opening, closing) = (nil, "", nil, nil) }
        guard account != nil || opening != nil || closing != nil else { return }
        guard let account, let opening, let closing else {
            throw FileProblem(
                line: line, reason: "The statement lacks its account or one of its two balances (:25:, :60F:, :62F:).",
                remedy: "Ask the bank for the file again.")
        }
        // Some banks put the bank before a slash.
        let parts = account.split(separator: "/").map { IBAN.plain(String($0)) }
        try found.close(
            BankStatement(
                iban: parts.first { IBAN.checked($0) != nil } ?? parts.last ?? account,
                reference: "MT940 \(number) \(opening) \(closing)", format: .mt940, currency: opening.currency,
                opening: opening, closing: closing, line: line))
    }

    /// `C261120EUR1234,56`.
    private func balance(_ field: MT940.Field) throws -> Money {
        let text = field.text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard let sign = text.first, "CD".contains(sign), FileDay.read(text.dropFirst().prefix(6), "yymmdd") != nil
        else {
            throw FileProblem(
                line: field.line, reason: "\"\(text.prefix(40))\" is not a balance.",
                remedy: "Ask the bank for the file again.")
        }
        let rest = text.dropFirst(7)
        let amount = try money(rest.dropFirst(3), String(rest.prefix(3)), line: field.line)
        return sign == "D" ? try amount.negated() : amount
    }

    /// `2611201120C1234,56NTRFNONREF//BANKREF`: day, day of booking, side, amount, kind, references.
    private mutating func begin(_ field: MT940.Field) throws {
        let lines = field.text.split(whereSeparator: \.isNewline)
        let first = lines.first ?? ""
        var broken: FileProblem {
            FileProblem(
                line: field.line, reason: "\"\(first.prefix(40))\" is not a movement.",
                remedy: "Ask the bank for the file again.")
        }
        guard let opening, let valueDay = FileDay.read(first.prefix(6), "yymmdd") else { throw broken }
        var rest = first.dropFirst(6)
        var day = valueDay
        if rest.prefix(4).allSatisfy(\.isNumber), rest.count > 4 {
            day = Self.booking(rest.prefix(4), near: valueDay) ?? valueDay
            rest = rest.dropFirst(4)
        }
        let sides = ["RC", "RD", "C", "D"].filter { rest.hasPrefix($0) }
        guard let side = sides.first else { throw broken }
        rest = rest.dropFirst(side.count)
        // The third letter of the currency may stand here.
        if let letter = rest.first, letter.isLetter { rest = rest.dropFirst() }
        let digits = rest.prefix { $0.isNumber || $0 == "," }
        let unsigned = try money(digits, opening.currency.code, line: field.line)
        let references = rest.dropFirst(digits.count + 4).split(separator: "//", maxSplits: 1)
        let own = references.count == 2 ? String(references[1]) : ""
        let amount = side == "D" || side == "RC" ? try unsigned.negated() : unsigned
        pending = (amount, day, own, field.line)
        texts = references.first.map { $0 == "NONREF" ? [] : [String($0)] } ?? []
        texts += lines.dropFirst().map(String.init)
    }

    private mutating func endMovement(_ found: inout FoundMovements) throws {
        guard let movement = pending else { return }
        let text = texts.joined(separator: " ")
        try found.add(
            .named(
                movement.amount, on: movement.day,
                movement.reference.isEmpty ? text : "\(text) \(movement.reference)",
                by: "\(movement.reference) \(text)", line: movement.line))
        (pending, texts) = (nil, [])
    }

    private func money(_ text: some StringProtocol, _ code: String, line: Int) throws -> Money {
        var plain = String(text).replacing(",", with: ".")
        if plain.hasSuffix(".") { plain.removeLast() }
        return try DecimalAmount.money(plain, code, line: line, written: String(text))
    }

    /// The day of booking has no year: it is the one that is nearest to the value date.
    private static func booking(_ text: Substring, near day: LocalDate) -> LocalDate? {
        (day.year - 1...day.year + 1).compactMap { FileDay.read("\($0)\(text)", "yyyymmdd") }
            .min { abs($0.daysSince1970 - day.daysSince1970) < abs($1.daysSince1970 - day.daysSince1970) }
    }

    /// The structure of `?20`, `?21` … is of no use for matching, what stands in it is.
    private static func plain(_ text: String) -> String {
        var plain = ""
        var rest = text.filter { !$0.isNewline || $0 == "\n" }.replacing("\n", with: " ")[...]
        while let mark = rest.firstIndex(of: "?") {
            plain += rest[..<mark]
            let code = rest[rest.index(after: mark)...].prefix(2)
            let isCode = code.count == 2 && code.allSatisfy(\.isNumber)
            plain += isCode ? " " : "?"
            rest = rest[rest.index(mark, offsetBy: isCode ? 3 : 1)...]
        }
        return (plain + rest).split(separator: " ").joined(separator: " ")
    }
}
