package import Observability

/// One thing an operator can set, with everything there is to say about it.
///
/// A service declares its settings as constants, lists them, and reads them by those constants: a setting that is read
/// is thereby described, checked at start and shown by `check-configuration`.
package struct Setting<Value: Sendable>: DescribedSetting {
    /// Name of the environment variable; with `_FILE` after it, the name of the one that names a file instead.
    package let name: String

    /// What it does, in a sentence.
    package let meaning: String

    /// What its value counts, or the form it has.
    package let unit: String

    /// What holds when nothing is set; nil when it must be set.
    package let standard: String?

    /// Whether its value must not be shown.
    package let isSecret: Bool

    /// Whether it may stay without a value.
    package let isOptional: Bool

    let parse: @Sendable (String) throws(InvalidSetting) -> Value
    let absent: Value?

    init(
        _ name: String, _ meaning: String, unit: String, standard: String?, isSecret: Bool = false,
        absent: Value? = nil, parse: @escaping @Sendable (String) throws(InvalidSetting) -> Value
    ) {
        self.name = name
        self.meaning = meaning
        self.unit = unit
        self.standard = standard
        self.isSecret = isSecret
        self.isOptional = absent != nil
        self.absent = absent
        self.parse = parse
    }

    /// The value of a text, for any kind of setting.
    package func value(of text: String) throws(InvalidSetting) -> any Sendable { try parse(text) }

    /// The value when there is no text.
    package var valueWhenAbsent: (any Sendable)? { absent }
}

extension Setting {
    /// The same setting, which besides refuses what `fault` finds something wrong with: what it should be instead.
    package func refusing(_ fault: @escaping @Sendable (Value) -> String?) -> Setting {
        Setting(name, meaning, unit: unit, standard: standard, isSecret: isSecret, absent: absent) {
            text throws(InvalidSetting) in
            let value = try parse(text)
            if let reason = fault(value) { throw InvalidSetting(reason: reason) }
            return value
        }
    }
}

/// What all settings have in common, whatever their type.
package protocol DescribedSetting: Sendable {
    /// Name of the environment variable.
    var name: String { get }
    /// What it does.
    var meaning: String { get }
    /// What its value counts.
    var unit: String { get }
    /// What holds when nothing is set.
    var standard: String? { get }
    /// Whether its value must not be shown.
    var isSecret: Bool { get }
    /// Whether it may stay without a value.
    var isOptional: Bool { get }
    /// The value of a text.
    func value(of text: String) throws(InvalidSetting) -> any Sendable
    /// The value when there is no text.
    var valueWhenAbsent: (any Sendable)? { get }
}

/// Why a text is not a value of its setting.
package struct InvalidSetting: Error, Hashable {
    /// What it should be.
    package let reason: String
}

// MARK: Kinds of settings

extension Setting where Value == String {
    /// A text.
    package static func string(_ name: String, _ meaning: String, default standard: String? = nil) -> Setting {
        Setting(name, meaning, unit: "text", standard: standard) { text throws(InvalidSetting) in
            try SettingText.filled(text)
        }
    }

    /// An address such as `https://api.example.com`.
    package static func url(_ name: String, _ meaning: String, default standard: String? = nil) -> Setting {
        Setting(name, meaning, unit: "URL", standard: standard) { text throws(InvalidSetting) in
            try SettingText.url(text)
        }
    }

    /// One of a few words.
    package static func choice(
        _ name: String, _ meaning: String, of words: [String], default standard: String? = nil
    ) -> Setting {
        Setting(name, meaning, unit: words.joined(separator: " | "), standard: standard) {
            text throws(InvalidSetting) in
            guard words.contains(text) else {
                throw InvalidSetting(reason: "must be one of \(words.joined(separator: ", "))")
            }
            return text
        }
    }
}

extension Setting where Value == String? {
    /// A text that may be left out.
    package static func optionalString(_ name: String, _ meaning: String) -> Setting {
        Setting(name, meaning, unit: "text", standard: nil, absent: .some(nil)) { text throws(InvalidSetting) in
            try SettingText.filled(text)
        }
    }

    /// An address that may be left out.
    package static func optionalURL(_ name: String, _ meaning: String) -> Setting {
        Setting(name, meaning, unit: "URL", standard: nil, absent: .some(nil)) { text throws(InvalidSetting) in
            try SettingText.url(text)
        }
    }
}

extension Setting where Value == Secret {
    /// Something that must not be shown; best given by a file.
    package static func secret(_ name: String, _ meaning: String) -> Setting<Secret> {
        Setting(name, meaning, unit: "secret", standard: nil, isSecret: true) { text throws(InvalidSetting) in
            Secret(try SettingText.filled(text))
        }
    }
}

extension Setting where Value == Secret? {
    /// Something that must not be shown and may be left out.
    package static func optionalSecret(_ name: String, _ meaning: String) -> Setting<Secret?> {
        Setting(name, meaning, unit: "secret", standard: nil, isSecret: true, absent: .some(nil)) {
            text throws(InvalidSetting) in Secret(try SettingText.filled(text))
        }
    }
}

extension Setting where Value == Int {
    /// A whole number within `range`; `unit` says what it counts.
    package static func integer(
        _ name: String, _ meaning: String, in range: ClosedRange<Int>, unit: String, default standard: Int? = nil
    ) -> Setting {
        Setting(name, meaning, unit: unit, standard: standard.map { "\($0)" }) { text throws(InvalidSetting) in
            guard let number = Int(text), range.contains(number) else {
                throw InvalidSetting(
                    reason: "must be a whole number from \(range.lowerBound) to \(range.upperBound) (\(unit))")
            }
            return number
        }
    }
}

extension Setting where Value == Bool {
    /// Yes or no.
    package static func boolean(_ name: String, _ meaning: String, default standard: Bool? = nil) -> Setting {
        Setting(name, meaning, unit: "true | false", standard: standard.map { "\($0)" }) {
            text throws(InvalidSetting) in
            guard let flag = Bool(text) else { throw InvalidSetting(reason: "must be true or false") }
            return flag
        }
    }
}

extension Setting where Value == Duration {
    /// A time such as `250ms`, `30s`, `5m`, `1h`, `7d`, within `range`.
    package static func duration(
        _ name: String, _ meaning: String, in range: ClosedRange<Duration> = .milliseconds(1)...(.seconds(31_536_000)),
        default standard: String? = nil
    ) -> Setting {
        Setting(name, meaning, unit: "duration", standard: standard) { text throws(InvalidSetting) in
            guard let duration = DurationText.parse(text), range.contains(duration) else {
                throw InvalidSetting(
                    reason: "must be a time such as 30s, from \(DurationText.text(range.lowerBound)) "
                        + "to \(DurationText.text(range.upperBound))")
            }
            return duration
        }
    }
}
