import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Takes ready messages for a worker: as many as their gateways may be given now, urgent ones first (NOT-11).
struct TakeMessages {
    let database: Database
    /// The gateways for SMS, the one that is tried first in front.
    let order: [String]
    let accounts: GatewayAccountStore
    /// How long taken messages are this worker's alone.
    let inHandTime: Duration
    let queues = MessageQueues()
    let messages = MessageStore()
    let policies = PolicyStore()

    /// What was taken, and whether more of them wait for their gateway.
    struct Taken: Sendable {
        var messages: [WaitingMessage] = []
        var mustWait = false
    }

    func run(_ room: Int) async throws -> Taken {
        var all = Taken()
        for gateway in order + ["smtp"] {
            let free = room - all.messages.count
            guard free > 0 else { break }
            let taken = try await database.maintain(organisation: nil) { transaction in
                try take(free, of: gateway, &transaction)
            }
            all.messages += taken.messages
            all.mustWait = all.mustWait || taken.mustWait
        }
        return all
    }

    private func take(_ free: Int, of gateway: String, _ transaction: inout PostgresTransaction) throws -> Taken {
        let permitted = try accounts.permit(free, for: gateway, in: &transaction)
        if permitted == 0 { try moveStranded(from: gateway, &transaction) }
        guard permitted > 0 else { return Taken(mustWait: true) }
        let taken = try queues.take(permitted, of: gateway, for: inHandTime, &transaction)
        try accounts.giveBack(permitted - taken.count, of: gateway, in: &transaction)
        return Taken(messages: taken, mustWait: permitted < free && taken.count == permitted)
    }

    /// What waits for a gateway that is left alone goes to the organisation's next.
    private func moveStranded(from gateway: String, _ transaction: inout PostgresTransaction) throws {
        let resting = try accounts.resting(in: &transaction)
        guard resting.contains(gateway), order.contains(gateway) else { return }
        for (waiting, address) in try queues.stranded(100, at: gateway, &transaction) {
            let own = GatewayOrder.own(
                try policies.find(waiting.organisation, in: &transaction).gateways, of: order)
            let next = GatewayOrder.next(
                after: gateway, in: GatewayOrder.order(own, for: address), leavingOut: resting)
            if next != gateway { try messages.route(waiting.id, by: next, in: &transaction) }
        }
    }
}
