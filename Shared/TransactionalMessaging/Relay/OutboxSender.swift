import KafkaClient
import PostgresClient

/// Sends batches for as long as the session that holds the shards' locks lives.
///
/// A leader that was frozen or cut off may have been replaced without knowing it. So a claim that has aged is sent only
/// after the session answered, and while acknowledgements are awaited the session is asked again and again: once it is
/// lost, what the producer still has queued is thrown away. What can remain is what was on the wire at that very
/// moment: its rows come twice. They cannot change the order of first arrivals, since the next leader starts from the
/// same heads and a later row is claimed only after the earlier ones of its key.
struct OutboxSender: Sendable {
    struct Abandoned: Error {}

    let producer: KafkaProducer
    let session: PostgresSession
    let stop: StopSignal
    let claimAgeMax: Duration
    /// How long a batch is waited for before the relay goes on without what is left of it.
    let patience: Duration
    let checkpoints: Checkpoints

    /// Hands a batch to the producer and waits for its acknowledgements, but not for long: one partition without a
    /// leader holds up its own keys only.
    func send(_ batch: OutboxBatch) async throws -> SentBatch {
        if ContinuousClock.now - batch.claimedAt > claimAgeMax { try await checkSession() }
        checkpoints.reach(.outboxSending)
        let records = batch.items.map(\.record)
        return try await withThrowingTaskGroup(of: SentBatch.self) { group in
            group.addTask {
                let sending = try await producer.begin(records)
                await sending.wait(atMost: patience)
                return SentBatch(batch, sending)
            }
            group.addTask { try await watch() }
            defer { group.cancelAll() }
            do {
                guard let sent = try await group.next() else { throw Abandoned() }
                return sent
            } catch {
                await producer.close(timeout: .zero)
                throw error
            }
        }
    }

    /// Ends by an error only: the session is lost, or a stop or somebody who wants the shards has waited long enough.
    private func watch() async throws -> Never {
        while true {
            let wasStopping = stop.isRequested
            try await Task.sleep(for: claimAgeMax)
            if wasStopping { throw Abandoned() }
            if try await checkSession() { throw Abandoned() }
        }
    }

    /// Throws when the session is lost; true when somebody waits for our shards.
    @discardableResult
    private func checkSession() async throws -> Bool {
        try await ShardLocks.areWanted(session)
    }
}
