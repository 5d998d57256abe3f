import TestSupport
import Testing

/// Any one process at any moment; the output names each seed, and the variable that runs it alone.
@Suite(.serialized, .onOneSystem) struct `A process that is lost during the day costs no event, message or cent` {
    @Test(.timeLimit(.minutes(10)), arguments: Mishap.seeds(.kill))
    func `when it is killed at random (OPS-6)`(seed: UInt64) async throws {
        try await expectGoodDay(despite: Mishap(.kill, seed: seed))
    }

    @Test(.timeLimit(.minutes(10)), arguments: Mishap.seeds(.freeze))
    func `when it stands still, its connections open and silent (C-20)`(seed: UInt64) async throws {
        try await expectGoodDay(despite: Mishap(.freeze, seed: seed))
    }

    private func expectGoodDay(despite mishap: Mishap) async throws {
        let system = try OneSystem.current
        print(mishap)
        let day = try await DemonstrationDay(seed: mishap.seed).run(on: system) { step in
            if step == mishap.step { try await mishap.happen(to: system) }
        }
        let deadLetters = try await MessagingTables(of: system).deadLetters()
        let missing = try await system.missingProcesses()
        if day.status != 0 || deadLetters > 0 || !missing.isEmpty { system.keepLogs() }
        #expect(day.status == 0, "\(mishap)\n\(day.lastLines)")
        #expect(deadLetters == 0, "\(mishap)")
        #expect(missing.isEmpty, "\(mishap)")
        // The next day is not to suffer from this one.
        if !missing.isEmpty { try await system.bringUp() }
    }
}
