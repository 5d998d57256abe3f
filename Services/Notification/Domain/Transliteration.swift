/// Writes a text with the characters of the GSM alphabet where it has a near one, so that it costs half (C-15).
package enum Transliteration {
    private static let replacements: [Unicode.Scalar: String] = [
        "ç": "c", "ê": "e", "ë": "e", "â": "a", "î": "i", "ï": "i", "ô": "o", "û": "u", "ÿ": "y", "œ": "oe",
        "À": "A", "Â": "A", "È": "E", "Ê": "E", "Ë": "E", "Î": "I", "Ï": "I", "Ô": "O", "Ù": "U", "Û": "U",
        "Ÿ": "Y", "Œ": "OE", "’": "'", "‘": "'", "“": "\"", "”": "\"", "«": "\"", "»": "\"", "–": "-", "—": "-",
        "…": "...", "°": "o", "µ": "u", "\u{A0}": " ", "\u{202F}": " ", "\u{2009}": " ",
    ]

    /// The text with every character that has a plain twin replaced; the others stay and force Unicode.
    package static func plain(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let replacement = replacements[scalar] {
                plain.append(contentsOf: replacement.unicodeScalars)
            } else {
                plain.append(scalar)
            }
        }
        return String(plain)
    }
}
