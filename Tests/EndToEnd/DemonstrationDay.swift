import TestSupport

/// A small demonstration day: who does what comes from the seed.
struct DemonstrationDay {
    /// So many invoices of each of the two chains are paid for.
    static let invoices = 8
    /// The steps at which clients ask and decide, two for each; before them the organisations open and import.
    static let payments = 4...(3 + 2 * 2 * invoices)
    /// The last steps: a reminder, campaigns, clients decide, refunds, the books, what the bank and the providers say,
    /// the invariants, what is planted, the closed books.
    ///
    /// On a day on which the law holds campaigns there are so many; on others two more, which are the last.
    static let closing = (payments.upperBound + 1)...(payments.upperBound + 14)

    let seed: UInt64

    /// Runs the day to its end; `atStep` is called at each step, while the day goes on.
    func run(on system: LocalSystem, atStep: (Int) async throws -> Void = { _ in }) async throws -> Script.Ending {
        let day = try system.start("demo", ["--seed", "\(seed)", "--invoices", "\(Self.invoices)", "--steps"])
        do {
            for await line in day.lines {
                if let step = Self.step(in: line) { try await atStep(step) }
            }
            return try await day.end()
        } catch {
            day.stop()
            throw error
        }
    }

    /// The number in `[   1.2s] step 3: …`.
    private static func step(in line: String) -> Int? {
        let words = line.split(separator: " ").drop { $0 != "step" }.dropFirst()
        return words.first.flatMap { Int($0.dropLast()) }
    }
}
