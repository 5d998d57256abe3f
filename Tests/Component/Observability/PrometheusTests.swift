import Metrics
import Observability
import Testing

@Suite struct `The metrics page` {
    @Test func `shows counters, gauges and histograms in the text format`() {
        let metrics = PrometheusMetrics()
        Counter(label: "paid", dimensions: [("provider", "al\"ma")], factory: metrics).increment(by: 3)
        Gauge(label: "queue.depth", factory: metrics).record(1.5)
        Timer(label: "call", factory: metrics).recordNanoseconds(3_000_000)
        let text = metrics.exposition()
        #expect(text.contains("# TYPE paid_total counter\npaid_total{provider=\"al\\\"ma\"} 3\n"))
        #expect(text.contains("# TYPE queue_depth gauge\nqueue_depth 1.5\n"))
        #expect(text.contains("call_seconds_bucket{le=\"0.0025\"} 0\n"))
        #expect(text.contains("call_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("call_seconds_bucket{le=\"+Inf\"} 1\n"))
        #expect(text.contains("call_seconds_sum 0.003\ncall_seconds_count 1\n"))
    }

    @Test func `bounds the series of a metric whose labels multiply`() {
        let metrics = PrometheusMetrics(seriesMax: 5)
        for id in 0..<1_000 { Counter(label: "seen", dimensions: [("id", "\(id)")], factory: metrics).increment() }
        let series = metrics.exposition().split(separator: "\n").filter { $0.hasPrefix("seen_total{") }
        #expect(series.count == 6)
        #expect(series.contains("seen_total{id=\"other\"} 995"))
    }

    @Test func `adds up what is counted at the same time`() async {
        let metrics = PrometheusMetrics()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = Counter(label: "hits", factory: metrics)
                    for _ in 0..<1_000 { counter.increment() }
                }
            }
        }
        #expect(metrics.exposition().contains("hits_total 8000\n"))
    }

    @Test func `measures what it is told to at the moment of reading`() {
        let metrics = PrometheusMetrics()
        let gauge = Gauge(label: "age", factory: metrics)
        metrics.beforeReading { gauge.record(7) }
        #expect(metrics.exposition().contains("age 7\n"))
    }
}
