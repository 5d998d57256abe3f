import Metrics
import PaymentModel
import TransactionalMessaging

/// Says how much waits for its words or for a gateway, for how long, which are left alone, what is late, and of how
/// much nobody knows whether it left (NOT-3, NOT-10, NOT-11).
struct WatchGateways {
    let database: Database
    /// All gateways there are accounts at, mail too.
    let gateways: [String]
    let accounts: GatewayAccountStore
    /// What left its time behind by so much is late.
    let lateAfter: Duration
    let time: TimeSource
    let queues = MessageQueues()
    let reminders = ReminderStore()

    func run() async throws {
        let past = time.now().adding(.zero - lateAfter)
        let (backlogs, unknown, resting, late) = try await database.read(organisation: nil) { transaction in
            (
                try queues.backlogs(&transaction), try queues.uncertain(&transaction),
                try accounts.resting(in: &transaction),
                try queues.late(by: lateAfter, &transaction) + reminders.countDue(at: past, &transaction)
            )
        }
        Gauge(label: "quittance_messages_late").record(late)
        let unwritten = backlogs.first { $0.gateway == nil }
        Gauge(label: "quittance_messages_unwritten").record(unwritten?.messages ?? 0)
        Gauge(label: "quittance_messages_unwritten_oldest_age_seconds").record(unwritten?.oldestSeconds ?? 0)
        Gauge(label: "quittance_messages_uncertain").record(unknown.messages)
        Gauge(label: "quittance_messages_uncertain_oldest_age_seconds").record(unknown.oldestSeconds)
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
