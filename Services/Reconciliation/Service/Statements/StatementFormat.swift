import PaymentModel

/// The kinds of files banks give statements in (REC-4).
enum StatementFormat: String, CaseIterable, Codable, Sendable {
    case camt053, ofx, mt940, cfonb120, csv

    /// How much of a file shows what it is.
    static let headBytes = 2_000

    /// What a file looks like by its first bytes; nil when it looks like none of them.
    ///
    /// A CSV file looks like nothing in particular.
    static func detected(in bytes: some Sequence<UInt8>) -> StatementFormat? {
        let head = String(decoding: Array(bytes.prefix(headBytes)), as: UTF8.self)
        let plain = head.drop { $0 == "\u{FEFF}" || $0.isWhitespace }
        if plain.hasPrefix("OFXHEADER") || plain.contains("<OFX>") || plain.contains("<?OFX") { return .ofx }
        if plain.hasPrefix("<") { return .camt053 }
        if plain.hasPrefix(":20:") || plain.hasPrefix("{1:") { return .mt940 }
        let first = plain.prefix { $0 != "\n" && $0 != "\r\n" && $0 != "\r" }
        return first.hasPrefix("01") && first.count == 120 ? .cfonb120 : nil
    }

    /// What reads its files.
    func reader(_ mapping: CSVMapping?, _ badRows: BadRows) throws -> any StatementReader {
        switch self {
        case .camt053: CAMT053()
        case .ofx: OFX()
        case .mt940: MT940()
        case .cfonb120: CFONB120()
        case .csv: try CSVStatement(mapping, badRows)
        }
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
