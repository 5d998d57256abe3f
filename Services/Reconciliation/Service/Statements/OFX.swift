import PaymentModel

/// Reads Open Financial Exchange, versions 1 (SGML, whose values are not closed) and 2 (XML).
///
/// It has no opening balance, so nothing but the amounts themselves can be checked.
struct OFX: StatementReader {
    private var tokens = OFXTokens()
    private var reader = OFXReader()

    mutating func take(_ piece: [UInt8], into found: inout FoundMovements) throws {
        for (token, line) in try tokens.take(piece) { try reader.take(token, line: line, &found) }
    }

    mutating func finish(into found: inout FoundMovements) throws {
        for (token, line) in try tokens.finish() { try reader.take(token, line: line, &found) }
        guard !found.statements.isEmpty else {
            throw FileProblem(
                line: nil, reason: "There is no bank statement (STMTRS) in it.",
                remedy: "Choose the OFX file of a bank account.")
        }
    }
}

/// The tags of a file with the values behind them.
struct OFXTokens: Sendable {
    enum Token: Equatable {
        case opened(String, value: String)
        case closed(String)
    }

    /// Bytes of one tag with its value.
    private static let tokenBytesMax = 1 << 20
    private var rest: [UInt8] = []
    /// What stands before the first tag is the header.
    private var isInHeader = true
    private var line = 1

    /// The tags that end in the piece, each with its line.
    mutating func take(_ piece: [UInt8]) throws -> [(Token, Int)] {
        var (tokens, start) = ([(Token, Int)](), piece.startIndex)
        for place in piece.indices where piece[place] == UInt8(ascii: "<") {
            rest.append(contentsOf: piece[start..<place])
            tokens += try end()
            start = place + 1
        }
        rest.append(contentsOf: piece[start...])
        guard rest.count <= Self.tokenBytesMax else {
            throw FileProblem(line: line, reason: "A tag is not closed.", remedy: "Download the file again.")
        }
        return tokens
    }

    mutating func finish() throws -> [(Token, Int)] { try end() }

    /// Of `NAME>value`, as it stands behind a `<`.
    private mutating func end() throws -> [(Token, Int)] {
        defer {
            line += rest.count { $0 == 10 }
            isInHeader = false
            rest.removeAll(keepingCapacity: true)
        }
        guard !isInHeader else { return [] }
        guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else {
            throw FileProblem(line: line, reason: "A tag is not closed.", remedy: "Download the file again.")
        }
        let name = FileText.decoded(rest[..<end]).uppercased()
        guard !name.hasPrefix("?"), !name.hasPrefix("!") else { return [] }
        guard !name.hasPrefix("/") else { return [(.closed(String(name.dropFirst())), line)] }
        return [(.opened(name, value: Self.unescaped(FileText.decoded(rest[(end + 1)...])[...])), line)]
    }

    private static func unescaped(_ text: Substring) -> String {
        var text = String(text).trimmed
        guard text.contains("&") else { return text }
        for (name, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&quot;", "\""), ("&apos;", "'")] {
            text = text.replacing(name, with: sign)
        }
        return text.replacing("&amp;", with: "&")
    }
}

/// Follows the tags and keeps only what a statement needs.
private struct OFXReader: Sendable {
    private var statement: [String: String] = [:]
    private var movement: [String: String] = [:]
    private var isInMovement = false
    private var isInAccount = false
    private var isInLedgerBalance = false
    private var movementLine = 1

    mutating func take(_ token: OFXTokens.Token, line: Int, _ found: inout FoundMovements) throws {
        switch token {
        case .opened("STMTRS", _): statement = [:]
        case .opened("STMTTRN", _): (movement, isInMovement, movementLine) = ([:], true, line)
        case .closed("STMTTRN"):
            isInMovement = false
            try found.add(finished())
        case .opened("BANKACCTFROM", _): isInAccount = true
        case .closed("BANKACCTFROM"): isInAccount = false
        case .opened("LEDGERBAL", _): isInLedgerBalance = true
        case .closed("LEDGERBAL"): isInLedgerBalance = false
        case .closed("STMTRS"): try found.close(whole(line: line))
        case .opened(let name, let value):
            if isInMovement {
                movement[name] = value
            } else if isInAccount || isInLedgerBalance || ["CURDEF", "DTSTART", "DTEND"].contains(name) {
                statement[name] = value
            }
        case .closed: break
        }
    }

    private func finished() throws -> BankMovement {
        guard let day = FileDay.read((movement["DTPOSTED"] ?? "").prefix(8), "yyyymmdd") else {
            throw FileProblem(
                line: movementLine, reason: "The movement has no day (DTPOSTED).", remedy: "Download the file again.")
        }
        guard let reference = movement["FITID"], !reference.isEmpty else {
            throw FileProblem(
                line: movementLine, reason: "The movement has no reference of the bank (FITID).",
                remedy: "Ask the bank to send references; without them a second import could not be told.")
        }
        let amount = try DecimalAmount.money(
            Self.plain(movement["TRNAMT"] ?? ""), statement["CURDEF"], line: movementLine, written: movement["TRNAMT"])
        let texts = ["NAME", "MEMO", "CHECKNUM", "REFNUM"].compactMap { movement[$0] }.filter { !$0.isEmpty }
        return BankMovement(
            reference: reference, amount: amount, bookedOn: day, text: texts.joined(separator: " "),
            line: movementLine)
    }

    private func whole(line: Int) throws -> BankStatement {
        guard let account = statement["ACCTID"], let code = statement["CURDEF"], let currency = Currency(code) else {
            throw FileProblem(
                line: line, reason: "The statement lacks its account or its currency (ACCTID, CURDEF).",
                remedy: "Download the file again.")
        }
        let closing = try statement["BALAMT"].map { written in
            try DecimalAmount.money(Self.plain(written), code, line: line, written: written)
        }
        let iban = IBAN.french(bank: statement["BANKID"] ?? "", branch: statement["BRANCHID"] ?? "", account: account)
        let days = [statement["DTSTART"], statement["DTEND"], statement["DTASOF"]].map { ($0 ?? "").prefix(14) }
        return BankStatement(
            iban: iban ?? IBAN.plain(account),
            reference: "OFX \(days.joined(separator: " ")) \(closing?.description ?? "")", format: .ofx,
            currency: currency, opening: nil, closing: closing, line: line)
    }

    /// `+12,5` is written in some countries, and means 12.5.
    private static func plain(_ amount: String) -> String {
        (amount.hasPrefix("+") ? String(amount.dropFirst()) : amount).replacing(",", with: ".")
    }
}
