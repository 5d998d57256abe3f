/// Finds the functions, initialisers and computed properties of a source and how long they are.
struct FunctionScanner {
    struct Function: Equatable {
        let line: Int
        let length: Int
    }

    private let code: [UInt8]
    private let lineOfByte: [Int]

    static func functions(in source: SourceFile) -> [Function] {
        FunctionScanner(source.code).functions()
    }

    private init(_ lines: [String]) {
        code = Array(lines.joined(separator: "\n").utf8)
        var line = 1
        lineOfByte = code.map { byte in
            defer { if byte == UInt8(ascii: "\n") { line += 1 } }
            return line
        }
    }

    private func functions() -> [Function] {
        var found: [Function] = []
        var index = 0
        while index < code.count {
            let word = word(at: index)
            if let word, FunctionScanner.keywords.contains(word), !isMember(at: index),
                let body = body(after: index + word.utf8.count, stopsAtAssignment: word == "var")
            {
                found.append(Function(line: lineOfByte[index], length: lineOfByte[body] - lineOfByte[index] + 1))
            }
            index += max(1, word?.utf8.count ?? 1)
        }
        return found
    }

    private static let keywords: Set<String> = ["func", "init", "deinit", "subscript", "var"]

    private func word(at index: Int) -> String? {
        let bytes = code[index...].prefix { isNameByte($0) }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// `.init(…)` and `self.init(…)` are calls.
    private func isMember(at index: Int) -> Bool { index > 0 && code[index - 1] == UInt8(ascii: ".") }

    /// The index of the brace that ends the body, nil when the declaration has none.
    private func body(after start: Int, stopsAtAssignment: Bool) -> Int? {
        var depth = 0
        for index in start..<code.count {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return end(ofBlockAt: index)
            case UInt8(ascii: "=") where depth == 0 && stopsAtAssignment: return nil
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "\n") where depth == 0 && !continues(after: index): return nil
            default: break
            }
            if depth < 0 { return nil }
        }
        return nil
    }

    /// Whether a signature goes on in the next line.
    private func continues(after newline: Int) -> Bool {
        let next = code[newline...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        return ["{", "->", "where", "throws", "async", "rethrows"].contains { next.starts(with: $0.utf8) }
    }

    private func end(ofBlockAt start: Int) -> Int? {
        var depth = 0
        for index in start..<code.count {
            if code[index] == UInt8(ascii: "{") { depth += 1 }
            if code[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}

private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
    default: false
    }
}
