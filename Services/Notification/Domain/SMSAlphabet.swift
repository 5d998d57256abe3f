/// The GSM 03.38 default alphabet and its extension table: what fits in seven bits.
package enum SMSAlphabet {
    private static let basic = Set(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
            .unicodeScalars
    ).union("abcdefghijklmnopqrstuvwxyzäöñüà".unicodeScalars)

    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)

    /// Its characters by what they are equal to: an é of two code points is the alphabet's é.
    static let canonical = Dictionary(
        uniqueKeysWithValues: basic.union(extended).map { (Character($0), $0) })

    /// How many septets a character takes: one, two behind an escape, or nil when the alphabet lacks it.
    package static func septets(of scalar: Unicode.Scalar) -> Int? {
        if basic.contains(scalar) { return 1 }
        return extended.contains(scalar) ? 2 : nil
    }
}
