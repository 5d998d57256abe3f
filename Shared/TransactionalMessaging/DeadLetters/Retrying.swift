import EventContract
import KafkaClient
import Observability
package import PaymentModel
import PostgresClient

extension DeadLetters {
    /// Handles a letter once more, in a transaction of its own.
    ///
    /// Where its consumer holds keys, the open letters of its key are handled from the earliest on, until one fails.
    package func retry(_ id: DeadLetterID, by person: String) async throws -> RetryOutcome {
        guard let letter = try await show(id), letter.state == .parked || letter.state == .held else {
            return .nothingOpen
        }
        guard let consumer = consumers[letter.consumer] else { return .unknownConsumer(letter.consumer) }
        switch consumer.order {
        case .passOthers:
            return try await handle(letter.id, of: consumer, by: person) ?? .handled(count: 1)
        case .holdKey: return try await handleOpen(ofKeyOf: letter, by: person, unlessParked: false)
        }
    }

    /// Handles the open letters of a key in their order until one fails.
    ///
    /// With `unlessParked` it stops at the first that failed by itself: nobody asked for that one to be tried.
    func handleOpen(
        ofKeyOf letter: DeadLetter, by person: String, unlessParked: Bool
    ) async throws -> RetryOutcome {
        guard let consumer = consumers[letter.consumer] else { return .unknownConsumer(letter.consumer) }
        var count = 0
        while let next = try await earliestOpen(letter.key, of: consumer) {
            guard !(unlessParked && next.state == .parked) else { break }
            if let trouble = try await handle(next.id, of: consumer, by: person) { return trouble }
            count += 1
        }
        return .handled(count: count)
    }

    private func earliestOpen(_ key: [UInt8]?, of consumer: Consumer) async throws -> DeadLetter? {
        try await database.read(organisation: nil) { transaction in
            try transaction.first(
                """
                SELECT \(DeadLetter.columns) FROM dead_letter
                WHERE consumer = \(consumer.group) AND coalesce(key, '') = \(key ?? []) AND state IN ('parked', 'held')
                ORDER BY arrival LIMIT 1
                """, DeadLetter.init)
        }
    }

    /// Answers with what stands in its way; nil when it is settled.
    private func handle(_ id: DeadLetterID, of consumer: Consumer, by person: String) async throws -> RetryOutcome? {
        do {
            let delivered = try await database.pool.transaction(.readWrite.seeing(nil)) { transaction in
                try settle(id, of: consumer, by: person, in: &transaction)
            }
            database.checkpoints.reach(.letterSettled)
            database.bell.announce(delivered)
            return nil
        } catch let error as PostgresError where error.isTransient || error.kind == .commitUnknown {
            throw error
        } catch let taken as TakenElsewhere {
            return .notItsTurn(reason: taken.description)
        } catch {
            return .failed(id, reason: try await noteFailure(of: id, error))
        }
    }

    private func settle(
        _ id: DeadLetterID, of consumer: Consumer, by person: String, in transaction: inout PostgresTransaction
    ) throws -> Delivered {
        if consumer.order == .holdKey { try OpenLetters.lockKey(of: id, in: &transaction) }
        let open = try transaction.first(
            """
            UPDATE dead_letter SET state = 'retried', tries = tries + 1, settled_at = now(), settled_by = \(person)
            WHERE id = \(id) AND state IN ('parked', 'held')
            RETURNING \(DeadLetter.columns)
            """, DeadLetter.init)
        // Somebody else settled it meanwhile.
        guard let letter = open else { return .nothing }
        guard let message = try letter.message(for: consumer) else { return .nothing }
        if letter.eventID == nil, try Inbox.claim([message.envelope], for: consumer, in: &transaction).isEmpty {
            return .nothing
        }
        let told = message.told(to: consumer)
        return try Change.lend(&transaction, because: told.cause, sources: database.sources) { change in
            change.turn(to: told.cause)
            try message.subscription.handle(told, &change)
            database.checkpoints.reach(.letterHandled)
            return try change.deliver()
        }
    }

    private func noteFailure(of id: DeadLetterID, _ error: any Error) async throws -> String {
        let reason = String(Secret.redacting("\(error)").filter { $0 != "\0" }.prefix(2_000))
        try await database.pool.execute(
            """
            UPDATE dead_letter SET state = 'parked', tries = tries + 1, reason = \(reason),
                causes = \(ParkedMessage.causes(of: error))
            WHERE id = \(id) AND state IN ('parked', 'held')
            """)
        return reason
    }
}

extension DeadLetter {
    /// Reads the message anew, with the handlers of today; nil when today nobody wants it.
    fileprivate func message(for consumer: Consumer) throws -> Message? {
        let pairs = stride(from: 0, to: headers.count - 1, by: 2).map { KafkaHeader(headers[$0], headers[$0 + 1]) }
        let record = KafkaConsumedRecord(
            record: KafkaRecord(topic: topic, key: key, value: value, headers: pairs), partition: partition,
            offset: offset, timestampMilliseconds: nil)
        switch consumer.read(record) {
        case .skip: return nil
        case .message(let message): return message
        case .violation(let error): throw error
        }
    }
}
