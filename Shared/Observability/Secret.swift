/// A text that must never be printed, logged or put in a metric.
///
/// Every way Swift has of turning a value into text answers the same placeholder; the text itself is only had by
/// asking for it by name, so a leak has to be written out and can be searched for.
package struct Secret: Sendable, Hashable {
    /// What is shown in the place of a secret.
    package static let placeholder = "•••"

    private let text: String

    /// Hides `text`.
    package init(_ text: String) { self.text = text }

    /// The text itself, for the one call that needs it.
    package func reveal() -> String { text }

    /// Whether there is nothing to hide, which is always a mistake of the configuration.
    package var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The placeholder.
    package var description: String { Self.placeholder }

    /// The placeholder.
    package var debugDescription: String { Self.placeholder }

    /// A mirror without children, so that `dump` shows nothing either.
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension Secret {
    /// Takes what looks like a credential out of a text that came from elsewhere, such as an error message.
    ///
    /// It is a net, not a licence: nothing that may hold a secret should be logged in the first place.
    package static func redacting(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false)
            .map { redactingWord(String($0)) }
            .joined(separator: " ")
    }

    private static let telltales = ["password=", "secret=", "token=", "key=", "authorization:"]

    private static func redactingWord(_ word: String) -> String {
        let lowered = word.lowercased()
        if isJSONWebToken(word) { return placeholder }
        if let telltale = telltales.compactMap({ lowered.firstRange(of: $0) }).first {
            return lowered[..<telltale.upperBound] + placeholder
        }
        return redactingUserInformation(word)
    }

    private static func isJSONWebToken(_ word: String) -> Bool {
        word.hasPrefix("eyJ") && word.split(separator: ".").count == 3
    }

    /// `scheme://user:password@host` keeps its scheme and host.
    private static func redactingUserInformation(_ word: String) -> String {
        guard let scheme = word.firstRange(of: "://"), let at = word.lastIndex(of: "@"), at > scheme.upperBound else {
            return word
        }
        return word[..<scheme.upperBound] + placeholder + word[at...]
    }
}
