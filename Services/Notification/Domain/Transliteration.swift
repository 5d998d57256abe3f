/// Writes a text with the characters of the GSM alphabet where it has a near one, so that it costs half (C-15).
///
/// It works on whole characters, so a letter and its accent written apart count as the letter they make together.
package enum Transliteration {
    /// Typography, spaces and signs; letters with marks the alphabet lacks lose them.
    private static let replacements: [Character: String] = {
        var table: [Character: String] = [
            "œ": "oe", "Œ": "OE", "’": "'", "‘": "'", "‚": "'", "‹": "<", "›": ">", "´": "'", "`": "'", "“": "\"",
            "”": "\"", "„": "\"", "«": "\"", "»": "\"", "–": "-", "—": "-", "‑": "-", "−": "-", "…": "...", "°": "o",
            "º": "o", "ª": "a", "µ": "u", "×": "x", "•": "-", "·": ".", "™": "TM", "©": "(c)", "®": "(R)",
            "\t": " ", "\u{A0}": " ", "\u{202F}": " ", "\u{2009}": " ", "\u{2007}": " ", "\u{2003}": " ",
            // Not seen, and each doubles the bill: soft hyphen, zero-width space, marks of direction, byte order mark.
            "\u{AD}": "", "\u{200B}": "", "\u{200E}": "", "\u{200F}": "", "\u{2060}": "", "\u{FEFF}": "",
        ]
        for (plain, letters) in marked {
            for letter in letters { table[letter] = plain }
        }
        return table.filter { SMSAlphabet.canonical[$0.key] == nil }
    }()

    private static let marked = [
        ("a", "áâãāăą"), ("c", "çćĉċč"), ("d", "ďđ"), ("e", "êëēĕėęě"), ("g", "ĝğġģ"), ("h", "ĥħ"), ("i", "íîïĩīĭįı"),
        ("j", "ĵ"), ("k", "ķ"), ("l", "ĺļľŀł"), ("n", "ńņň"), ("o", "óôõōŏő"), ("r", "ŕŗř"), ("s", "śŝşšș"),
        ("t", "ţťŧț"), ("u", "úûũūŭůűų"), ("w", "ŵ"), ("y", "ýÿŷ"), ("z", "źżž"), ("A", "ÀÁÂÃĀĂĄ"), ("C", "ĆĈĊČ"),
        ("D", "ĎĐ"), ("E", "ÈÊËĒĔĖĘĚ"), ("G", "ĜĞĠĢ"), ("H", "ĤĦ"), ("I", "ÌÍÎÏĨĪĬĮİ"), ("J", "Ĵ"), ("K", "Ķ"),
        ("L", "ĹĻĽĿŁ"), ("N", "ŃŅŇ"), ("O", "ÒÓÔÕŌŎŐ"), ("R", "ŔŖŘ"), ("S", "ŚŜŞŠȘ"), ("T", "ŢŤŦȚ"), ("U", "ÙÚÛŨŪŬŮŰŲ"),
        ("W", "Ŵ"), ("Y", "ÝŶŸ"), ("Z", "ŹŻŽ"),
    ]

    /// The text with every character that has a plain twin replaced; the others stay and force Unicode.
    package static func plain(_ text: String) -> String {
        let plain = text.map { twin(of: $0) ?? String($0) }.joined()
        // What was taken out may have parted a letter and its accent.
        return plain.unicodeScalars.elementsEqual(text.unicodeScalars) ? plain : Self.plain(plain)
    }

    /// The plain text where that is no dearer, else the text as it is.
    ///
    /// Three dots for one and two letters for a ligature may cost more than they save; so may a text that stays
    /// Unicode all the same.
    package static func cheapest(_ text: String) -> String {
        let plain = plain(text)
        return SMSParts(of: plain).count <= SMSParts(of: text).count ? plain : text
    }

    /// What stands for a character in the alphabet; nil when nothing does.
    static func twin(of character: Character) -> String? {
        if let scalar = SMSAlphabet.canonical[character] { return String(Character(scalar)) }
        if character.unicodeScalars.allSatisfy({ SMSAlphabet.septets(of: $0) != nil }) { return String(character) }
        return replacements[character]
    }
}
