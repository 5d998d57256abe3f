import EventContract
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `Removing old causes` {
    /// Keeps messages for ten days; the ids of the tests are of January 2026.
    private static let times = CauseRetention.Times(requests: .seconds(3 * 86_400), messages: .seconds(10 * 86_400))

    private func retention(_ fixture: MessagingFixture, inDays days: Int) -> CauseRetention {
        let time = TimeSource.system.now().adding(.seconds(days * 86_400))
        return CauseRetention(
            Database(pool: fixture.database.pool, ids: .random, time: .fixed(time)), times: Self.times, batchRows: 7)
    }

    private func request(_ number: Int) -> Cause {
        Cause(
            .request(key: "\(number)", fingerprint: [1]), organisation: Probe.organisation, actor: "tests",
            correlation: CorrelationID(1))
    }

    @Test func `takes requests and jobs past their time in batches, and nothing else`() async throws {
        try await MessagingFixture.with { fixture in
            let service = try await fixture.asServiceRole()
            for number in 0..<20 { _ = try await service.database.change(because: request(number)) { _ in number } }
            try await fixture.write(runs: 10, subjects: 2)
            let early = try await retention(service, inDays: 0).run()
            #expect(early.requests + early.jobs + early.messages == 0)
            #expect(try await retention(service, inDays: 2).run().jobs == 10)
            #expect(try await service.database.answer(to: request(3), as: Int.self) == 3)
            #expect(try await retention(service, inDays: 4).run().requests == 20)
            #expect(try await fixture.count("cause") == 0)
        }
    }

    @Test func `C-08 never lets an event be handled twice: one it has forgotten is parked`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 20, subjects: 4)
                try await fixture.expectEffects()
                #expect(try await retention(fixture, inDays: 0).run().messages == 20)
                try await fixture.sendAgain(topic: .invoicing)
                try await fixture.eventually("all are parked") { try await fixture.letters.list().count == 20 }
                try await fixture.sendAgain(topic: .invoicing)
                // Made now, so after the horizon; behind the repetitions on each partition.
                let now = Database(pool: fixture.database.pool, ids: .system, time: .system)
                for run in 20..<40 {
                    try await Probe.note(Probe.subject(run % 4), run: "\(run)", in: now)
                }
                try await fixture.eventually("new ones are handled") { try await fixture.count("effect") == 40 }
            }
            let letters = try await fixture.letters.list()
            #expect(letters.count == 20)
            #expect(letters.allSatisfy { $0.reason.contains("older than the inbox remembers") && $0.tries == 1 })
        }
    }
}
