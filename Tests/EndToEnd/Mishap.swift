import Foundation
import TestSupport

/// What goes wrong on one demonstration day; all of it comes from the seed, so that a seed can be run again alone.
struct Mishap: CustomStringConvertible {
    /// What happens to a process.
    enum Kind: String {
        /// It is ended without a warning and started again.
        case kill
        /// It stands still with its connections open, for longer than a consumer may be silent, and goes on.
        case freeze

        /// The seeds to run when nobody asks for others: each process in each part of the day, or once.
        fileprivate var usualSeeds: String {
            switch self {
            case .kill: "1-21"
            case .freeze: "1-7"
            }
        }

        /// The variable that names others, such as `7` or `1-1000` or `3,9,12`.
        var variable: String { "QUITTANCE_\(rawValue.uppercased())_SEEDS" }
    }

    /// The parts of the day in which it may happen; chance alone would leave the short closing out.
    private static let parts = [
        1...DemonstrationDay.payments.upperBound, DemonstrationDay.closing, DemonstrationDay.payments,
    ]

    /// Whoever it may happen to; every seventh seed takes the same one.
    static let victims = [
        "invoicing-serve", "payment-orchestrator-serve", "notification-serve", "notification-work",
        "reconciliation-serve", "broker", "postgres",
    ]

    /// The seeds to run; whoever names seeds of one kind wants none of the other.
    static func seeds(_ kind: Kind) -> [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        let isUsual = [Kind.kill, .freeze].allSatisfy { environment[$0.variable] == nil }
        let wanted = environment[kind.variable] ?? (isUsual ? kind.usualSeeds : "")
        return wanted.split(separator: ",").flatMap { part -> [UInt64] in
            let ends = part.split(separator: "-").compactMap { UInt64($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }
    }

    let kind: Kind
    let seed: UInt64
    let victim: String
    /// The step of the day at which it happens.
    let step: Int
    /// How long after the step began, since what happens within a step counts too.
    let delay: Duration
    /// How long it stays away.
    let absence: Duration

    init(_ kind: Kind, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        self.kind = kind
        self.seed = seed
        let (round, turn) = (seed &- 1).quotientAndRemainder(dividingBy: UInt64(Self.victims.count))
        victim = Self.victims[Int(turn)]
        step = Int.random(in: Self.parts[Int(round % UInt64(Self.parts.count))], using: &generator)
        delay = .milliseconds(Int.random(in: 0...200, using: &generator))
        let absences =
            switch kind {
            case .kill: 0...4_000
            case .freeze: 6_500...12_000
            }
        absence = .milliseconds(Int.random(in: absences, using: &generator))
    }

    /// Says how to see it again.
    var description: String {
        "\(kind.variable)=\(seed): \(kind) \(victim) \(delay) after the begin of step \(step) for \(absence)"
    }

    /// Does it, and makes good for it.
    func happen(to system: LocalSystem) async throws {
        try await Task.sleep(for: delay)
        try await system.run("process", kind.rawValue, victim)
        // Whoever calls the test off in between must not leave the process as it is.
        try? await Task.sleep(for: absence)
        try await system.run("process", kind == .kill ? "start" : "thaw", victim)
    }
}
