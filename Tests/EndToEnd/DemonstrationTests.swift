import TestSupport
import Testing

/// What users run first, exactly as they run it.
@Suite struct `The demonstration` {
    @Test func `holds every invariant while a subscriber sees every event, valid and in order (EVT-6)`() async throws {
        try await LocalSystem.with { system in
            let subscriber = try ContractSubscriber(of: system)
            defer { subscriber.stop() }
            try await expectGoodDay(on: system, seed: 1)
            try await subscriber.expectEverything()
            #expect(try await MessagingTables(of: system).deadLetters() == 0)
            #expect(try await system.missingProcesses().isEmpty)
        }
    }

    @Test func `goes on after a stop and a start, with all events for whoever subscribes then (OPS-2)`() async throws {
        try await LocalSystem.with { system in
            try await expectGoodDay(on: system, seed: 2)
            try await system.run("down")
            #expect(try await system.missingProcesses().count == LocalSystem.processes)
            try await system.bringUp()
            try await expectGoodDay(on: system, seed: 3)
            let subscriber = try ContractSubscriber(of: system)
            defer { subscriber.stop() }
            try await subscriber.expectEverything()
        }
    }

    /// A day without a mishap leaves nothing uncertain.
    private func expectGoodDay(on system: LocalSystem, seed: UInt64) async throws {
        let day = try await DemonstrationDay(seed: seed).run(on: system)
        if day.status != 0 { system.keepLogs() }
        try #require(day.status == 0, "\(day.lastLines)")
        #expect(day.lines.suffix(2) == ["messages that may have left: 0", "every invariant holds"])
    }
}
