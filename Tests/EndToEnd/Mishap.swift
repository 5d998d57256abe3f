import Foundation

/// What goes wrong on one demonstration day; all of it comes from the seed, so that a seed can be run again alone.
struct Mishap: CustomStringConvertible {
    /// Whoever may be ended; every seventh seed ends the same one, so that twenty seeds end each at least twice.
    static let victims = [
        "invoicing-serve", "payment-orchestrator-serve", "notification-serve", "notification-work",
        "reconciliation-serve", "broker", "postgres",
    ]

    /// The seeds to run: twenty, or those of `QUITTANCE_KILL_SEEDS`, such as `7` or `1-1000` or `3,9,12`.
    static var seeds: [UInt64] {
        let wanted = ProcessInfo.processInfo.environment["QUITTANCE_KILL_SEEDS"] ?? "1-20"
        return wanted.split(separator: ",").flatMap { part -> [UInt64] in
            let ends = part.split(separator: "-").compactMap { UInt64($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }
    }

    let seed: UInt64
    let victim: String
    /// The step of the day at which it is ended.
    let step: Int
    /// How long after the step began, since what happens within a step counts too.
    let delay: Duration
    /// How long it stays away.
    let absence: Duration

    init(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        self.seed = seed
        victim = Self.victims[Int((seed &- 1) % UInt64(Self.victims.count))]
        step = Int.random(in: 1...DemonstrationDay.steps, using: &generator)
        delay = .milliseconds(Int.random(in: 0...200, using: &generator))
        absence = .milliseconds(Int.random(in: 0...4_000, using: &generator))
    }

    var description: String { "seed \(seed): \(victim) is killed \(delay) into step \(step) and away for \(absence)" }

    /// Ends the victim and starts it again.
    func happen(to system: LocalSystem) async throws {
        try await Task.sleep(for: delay)
        try await system.run("process", "kill", victim)
        try await Task.sleep(for: absence)
        try await system.run("process", "start", victim)
    }
}

/// SplitMix64: small, and the same everywhere for the same seed.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
