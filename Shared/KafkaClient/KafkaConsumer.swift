package import Logging
import Synchronization

/// Reads a group's share of some topics, with offsets committed only when told.
///
/// Work is handed out one batch at a time: asking for the next batch, or committing the last one whole, says that it is
/// done with. A partition leaves only when the batch in hand is done with and `onRevoked` has returned, or after
/// `KafkaSettings.revokeWaitMax`. So nobody else works on a record while we do, unless we are too slow or cut off.
package final class KafkaConsumer: Sendable {
    /// What to do when partitions come and go.
    package typealias PartitionsChanged = @Sendable ([TopicPartition]) async -> Void

    private let mailbox: ConsumerMailbox

    /// Joins the group.
    ///
    /// `onAssigned` returns before the first record of its partitions is handed out, `onRevoked` before they leave.
    /// `onLost` is told of partitions that are gone already (we were silent too long), for which nothing can be
    /// committed; without it `onRevoked` is told.
    package init(
        _ settings: KafkaSettings, group: String, topics: [String],
        onAssigned: @escaping PartitionsChanged = { _ in },
        onRevoked: @escaping PartitionsChanged = { _ in },
        onLost: PartitionsChanged? = nil,
        logger: Logger
    ) throws(KafkaError) {
        let handlers = ConsumerWorker.Handlers(
            onAssigned: onAssigned, onRevoked: onRevoked, onLost: onLost ?? onRevoked)
        let mailbox = try ConsumerMailbox()
        let worker = try ConsumerWorker(settings, group: group, topics: topics, handlers, mailbox, logger: logger)
        self.mailbox = mailbox
        OwnThread.start { worker.run() }
    }

    deinit { mailbox.post(.close(nil)) }

    /// Waits at most `wait` for records and returns at most `max` of them; none after the wait or when cancelled.
    package func nextBatch(max: Int, wait: Duration) async throws(KafkaError) -> [KafkaConsumedRecord] {
        let id = mailbox.newID()
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let request = ConsumerCommand.BatchRequest(
                    id: id, max: Swift.max(1, max), deadline: .now.advanced(by: wait), answer: continuation)
                mailbox.post(.next(request))
                // The cancellation of a task that was cancelled before came too early to find the request.
                if Task.isCancelled { mailbox.post(.cancelNext(id)) }
            }
        } onCancel: {
            mailbox.post(.cancelNext(id))
        }.get()
    }

    /// Stores the group's offsets: for each partition the offset of the next record to read.
    ///
    /// Partitions that left us meanwhile are not committed, and that is no error: see ``CommitOutcome``.
    @discardableResult
    package func commit(_ offsets: [TopicPartition: Int64]) async throws(KafkaError) -> CommitOutcome {
        guard !offsets.isEmpty else { return .committed }
        return try await ask { .commit(offsets, $0) }
    }

    /// Reads on from these offsets; records fetched before are dropped.
    package func seek(_ offsets: [TopicPartition: Int64]) async throws(KafkaError) {
        try await ask { .seek(offsets, $0) }
    }

    /// Stops handing out records of these partitions until they are resumed or assigned anew.
    package func pause(_ partitions: Set<TopicPartition>) async throws(KafkaError) {
        try await ask { .pause(partitions, $0) }
    }

    /// Hands out records of these partitions again.
    package func resume(_ partitions: Set<TopicPartition>) async throws(KafkaError) {
        try await ask { .resume(partitions, $0) }
    }

    /// The partitions that are ours now.
    package func assignment() async throws(KafkaError) -> Set<TopicPartition> {
        try await ask { .assignment($0) }
    }

    /// Leaves the group after the revoke handler ran, within the limits of the settings.
    package func close() async {
        await withCheckedContinuation { mailbox.post(.close($0)) }
    }

    private func ask<Answer: Sendable>(
        _ command: (ConsumerCommand.Reply<Answer>) -> ConsumerCommand
    ) async throws(KafkaError) -> Answer {
        try await withCheckedContinuation { mailbox.post(command($0)) }.get()
    }
}
