import KafkaClient
import Logging
import Observability
import PostgresClient

/// One session's time as a leader, from the first lock to the end of the session.
struct RelayTenure {
    /// Beyond this many waiting keys the broker refuses about everything: then nothing is sent until the wait is over.
    private static let waitingKeysMax = 10_000

    let session: PostgresSession
    let sender: OutboxSender
    let database: Database
    let settings: RelaySettings
    let stop: StopSignal
    let doorbell: Doorbell
    let meters: RelayMeters
    let logger: Logger

    private var held: ShardSet = []
    private var upkeepDue = ContinuousClock.now
    /// Keys whose turn is not over, and when they are tried again.
    private var waiting: Set<[UInt8]> = []
    private var retryAt = ContinuousClock.now
    private var failuresInARow = 0

    init(
        session: PostgresSession, sender: OutboxSender, database: Database, settings: RelaySettings, stop: StopSignal,
        doorbell: Doorbell, meters: RelayMeters, logger: Logger
    ) {
        self.session = session
        self.sender = sender
        self.database = database
        self.settings = settings
        self.stop = stop
        self.doorbell = doorbell
        self.meters = meters
        self.logger = logger
    }

    mutating func run() async throws {
        defer { database.bell.disconnect(doorbell) }
        try await session.transaction { transaction in
            _ = try transaction.pipeline(Self.sessionSettings)
        }
        while !stop.isRequested {
            try await keepUp()
            let isDrained = held.isEmpty ? true : try await drain()
            if isDrained { await doorbell.wait(atMost: idleWait) }
        }
    }

    /// The plans of a table that is now empty and now full must not follow its statistics, and only a plan that knows
    /// the positions in flight looks them up by hash; a move that a crash of the server forgets is only sent twice, so
    /// it waits for no disk; a peer that vanished frees its locks in seconds.
    private static let sessionSettings: [SQL] = [
        "SET plan_cache_mode = force_custom_plan", "SET enable_seqscan = off", "SET enable_bitmapscan = off",
        "SET jit = off", "SET synchronous_commit = off",
        "SET tcp_keepalives_idle = 5", "SET tcp_keepalives_interval = 2", "SET tcp_keepalives_count = 3",
    ]

    private var idleWait: Duration {
        waiting.isEmpty ? settings.pollInterval : max(.milliseconds(10), min(settings.pollInterval, retryAt - .now))
    }

    // MARK: Leading

    /// Takes what is free and hands over what is asked for.
    private mutating func keepUp() async throws {
        guard ContinuousClock.now >= upkeepDue else { return }
        upkeepDue = .now + settings.leadershipInterval
        let missing = ShardSet.all.subtracting(held)
        let before = held
        held = try await session.transaction { [held] transaction in
            guard try !ShardLocks.areWanted(in: &transaction) else {
                try ShardLocks.release(held, in: &transaction)
                return []
            }
            return missing.isEmpty ? held : held.union(try ShardLocks.take(missing, in: &transaction))
        }
        guard held != before else { return }
        meters.lead(held)
        database.bell.connect(doorbell, leading: held)
        logger.info("leading shards of the outbox", metadata: [LogField.count: "\(held.numbers.count)"])
    }

    // MARK: Publishing

    /// Publishes until nothing is left or something else is due; false when there may be more.
    private mutating func drain() async throws -> Bool {
        if ContinuousClock.now >= retryAt { waiting = [] }
        var done: [OutboxBatch.Item] = []
        var current = try await settle(done, andClaimBeside: [])
        while !current.isEmpty {
            let batch = current
            async let deliveries = sender.deliver(batch)
            // While these are on their way, the ones before are put away and the ones after are read.
            var next = try await settle(done, andClaimBeside: batch.items.map(\.position))
            let outcome = batch.outcome(of: try await deliveries)
            sender.checkpoints.reach(.outboxAcknowledged)
            done = outcome.acknowledged
            if let failure = note(outcome.failed, of: outcome.keys), failure.endsProducer {
                _ = try await settle(done, andClaimBeside: nil)
                throw failure
            }
            next.drop(waiting)
            current = next
        }
        _ = try await settle(done, andClaimBeside: nil)
        return !isInterrupted || stop.isRequested
    }

    private var isInterrupted: Bool {
        stop.isRequested || ContinuousClock.now >= upkeepDue || waiting.count > Self.waitingKeysMax
    }

    /// Moves published rows to the journal and, unless something else is due, reads the next heads.
    private func settle(
        _ done: [OutboxBatch.Item], andClaimBeside inFlight: [Int64]?
    ) async throws -> OutboxBatch {
        let heads = inFlight.flatMap { positions in
            isInterrupted
                ? nil
                : OutboxBatch.heads(of: held, limit: settings.rowsPerShard, inFlight: positions, waiting: waiting)
        }
        // Before the reading, so that a stop at any later moment makes the claim look old.
        let claimedAt = ContinuousClock.now
        guard !done.isEmpty || heads != nil else { return OutboxBatch(items: [], claimedAt: claimedAt) }
        let items = try await session.transaction { transaction in
            if !done.isEmpty { transaction.executeLater(OutboxBatch.settle(done)) }
            return try heads.map { try transaction.query($0, OutboxBatch.item) } ?? []
        }
        if !done.isEmpty {
            meters.published(done.count)
            sender.checkpoints.reach(.outboxSettled)
        }
        if !items.isEmpty { sender.checkpoints.reach(.outboxClaimed) }
        return OutboxBatch(items: items, claimedAt: claimedAt)
    }

    /// Lets the keys of failed rows wait, longer after each failure.
    private mutating func note(_ failed: [KafkaError], of keys: Set<[UInt8]>) -> KafkaError? {
        guard let first = failed.first else {
            if waiting.isEmpty { failuresInARow = 0 }
            return nil
        }
        failuresInARow += 1
        waiting.formUnion(keys)
        let wait = RetryPolicy.wait(.milliseconds(200), afterTry: failuresInARow, atMost: settings.backOffMax)
        retryAt = .now + wait
        meters.failed(failed.count)
        logger.warning(
            "the broker did not take some events; their keys wait",
            metadata: [LogField.count: "\(failed.count)", LogField.reason: "\(first)"])
        return failed.first(where: \.endsProducer) ?? first
    }
}

extension KafkaError {
    /// A new producer is needed.
    fileprivate var endsProducer: Bool { kind == .fatal || kind == .closed }
}
