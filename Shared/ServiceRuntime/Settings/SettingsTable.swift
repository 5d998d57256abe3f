import Observability

/// Shows all settings with their values, as `check-configuration` prints them.
enum SettingsTable {
    static func text(_ settings: Settings) -> String {
        var text = ""
        for entry in settings.entries {
            text += "\(entry.setting.name) = \(shown(entry))\n"
            text += "    \(entry.setting.meaning)\n"
            text += "    \(entry.setting.unit), \(standard(entry.setting)); \(source(entry.source))\n"
        }
        for name in settings.unknown { text += "\(name) is set and no setting of this service reads it\n" }
        return text
    }

    private static func shown(_ entry: Settings.Entry) -> String {
        guard let value = entry.text else { return "(not set)" }
        guard !entry.setting.isSecret else { return Secret.placeholder }
        let line = value.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return value.count > 120 || line.count < value.count ? line.prefix(117) + "…" : line
    }

    private static func standard(_ setting: any DescribedSetting) -> String {
        if let standard = setting.standard { return "default \(standard)" }
        return setting.isOptional ? "optional" : "no default"
    }

    private static func source(_ source: Settings.Source) -> String {
        switch source {
        case .environment: "from the environment"
        case .file(let path): "from the file \(path)"
        case .standard: "from the default"
        case .nowhere: "not set"
        }
    }
}
