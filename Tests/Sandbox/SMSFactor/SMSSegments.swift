/// How a gateway counts a text, written apart from the system under test.
enum SMSSegments {
    private static let basic = Set(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
            .unicodeScalars)
    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)

    /// Parts billed: seven-bit text, or sixteen-bit text when asked for.
    static func count(_ text: String, isUnicode: Bool) -> Int {
        isUnicode
            ? parts(
                units: text.utf16.map { UTF16.isLeadSurrogate($0) ? 2 : UTF16.isTrailSurrogate($0) ? 0 : 1 }, 70, 67)
            : parts(units: septets(text), 160, 153)
    }

    /// What arrives: a seven-bit message shows a question mark for what it cannot carry.
    static func delivered(_ text: String, isUnicode: Bool) -> String {
        guard !isUnicode else { return text }
        var shown = ""
        for scalar in text.unicodeScalars { shown.unicodeScalars.append(isSevenBit(scalar) ? scalar : "?") }
        return shown
    }

    static func isSevenBit(_ scalar: Unicode.Scalar) -> Bool { basic.contains(scalar) || extended.contains(scalar) }

    private static func septets(_ text: String) -> [Int] {
        text.unicodeScalars.map { extended.contains($0) ? 2 : 1 }
    }

    /// Fills part after part; a character of two units is never torn apart.
    private static func parts(units: [Int], _ single: Int, _ each: Int) -> Int {
        guard units.reduce(0, +) > single else { return 1 }
        var count = 1
        var used = 0
        for unit in units {
            if used + unit > each {
                count += 1
                used = 0
            }
            used += unit
        }
        return count
    }
}
