import EventContract
import KafkaClient
import Logging
import Observability
import PostgresClient

/// Settles one batch: every message of it is handled, skipped, parked or handed back.
struct BatchWorker: Sendable {
    private enum Outcome { case settled, failed(any Error), taken, handedBack }
    private enum Together { case settled, taken(TakenElsewhere), failed, notTogether }

    /// A statement that runs into its limit may be the database's fault or the message's: so often it is the former.
    private static let timeoutsMax = 10
    /// So few are not parted any more to find the one that fails.
    private static let fewItems = 8

    let transactions: MessageTransactions
    let policy: RetryPolicy
    let work: WorkInHand
    let meters: ConsumerMeters
    let logger: Logger

    private var consumer: Consumer { transactions.consumer }

    /// Answers with the offsets from which the group goes on; a partition that was handed back stops where we stopped.
    ///
    /// What waited is tried first, and new messages go behind it, so that an organisation's stay in their order.
    func settle(_ records: [KafkaConsumedRecord], _ waiting: inout WaitingItems) async -> [TopicPartition: Int64] {
        // Of a partition that left, what waits and what was just read comes again together. One that is ours again
        // keeps what waits, since no offset behind it may be committed; what then comes twice the inbox knows.
        let gone = waiting.partitions.union(records.map(\.topicPartition)).filter { work.isHandedBack($0) }
        waiting.forget(gone)
        let records = records.filter { !gone.contains($0.topicPartition) }
        var left = await settleWaiting(&waiting)
        let items = records.map { BatchItem(record: $0, reading: consumer.read($0)) }.filter(\.isWanted)
        left += await settle(items, &waiting)
        return waiting.offsets(after: Self.offsets(of: records, without: left))
    }

    /// Of each organisation the first message that waits; once that is settled, a batch of those behind it.
    private func settleWaiting(_ waiting: inout WaitingItems) async -> [KafkaConsumedRecord] {
        guard waiting.isDue else { return [] }
        var left: [KafkaConsumedRecord] = []
        for organisation in waiting.organisations {
            let line = waiting.takeLine(of: organisation)
            left += await settleAlone(Array(line.prefix(1)), &waiting)
            var behind = Array(line.dropFirst())
            if waiting.isFree(organisation) {
                left += await settle(Array(behind.prefix(policy.batchMax)), &waiting)
                behind = Array(behind.dropFirst(policy.batchMax))
            }
            waiting.putBack(behind, of: organisation)
        }
        return left
    }

    /// Answers with what is handed back; what has to wait is among what waits.
    private func settle(_ items: [BatchItem], _ waiting: inout WaitingItems) async -> [KafkaConsumedRecord] {
        // An earlier one of the partition may be handed back already, and no later one goes before it.
        let gone = Set(items.map(\.record.topicPartition)).filter { work.isHandedBack($0) }
        let left = items.map(\.record).filter { gone.contains($0.topicPartition) }
        let open = waiting.lineUp(items.filter { !gone.contains($0.record.topicPartition) })
        let others = await settleTogether(open, &waiting)
        return left + (await settleAlone(others, &waiting))
    }

    // MARK: Together

    /// Answers with what has to be looked at alone.
    private func settleTogether(_ items: [BatchItem], _ waiting: inout WaitingItems) async -> [BatchItem] {
        var open = items
        while true {
            switch await settleAtOnce(open) {
            case .settled: return []
            case .notTogether: return open
            case .failed: return await settleInHalves(open, &waiting)
            case .taken(let taken):
                logger.info("messages wait for their turn", metadata: [LogField.reason: "\(taken)"])
                let others = waiting.lineUp(open, with: taken.organisation)
                guard others.count < open.count else { return open }
                open = others
            }
        }
    }

    /// Where much is gained by handling messages together, one that fails does not keep a whole batch from it; what is
    /// of the key of one that has to be looked at alone has to be as well.
    private func settleInHalves(_ items: [BatchItem], _ waiting: inout WaitingItems) async -> [BatchItem] {
        guard consumer.takesTogether, items.count > Self.fewItems else { return items }
        let half = items.count / 2
        let alone = await settleTogether(Array(items.prefix(half)), &waiting)
        let keys = Set(alone.map { $0.record.key ?? [] })
        let later = items.dropFirst(half)
        let behind = later.filter { keys.contains($0.record.key ?? []) }
        let free = waiting.lineUp(later.filter { !keys.contains($0.record.key ?? []) })
        return alone + behind + (await settleTogether(free, &waiting))
    }

    private func settleAtOnce(_ items: [BatchItem]) async -> Together {
        let messages = items.compactMap(\.message)
        guard messages.count == items.count else { return .failed }
        guard !messages.isEmpty else { return .settled }
        let partitions = Set(messages.map(\.record.topicPartition))
        var outages = 0
        var losses = LossWatch(transactions.database.pool)
        var outcome = Together.notTogether
        while partitions.contains(where: { !work.isHandedBack($0) }) {
            await losses.prepare()
            do {
                try await transactions.handle(messages)
                meters.handled(messages.count)
                outcome = .settled
                break
            } catch let taken as TakenElsewhere {
                outcome = .taken(taken)
                break
            } catch  where isOutage(error, timeouts: Self.timeoutsMax) {
                outages += 1
                // One of them ends the connection: alone, the others are rid of it.
                guard await !losses.isOwnDoing(error) else { break }
                await waitOut(error, outages, over: partitions)
            } catch {
                let reason = Secret.redacting("\(error)")
                logger.debug("a batch could not be handled as a whole", metadata: [LogField.reason: "\(reason)"])
                outcome = .failed
                break
            }
        }
        await losses.end()
        return outcome
    }

    private func waitOut(_ error: any Error, _ outages: Int, over partitions: Set<TopicPartition>) async {
        logger.warning("the database is away; waiting", metadata: [LogField.reason: "\(error)"])
        await work.pause(policy.outageWait(afterTry: outages), over: partitions)
    }

    // MARK: Alone

    /// In rounds, so that the waits of many failing messages are waited once; answers with what is handed back.
    private func settleAlone(_ items: [BatchItem], _ waiting: inout WaitingItems) async -> [KafkaConsumedRecord] {
        var open = items
        var left: [KafkaConsumedRecord] = []
        var round = 0
        while !open.isEmpty {
            round += 1
            let (again, handedBack) = await tryEach(open, &waiting)
            left += handedBack
            open = again
            guard !open.isEmpty else { break }
            await work.pause(policy.wait(afterTry: round), over: Set(open.map(\.record.topicPartition)))
        }
        return left
    }

    /// One try of each; a key whose message failed lets its later ones wait where the consumer asks for it.
    private func tryEach(
        _ items: [BatchItem], _ waiting: inout WaitingItems
    ) async -> (again: [BatchItem], handedBack: [KafkaConsumedRecord]) {
        var again: [BatchItem] = []
        var handedBack: [KafkaConsumedRecord] = []
        var waitingKeys: Set<[UInt8]> = []
        for var item in items {
            let key = item.record.key ?? []
            guard !waitingKeys.contains(key) else {
                again.append(item)
                continue
            }
            guard !waiting.holds(item) else {
                waiting.add(item)
                continue
            }
            switch await attempt(&item) {
            case .settled: continue
            case .taken: waiting.add(item)
            case .handedBack: handedBack.append(item.record)
            case .failed(let error):
                report(error, item)
                again.append(item)
                if consumer.order == .holdKey { waitingKeys.insert(key) }
            }
        }
        return (again, handedBack)
    }

    /// Handles or parks a message, and waits for as long as the database is away.
    private func attempt(_ item: inout BatchItem) async -> Outcome {
        var losses = LossWatch(transactions.database.pool)
        let outcome = await attempt(&item, &losses)
        await losses.end()
        return outcome
    }

    private func attempt(_ item: inout BatchItem, _ losses: inout LossWatch) async -> Outcome {
        item.tries += 1
        while !work.isHandedBack(item.record.topicPartition) {
            await losses.prepare()
            do {
                try await handle(item)
                return .settled
            } catch is MessageTransactions.NoLongerHeld {
                continue
            } catch is TakenElsewhere {
                item.tries -= 1
                return .taken
            } catch  where isOutage(error, timeouts: item.outages) {
                item.outages += 1
                if await losses.isOwnDoing(error) {
                    guard item.tries < policy.triesMax else { return await park(item, because: error) }
                    item.tries += 1
                }
                await waitOut(error, item.outages, over: [item.record.topicPartition])
            } catch {
                guard isFinal(error) || item.tries >= policy.triesMax else { return .failed(error) }
                return await park(item, because: error)
            }
        }
        return .handedBack
    }

    private func handle(_ item: BatchItem) async throws {
        switch item.reading {
        case .skip: return
        case .violation(let error): throw error
        case .message(let message): try await transactions.handleAlone(message)
        }
        meters.handled(1)
    }

    /// Parks until it is parked: the partition waits for the database, never for the message.
    private func park(_ item: BatchItem, because error: any Error) async -> Outcome {
        let parked = ParkedMessage(item.record, of: consumer, because: error, tries: item.tries)
        var failures = 0
        while !work.isHandedBack(item.record.topicPartition) {
            do {
                try await transactions.park(parked)
                meters.parkedOne()
                logger.error("parked a message", metadata: item.metadata(because: parked.reason, consumer.group))
                return .settled
            } catch {
                failures += 1
                logger.error(
                    "a message could not be parked yet", metadata: item.metadata(because: "\(error)", consumer.group))
                await work.pause(policy.outageWait(afterTry: failures), over: [item.record.topicPartition])
            }
        }
        return .handedBack
    }

    /// Nothing will make it readable, or known again.
    private func isFinal(_ error: any Error) -> Bool { error is ContractViolation || error is ForgottenEvent }

    private func isOutage(_ error: any Error, timeouts: Int) -> Bool {
        guard let error = error as? PostgresError else { return false }
        switch error.kind {
        case .connection, .commitUnknown, .poolExhausted, .closed, .cancelled: return true
        case .timeout: return timeouts < Self.timeoutsMax
        case .server(let state):
            return state.isTransactionConflict || state.isUnavailable || state == .readOnlyTransaction
                || state == .lockNotAvailable && timeouts < Self.timeoutsMax
        case .decoding, .usage: return false
        }
    }

    private func report(_ error: any Error, _ item: BatchItem) {
        meters.failedOne()
        logger.warning(
            "a message failed and is tried again",
            metadata: item.metadata(because: Secret.redacting("\(error)"), consumer.group))
    }

    private static func offsets(
        of records: [KafkaConsumedRecord], without left: [KafkaConsumedRecord]
    ) -> [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for record in records {
            offsets[record.topicPartition] = max(offsets[record.topicPartition] ?? 0, record.offset + 1)
        }
        for record in left {
            offsets[record.topicPartition] = min(offsets[record.topicPartition] ?? record.offset, record.offset)
        }
        return offsets
    }
}
