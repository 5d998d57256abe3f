import PaymentModel

/// The kinds of files banks give statements in (REC-4).
enum StatementFormat: String, CaseIterable, Codable, Sendable {
    case camt053, ofx, mt940, cfonb120, csv

    /// What a file looks like; nil when it looks like none of them.
    ///
    /// A CSV file looks like nothing in particular.
    static func detected(in bytes: [UInt8]) -> StatementFormat? {
        let head = String(decoding: bytes.prefix(2_000), as: UTF8.self)
        let plain = head.drop { $0 == "\u{FEFF}" || $0.isWhitespace }
        if plain.hasPrefix("OFXHEADER") || plain.contains("<OFX>") || plain.contains("<?OFX") { return .ofx }
        if plain.hasPrefix("<") { return .camt053 }
        if plain.hasPrefix(":20:") || plain.hasPrefix("{1:") { return .mt940 }
        let first = plain.prefix { $0 != "\n" && $0 != "\r\n" && $0 != "\r" }
        return first.hasPrefix("01") && first.count == 120 ? .cfonb120 : nil
    }

    /// The statements of a file, each with its balances checked.
    func read(_ bytes: [UInt8], as mapping: CSVMapping?, _ badRows: BadRows = .refuseFile) throws -> ReadStatements {
        let read =
            switch self {
            case .camt053: ReadStatements(statements: try CAMT053.read(bytes))
            case .ofx: ReadStatements(statements: try OFX.read(FileText.decoded(bytes)))
            case .mt940: ReadStatements(statements: try MT940.read(FileText.decoded(bytes)))
            case .cfonb120: ReadStatements(statements: try CFONB120.read(FileText.decoded(bytes)))
            case .csv: try CSVStatement.read(bytes, as: mapping, badRows)
            }
        return ReadStatements(statements: try read.statements.map { try $0.checked() }, bad: read.bad)
    }
}

/// Texts of files that do not say how they are encoded.
enum FileText {
    /// UTF-8 where it is that, and else the Western characters banks wrote before.
    static func decoded(_ bytes: [UInt8]) -> String {
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[3...]) : bytes
        return String(validating: bytes, as: UTF8.self) ?? western(bytes)
    }

    /// Windows-1252, which has ISO 8859-1 in it.
    static func western(_ bytes: [UInt8]) -> String {
        String(
            String.UnicodeScalarView(
                bytes.map { byte in
                    (0x80...0x9F).contains(byte) ? windows[Int(byte) - 0x80] : Unicode.Scalar(byte)
                }))
    }

    private static let windows: [Unicode.Scalar] = Array(
        "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)

    /// The lines with their numbers, whatever ends them.
    static func lines(_ text: String) -> [(number: Int, text: Substring)] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            .map { ($0.offset + 1, $0.element) }
    }
}

/// Days as bank files write them.
enum FileDay {
    /// Two, two and two or four digits in the order of the letters d, m and y: `ddmmyy`.
    static func read(_ text: some StringProtocol, _ pattern: String) -> LocalDate? {
        let (digits, letters) = (Array(text.utf8), Array(pattern.utf8))
        guard digits.count == letters.count, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        var parts: [UInt8: Int] = [:]
        for (digit, letter) in zip(digits, letters) {
            parts[letter, default: 0] = parts[letter, default: 0] * 10 + Int(digit) - 48
        }
        guard let year = parts[UInt8(ascii: "y")], let month = parts[UInt8(ascii: "m")],
            let day = parts[UInt8(ascii: "d")]
        else { return nil }
        return LocalDate(year: year < 100 ? 2_000 + year : year, month: month, day: day)
    }
}
