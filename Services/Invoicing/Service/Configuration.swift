import FoundationEssentials
package import ServiceRuntime

/// What can be set for this service alone.
enum Configuration {
    static let importBytesMax = Setting.integer(
        "QUITTANCE_IMPORT_BYTES_MAX", "Largest export of practice-management software that is taken in.",
        in: 1_000...200_000_000, unit: "bytes", default: 20_000_000)
    static let overdueEvery = Setting.duration(
        "QUITTANCE_OVERDUE_EVERY", "Pause between two looks for debts that reached a level of dunning.",
        in: .seconds(1)...(.seconds(86_400)), default: "10m")
    static let payAddress = Setting<String?>.optionalURL(
        "QUITTANCE_PUBLIC_URL", "Where clients' links of payment-orchestrator lead; documents carry it.")
    static let colourProfile = ColourProfile(usually: "/usr/share/color/icc/sRGB.icc")
}

/// The colour profile of archival documents, a file that a package of the system brings.
package struct ColourProfile: Sendable {
    private static let fault = "must be a file that can be read: install icc-profiles-free, or give another profile"

    /// Where it is read from.
    package let setting: Setting<String>

    /// A profile that is read from there unless another is chosen.
    package init(usually path: String) {
        setting = .string(
            "QUITTANCE_COLOUR_PROFILE", "ICC profile of sRGB, which archival documents hold.", default: path)
    }

    /// One that somebody chose has to be there.
    package var rule: SettingRule {
        SettingRule(between: [setting]) { [setting] settings in
            guard settings.source(of: setting) != .standard, !Self.isThere(settings[setting]) else { return [] }
            return [SettingsError.Problem(setting, Self.fault)]
        }
    }

    /// What to say at start: without the usual one all but documents works.
    package func warning(in settings: Settings) -> String? {
        Self.isThere(settings[setting]) ? nil : "\(setting.name), \(settings[setting]), \(Self.fault)"
    }

    private static func isThere(_ path: String) -> Bool { FileManager.default.isReadableFile(atPath: path) }
}
