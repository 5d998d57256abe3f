extension Unicode.Scalar {
    /// Whether a text of one line may hold it, whether it is typed or comes in a file.
    ///
    /// No control character, nothing that breaks a line or turns it around, and nothing that is no character.
    package var isOfLine: Bool {
        switch value {
        case 0x2028...0x202E, 0x2066...0x2069: false
        default: properties.generalCategory != .control && !properties.isNoncharacterCodePoint
        }
    }
}

extension String {
    /// As it stands between the quotes of a cell of CSV, also where an accent stands behind a quote of its own.
    package var doublingQuotes: String {
        unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false).map { String($0) }.joined(
            separator: "\"\"")
    }
}
