import NotificationDomain
import PaymentModel
import Testing

/// Texts as people write them and as they never would: letters, marks, typography, emoji, right to left, anything.
struct RandomText {
    private static let alphabets: [[Unicode.Scalar]] = [
        Array("abcdefghijklmnopqrstuvwxyz ABC 0123456789.,;:!?\n".unicodeScalars),
        Array("éèàùÉÇäöñüàÆæß@£$¥§¿ΔΦΓΛΩΠΨΣΘΞ^{}\\[~]|€€€\u{0C}\r".unicodeScalars),
        Array("çâêîôûëïœÀÈÊ’«»“”…–—\u{A0}\u{202F}\u{AD}\u{200B}e\u{301}c\u{327}A\u{30A}".unicodeScalars),
        Array("🐶🐱😀👍🏽👩‍🦰🇫🇷𝒜שלוםمرحبا漢字\u{FEFF}".unicodeScalars),
    ]

    /// Up to about 700 code points, mostly of one alphabet, so that every border of parts is met.
    static func make(_ generator: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        let main = generator.number(0...alphabets.count)
        for _ in 0..<generator.number(0...700) {
            let index = generator.number(0...9) < 8 ? main : generator.number(0...alphabets.count)
            text.append(scalar(index, &generator))
        }
        return String(text)
    }

    private static func scalar(_ index: Int, _ generator: inout SeededGenerator) -> Unicode.Scalar {
        guard index < alphabets.count else {
            // The escape is no character of a text: it begins one.
            return Unicode.Scalar(generator.number(0x20...0x1_FFFF) as UInt32) ?? "a"
        }
        return alphabets[index].randomElement(using: &generator) ?? "a"
    }
}

/// NOT-7, NOT-9, C-15: what a writer is told of a text.
@Suite struct `Checking an SMS` {
    @Test func `NOT-7: parts hold all units, and one part less would not`() {
        holds(seeds: 1...60) { generator in
            let parts = SMSParts(of: RandomText.make(&generator))
            let (single, joined) = parts.coding == .gsm7 ? (160, 153) : (70, 67)
            guard parts.count > 1 else { return parts.units <= single }
            // A part may be left one unit short, where a character of two would have been cut.
            return parts.units <= parts.count * joined && parts.units > (parts.count - 1) * (joined - 1)
        }
    }

    @Test func `C-15: a text is Unicode exactly when something in it is named, and every place is right`() {
        holds(seeds: 1...60) { generator in
            let text = RandomText.make(&generator)
            let check = SMSCheck(text)
            let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(Array.init)
            let placed = check.findings.allSatisfy { finding in
                String(lines[finding.line - 1][finding.column - 1]).unicodeScalars
                    .elementsEqual(finding.character.unicodeScalars)
            }
            return (check.parts.coding == .ucs2) == !check.findings.isEmpty && placed
        }
    }

    @Test func `C-15: with every character written otherwise that can be, a text is dear only where some cannot be`() {
        holds(seeds: 1...60) { generator in
            let check = SMSCheck(RandomText.make(&generator))
            let isHopeless = check.findings.contains { $0.instead == nil }
            let isSettled = Transliteration.plain(check.plain).unicodeScalars.elementsEqual(check.plain.unicodeScalars)
            return (isHopeless || check.plainParts.coding == .gsm7) && isSettled
        }
    }

    @Test func `C-15: transliteration never makes a text dearer`() {
        holds(seeds: 1...60) { generator in
            let text = RandomText.make(&generator)
            return SMSParts(of: Transliteration.cheapest(text)).count <= SMSParts(of: text).count
        }
        // Sixty ellipses are one part of Unicode and two of dots.
        let dots = String(repeating: "…", count: 60)
        #expect(Transliteration.cheapest(dots) == dots)
    }

    @Test func `C-15: tells what doubles the bill, where, how often and what to write instead`() {
        let check = SMSCheck("Reçu.\nC’est l’œil 🐶")
        #expect(check.findings.map(\.character) == ["ç", "’", "œ", "🐶"])
        #expect(check.findings.map(\.instead) == ["c", "'", "oe", nil])
        #expect(
            check.findings.map { [$0.line, $0.column, $0.times] } == [[1, 3, 1], [2, 2, 2], [2, 9, 1], [2, 13, 1]])
        #expect(check.findings[1].codePoints == "U+2019")
    }

    @Test func `C-15: a letter whose accent is written apart is dear, and the same letter in one is not`() {
        let check = SMSCheck("re\u{301}gle\u{301}")
        #expect(check.parts.coding == .ucs2 && check.plainParts.coding == .gsm7)
        #expect(check.findings.map(\.times) == [2])
        #expect(Array(check.plain.unicodeScalars) == Array("réglé".unicodeScalars))
    }

    @Test(arguments: [(0, 0), (1, 5), (2, 9), (1_000, 4_500), (1_001, 4_505)])
    func `NOT-6: the cost is never less than what is billed`(parts: Int, cents: Int64) throws {
        let price = SMSPrice(perThousandParts: .euros(cents: 4_500))
        #expect(try price.cost(ofParts: parts) == .euros(cents: cents))
    }

    @Test(arguments: [
        ("Les Lilas", true), ("CLINIC24", true), ("ab", false), ("Les Lilas 75", false), ("12345", false),
        ("Véto", false), (" abc", false), ("a-bc", false),
    ])
    func `NOT-9: a sender's name is what networks take`(name: String, isTaken: Bool) {
        #expect((SenderName(name) != nil) == isTaken)
    }
}
