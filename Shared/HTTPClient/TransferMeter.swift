import Logging
import Metrics
import Observability
import Synchronization

/// Counts and times transfers by host and outcome.
///
/// URLs may come from outside, so the number of hosts told apart is bounded; the rest share one name.
final class TransferMeter: Sendable {
    private struct Key: Hashable {
        let host: String
        let outcome: String
    }

    private struct State {
        var hosts: Set<String> = []
        var timers: [Key: Timer] = [:]
    }

    private static let hostsMax = 100
    private let label: String
    private let logger: Logger
    private let factory: any MetricsFactory
    private let state = Mutex(State())

    init(label: String, logger: Logger, factory: any MetricsFactory) {
        self.factory = factory
        self.label = label
        self.logger = logger
    }

    func record(host: String, outcome: String, since start: ContinuousClock.Instant) {
        let duration = .now - start
        timer(host, outcome).record(duration: duration)
        logger.debug(
            "transfer ended",
            metadata: [
                LogField.host: "\(host)", LogField.status: "\(outcome)",
                LogField.durationMilliseconds: "\(duration.milliseconds - 1)",
            ])
    }

    private func timer(_ host: String, _ outcome: String) -> Timer {
        state.withLock { state in
            let isKnown = state.hosts.contains(host) || state.hosts.count < Self.hostsMax
            let key = Key(host: isKnown ? host : "other", outcome: outcome)
            if let timer = state.timers[key] { return timer }
            if isKnown { state.hosts.insert(host) }
            let timer = Timer(label: label, dimensions: [("host", key.host), ("outcome", outcome)], factory: factory)
            state.timers[key] = timer
            return timer
        }
    }
}
