import EventContract
import KafkaClient
import PaymentModel
import PostgresClient

/// The transactions of a consumer: what is claimed, handled, parked and announced stands or falls together.
struct MessageTransactions: Sendable {
    /// A key of the batch waits behind a dead letter, so each message has to be looked at alone.
    struct KeyIsHeld: Error, CustomStringConvertible {
        var description: String { "held behind an earlier message of the same key that is parked" }
    }

    let consumer: Consumer
    let database: Database

    /// All messages in one transaction, in their order.
    func handle(_ messages: [Message]) async throws {
        try await commit { transaction in
            var fresh = try Inbox.claim(messages.map(\.envelope), for: consumer, in: &transaction)
            database.checkpoints.reach(.messagesClaimed)
            guard let first = messages.first, !fresh.isEmpty else { return .nothing }
            try Inbox.refuseForgotten(fresh, of: consumer, now: database.sources.time.now(), in: &transaction)
            // After the claim: it waited for a member that may have parked one of these a moment ago.
            if try isHeld(messages, in: &transaction) { throw KeyIsHeld() }
            let cause = first.told(to: consumer).cause
            return try Change.lend(&transaction, because: cause, sources: database.sources) { change in
                let news = messages.filter { fresh.remove($0.envelope.id) != nil }
                for turn in MessageTurns.of(news) { try handle(turn, in: &change) }
                database.checkpoints.reach(.messagesHandled)
                return try change.deliver()
            }
        }
        database.checkpoints.reach(.messagesCommitted)
    }

    /// Hands over what comes together, in the name of the first until the handler turns to another.
    private func handle(_ turn: MessageTurns.Turn, in change: inout Change) throws {
        let told = turn.messages.map { $0.told(to: consumer) }
        guard let first = told.first else { return }
        change.turn(to: first.cause)
        if told.count > 1, let handleTogether = turn.subscription.handleTogether {
            return try handleTogether(told, &change)
        }
        for one in told {
            change.turn(to: one.cause)
            try turn.subscription.handle(one, &change)
        }
    }

    /// One message in a transaction of its own; held when an earlier one of its key is parked.
    func handleAlone(_ message: Message) async throws {
        do {
            try await handle([message])
        } catch is KeyIsHeld {
            try await park(
                ParkedMessage(message.record, of: consumer, because: KeyIsHeld(), tries: 0, state: .held))
        }
    }

    /// Puts a message among the dead letters.
    ///
    /// A message that should be held is handled by the next look when the letter before it was settled meanwhile.
    func park(_ message: ParkedMessage) async throws {
        let id: DeadLetterID = database.sources.ids.make()
        try await commit { transaction in
            let key = message.record.key ?? []
            if consumer.order == .holdKey { try transaction.execute(OpenLetters.lock(key, of: consumer)) }
            guard try Inbox.claim(message.inboxKey, for: consumer, in: &transaction) else { return .nothing }
            if message.state == .held {
                guard try OpenLetters.exist(forAnyOf: [key], of: consumer, in: &transaction) else {
                    throw NoLongerHeld()
                }
            }
            var outgoing = Outgoing()
            try message.write(as: id, in: &outgoing, &transaction)
            outgoing.raw.forEach { transaction.executeLater(Outbox.insertRaw($0)) }
            database.checkpoints.reach(.letterWritten)
            return Delivered(shards: ShardSet(outgoing.raw.map(\.shard)), actions: [])
        }
        database.checkpoints.reach(.letterCommitted)
    }

    /// The letter before it was settled between two looks: the message is to be handled, not held.
    struct NoLongerHeld: Error {}

    private func commit(
        _ body: @escaping @Sendable (inout PostgresTransaction) throws -> Delivered
    ) async throws {
        let options = TransactionOptions.readWrite.seeing(nil)
        database.bell.announce(try await database.pool.transaction(options, body))
    }

    private func isHeld(_ messages: [Message], in transaction: inout PostgresTransaction) throws -> Bool {
        guard consumer.order == .holdKey else { return false }
        let keys = Set(messages.map { $0.record.key ?? [] })
        return try OpenLetters.exist(forAnyOf: Array(keys), of: consumer, in: &transaction)
    }
}

extension Change {
    /// Goes on with the next cause in the same transaction.
    mutating func turn(to next: Cause) {
        if fencedFor != next.organisation {
            executeLater("SELECT set_config(\(Fence.setting), \(Fence.value(next.organisation)), true)")
            fencedFor = next.organisation
        }
        cause = next
    }
}

extension Inbox {
    /// Claims the events for a consumer group in one statement; answers with those it had not seen.
    ///
    /// In sorted order, so that two members with overlapping batches cannot wait for each other.
    static func claim(
        _ events: [EventEnvelope], for consumer: Consumer, in transaction: inout PostgresTransaction
    ) throws -> Set<EventID> {
        let fresh = try transaction.query(
            """
            INSERT INTO cause (scope, key, organisation, actor, correlation)
            SELECT \(scope(ofConsumer: consumer.group)), key, organisation, \(consumer.group), correlation
            FROM unnest(
                \(events.map(\.id.description))::text[], \(events.map(\.organisation))::uuid[],
                \(events.map(\.correlation))::uuid[]
            ) AS given (key, organisation, correlation)
            ORDER BY key
            ON CONFLICT DO NOTHING
            RETURNING key
            """
        ) { row in try row("key") as String }
        return Set(fresh.compactMap(EventID.init))
    }

    /// Claims something a consumer could not read; false when it was settled before.
    static func claim(_ key: SQL, for consumer: Consumer, in transaction: inout PostgresTransaction) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO cause (scope, key, actor)
            VALUES (\(scope(ofConsumer: consumer.group)), \(key), \(consumer.group))
            ON CONFLICT DO NOTHING
            """) == 1
    }
}
