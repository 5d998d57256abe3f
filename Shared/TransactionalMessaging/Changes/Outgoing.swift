import EventContract
import PaymentModel
import PostgresClient

/// What a transaction will have said once it is committed.
struct Outgoing: Sendable {
    var events: [(envelope: EventEnvelope, payload: any EventPayload)] = []
    var raw: [OutboxRow] = []
    var actions: [@Sendable () -> Void] = []
    /// Shards of what was written already.
    var written: ShardSet = []
    /// Whether no relay is woken for it.
    var mayWait = false
}

/// What is to be done once the transaction is committed.
struct Delivered: Sendable {
    let shards: ShardSet
    let actions: [@Sendable () -> Void]

    static let nothing = Delivered(shards: [], actions: [])
}

extension Change {
    /// Writes what was announced into the outbox, in the round trip of the commit.
    mutating func deliver() throws -> Delivered {
        let events = try outgoing.events.map { try OutboxRow($0.envelope, $0.payload) }
        outgoing.raw.forEach { transaction.executeLater(Outbox.insertRaw($0)) }
        if let first = events.first {
            transaction.executeLater(events.count == 1 ? Outbox.insert(first) : Outbox.insert(events))
        }
        guard !outgoing.mayWait else { return Delivered(shards: [], actions: outgoing.actions) }
        let shards = ShardSet((events + outgoing.raw).map(\.shard)).union(outgoing.written)
        return Delivered(shards: shards, actions: outgoing.actions)
    }

    /// Writes what was announced so far into the outbox at once, so that very much needs no memory.
    ///
    /// What it is about MUST be known to nobody else, or two such changes could wait for each other.
    package mutating func writeAnnouncements() throws {
        guard !outgoing.events.isEmpty else { return }
        let events = try outgoing.events.map { try OutboxRow($0.envelope, $0.payload) }
        try execute(Outbox.insert(events))
        outgoing.written.formUnion(ShardSet(events.map(\.shard)))
        outgoing.events.removeAll(keepingCapacity: true)
    }
}
