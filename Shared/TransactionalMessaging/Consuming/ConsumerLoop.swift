import EventContract
package import KafkaClient
package import Logging
import Observability
import ServiceLifecycle

/// Runs a consumer: batch by batch, each effect once, no partition ever stopped by a message.
///
/// A batch is one transaction; the offsets are committed after it. What a crash leaves between the two comes again and
/// is known by its cause.
package struct ConsumerLoop: Service {
    private let consumer: Consumer
    private let database: Database
    private let kafka: KafkaSettings
    private let policy: RetryPolicy
    private let logger: Logger

    /// How long a fetch waits for the first record.
    private static let fetchWait = Duration.milliseconds(500)

    /// A loop that joins its group when it runs.
    package init(
        _ consumer: Consumer, database: Database, kafka: KafkaSettings, policy: RetryPolicy = RetryPolicy(),
        logger: Logger
    ) {
        self.consumer = consumer
        self.database = database
        self.kafka = kafka
        self.policy = policy
        self.logger = logger
    }

    /// Consumes until the process is asked to stop; the message in hand is finished, the rest handed back.
    package func run() async throws {
        let doorbell = Doorbell()
        let stop = StopSignal(waking: doorbell)
        let work = WorkInHand(waking: doorbell, stop: stop)
        let worker = BatchWorker(
            transactions: MessageTransactions(consumer: consumer, database: database), policy: policy, work: work,
            meters: ConsumerMeters(group: consumer.group), logger: logger)
        try await stop.duringShutdown {
            var failures = 0
            while !stop.isRequested {
                let member = try join(work)
                do {
                    try await consume(member, worker, work, until: stop)
                } catch {
                    failures += 1
                    logger.error(
                        "the consumer lost its client and joins again",
                        metadata: [LogField.group: "\(consumer.group)", LogField.reason: "\(error)"])
                }
                await member.close()
                if !stop.isRequested { await doorbell.wait(atMost: policy.outageWait(afterTry: failures)) }
            }
        }
    }

    private func join(_ work: WorkInHand) throws -> KafkaConsumer {
        try KafkaConsumer(
            kafka, group: consumer.group, topics: consumer.topics.map(\.rawValue),
            onAssigned: { work.take($0) }, onRevoked: { await work.handBack($0) }, logger: logger)
    }

    private func consume(
        _ member: KafkaConsumer, _ worker: BatchWorker, _ work: WorkInHand, until stop: StopSignal
    ) async throws {
        var waiting = WaitingItems(itemsMax: policy.waitingMax)
        var stored: [TopicPartition: Int64] = [:]
        while !stop.isRequested {
            let wait = waiting.isEmpty ? Self.fetchWait : WaitingItems.againAfter
            let records = try await member.nextBatch(max: policy.batchMax, wait: wait)
            guard !records.isEmpty || !waiting.isEmpty else { continue }
            work.begin()
            defer { work.finish() }
            if !records.isEmpty { database.checkpoints.reach(.messagesFetched) }
            let offsets = await worker.settle(records, &waiting)
            // A partition that has left is read again from its offset, by whoever has it then.
            let places = waiting.rewind().filter { !work.isHandedBack($0.key) }
            if !places.isEmpty {
                try await member.seek(places)
                database.checkpoints.reach(.messagesSought)
            }
            // While something waits and nothing comes, the same is not stored again and again.
            if records.isEmpty, offsets == stored { continue }
            stored = await commit(offsets, member) ? offsets : [:]
        }
    }

    /// An offset that could not be stored makes messages come again, which costs a look at the inbox; then false.
    private func commit(_ offsets: [TopicPartition: Int64], _ member: KafkaConsumer) async -> Bool {
        do {
            try await member.commit(offsets)
            database.checkpoints.reach(.offsetsCommitted)
            return true
        } catch {
            logger.info("offsets could not be committed", metadata: [LogField.reason: "\(error)"])
            return false
        }
    }
}
