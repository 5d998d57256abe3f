import NotificationDomain
import PaymentModel
package import TransactionalMessaging

/// Finds another way for messages whose gateway was taken out of the settings: no worker looks at what waits there.
package struct RerouteMessages: Sendable {
    private let database: Database
    /// The gateways for SMS, the one that is tried first in front.
    private let order: [String]
    private let queues = MessageQueues()
    private let messages = MessageStore()
    private let policies = PolicyStore()
    /// How many of each gateway one run gives another way, the most urgent first.
    package static let batchMax = 500

    /// Among these gateways for SMS.
    package init(database: Database, order: [String]) {
        self.database = database
        self.order = order
    }

    /// False when there were none.
    package func run() async throws -> Bool {
        try await database.maintain(organisation: nil) { transaction in
            var moved = false
            for gateway in try queues.gateways(outside: order + ["smtp"], &transaction) {
                let astray = try queues.stranded(Self.batchMax, .all, at: gateway, &transaction)
                for (organisation, group) in Dictionary(grouping: astray, by: { $0.message.organisation }) {
                    let own = try policies.order(of: organisation, among: order, in: &transaction)
                    for (message, address) in group {
                        guard let first = GatewayOrder.order(own, for: address).first else { continue }
                        try messages.route(message.id, by: first, in: &transaction)
                    }
                }
                moved = moved || !astray.isEmpty
            }
            return moved
        }
    }
}
