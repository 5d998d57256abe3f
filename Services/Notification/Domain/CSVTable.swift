package import PaymentModel

/// A table in a text file as spreadsheets write it; alphabet and separator are found out (NOT-5, C-27).
package struct CSVTable: Sendable {
    /// A row that has anything in it.
    package struct Row: Hashable, Sendable {
        /// Where it begins, counted from one.
        package let line: Int
        package let cells: [String]
    }

    /// The file is none.
    package struct Fault: Error, Hashable, Sendable {
        package let line: Int
        package let reason: Sentence
        package let remedy: Sentence
    }

    package let rows: [Row]

    package init(_ bytes: [UInt8]) throws(Fault) {
        let text = try CSVTable.text(of: bytes)
        var scanner = CSVScanner(text.unicodeScalars)
        rows = try scanner.rows()
    }

    /// UTF-16 with its mark, which Excel calls Unicode text, or UTF-8 with or without one; what is neither is from an
    /// old Excel, whose Latin-1 has a few signs more.
    package static func text(of bytes: [UInt8]) throws(Fault) -> String {
        if bytes.starts(with: [0xFF, 0xFE]) { return try sixteenBits(bytes.dropFirst(2), isLittle: true) }
        if bytes.starts(with: [0xFE, 0xFF]) { return try sixteenBits(bytes.dropFirst(2), isLittle: false) }
        let unmarked = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        if let text = String(validating: unmarked, as: UTF8.self) { return text }
        var text = String.UnicodeScalarView()
        for byte in bytes {
            let scalar = (0x80..<0xA0).contains(byte) ? windows[Int(byte) - 0x80] : Unicode.Scalar(byte)
            text.append(scalar)
        }
        return String(text)
    }

    private static func sixteenBits(_ bytes: ArraySlice<UInt8>, isLittle: Bool) throws(Fault) -> String {
        var units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { place in
            let (one, two) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
            return isLittle ? two << 8 | one : one << 8 | two
        }.makeIterator()
        var text = String.UnicodeScalarView()
        var decoder = UTF16()
        while true {
            switch decoder.decode(&units) {
            case .scalarValue(let scalar): text.append(scalar)
            case .emptyInput where bytes.count.isMultiple(of: 2): return String(text)
            case .emptyInput, .error:
                throw Fault(
                    line: 1 + text.count { $0 == "\n" }, reason: "The file begins as UTF-16, and is broken here.",
                    remedy: "Export it again, as CSV in UTF-8.")
            }
        }
    }

    /// What Windows writes where Latin-1 has control characters.
    private static let windows: [Unicode.Scalar] = [
        "€", "\u{81}", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "\u{8D}", "Ž", "\u{8F}", "\u{90}", "‘",
        "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", "\u{9D}", "ž", "Ÿ",
    ]
}

/// Goes over a table from left to right, once.
private struct CSVScanner {
    private let scalars: [Unicode.Scalar]
    private let separator: Unicode.Scalar
    private var place = 0
    private var line = 1

    init(_ text: String.UnicodeScalarView) {
        scalars = Array(text)
        guard let told = CSVScanner.toldSeparator(in: scalars) else {
            separator = CSVScanner.separator(in: scalars)
            return
        }
        separator = told
        place = 5
        takeLineEnd()
    }

    /// What a first line such as `sep=;` says, which Excel obeys and does not show.
    private static func toldSeparator(in scalars: [Unicode.Scalar]) -> Unicode.Scalar? {
        guard scalars.count > 4, String(String.UnicodeScalarView(scalars.prefix(4))).lowercased() == "sep=",
            scalars[4] != "\"", !isLineEnd(scalars[4]), scalars.count == 5 || isLineEnd(scalars[5])
        else { return nil }
        return scalars[4]
    }

    /// The one there is most of in the first line, outside of quotes.
    private static func separator(in scalars: [Unicode.Scalar]) -> Unicode.Scalar {
        var counts: [Unicode.Scalar: Int] = [:]
        var isQuoted = false
        for scalar in scalars {
            if scalar == "\"" { isQuoted.toggle() }
            if !isQuoted, isLineEnd(scalar) { break }
            if !isQuoted { counts[scalar, default: 0] += 1 }
        }
        let candidates: [Unicode.Scalar] = [";", ",", "\t"]
        return candidates.max { (counts[$0] ?? 0) < (counts[$1] ?? 0) } ?? ";"
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    private var current: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    mutating func rows() throws(CSVTable.Fault) -> [CSVTable.Row] {
        var rows: [CSVTable.Row] = []
        while current != nil {
            let start = line
            var cells = [try cell()]
            while current == separator {
                place += 1
                cells.append(try cell())
            }
            takeLineEnd()
            if cells.contains(where: { !$0.isEmpty }) { rows.append(CSVTable.Row(line: start, cells: cells)) }
        }
        return rows
    }

    private mutating func cell() throws(CSVTable.Fault) -> String {
        var cell = String.UnicodeScalarView()
        if current == "\"" { try takeQuoted(into: &cell) }
        while let scalar = current, scalar != separator, !CSVScanner.isLineEnd(scalar) {
            cell.append(scalar)
            place += 1
        }
        return String(cell).trimmingSpace
    }

    /// Up to the quotation mark that is not one of two.
    private mutating func takeQuoted(into cell: inout String.UnicodeScalarView) throws(CSVTable.Fault) {
        let start = line
        place += 1
        while let scalar = current {
            place += 1
            guard scalar == "\"" else {
                if scalar == "\n" { line += 1 }
                cell.append(scalar)
                continue
            }
            guard current == "\"" else { return }
            cell.append("\"")
            place += 1
        }
        throw CSVTable.Fault(
            line: start, reason: "A quotation mark is not closed.", remedy: "Close it, or export the file again.")
    }

    private mutating func takeLineEnd() {
        guard let scalar = current, CSVScanner.isLineEnd(scalar) else { return }
        place += 1
        if scalar == "\r", current == "\n" { place += 1 }
        line += 1
    }
}
