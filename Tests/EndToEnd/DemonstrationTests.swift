import TestSupport
import Testing

/// What users run first, exactly as they run it.
@Suite struct `The demonstration` {
    @Test func `holds every invariant while a subscriber sees every event, valid and in order (EVT-6)`() async throws {
        try await LocalSystem.with { system in
            let subscriber = try ContractSubscriber(of: system)
            defer { subscriber.stop() }
            let day = try await DemonstrationDay(seed: 1).run(on: system)
            if day.status != 0 { system.keepLogs() }
            try #require(day.status == 0, "\(day.lastLines)")
            #expect(day.lines.suffix(2) == ["messages that may have left: 0", "every invariant holds"])
            try await subscriber.expectEverything()
            #expect(try await MessagingTables(of: system).deadLetters() == 0)
            #expect(try await system.missingProcesses().isEmpty)
        }
    }
}
