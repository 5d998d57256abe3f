package import Metrics
import Synchronization

/// Keeps the metrics of the process and writes them in the text format Prometheus reads.
///
/// It is the backend of swift-metrics, so code that measures knows nothing of it. The number of series of a metric is
/// bounded: labels that multiply without end (an id as a label, say) end in one series named `other` instead of in
/// all the memory there is.
package final class PrometheusMetrics: MetricsFactory, Sendable {
    /// How many series one metric may have.
    package let seriesMax: Int

    /// Upper bounds of the buckets of durations, in seconds.
    package static let secondsBuckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    /// Upper bounds of the buckets of sizes and counts.
    package static let sizeBuckets: [Double] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]

    private let families = Mutex<[String: MetricFamily]>([:])
    private let collectors = Mutex<[@Sendable () -> Void]>([])

    /// An empty registry.
    package init(seriesMax: Int = 500) {
        self.seriesMax = seriesMax
    }

    /// Adds what is to be measured at the moment of reading, such as the age of the oldest row in the outbox.
    package func beforeReading(_ collect: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append(collect) }
    }

    /// All metrics in the Prometheus text format, version 0.0.4.
    package func exposition() -> String {
        for collect in collectors.withLock({ $0 }) { collect() }
        let families = families.withLock { $0 }
        var text = ""
        for (_, family) in families.sorted(by: { $0.key < $1.key }) { family.append(to: &text) }
        return text
    }

    // MARK: MetricsFactory

    /// A counter, exposed with the suffix `_total`.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(MetricName.counter(label), .counter, dimensions)
    }

    /// A counter of fractions, exposed with the suffix `_total`.
    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(MetricName.counter(label), .counter, dimensions)
    }

    /// A gauge.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(MetricName.plain(label), .gauge, dimensions)
    }

    /// A histogram when it aggregates, else a gauge.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        series(MetricName.plain(label), aggregate ? .histogram(Self.sizeBuckets) : .gauge, dimensions)
    }

    /// A histogram of seconds, exposed with the suffix `_seconds`.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(MetricName.seconds(label), .histogram(Self.secondsBuckets), dimensions)
    }

    /// Series stay once made: one that comes and goes reads as a reset.
    package func destroyCounter(_ handler: any CounterHandler) {}

    /// Series stay once made.
    package func destroyMeter(_ handler: any MeterHandler) {}

    /// Series stay once made.
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}

    /// Series stay once made.
    package func destroyRecorder(_ handler: any RecorderHandler) {}

    /// Series stay once made.
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func series(_ name: String, _ kind: MetricFamily.Kind, _ labels: [(String, String)]) -> MetricSeries {
        let family = families.withLock { families in
            if let family = families[name] { return family }
            let family = MetricFamily(name: name, kind: kind, seriesMax: seriesMax)
            families[name] = family
            return family
        }
        return family.series(labels, kind: kind)
    }
}
