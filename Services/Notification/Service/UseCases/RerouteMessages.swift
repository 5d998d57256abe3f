import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Finds another way for messages whose gateway was taken out of the settings: no worker looks at what waits there.
struct RerouteMessages {
    let database: Database
    /// The gateways for SMS, the one that is tried first in front.
    let order: [String]
    let queues = MessageQueues()
    let messages = MessageStore()
    let policies = PolicyStore()
    static let batchMax = 500

    /// False when there were none.
    func run() async throws -> Bool {
        try await database.maintain(organisation: nil) { transaction in
            let astray = try queues.astray(Self.batchMax, outside: order, &transaction)
            for (organisation, group) in Dictionary(grouping: astray, by: { $0.message.organisation }) {
                let own = try policies.order(of: organisation, among: order, in: &transaction)
                for (message, address) in group {
                    guard let first = GatewayOrder.order(own, for: address).first else { continue }
                    try messages.route(message.id, by: first, in: &transaction)
                }
            }
            return !astray.isEmpty
        }
    }
}
