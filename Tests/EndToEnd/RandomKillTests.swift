import TestSupport
import Testing

/// Any one process, ended without a warning at any moment; `QUITTANCE_KILL_SEEDS=7` runs one seed alone.
@Suite(.serialized, .onOneSystem) struct `A process killed at random` {
    @Test(.timeLimit(.minutes(10)), arguments: Mishap.seeds)
    func `during the day costs no event, no message and no cent (OPS-6)`(seed: UInt64) async throws {
        let system = try OneSystem.current
        let mishap = Mishap(seed: seed)
        print(mishap)
        let day = try await DemonstrationDay(seed: seed).run(on: system) { step in
            if step == mishap.step { try await mishap.happen(to: system) }
        }
        let deadLetters = try await MessagingTables(of: system).deadLetters()
        let missing = try await system.missingProcesses()
        if day.status != 0 || deadLetters > 0 || !missing.isEmpty { system.keepLogs() }
        #expect(day.status == 0, "\(mishap); run it alone with QUITTANCE_KILL_SEEDS=\(seed)\n\(day.lastLines)")
        #expect(deadLetters == 0, "\(mishap)")
        #expect(missing.isEmpty, "\(mishap)")
    }
}
