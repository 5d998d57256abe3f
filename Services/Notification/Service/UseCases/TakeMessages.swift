import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Takes ready messages for a worker: as many as their gateways may be given now, urgent ones first (NOT-11).
struct TakeMessages {
    let database: Database
    /// Which messages it takes.
    let which: MessageQueues.Which
    /// The gateways for SMS, the one that is tried first in front.
    let order: [String]
    let accounts: GatewayAccountStore
    /// How long taken messages are this worker's alone.
    let inHandTime: Duration
    let queues = MessageQueues()
    let messages = MessageStore()
    let policies = PolicyStore()
    /// How many one look moves away from a gateway that is left alone.
    private static let strandedMax = 100
    /// For how long what cannot move lets others pass; when the gateway works again it leaves that much later at most.
    private static let aside = Duration.seconds(5)

    /// What was taken, and whether more of them wait for their gateway.
    struct Taken: Sendable {
        var count = 0
        var mustWait = false
    }

    /// Puts those of each gateway where they are begun before it looks at the next one.
    func run(_ room: Int, turn: Int, put: ([WaitingMessage]) -> Void) async throws -> Taken {
        var all = Taken()
        for gateway in GatewayOrder.look(turn, among: order + ["smtp"]) {
            let free = room - all.count
            guard free > 0 else { break }
            let (messages, mustWait) = try await database.maintain(organisation: nil) { transaction in
                try take(free, of: gateway, &transaction)
            }
            put(messages)
            all.count += messages.count
            all.mustWait = all.mustWait || mustWait
        }
        return all
    }

    private func take(
        _ free: Int, of gateway: String, _ transaction: inout PostgresTransaction
    ) throws -> (messages: [WaitingMessage], mustWait: Bool) {
        // What a crash takes back is ready as before, and its claim is on the disk before its call; an account's row,
        // which all workers pass one by one, is not held for a disk either.
        transaction.commitAheadOfDisk()
        let permitted = try accounts.permit(free, for: gateway, in: &transaction)
        guard permitted > 0 else {
            try moveStranded(from: gateway, &transaction)
            return ([], try queues.areWaiting(which, for: gateway, &transaction))
        }
        let taken = try queues.take(permitted, which, of: gateway, for: inHandTime, &transaction)
        try accounts.giveBack(permitted - taken.count, of: gateway, in: &transaction)
        return (taken, permitted < free && taken.count == permitted)
    }

    /// What waits for a gateway that is left alone goes to the organisation's next; what has none steps aside for a
    /// moment, so that the next look finds others behind it.
    ///
    /// Only what would be taken here: what somebody waits for has a look of its own, which does not move a campaign.
    private func moveStranded(from gateway: String, _ transaction: inout PostgresTransaction) throws {
        let resting = try accounts.resting(in: &transaction)
        guard resting.contains(gateway), order.contains(gateway), !resting.isSuperset(of: order) else { return }
        var orders: [OrganisationID: [String]] = [:]
        var stuck: [MessageID] = []
        for (waiting, address) in try queues.stranded(Self.strandedMax, which, at: gateway, &transaction) {
            let organisation = waiting.organisation
            let own = try orders[organisation] ?? policies.order(of: organisation, among: order, in: &transaction)
            orders[organisation] = own
            let next = GatewayOrder.next(
                after: gateway, in: GatewayOrder.order(own, for: address), leavingOut: resting)
            if next == gateway {
                stuck.append(waiting.id)
            } else {
                try messages.route(waiting.id, by: next, in: &transaction)
            }
        }
        queues.stepAside(stuck, for: Self.aside, &transaction)
    }
}
