import Metrics

/// What a consumer tells about itself.
struct ConsumerMeters: Sendable {
    let handled: Counter
    let failed: Counter
    let parked: Counter

    init(group: String) {
        let dimensions = [("group", group)]
        handled = Counter(label: "quittance_consumer_messages_total", dimensions: dimensions)
        failed = Counter(label: "quittance_consumer_failures_total", dimensions: dimensions)
        parked = Counter(label: "quittance_consumer_parked_total", dimensions: dimensions)
    }
}
