import HTTPServer

/// Finds variables whose names are slips of the pen: what somebody meant to set would silently not hold.
package enum SettingSlips {
    /// So many letters wrong, left out or too many; two letters in each other's place are two.
    ///
    /// Two other letters in the same places are another word: SMTP is not HTTP.
    private static let lettersMax = 2
    /// What our names begin with, up to the first underscore.
    private static let head = "QUITTANCE"

    /// Each slip with what was probably meant.
    package static func find(
        in environment: Environment, among settings: [any DescribedSetting]
    ) -> [SettingsError.Problem] {
        var meanings: [String: String] = [:]
        for setting in settings {
            for name in [setting.name, setting.name + "_FILE"] { meanings[name] = setting.meaning }
        }
        return environment.variables.keys.sorted().compactMap { name in
            guard meanings[name] == nil, beginsLikeOurs(name),
                let meant = nearest(to: name.uppercased(), among: meanings.keys)
            else { return nil }
            return SettingsError.Problem(
                name: name, reason: "is read by no setting: did you mean \(meant)?", meaning: meanings[meant] ?? "")
        }
    }

    /// Most variables of a machine are not ours, and need no closer look.
    private static func beginsLikeOurs(_ name: String) -> Bool {
        let start = name.prefix { $0 != "_" }.uppercased()
        return abs(start.count - head.count) <= lettersMax && Suggestion.distance(start, head) <= lettersMax
    }

    private static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        let near = names.filter { abs($0.count - name.count) <= lettersMax }
            .map { (distance: Suggestion.distance(name, $0), name: $0) }
            .filter { $0.distance <= 1 || $0.distance == lettersMax && !isOtherWord($0.name, name) }
        // By distance, then by name, so that the answer is the same every time.
        return near.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    private static func isOtherWord(_ one: String, _ other: String) -> Bool {
        one.count == other.count && one.sorted() != other.sorted()
    }
}
