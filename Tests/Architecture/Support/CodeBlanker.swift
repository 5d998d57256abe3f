/// Replaces comments, string literals and raw identifiers by spaces; line breaks stay where they are.
struct CodeBlanker {
    private let text: [UInt8]
    private var blanked: [UInt8]
    private var index = 0

    static func blanked(_ text: String) -> String {
        var blanker = CodeBlanker(Array(text.utf8))
        blanker.run()
        return String(decoding: blanker.blanked, as: UTF8.self)
    }

    private init(_ text: [UInt8]) {
        self.text = text
        blanked = text
    }

    private mutating func run() {
        while index < text.count {
            if !skipNonCode() { index += 1 }
        }
    }

    /// Steps over a comment, string or raw name that starts here.
    private mutating func skipNonCode() -> Bool {
        if starts(with: "//") {
            while index < text.count, text[index] != UInt8(ascii: "\n") { blank() }
        } else if starts(with: "/*") {
            skipBlockComment()
        } else if text[index] == UInt8(ascii: "`") {
            blank()
            while index < text.count, text[index] != UInt8(ascii: "`") { blank() }
            blank()
        } else if let hashes = hashesBeforeQuote() {
            skipString(hashes: hashes)
        } else {
            return false
        }
        return true
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                blank(2)
            } else if starts(with: "*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && index < text.count
    }

    private func hashesBeforeQuote() -> Int? {
        let hashes = text[index...].prefix { $0 == UInt8(ascii: "#") }.count
        let quote = index + hashes
        return quote < text.count && text[quote] == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func skipString(hashes: Int) {
        blank(hashes)
        let quotes = starts(with: "\"\"\"") ? 3 : 1
        blank(quotes)
        let fence = String(repeating: "#", count: hashes)
        let end = String(repeating: "\"", count: quotes) + fence
        while index < text.count, !starts(with: end) {
            if starts(with: "\\\(fence)(") {
                blank(2 + hashes)
                skipInterpolation()
            } else if starts(with: "\\\(fence)") {
                blank(2 + hashes)
            } else {
                blank()
            }
        }
        blank(end.utf8.count)
    }

    private mutating func skipInterpolation() {
        var depth = 1
        while depth > 0, index < text.count {
            if skipNonCode() { continue }
            if text[index] == UInt8(ascii: "(") { depth += 1 }
            if text[index] == UInt8(ascii: ")") { depth -= 1 }
            blank()
        }
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where index < text.count {
            if text[index] != UInt8(ascii: "\n") { blanked[index] = UInt8(ascii: " ") }
            index += 1
        }
    }

    private func starts(with prefix: String) -> Bool { text[index...].starts(with: prefix.utf8) }
}
