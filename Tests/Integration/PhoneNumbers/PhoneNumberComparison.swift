import Foundation
import PaymentModel
import PhoneNumbers
import TestSupport
import Testing

/// The face of libphonenumber beside another library, with newer tables, that shares no code with it.
@Suite struct `Phone numbers as another library reads them` {
    @Test func `INV-1: thousands of French, overseas, Belgian, Swiss and other numbers are the same`() async throws {
        for seed in [1, Int.random(in: 2...1_000_000)] {
            let lines = try await Self.lines(seed: seed)
            #expect(lines.count > 5_000, "seed \(seed)")
            let unknown = lines.count { line in compare(line, seed: seed) == .unassigned }
            // What was given out since our tables were made: written with its country it is taken, without it is not.
            #expect(unknown < lines.count / 20, "seed \(seed): \(unknown) of \(lines.count)")
        }
    }

    private enum Outcome { case same, unassigned }

    private struct Line: CustomStringConvertible {
        let region: String
        let text: String
        let e164: String
        let kind: String

        var description: String { "\(region) \(text): \(e164) \(kind)" }
        var namesCountry: Bool { text.hasPrefix("+") || text.hasPrefix("00") || text.hasPrefix("(+") }
    }

    private func compare(_ line: Line, seed: Int) -> Outcome {
        do throws(PhoneRefusal) {
            let reading = try PhoneNumbers.read(line.text, in: line.region)
            #expect(reading.phone.e164 == line.e164, "seed \(seed): \(line)")
            guard reading.kind != .unassigned else { return .unassigned }
            #expect(reading.kind.rawValue == line.kind, "seed \(seed): \(line)")
            return .same
        } catch {
            #expect(error == .unassigned && !line.namesCountry, "seed \(seed): \(line) is refused as \(error)")
            return .unassigned
        }
    }

    private static func lines(seed: Int) async throws -> [Line] {
        let script = "\(ExternalProcess.repository)Tests/Integration/PhoneNumbers/read_numbers.py"
        let run = try await PythonScript.run([script, "\(seed)"])
        try #require(run.status == 0, "\(run.output)")
        return run.output.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t").map(String.init)
            guard parts.count == 4 else { return nil }
            return Line(region: parts[0], text: parts[1], e164: parts[2], kind: parts[3])
        }
    }
}
