import PaymentModel

/// Follows the elements of an XML file as its bytes arrive, and holds no more of it than one of them.
///
/// It takes what statements of banks are made of: elements, attributes, text, comments and CDATA, in encodings in which
/// ASCII stands for itself. A document type is refused unread: with one come entities, which can name other files or
/// grow without end.
struct XMLScanner: Sendable {
    enum Event {
        case opened(String, XMLAttributes, line: Int)
        /// With the text between its beginning, or the end of its last child, and its end.
        case closed(String, text: String, line: Int)
        /// What stood before it was right.
        case broken(FileProblem)
    }

    /// Bytes of one tag or text.
    private static let pieceBytesMax = 1 << 20
    /// Elements within each other.
    private static let depthMax = 200

    private var bytes: [UInt8] = []
    private var text: [UInt8] = []
    private var open: [String] = []
    private var hasRoot = false
    private var isAtBeginning = true
    private var isWestern = false
    private(set) var line = 1

    /// What ends in the piece.
    mutating func take(_ piece: [UInt8]) -> [Event] {
        var events: [Event] = []
        do throws(FileProblem) {
            guard !piece.contains(0) else { throw Self.noXML }
            bytes.append(contentsOf: piece)
            if isAtBeginning { try begin() }
            guard !isAtBeginning else { return [] }
            var place = bytes.startIndex
            while let next = try step(from: place, &events) { place = next }
            bytes.removeSubrange(..<place)
            guard bytes.count <= Self.pieceBytesMax, text.count <= Self.pieceBytesMax else { throw broken }
        } catch {
            events.append(.broken(error))
        }
        return events
    }

    func finish() -> [Event] {
        guard !isAtBeginning else { return [.broken(Self.noXML)] }
        return open.isEmpty && hasRoot && bytes.isEmpty ? [] : [.broken(broken)]
    }

    private static let noXML = FileProblem(
        line: 1, reason: "It does not begin as XML in UTF-8.", remedy: "Choose the bank's CAMT.053 file.")

    private var broken: FileProblem {
        FileProblem(
            line: line, reason: "The XML ends or breaks here.", remedy: "Download the statement from the bank again.")
    }

    /// Of the mark and the spaces before the first tag nothing is kept.
    private mutating func begin() throws(FileProblem) {
        guard bytes.count >= FileLines.mark.count else { return }
        let start = bytes.starts(with: FileLines.mark) ? FileLines.mark.count : 0
        guard let first = bytes[start...].firstIndex(where: { !$0.isXMLSpace }) else { return }
        guard bytes[first] == UInt8(ascii: "<") else { throw Self.noXML }
        line += bytes[..<first].count { $0 == 10 }
        bytes.removeSubrange(..<first)
        isAtBeginning = false
    }

    /// Takes the next tag or text; nil when more bytes are needed.
    private mutating func step(from place: Int, _ events: inout [Event]) throws(FileProblem) -> Int? {
        guard place < bytes.endIndex else { return nil }
        guard bytes[place] == UInt8(ascii: "<") else { return try takeText(from: place) }
        guard place + 1 < bytes.endIndex else { return nil }
        let mark = bytes[place + 1]
        if mark == UInt8(ascii: "!") || mark == UInt8(ascii: "?") { return try takeDeclaration(from: place) }
        guard let end = endOfTag(from: place) else { return nil }
        try takeTag(bytes[(place + 1)..<(end - 1)], &events)
        return pass(place, to: end)
    }

    /// A comment, CDATA or an instruction; a document type is refused.
    private mutating func takeDeclaration(from place: Int) throws(FileProblem) -> Int? {
        for (beginning, ending) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
            let begins = Array(beginning.utf8)
            guard bytes[place...].starts(with: begins) else {
                // What may still become one waits for its next bytes.
                guard begins.starts(with: bytes[place...]) else { continue }
                return nil
            }
            guard let end = self.end(Array(ending.utf8), from: place + begins.count) else { return nil }
            let inner = bytes[(place + begins.count)..<(end - ending.utf8.count)]
            if beginning == "<![CDATA[" { text.append(contentsOf: inner) }
            if beginning == "<?" { try checkEncoding(inner) }
            return pass(place, to: end)
        }
        throw FileProblem(
            line: line, reason: "It declares a document type or entities, which no bank's statement does.",
            remedy: "Ask the bank for the file again.")
    }

    private mutating func pass(_ place: Int, to end: Int) -> Int {
        for byte in bytes[place..<end] where byte == 10 { line += 1 }
        return end
    }

    private mutating func takeText(from place: Int) throws(FileProblem) -> Int? {
        let end = bytes[place...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.endIndex
        let found = bytes[place..<end]
        if open.isEmpty {
            guard found.allSatisfy(\.isXMLSpace) else { throw broken }
        } else if found.contains(UInt8(ascii: "&")) {
            // An entity may go on in the next piece.
            guard end < bytes.endIndex else { return nil }
            guard let plain = XMLText.withoutEntities(found) else { throw broken }
            text.append(contentsOf: plain)
        } else {
            text.append(contentsOf: found)
        }
        return pass(place, to: end)
    }

    private mutating func takeTag(_ tag: ArraySlice<UInt8>, _ events: inout [Event]) throws(FileProblem) {
        if tag.first == UInt8(ascii: "/") {
            let name = String(decoding: tag.dropFirst().trimmedAtEnd, as: UTF8.self)
            guard name == open.last else { throw broken }
            return try close(&events)
        }
        let isEmpty = tag.last == UInt8(ascii: "/")
        let inner = isEmpty ? tag.dropLast() : tag
        let name = inner.prefix { !$0.isXMLSpace }
        guard let first = name.first, first.isXMLNameStart, !(hasRoot && open.isEmpty), open.count < Self.depthMax,
            let attributes = XMLAttributes(inner[name.endIndex...])
        else { throw broken }
        hasRoot = true
        open.append(String(decoding: name, as: UTF8.self))
        text.removeAll(keepingCapacity: true)
        events.append(.opened(Self.local(open[open.count - 1]), attributes, line: line))
        if isEmpty { try close(&events) }
    }

    private mutating func close(_ events: inout [Event]) throws(FileProblem) {
        guard let name = open.popLast(), let value = decoded() else { throw broken }
        text.removeAll(keepingCapacity: true)
        events.append(.closed(Self.local(name), text: value, line: line))
    }

    private func decoded() -> String? {
        guard !text.isEmpty else { return "" }
        return isWestern ? FileText.western(text[...]) : String(validating: text, as: UTF8.self)
    }

    private static func local(_ name: String) -> String {
        guard let colon = name.lastIndex(of: ":") else { return name }
        return String(name[name.index(after: colon)...])
    }

    private func end(_ ending: [UInt8], from start: Int) -> Int? {
        guard start <= bytes.endIndex else { return nil }
        var place = start
        while let found = bytes[place...].firstIndex(of: ending[0]) {
            if bytes[found...].starts(with: ending) { return found + ending.count }
            place = found + 1
        }
        return nil
    }

    /// Behind the `>` that ends a tag, which none in quotation marks is.
    private func endOfTag(from place: Int) -> Int? {
        var quote: UInt8?
        for index in (place + 1)..<max(place + 1, bytes.endIndex) {
            let byte = bytes[index]
            if let mark = quote {
                if byte == mark { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index + 1
            }
        }
        return nil
    }

    /// What the XML declaration names; others could hide a document type.
    private mutating func checkEncoding(_ declaration: ArraySlice<UInt8>) throws(FileProblem) {
        let text = String(decoding: declaration, as: UTF8.self)
        guard text.hasPrefix("xml"), let name = text.firstRange(of: "encoding"),
            let encoding = text[name.upperBound...].split(whereSeparator: { "\"' =".contains($0) }).first
        else { return }
        switch encoding.uppercased() {
        case "UTF-8", "US-ASCII": isWestern = false
        case "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252": isWestern = true
        default:
            throw FileProblem(
                line: 1, reason: "The encoding \"\(encoding.prefix(30))\" is not read.", remedy: "Save it as UTF-8.")
        }
    }
}

/// The attributes of a tag, as they stand there.
struct XMLAttributes {
    private let pairs: [(name: String, value: String)]

    /// Nil when they are not `name="value"` with spaces between them.
    init?(_ bytes: ArraySlice<UInt8>) {
        var (pairs, rest) = ([(name: String, value: String)](), bytes.drop(while: \.isXMLSpace))
        while let first = rest.first {
            let name = rest.prefix { $0 != UInt8(ascii: "=") && !$0.isXMLSpace }
            let mark = rest[name.endIndex...].drop(while: \.isXMLSpace)
            let value = mark.dropFirst().drop(while: \.isXMLSpace)
            guard first.isXMLNameStart, mark.first == UInt8(ascii: "="), let quote = value.first,
                quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
                let end = value.dropFirst().firstIndex(of: quote),
                let plain = XMLText.withoutEntities(value[(value.startIndex + 1)..<end])
            else { return nil }
            pairs.append((String(decoding: name, as: UTF8.self), String(decoding: plain, as: UTF8.self)))
            rest = value[(end + 1)...].drop(while: \.isXMLSpace)
        }
        self.pairs = pairs
    }

    subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
}

/// Text as XML writes it.
enum XMLText {
    private static let named: [String: String] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]

    /// Nil when there is an entity that XML itself does not have.
    static func withoutEntities(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var (plain, rest) = ([UInt8](), bytes)
        while let mark = rest.firstIndex(of: UInt8(ascii: "&")) {
            plain.append(contentsOf: rest[..<mark])
            guard let end = rest[mark...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let value = value(of: String(decoding: rest[(mark + 1)..<end], as: UTF8.self))
            else { return nil }
            plain.append(contentsOf: value.utf8)
            rest = rest[(end + 1)...]
        }
        return plain + rest
    }

    private static func value(of entity: String) -> String? {
        if let text = named[entity] { return text }
        guard entity.hasPrefix("#") else { return nil }
        let digits = entity.dropFirst()
        let code = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let scalar = code.flatMap({ Unicode.Scalar($0) }), scalar.value != 0 else { return nil }
        return String(Character(scalar))
    }
}

extension UInt8 {
    fileprivate var isXMLSpace: Bool { self == 32 || self == 10 || self == 13 || self == 9 }

    fileprivate var isXMLNameStart: Bool {
        (65...90).contains(self) || (97...122).contains(self) || self == UInt8(ascii: "_") || self >= 0x80
    }
}

extension ArraySlice<UInt8> {
    fileprivate var trimmedAtEnd: ArraySlice<UInt8> {
        var slice = self
        while slice.last?.isXMLSpace == true { slice = slice.dropLast() }
        return slice
    }
}
