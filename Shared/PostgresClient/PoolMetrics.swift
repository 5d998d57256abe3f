import Metrics

/// What the pool tells about itself.
struct PoolMetrics: Sendable {
    private let inUse: Gauge
    private let waiting: Gauge
    private let waits: Timer
    private let refusals: Counter
    private let retries: Counter
    private let connects: Counter
    private let statements: Counter
    private let roundTrips: Counter

    init(database: String) {
        let dimensions = [("database", database)]
        inUse = Gauge(label: "quittance_postgres_connections_in_use", dimensions: dimensions)
        waiting = Gauge(label: "quittance_postgres_waiters", dimensions: dimensions)
        waits = Timer(label: "quittance_postgres_pool_wait_seconds", dimensions: dimensions)
        refusals = Counter(label: "quittance_postgres_pool_refusals_total", dimensions: dimensions)
        retries = Counter(label: "quittance_postgres_transaction_retries_total", dimensions: dimensions)
        connects = Counter(label: "quittance_postgres_connects_total", dimensions: dimensions)
        statements = Counter(label: "quittance_postgres_statements_total", dimensions: dimensions)
        roundTrips = Counter(label: "quittance_postgres_round_trips_total", dimensions: dimensions)
    }

    func record(inUse count: Int) { inUse.record(count) }
    func record(waiting count: Int) { waiting.record(count) }
    func recordWait(_ wait: Duration) { waits.recordNanoseconds(wait.milliseconds * 1_000_000) }
    func countRefusal() { refusals.increment() }
    func countRetry() { retries.increment() }
    func countConnect() { connects.increment() }

    func count(_ traffic: Traffic) {
        statements.increment(by: traffic.statements)
        roundTrips.increment(by: traffic.roundTrips)
    }
}

/// What went over a connection.
struct Traffic {
    /// `BEGIN`, `COMMIT` and settings are statements, too.
    var statements = 0
    /// How often somebody waited for an answer.
    var roundTrips = 0
}
