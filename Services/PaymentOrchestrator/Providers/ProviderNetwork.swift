import HTTPClient
package import Logging
import Metrics
package import PaymentModel

/// The way from a process to its providers: one HTTP client for all of them.
package final class ProviderNetwork: Sendable {
    private let client: HTTPClient

    /// A network that connects to nothing yet.
    package init(logger: Logger) { client = HTTPClient(logger: logger) }

    /// Straight to the providers, without a gate.
    package var transport: ProviderTransport { .over(client) }

    /// Lets calls in hand finish, and ends.
    package func close() async { await client.close() }
}

extension GateSurroundings {
    /// The gate's surroundings in a process: its clock, real pauses, and metrics of every exchange.
    package static func measured(time: TimeSource) -> GateSurroundings {
        GateSurroundings(
            time: time,
            // A cancelled pause only ends early: the call that follows is cancelled too.
            pause: { pause in try? await Task.sleep(for: pause) },
            jitter: { pause in pause * Double.random(in: 0.5...1) }, measure: measure, tell: show)
    }

    @Sendable private static func show(_ account: ProviderAccountID, _ condition: AccountCondition) {
        let dimensions = [("account", account.description)]
        Gauge(label: "quittance_provider_account_broken", dimensions: dimensions).record(
            condition.brokenUntil == nil ? 0 : 1)
        Gauge(label: "quittance_provider_account_failures", dimensions: dimensions).record(condition.failuresInARow)
        Gauge(label: "quittance_provider_account_waiting", dimensions: dimensions).record(condition.waiting)
    }

    @Sendable private static func measure(_ exchange: ProviderExchange) {
        let (seconds, attoseconds) = exchange.duration.components
        let status = exchange.status.map { "\($0 / 100)xx" } ?? "none"
        Timer(
            label: "quittance_provider_exchange",
            dimensions: [("method", exchange.method.rawValue), ("status", status)]
        ).recordNanoseconds(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }
}
