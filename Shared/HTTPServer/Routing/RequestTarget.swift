import PaymentModel

/// The path and the query of a request line, decoded.
struct RequestTarget {
    /// The parts between the slashes.
    let segments: [String]

    /// The parameters, each once.
    let query: JSONObject

    /// Reads a request target such as `/v1/invoices?after=abc`.
    init(_ target: String) throws(Problem) {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard target.hasPrefix("/") else { throw Self.malformed("The path must begin with a slash.") }
        var segments: [String] = []
        for part in halves[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            segments.append(try Self.decoded(part, plusIsSpace: false))
        }
        // The root is no segment rather than an empty one.
        self.segments = segments == [""] ? [] : segments
        self.query = halves.count == 2 ? try Self.query(halves[1]) : JSONObject()
    }

    private static func query(_ text: Substring) throws(Problem) -> JSONObject {
        var query = JSONObject()
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decoded(halves[0], plusIsSpace: true)
            let value = halves.count == 2 ? try decoded(halves[1], plusIsSpace: true) : ""
            guard query.insert(.string(value), named: name) else {
                throw Problem.field("?" + name, reason: "It is given twice.", remedy: "Give it once.")
            }
        }
        return query
    }

    private static func decoded(_ text: Substring, plusIsSpace: Bool) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    throw malformed("A percent sign is not followed by two hexadecimal digits.")
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\0") else {
            throw malformed("It is not valid UTF-8.")
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        guard byte < 0x80 else { return nil }
        return Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }

    private static func malformed(_ detail: Sentence) -> Problem {
        Problem(.malformedRequest, detail: detail, remedy: "Percent-encode the path and the query as UTF-8.")
    }
}
