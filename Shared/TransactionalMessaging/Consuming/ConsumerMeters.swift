import Metrics

/// What a consumer tells about itself.
struct ConsumerMeters: Sendable {
    private let handled: Counter
    private let failed: Counter
    private let parked: Counter

    init(group: String) {
        let dimensions = [("group", group)]
        handled = Counter(label: "quittance_consumer_messages_total", dimensions: dimensions)
        failed = Counter(label: "quittance_consumer_failures_total", dimensions: dimensions)
        parked = Counter(label: "quittance_consumer_parked_total", dimensions: dimensions)
    }

    func handled(_ count: Int) { handled.increment(by: count) }
    func failedOne() { failed.increment() }
    func parkedOne() { parked.increment() }
}
