import Observability

/// The values of all settings of a process, checked before anything else happened.
package struct Settings: Sendable {
    /// Where a value came from.
    package enum Source: Sendable, Hashable {
        case environment
        case file(String)
        case standard
        case nowhere
    }

    struct Entry: Sendable {
        let setting: any DescribedSetting
        let text: String?
        let source: Source
    }

    let entries: [Entry]
    private let values: [String: any Sendable]

    /// Variables that look like slips of the pen, each with what was probably meant.
    package let slips: [SettingsError.Problem]

    /// Variables with our prefix that no setting reads, perhaps another service's.
    package let unknown: [String]

    /// What the names of our variables begin with.
    package static let prefix = "QUITTANCE_"

    /// Reads and checks every setting, and what must hold between them; what is wrong is told all at once.
    package init(
        _ settings: [any DescribedSetting], rules: [SettingRule] = [], from environment: Environment
    ) throws(SettingsError) {
        let (read, wrong) = Self.read(settings, environment)
        let names = Set(wrong.map(\.name))
        let broken = rules.filter { names.isDisjoint(with: $0.names) }.flatMap { $0.problems(in: read) }
        guard wrong.isEmpty, broken.isEmpty else { throw SettingsError(problems: wrong + broken) }
        self = read
    }

    /// What can be read, and what is wrong with the rest.
    private static func read(
        _ settings: [any DescribedSetting], _ environment: Environment
    ) -> (Settings, [SettingsError.Problem]) {
        var entries: [Entry] = []
        var values: [String: any Sendable] = [:]
        var problems: [SettingsError.Problem] = []
        for setting in settings {
            do throws(InvalidSetting) {
                let entry = try Self.entry(setting, environment)
                entries.append(entry)
                values[setting.name] = try Self.value(entry)
            } catch {
                problems.append(SettingsError.Problem(setting, error.reason))
            }
        }
        return (Settings(entries, values, settings, environment), problems)
    }

    private init(
        _ entries: [Entry], _ values: [String: any Sendable], _ settings: [any DescribedSetting],
        _ environment: Environment
    ) {
        (self.entries, self.values) = (entries, values)
        unknown = Self.unknown(settings, environment)
        slips = SettingSlips.find(in: environment, among: settings)
    }

    /// The value of a setting, which MUST be among those that were read.
    package subscript<Value>(setting: Setting<Value>) -> Value {
        guard let value = values[setting.name] as? Value else {
            preconditionFailure("\(setting.name) is read and not listed among the settings")
        }
        return value
    }

    /// Where the value of a setting came from.
    package func source(of setting: any DescribedSetting) -> Source {
        entries.first { $0.setting.name == setting.name }?.source ?? .nowhere
    }

    private static func entry(
        _ setting: any DescribedSetting, _ environment: Environment
    ) throws(InvalidSetting) -> Entry {
        let path = environment.variables[setting.name + "_FILE"]
        if let text = environment.variables[setting.name] {
            guard path == nil else {
                throw InvalidSetting(reason: "is set twice, by \(setting.name) and by \(setting.name)_FILE")
            }
            return Entry(setting: setting, text: text, source: .environment)
        }
        guard let path else {
            return Entry(
                setting: setting, text: setting.standard, source: setting.standard == nil ? .nowhere : .standard)
        }
        guard let text = try? environment.readFile(path) else {
            throw InvalidSetting(reason: "can't be read from the file \(path) that \(setting.name)_FILE names")
        }
        return Entry(setting: setting, text: trimmed(text), source: .file(path))
    }

    private static func value(_ entry: Entry) throws(InvalidSetting) -> any Sendable {
        guard let text = entry.text else {
            guard let value = entry.setting.valueWhenAbsent else {
                throw InvalidSetting(
                    reason: "must be set, or \(entry.setting.name)_FILE must name a file that holds it")
            }
            return value
        }
        return try entry.setting.value(of: text)
    }

    /// Editors end a file with a line break that is no part of a password.
    static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last?.isNewline ?? false { text.removeLast() }
        return String(text)
    }

    private static func unknown(_ settings: [any DescribedSetting], _ environment: Environment) -> [String] {
        let known = Set(settings.flatMap { [$0.name, $0.name + "_FILE"] })
        return environment.variables.keys.filter { $0.hasPrefix(prefix) && !known.contains($0) }.sorted()
    }
}

/// Everything that is wrong with the settings.
package struct SettingsError: Error, Hashable, CustomStringConvertible {
    /// One setting that is wrong.
    package struct Problem: Hashable, Sendable {
        /// Name of the variable.
        package let name: String
        /// What is wrong with it; never its value, which may be a secret.
        package let reason: String
        /// What the setting does.
        package let meaning: String

        init(name: String, reason: String, meaning: String) {
            (self.name, self.reason, self.meaning) = (name, reason, meaning)
        }

        /// What is wrong with a setting and what to write instead.
        package init(_ setting: any DescribedSetting, _ reason: String) {
            self.init(name: setting.name, reason: reason, meaning: setting.meaning)
        }
    }

    /// All of them.
    package let problems: [Problem]

    /// One line for each.
    package var description: String {
        "The configuration is not valid:\n"
            + problems.map { "  \($0.name) \($0.reason)\n    \($0.meaning)" }.joined(separator: "\n")
    }
}
