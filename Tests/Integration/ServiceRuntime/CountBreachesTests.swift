import Logging
import Observability
import PaymentModel
import PostgresClient
import ServiceRuntime
import Synchronization
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `What breaks the books is counted` {
    /// Books that hold nothing but what breaks them.
    private final class World: Sendable {
        let pool: PostgresPool
        private let instant = Mutex(Instant(secondsSince1970: 1_770_000_000))

        init() async throws {
            var settings = try await PrivatePostgres.shared().database()
            settings.searchPath = "books"
            pool = PostgresPool(settings)
            try await Migrator(pool, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }).migrate([
                Migration("0001-broken", "CREATE TABLE broken (organisation uuid, breach text)")
            ])
        }

        var time: TimeSource { TimeSource { self.instant.withLock { $0 } } }

        func pass(hours: Int64) { instant.withLock { $0 = $0.adding(.seconds(hours * 3_600)) } }

        /// Somebody does so much harm.
        func harm(_ count: Int) async throws {
            for _ in 0..<count {
                try await pool.execute("INSERT INTO broken VALUES (gen_random_uuid(), 'a sum is out by 1')")
            }
        }
    }

    /// A process of the service, as one that was just started.
    private struct Instance {
        let breaches: CountBreaches
        private let metrics = PrometheusMetrics()

        init(in world: World) throws {
            let context = ServiceContext(
                settings: try Settings([CountBreaches.every], from: Environment([:])),
                database: Database(pool: world.pool, ids: .system, time: world.time), time: world.time, ids: .system,
                logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
            breaches = CountBreaches(
                of: "books", [Invariant("the sums are right", breaches: "SELECT organisation, breach FROM broken")],
                in: context, shownBy: metrics)
        }

        /// What its page of metrics has.
        func shown() async throws -> [Double] {
            try await breaches.show()
            return MetricPage(Array(metrics.exposition().utf8)).values(
                of: "quittance_books_breaches", [#"service="books""#, #"invariant="the sums are right""#])
        }
    }

    @Test func `INV-9, REC-8: once a day, whatever is started anew meanwhile`() async throws {
        let world = try await World()
        try await world.harm(2)
        let first = try Instance(in: world)
        #expect(try await first.shown() == [], "nobody has counted yet")
        try await first.breaches.count()
        #expect(try await first.shown() == [2])
        try await world.harm(1)
        world.pass(hours: 23)
        let restarted = try Instance(in: world)
        try await restarted.breaches.count()
        #expect(try await restarted.shown() == [2], "it is not counted anew, and not forgotten either")
        world.pass(hours: 1)
        try await restarted.breaches.count()
        #expect(try await restarted.shown() == [3])
        await world.pool.close()
    }

    @Test func `INV-9, REC-8: for all instances to show, also one that leads no more`() async throws {
        let world = try await World()
        try await world.harm(2)
        let (former, leader) = (try Instance(in: world), try Instance(in: world))
        try await former.breaches.count()
        #expect(try await former.shown() == [2])
        #expect(try await leader.shown() == [2])
        try await world.pool.execute("DELETE FROM broken")
        world.pass(hours: 24)
        try await leader.breaches.count()
        #expect(try await leader.shown() == [0])
        #expect(try await former.shown() == [0])
        await world.pool.close()
    }

    @Test func `INV-9, REC-8: what cannot be checked stays as it was seen last`() async throws {
        let world = try await World()
        try await world.harm(2)
        try await Instance(in: world).breaches.count()
        try await world.pool.execute("ALTER TABLE broken RENAME TO away")
        world.pass(hours: 24)
        let instance = try Instance(in: world)
        try await instance.breaches.count()
        #expect(try await instance.shown() == [2])
        await world.pool.close()
    }
}
