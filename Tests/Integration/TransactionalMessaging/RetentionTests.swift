import EventContract
import PaymentModel
import PostgresClient
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

    @Test func `reads what it removes, and not all there is for each batch`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.execute([
                """
                INSERT INTO cause (scope, key, actor, fingerprint, occurred_at)
                SELECT 'request:o', number::text, 'tests', 'x', now() - (number % 10) * interval '1 day'
                FROM generate_series(1, 10000) AS number
                """
            ])
            let pool = PostgresPool(fixture.settings, logger: fixture.logger)
            let database = Database(pool: pool, ids: .random, time: .system)
            let removed = try await CauseRetention(database, times: Self.times, batchRows: 100).run()
            // A session that ends tells what it has read.
            await pool.close()
            try await fixture.eventually("the server has counted") { try await fixture.causesRemoved() == 7_000 }
            #expect(removed.requests == 7_000)
            let read = try await fixture.causesReadInOrder()
            #expect(read < 70_000, "\(read) were read one after the other to remove 7000")
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

extension MessagingFixture {
    fileprivate func causesRemoved() async throws -> Int64 { try await counted("n_tup_del") }

    fileprivate func causesReadInOrder() async throws -> Int64 { try await counted("seq_tup_read") }

    /// From a new session, since an old one may keep its picture of the statistics.
    private func counted(_ column: String) async throws -> Int64 {
        let session = try await database.pool.session()
        let count = try await session.transaction { transaction in
            try transaction.one(
                "SELECT \(unescaped: column) AS count FROM pg_stat_user_tables WHERE relname = 'cause'"
            ) { row in try row("count") as Int64 }
        }
        await session.close()
        return count
    }
}
