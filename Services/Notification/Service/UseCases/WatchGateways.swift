import Metrics
import TransactionalMessaging

/// Says how much waits for each gateway, for how long, and which are left alone (NOT-10, NOT-11).
struct WatchGateways {
    let database: Database
    /// All gateways there are accounts at, mail too.
    let gateways: [String]
    let accounts: GatewayAccountStore
    let queues = MessageQueues()

    func run() async throws {
        let (backlogs, resting) = try await database.read(organisation: nil) { transaction in
            (try queues.backlogs(&transaction), try accounts.resting(in: &transaction))
        }
        let waiting = Dictionary(backlogs.map { ($0.gateway, $0) }) { first, _ in first }
        for gateway in gateways {
            let dimensions = [("gateway", gateway)]
            Gauge(label: "quittance_messages_waiting", dimensions: dimensions)
                .record(waiting[gateway]?.messages ?? 0)
            Gauge(label: "quittance_messages_oldest_age_seconds", dimensions: dimensions)
                .record(waiting[gateway]?.oldestSeconds ?? 0)
            Gauge(label: "quittance_gateway_resting", dimensions: dimensions)
                .record(resting.contains(gateway) ? 1 : 0)
        }
    }
}
