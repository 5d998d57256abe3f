/// Writing JSON text by hand, for lines that are too many to go through a general encoder.
package enum JSONText {
    /// Appends `text` as a JSON string with its quotes.
    package static func append(_ text: String, to line: inout String) {
        line.append("\"")
        var rest = Substring(text).utf8
        // Almost no text needs escaping, so it is copied in runs.
        while let index = rest.firstIndex(where: needsEscape) {
            line.append(contentsOf: Substring(rest[..<index]))
            line.append(escaped(rest[index]))
            rest = rest[rest.index(after: index)...]
        }
        line.append(contentsOf: Substring(rest))
        line.append("\"")
    }

    /// `text` as a JSON string with its quotes.
    package static func string(_ text: String) -> String {
        var line = ""
        append(text, to: &line)
        return line
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        default: byte < 0x10 ? "\\u000" + String(byte, radix: 16) : "\\u00" + String(byte, radix: 16)
        }
    }
}
