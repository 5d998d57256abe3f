import Foundation
import NotificationDomain
import TestSupport
import Testing

/// NOT-7: the count shown equals the count billed, as somebody else's library counts.
@Suite struct `Parts of an SMS beside an independent library` {
    private struct Failure: Error { let output: String }

    /// A JSON list of texts in, a list of codings and parts out.
    private static let script = """
        import json, sys, smsutil
        counted = [smsutil.split(text) for text in json.load(sys.stdin)]
        named = {"gsm0338": "gsm7", "utf_16_be": "ucs2"}
        json.dump([[named[split.encoding], len(split.parts)] for split in counted], sys.stdout)
        """

    /// One of the code points that meet each rule: one septet, two, 16 bits, two times 16 bits.
    private static let scalars: [[Unicode.Scalar]] = [
        Array("aZ9 éèàùÇÉ@£\n\rΔΩ".unicodeScalars), Array("^{}\\[~]|€\u{0C}".unicodeScalars),
        Array("çœ’«»\u{202F}\u{301}漢ש".unicodeScalars), Array("🐶😀𝒜".unicodeScalars),
    ]

    /// Mostly cheap characters, so that texts of many lengths stay in each alphabet.
    private func text(_ generator: inout SeededGenerator) -> String {
        let dearest = Int.random(in: 0...3, using: &generator)
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 1...700, using: &generator) {
            let kind =
                Int.random(in: 0...5, using: &generator) == 0 ? Int.random(in: 0...dearest, using: &generator) : 0
            if kind == 3, dearest == 3, Int.random(in: 0...9, using: &generator) == 0,
                let any = Unicode.Scalar(UInt32.random(in: 0x20...0x1F_FFFF, using: &generator) & 0x1_FFFF)
            {
                scalars.append(any)
            } else {
                scalars.append(Self.scalars[kind].randomElement(using: &generator) ?? "a")
            }
        }
        return String(scalars)
    }

    private func counted(_ texts: [String]) throws -> [[String]] {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let json = try JSONEncoder().encode(texts)
        // On a thread of its own: both pipes would fill while each side waits for the other.
        Thread.detachNewThread {
            try? input.fileHandleForWriting.write(contentsOf: json)
            try? input.fileHandleForWriting.close()
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0,
            let found = try JSONSerialization.jsonObject(with: data) as? [[Any]]
        else { throw Failure(output: String(decoding: data, as: UTF8.self)) }
        return found.map { $0.map { "\($0)" } }
    }

    @Test func `NOT-7: are the same in number and coding, whatever is written`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        let texts = (0..<4_000).map { _ in text(&generator) }
        let theirs = try counted(texts)
        #expect(theirs.count == texts.count)
        var differences = 0
        for (text, their) in zip(texts, theirs) {
            let ours = SMSParts(of: text)
            guard their == [ours.coding.rawValue, "\(ours.count)"] else {
                differences += 1
                if differences == 1 {
                    Issue.record("seed \(seed): ours \(ours), theirs \(their): \(text.debugDescription)")
                }
                continue
            }
        }
        let dear = texts.filter { SMSParts(of: $0).coding == .ucs2 }.count
        print(
            "NOT-7: \(texts.count) random texts (seed \(seed)), \(dear) of them Unicode: \(differences) counted otherwise"
        )
        #expect(differences == 0)
    }
}
