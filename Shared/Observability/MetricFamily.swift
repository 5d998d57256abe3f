import Metrics
import Synchronization

/// All series of one metric: the same name, different labels.
final class MetricFamily: Sendable {
    enum Kind: Hashable, Sendable {
        case counter
        case gauge
        case histogram([Double])

        var text: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    let name: String
    let kind: Kind
    private let seriesMax: Int
    private let members = Mutex<[String: MetricSeries]>([:])

    init(name: String, kind: Kind, seriesMax: Int) {
        self.name = name
        self.kind = kind
        self.seriesMax = seriesMax
    }

    /// The series of these labels, or the one that holds all others once there are too many.
    ///
    /// A second metric of the same name but another kind is measured and not shown: a text that claims both would be
    /// refused as a whole by the reader.
    func series(_ labels: [(String, String)], kind: Kind) -> MetricSeries {
        guard kind == self.kind else { return MetricSeries(labels: "", kind: kind) }
        let text = MetricName.labels(labels)
        return members.withLock { members in
            if let known = members[text] { return known }
            let label = members.count < seriesMax ? text : MetricName.labels(labels.map { ($0.0, "other") })
            if let known = members[label] { return known }
            let series = MetricSeries(labels: label, kind: kind)
            members[label] = series
            return series
        }
    }

    func append(to text: inout String) {
        text.append("# TYPE \(name) \(kind.text)\n")
        let members = members.withLock { $0 }
        for (_, series) in members.sorted(by: { $0.key < $1.key }) { series.append(named: name, to: &text) }
    }
}

/// One series: a name with its labels, and what was measured.
final class MetricSeries: Sendable {
    private struct State {
        var value = 0.0
        var count: UInt64 = 0
        var buckets: [UInt64]
    }

    private let labels: String
    private let bounds: [Double]
    private let state: Mutex<State>

    init(labels: String, kind: MetricFamily.Kind) {
        self.labels = labels
        if case .histogram(let bounds) = kind { self.bounds = bounds } else { self.bounds = [] }
        self.state = Mutex(State(buckets: Array(repeating: 0, count: bounds.count)))
    }

    func add(_ amount: Double) { state.withLock { $0.value += amount } }

    func replace(_ value: Double) { state.withLock { $0.value = value } }

    func observe(_ value: Double) {
        guard !bounds.isEmpty else { return replace(value) }
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            state.value += value
            state.count += 1
            if let bucket { state.buckets[bucket] += 1 }
        }
    }

    func append(named name: String, to text: inout String) {
        let state = state.withLock { $0 }
        guard !bounds.isEmpty else {
            text.append("\(name)\(braced(labels)) \(MetricName.number(state.value))\n")
            return
        }
        var cumulative: UInt64 = 0
        for (bound, count) in zip(bounds, state.buckets) {
            cumulative += count
            text.append("\(name)_bucket\(braced(labels, "le=\"\(MetricName.number(bound))\"")) \(cumulative)\n")
        }
        text.append("\(name)_bucket\(braced(labels, "le=\"+Inf\"")) \(state.count)\n")
        text.append("\(name)_sum\(braced(labels)) \(MetricName.number(state.value))\n")
        text.append("\(name)_count\(braced(labels)) \(state.count)\n")
    }

    private func braced(_ parts: String...) -> String {
        let filled = parts.filter { !$0.isEmpty }
        return filled.isEmpty ? "" : "{\(filled.joined(separator: ","))}"
    }
}

extension MetricSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func reset() { replace(0) }
    func set(_ value: Int64) { replace(Double(value)) }
    func set(_ value: Double) { replace(value) }
    func record(_ value: Int64) { observe(Double(value)) }
    func record(_ value: Double) { observe(value) }
    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1_000_000_000) }
}
