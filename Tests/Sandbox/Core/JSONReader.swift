/// What was wrong with a body that should have been JSON.
struct JSONMalformed: Error {
    let offset: Int
}

extension JSON {
    init(reading bytes: [UInt8]) throws(JSONMalformed) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.document()
    }
}

private struct JSONReader {
    /// Deeper than any real body; a limit keeps a hostile one from exhausting the stack.
    static let depthMax = 64

    let bytes: [UInt8]
    var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONMalformed) -> JSON {
        let value = try read(depth: 0)
        skipSpace()
        guard offset == bytes.count else { throw JSONMalformed(offset: offset) }
        return value
    }

    private mutating func read(depth: Int) throws(JSONMalformed) -> JSON {
        skipSpace()
        guard depth < Self.depthMax, let byte = peek() else { throw JSONMalformed(offset: offset) }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONMalformed) -> JSON {
        var members: [JSON.Member] = []
        offset += 1
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            let key = try text()
            skipSpace()
            try expect(":")
            members.append(JSON.Member(key: key, value: try read(depth: depth + 1)))
            skipSpace()
            if take("}") { return .object(members) }
            try expect(",")
        }
    }

    private mutating func list(depth: Int) throws(JSONMalformed) -> JSON {
        var values: [JSON] = []
        offset += 1
        skipSpace()
        if take("]") { return .list(values) }
        while true {
            values.append(try read(depth: depth + 1))
            skipSpace()
            if take("]") { return .list(values) }
            try expect(",")
        }
    }

    private mutating func text() throws(JSONMalformed) -> String {
        try expect("\"")
        var out: [UInt8] = []
        while let byte = peek() {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: out, as: UTF8.self)
            case UInt8(ascii: "\\"): out.append(contentsOf: try escape())
            case 0..<0x20: throw JSONMalformed(offset: offset)
            default: out.append(byte)
            }
        }
        throw JSONMalformed(offset: offset)
    }

    private mutating func escape() throws(JSONMalformed) -> [UInt8] {
        guard let byte = peek() else { throw JSONMalformed(offset: offset) }
        offset += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw JSONMalformed(offset: offset)
        }
    }

    private mutating func unicodeEscape() throws(JSONMalformed) -> [UInt8] {
        var units = [try codeUnit()]
        if UTF16.isLeadSurrogate(units[0]), take("\\") {
            try expect("u")
            units.append(try codeUnit())
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    private mutating func codeUnit() throws(JSONMalformed) -> UInt16 {
        guard offset + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw JSONMalformed(offset: offset) }
        offset += 4
        return unit
    }

    private mutating func number() throws(JSONMalformed) -> JSON {
        let start = offset
        while let byte = peek(), isPartOfNumber(byte) { offset += 1 }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if let whole = Int64(text), text.first != "+" { return .integer(whole) }
        guard let real = Double(text), real.isFinite else { throw JSONMalformed(offset: start) }
        return .number(real)
    }

    private func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(JSONMalformed) -> JSON {
        guard bytes[offset...].starts(with: word.utf8) else { throw JSONMalformed(offset: offset) }
        offset += word.utf8.count
        return value
    }

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || (0x09...0x0D).contains(byte) { offset += 1 }
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: mark) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws(JSONMalformed) {
        guard take(mark) else { throw JSONMalformed(offset: offset) }
    }
}
