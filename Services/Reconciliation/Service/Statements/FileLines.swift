import PaymentModel

/// A line of a file as it arrived.
struct FileLine {
    /// As an editor counts, from 1.
    let number: Int
    let bytes: ArraySlice<UInt8>

    var text: String { FileText.decoded(bytes) }
}

/// Splits a file into its lines as its bytes arrive, whatever ends them.
struct FileLines: Sendable {
    /// Bytes of one line; more is no file of a bank.
    static let lineBytesMax = 1 << 20
    static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private var rest: [UInt8] = []
    private var count = 0
    /// The last piece ended with a carriage return: a line feed at the next one's beginning belongs to it.
    private var skipsFeed = false

    /// The lines that end in the piece.
    mutating func take(_ piece: [UInt8]) throws -> [FileLine] {
        var (lines, start) = ([FileLine](), piece.startIndex)
        for place in piece.indices where piece[place] == 10 || piece[place] == 13 {
            defer { start = place + 1 }
            let isSecond = piece[place] == 10 && skipsFeed && place == start
            skipsFeed = piece[place] == 13
            if !isSecond { lines.append(end(with: piece[start..<place])) }
        }
        if start < piece.endIndex { skipsFeed = false }
        rest.append(contentsOf: piece[start...])
        guard rest.count <= Self.lineBytesMax else {
            throw FileProblem(
                line: count + 1, reason: "It has more than \(Self.lineBytesMax) bytes.", remedy: "Choose a bank's file."
            )
        }
        return lines
    }

    /// The last line may have no end.
    mutating func finish() -> [FileLine] { rest.isEmpty ? [] : [end(with: [])] }

    private mutating func end(with bytes: ArraySlice<UInt8>) -> FileLine {
        count += 1
        var line = bytes
        if !rest.isEmpty {
            rest.append(contentsOf: bytes)
            line = rest[...]
            rest = []
        }
        if count == 1, line.starts(with: Self.mark) { line = line.dropFirst(Self.mark.count) }
        return FileLine(number: count, bytes: line)
    }
}

/// Texts of files that do not say how they are encoded.
enum FileText {
    /// UTF-8 where it is that, and else the Western characters banks wrote before.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self) ?? western(bytes)
    }

    /// Windows-1252, which has ISO 8859-1 in it.
    static func western(_ bytes: ArraySlice<UInt8>) -> String {
        String(
            String.UnicodeScalarView(
                bytes.map { byte in
                    (0x80...0x9F).contains(byte) ? windows[Int(byte) - 0x80] : Unicode.Scalar(byte)
                }))
    }

    private static let windows: [Unicode.Scalar] = Array(
        "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)
}

extension String {
    /// Without the white space around it.
    var trimmed: String {
        guard first?.isWhitespace == true || last?.isWhitespace == true else { return self }
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
