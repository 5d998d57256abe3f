/// From the texts of an environment to values.
enum SettingText {
    static func filled(_ text: String) throws(InvalidSetting) -> String {
        guard !text.isEmpty else { throw InvalidSetting(reason: "must not be empty") }
        return text
    }

    /// HTTP or HTTPS, a host, no space; enough to find a slip before the first call would.
    static func url(_ text: String) throws(InvalidSetting) -> String {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https"].contains(parts[0].lowercased()), let first = parts[1].first,
            first != "/", first != ":",
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw InvalidSetting(reason: "must be an address such as https://host:port/path, of http or https") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

/// Times as operators write them.
package enum DurationText {
    private static let units: [(name: String, duration: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3_600)),
        ("d", .seconds(86_400)),
    ]

    /// The time of a text such as `30s`; nil when it is none.
    package static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.count), let count = Int(digits),
            let unit = units.first(where: { $0.name == text.dropFirst(digits.count) })
        else { return nil }
        return unit.duration * count
    }

    /// The text of a time, in the largest unit that leaves a whole number.
    package static func text(_ duration: Duration) -> String {
        let unit = units.last { duration >= $0.duration && duration == $0.duration * Int(duration / $0.duration) }
        guard let unit else { return "\(duration)" }
        return "\(Int(duration / unit.duration))\(unit.name)"
    }
}
