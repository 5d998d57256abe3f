/// Finds the texts that stand in a source and what each is given to.
struct LiteralScanner {
    /// A text, or several joined by `+`.
    struct Literal: Equatable {
        /// What it says, with `{}` in the place of what is put into it.
        let text: String
        let line: Int
        /// The function it is an argument of, without what stands before its last dot; empty when of none.
        let call: String
        /// The label of that argument; empty without one.
        let label: String
        /// Whether a `Sentence` is made of it where it stands: in one's value, or in the body of what answers some.
        let isSentence: Bool
    }

    private struct Frame {
        let open: UInt8
        let call: String
        let label: String
        let isSentence: Bool
        /// Where the argument it is at begins.
        var start: Int
    }

    private let bytes: [UInt8]
    /// Most sources make none of their own: they are spared the search.
    private let namesSentence: Bool
    private var index = 0
    private var line = 1
    private var countedTo = 0
    private var frames: [Frame] = []
    private var found: [Literal] = []

    static func literals(in source: SourceFile) -> [Literal] {
        var scanner = LiteralScanner(source)
        while scanner.index < scanner.bytes.count { scanner.step() }
        return scanner.found
    }

    private init(_ source: SourceFile) {
        bytes = Array(source.lines.joined(separator: "\n").utf8)
        namesSentence = !source.lines(with: "Sentence").isEmpty
    }

    private mutating func step() {
        switch bytes[index] {
        case UInt8(ascii: "/") where starts(with: "//"): skip(past: "\n")
        case UInt8(ascii: "/") where starts(with: "/*"): skip(past: "*/")
        case UInt8(ascii: "`"):
            index += 1
            skip(past: "`")
        case UInt8(ascii: "\""): take()
        case UInt8(ascii: "#") where starts(with: "#\""): take()
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): push()
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
            _ = frames.popLast()
            index += 1
        case UInt8(ascii: ","):
            if !frames.isEmpty { frames[frames.count - 1].start = index + 1 }
            index += 1
        default: index += 1
        }
    }

    private func starts(with mark: String) -> Bool { bytes[index...].starts(with: mark.utf8) }

    private mutating func skip(past mark: String) {
        while index < bytes.count, !starts(with: mark) { index += 1 }
        index += mark.utf8.count
    }

    private func afterSpace(_ place: Int) -> Int {
        bytes[min(place, bytes.count)...].firstIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }
            ?? bytes.count
    }
}

// MARK: What a text is given to

extension LiteralScanner {
    private mutating func push() {
        let parent = frames.last
        let isCall = bytes[index] == UInt8(ascii: "(")
        let isBody = bytes[index] == UInt8(ascii: "{")
        let isWithin = parent?.isSentence == true && parent?.open != UInt8(ascii: "(")
        let isList = bytes[index] == UInt8(ascii: "[")
        frames.append(
            Frame(
                open: bytes[index], call: isCall ? name(before: index) : parent?.call ?? "", label: label(in: parent),
                isSentence: isBody && (isOfSentence(at: index) || isWithin) || isList && isWithin, start: index + 1))
        index += 1
    }

    /// The name that ends here.
    private func name(before place: Int) -> String {
        let end = bytes[..<place].lastIndex { $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? 0
        let start = bytes[..<end].lastIndex { !Self.isOfName($0) }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The label of the argument that is being read; inside of a closure or a list, that of the whole.
    private func label(in frame: Frame?) -> String {
        guard let frame, frame.open == UInt8(ascii: "(") else { return frame?.label ?? "" }
        let start = afterSpace(frame.start)
        guard start < index else { return "" }
        let end = bytes[start..<index].firstIndex { !Self.isOfName($0) } ?? index
        guard end < index, bytes[end] == UInt8(ascii: ":") else { return "" }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// Whether what comes here is the value of a `Sentence`, or the body of what answers one.
    private func isOfSentence(at place: Int) -> Bool {
        guard namesSentence else { return false }
        let before = String(decoding: bytes[max(0, place - 300)..<place], as: UTF8.self)
        let last = before.split(separator: " ").suffix(2)
        if ["Sentence", "[Sentence]"].contains(last.last), last.first == "->" || last.first?.hasSuffix(":") == true {
            return true
        }
        guard let start = before.ranges(of: ": Sentence =").last else { return false }
        return !["let ", "var ", "func ", "return ", "}"].contains { before[start.upperBound...].contains($0) }
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        Unicode.Scalar(byte).properties.isAlphabetic || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
    }
}

// MARK: What a text says

extension LiteralScanner {
    private mutating func take() {
        let (start, frame) = (index, frames.last)
        let (label, isValue) = (label(in: frame), isOfSentence(at: start))
        var text = quoted()
        var next = afterSpace(index)
        while next < bytes.count, bytes[next] == UInt8(ascii: "+"), case let more = afterSpace(next + 1),
            more < bytes.count, bytes[more] == UInt8(ascii: "\"")
        {
            index = more
            text += quoted()
            next = afterSpace(index)
        }
        let isInBody =
            frame.map { $0.open == UInt8(ascii: "{") || $0.open == UInt8(ascii: "[") && $0.isSentence } ?? true
        found.append(
            Literal(
                text: text, line: line(of: start), call: frame?.call ?? "", label: label,
                isSentence: isInBody && (isValue || frame?.isSentence == true)))
    }

    private mutating func line(of place: Int) -> Int {
        if place > countedTo {
            line += bytes[countedTo..<place].count(where: { $0 == UInt8(ascii: "\n") })
            countedTo = place
        }
        return line
    }

    /// The text that begins here, up to its last quote.
    private mutating func quoted() -> String {
        let isRaw = starts(with: "#")
        if isRaw { index += 1 }
        let isBlock = starts(with: "\"\"\"")
        index += isBlock ? 3 : 1
        let end = (isBlock ? "\"\"\"" : "\"") + (isRaw ? "#" : "")
        let escape = isRaw ? "\\#" : "\\"
        var said: [UInt8] = []
        while index < bytes.count, !starts(with: end) {
            if starts(with: escape) {
                index += escape.utf8.count
                said += Array(escaped().utf8)
            } else {
                said.append(bytes[index])
                index += 1
            }
        }
        index += end.utf8.count
        let text = String(decoding: said, as: UTF8.self)
        return isBlock ? Self.unfolded(text) : text
    }

    /// What stands for itself no more, such as `\n`; a value that is put in is `{}`.
    private mutating func escaped() -> String {
        guard index < bytes.count else { return "" }
        let letter = bytes[index]
        index += 1
        switch letter {
        case UInt8(ascii: "("):
            skipValue()
            return "{}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "u"):
            let start = index + 1
            skip(past: "}")
            let digits = String(decoding: bytes[min(start, index - 1)..<(index - 1)], as: UTF8.self)
            return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init).map { String($0) } ?? ""
        // A line that goes on: the break and the indentation after it are no part of the text.
        case UInt8(ascii: "\n"): return Self.fold
        default: return String(decoding: [letter], as: UTF8.self)
        }
    }

    /// What is put in may be one of several words, which are texts too.
    private mutating func skipValue() {
        var depth = 1
        while depth > 0, index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let line = line(of: index)
                found.append(Literal(text: quoted(), line: line, call: "", label: "", isSentence: false))
                continue
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            default: break
            }
            index += 1
        }
    }

    private static let fold = "\u{1}\n"

    /// The lines between the quotes without the indentation of the last.
    private static func unfolded(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let margin = lines.last?.count ?? 0
        return lines.dropFirst().dropLast().map { $0.dropFirst(margin) }.joined(separator: "\n")
            .replacing(fold, with: "")
    }
}
