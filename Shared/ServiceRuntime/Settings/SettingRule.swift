/// What must hold between several settings.
///
/// It is looked at when each of them is right by itself, so that what is wrong is told once and all of it at once.
package struct SettingRule: Sendable {
    let names: [String]
    private let find: @Sendable (Settings) -> [SettingsError.Problem]

    /// A rule between settings, which are all it may read.
    package init(
        between settings: [any DescribedSetting],
        _ find: @escaping @Sendable (Settings) -> [SettingsError.Problem]
    ) {
        names = settings.map(\.name)
        self.find = find
    }

    /// What breaks it.
    package func problems(in settings: Settings) -> [SettingsError.Problem] { find(settings) }

    /// A rule that holds unless reading the settings fails.
    init(
        between settings: [any DescribedSetting],
        trying read: @escaping @Sendable (Settings) throws(SettingsError) -> Void
    ) {
        self.init(between: settings) { values in
            do throws(SettingsError) {
                try read(values)
                return []
            } catch {
                return error.problems
            }
        }
    }

    /// A time that must be at least so many times another one and a margin, because of what both count.
    package static func lease(
        _ lease: Setting<Duration>, atLeast times: Int, of call: Setting<Duration>, and margin: Duration
    ) -> SettingRule {
        SettingRule(between: [lease, call]) { values in
            let least = values[call] * times + margin
            guard values[lease] < least else { return [] }
            let (needed, given) = (DurationText.text(least), DurationText.text(values[call]))
            return [
                SettingsError.Problem(
                    lease,
                    "must be \(needed) at least, since \(call.name) is \(given): give it more, or \(call.name) less")
            ]
        }
    }
}
