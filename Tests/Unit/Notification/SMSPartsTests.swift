import NotificationDomain
import Testing

/// NOT-7: the count shown equals the count billed.
@Suite struct `Parts of an SMS` {
    @Test(arguments: [(0, 1), (160, 1), (161, 2), (306, 2), (307, 3)])
    func `NOT-7: are 160 septets, or 153 each when joined`(length: Int, parts: Int) {
        let count = SMSParts(of: String(repeating: "a", count: length))
        #expect(count.coding == .gsm7 && count.count == parts)
    }

    @Test(arguments: [(70, 1), (71, 2), (134, 2), (135, 3)])
    func `NOT-7: are 70 units, or 67 each when joined, in Unicode`(length: Int, parts: Int) {
        let count = SMSParts(of: String(repeating: "ê", count: length))
        #expect(count.coding == .ucs2 && count.count == parts)
    }

    @Test func `NOT-7: never cut an escaped character in two`() {
        // 152 septets, then a euro of two that no longer fits in the first part of 153.
        let text = String(repeating: "a", count: 152) + "€" + String(repeating: "a", count: 152)
        #expect(SMSParts(of: text).count == 3)
    }

    @Test func `NOT-7: never cut a surrogate pair in two`() {
        let text = String(repeating: "ê", count: 66) + "🐶" + String(repeating: "ê", count: 66)
        #expect(SMSParts(of: text).count == 3)
    }

    @Test func `NOT-7: are cut where they were counted by a gateway that cuts after each 67 units`() {
        holds(seeds: 1...200) { generator in
            let text = (0..<4).map { _ in RandomText.make(&generator) }.joined() + "ê🐶🐶"
            let filled = SMSParts.filled(text)
            let units = Array(filled.utf16)
            let parts = SMSParts(of: text)
            let cuts = stride(from: 67, to: units.count, by: 67)
            let cutsNoPair = !cuts.contains { UTF16.isLeadSurrogate(units[$0 - 1]) }
            let isSame = filled.unicodeScalars.filter { $0 != SMSParts.filler }
                .elementsEqual(text.unicodeScalars.filter { $0 != SMSParts.filler })
            guard parts.count > 1 else { return filled == text }
            return isSame && cutsNoPair && (units.count + 66) / 67 == parts.count
        }
    }

    @Test(
        arguments: zip(
            "éèàùÉÇ€çêôœ’".unicodeScalars,
            [true, true, true, true, true, true, true, false, false, false, false, false]))
    func `NOT-7: know the French letters of the alphabet (C-15)`(scalar: Unicode.Scalar, isIn: Bool) {
        #expect((SMSAlphabet.septets(of: scalar) != nil) == isIn)
    }

    @Test func `NOT-7: name the character that doubles the bill`() {
        #expect(SMSParts(of: "C’est prêt").forcesUnicode == "’")
    }

    @Test func `NOT-7: are saved by transliteration`() {
        let plain = Transliteration.plain("Reçu : 1\u{202F}234,56\u{202F}€ à l’œil…")
        #expect(plain == "Recu : 1 234,56 € à l'oeil...")
        #expect(SMSParts(of: plain).coding == .gsm7)
    }
}
