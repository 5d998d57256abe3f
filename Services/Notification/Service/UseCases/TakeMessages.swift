import NotificationDomain
import PaymentModel
import PostgresClient
import Synchronization
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
    private let passes = Passes()

    /// What was taken, whether more of it waits for its gateway's rate or has gone to another, and which gateways are
    /// left alone.
    struct Taken: Sendable {
        var count = 0
        var isMore = false
        var resting: [String] = []
    }

    /// What was found for one gateway.
    private struct Look: Sendable {
        var messages: [WaitingMessage] = []
        let isMore: Bool
        var isResting = false
    }

    /// Puts those of each gateway where they are begun before it looks at the next one.
    func run(_ room: Int, turn: Int, put: ([WaitingMessage]) -> Void) async throws -> Taken {
        var all = Taken()
        for gateway in GatewayOrder.look(turn, among: order + ["smtp"]) {
            let free = room - all.count
            guard free > 0 else { break }
            let look = try await database.maintain(organisation: nil) { transaction in
                try take(free, of: gateway, &transaction)
            }
            put(look.messages)
            all.count += look.messages.count
            all.isMore = all.isMore || look.isMore
            if look.isResting { all.resting.append(gateway) }
        }
        return all
    }

    private func take(
        _ free: Int, of gateway: String, _ transaction: inout PostgresTransaction
    ) throws -> Look {
        // What a crash takes back is ready as before, and its claim is on the disk before its call; an account's row,
        // which all workers pass one by one, is not held for a disk either.
        transaction.commitAheadOfDisk()
        let permit = try accounts.permit(free, for: gateway, in: &transaction)
        guard permit.messages > 0 else {
            let resting = try accounts.resting(in: &transaction)
            guard !resting.contains(gateway) else {
                return Look(isMore: try moveStranded(from: gateway, resting, &transaction), isResting: true)
            }
            return Look(isMore: try queues.areWaiting(which, for: gateway, &transaction))
        }
        var taken = try queues.take(permit.messages, which, of: gateway, for: inHandTime, &transaction)
        for index in taken.indices { taken[index].trialUntil = permit.trialUntil }
        try accounts.giveBack(permit.messages - taken.count, of: permit, for: gateway, in: &transaction)
        return Look(messages: taken, isMore: permit.messages < free && taken.count == permit.messages)
    }

    /// What waits for a gateway that is left alone goes to the organisation's next; true when some did.
    ///
    /// What has no other stays as it is: it is passed over, and leaves in its turn when the gateway works again. Only
    /// what would be taken here moves: what somebody waits for has a look of its own, which does not move a campaign.
    private func moveStranded(
        from gateway: String, _ resting: Set<String>, _ transaction: inout PostgresTransaction
    ) throws -> Bool {
        guard order.contains(gateway), !resting.isSuperset(of: order), passes.mayBegin(at: gateway) else {
            return false
        }
        let bound = try policies.bound(to: resting, among: order, in: &transaction)
        let found = try queues.stranded(Self.strandedMax, which, at: gateway, leavingOut: bound, &transaction)
        var orders: [OrganisationID: [String]] = [:]
        for (waiting, address) in found {
            let organisation = waiting.organisation
            let own = try orders[organisation] ?? policies.order(of: organisation, among: order, in: &transaction)
            orders[organisation] = own
            let next = GatewayOrder.next(
                after: gateway, in: GatewayOrder.order(own, for: address), leavingOut: resting)
            try messages.route(waiting.id, by: next, in: &transaction)
        }
        // All that waits was gone through, and much of it may have been in vain.
        if !bound.isEmpty, found.count < Self.strandedMax {
            passes.pause(at: gateway, for: which == .urgent ? .seconds(1) : .seconds(5))
        }
        return !found.isEmpty
    }

    /// When what waits for a gateway may be gone through again.
    private final class Passes: Sendable {
        private let pauses = Mutex<[String: ContinuousClock.Instant]>([:])

        func mayBegin(at gateway: String) -> Bool {
            pauses.withLock { $0[gateway].map { $0 <= .now } ?? true }
        }

        func pause(at gateway: String, for time: Duration) { pauses.withLock { $0[gateway] = .now + time } }
    }
}
