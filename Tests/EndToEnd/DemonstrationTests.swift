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
            #expect(day.lines.last == "every invariant holds")

            let tables = MessagingTables(of: system)
            let published = try await tables.publishedEvents()
            let summary = try await subscriber.summary(afterEvents: published)
            #expect(summary == "\(published) events: 0 invalid, 0 unknown, 0 again, 0 gaps")
            #expect(try await tables.deadLetters() == 0)
            #expect(try await system.missingProcesses().isEmpty)
        }
    }
}
