import Metrics
import PostgresClient

/// What operators watch: the age of the oldest row says more than that the process lives (C-22).
struct RelayMeters: Sendable {
    private let published: Counter
    private let failed: Counter
    private let rows: Gauge
    private let oldestAge: Gauge
    private let leading: Gauge
    /// Counting stops here, so that measuring a huge backlog stays cheap.
    private static let countMax = 100_000

    init(service: String) {
        let dimensions = [("service", service)]
        published = Counter(label: "quittance_outbox_published_total", dimensions: dimensions)
        failed = Counter(label: "quittance_outbox_failures_total", dimensions: dimensions)
        rows = Gauge(label: "quittance_outbox_rows", dimensions: dimensions)
        oldestAge = Gauge(label: "quittance_outbox_oldest_age_seconds", dimensions: dimensions)
        leading = Gauge(label: "quittance_outbox_shards_led", dimensions: dimensions)
    }

    func published(_ count: Int) { published.increment(by: count) }

    func failed(_ count: Int) { failed.increment(by: count) }

    func lead(_ shards: ShardSet) { leading.record(shards.numbers.count) }

    /// Measures the outbox as it is now.
    func measure(_ pool: PostgresPool) async throws {
        let measured = try await pool.query(
            """
            SELECT count(*) AS rows, coalesce(extract(epoch FROM now() - min(recorded_at)), 0)::float8 AS age
            FROM (SELECT recorded_at FROM outbox LIMIT \(Self.countMax)) AS waiting
            """
        ) { row in (rows: try row("rows") as Int, age: try row("age") as Double) }
        guard let now = measured.first else { return }
        rows.record(now.rows)
        oldestAge.record(now.age)
    }
}
