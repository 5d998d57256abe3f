/// How names, labels and numbers are written for Prometheus.
enum MetricName {
    static func plain(_ label: String) -> String {
        // Nearly every name is plain as it is, and looking at characters is dear where calls are measured.
        if isPlain(label) { return label }
        let allowed = label.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" }
        let name = String(allowed)
        return name.first?.isNumber ?? true ? "_" + name : name
    }

    private static func isPlain(_ label: String) -> Bool {
        guard let first = label.utf8.first, !isDigit(first) else { return false }
        return label.utf8.allSatisfy { byte in
            isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func counter(_ label: String) -> String { suffixed(plain(label), "_total") }

    static func seconds(_ label: String) -> String { suffixed(plain(label), "_seconds") }

    static func labels(_ labels: [(String, String)]) -> String {
        labels.sorted { $0.0 < $1.0 }
            .map { "\(plain($0.0))=\"\(escaped($0.1))\"" }
            .joined(separator: ",")
    }

    /// Whole numbers are written without a fraction, as people expect of a count.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        guard let whole = Int64(exactly: value) else { return "\(value)" }
        return "\(whole)"
    }

    private static func suffixed(_ name: String, _ suffix: String) -> String {
        name.hasSuffix(suffix) ? name : name + suffix
    }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { "\\\"\n".utf8.contains($0) }) else { return value }
        var text = ""
        for character in value {
            switch character {
            case "\\": text.append("\\\\")
            case "\"": text.append("\\\"")
            case "\n": text.append("\\n")
            default: text.append(character)
            }
        }
        return text
    }
}
