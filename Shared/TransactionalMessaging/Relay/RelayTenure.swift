import KafkaClient
import Logging
import Observability
import PostgresClient

/// One session's time as a leader, from the first lock to the end of the session.
struct RelayTenure {
    /// How often late rows are looked at when nothing else happens.
    private static let lateInterval = Duration.milliseconds(100)

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
    private var turns = KeyTurns()

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
        try await awaitLate()
    }

    /// The plans of a table that is now empty and now full must not follow its statistics, and only a plan that knows
    /// the positions in flight looks them up by hash; a move that a crash of the server forgets is only sent twice, so
    /// it waits for no disk; a peer that vanished frees its locks in seconds.
    private static let sessionSettings: [SQL] = [
        "SET plan_cache_mode = force_custom_plan", "SET enable_seqscan = off", "SET enable_bitmapscan = off",
        "SET synchronous_commit = off", "SET tcp_keepalives_idle = 5", "SET tcp_keepalives_interval = 2",
        "SET tcp_keepalives_count = 3",
    ]

    private var idleWait: Duration {
        guard !turns.areAllOver else { return settings.pollInterval }
        let due = turns.late.isEmpty ? max(Self.lateInterval, turns.timeToTrials) : Self.lateInterval
        return min(settings.pollInterval, due)
    }

    // MARK: Leading

    /// Takes what is free and hands over what is asked for.
    private mutating func keepUp() async throws {
        guard ContinuousClock.now >= upkeepDue else { return }
        upkeepDue = .now + settings.leadershipInterval
        let before = held
        if try await ShardLocks.areWanted(session) {
            // What the producer still has must not go out once the shards are somebody else's.
            guard turns.late.isEmpty else { throw OutboxSender.Abandoned() }
            try await ShardLocks.release(held, of: session)
            held = []
        } else if held != .all {
            let taken = try await ShardLocks.take(ShardSet.all.subtracting(held), for: session)
            held.formUnion(taken)
        }
        // Who leads next may publish what waits here: nothing would end its turn when we lead again.
        if held.isEmpty { turns = KeyTurns() }
        guard held != before else { return }
        meters.lead(held)
        database.bell.connect(doorbell, leading: held)
        logger.info("leading shards of the outbox", metadata: [LogField.count: "\(held.numbers.count)"])
    }

    // MARK: Publishing

    /// Publishes until nothing is left or something else is due; false when there may be more.
    private mutating func drain() async throws -> Bool {
        var done = try await put(turns.judgeLate())
        var current = try await settle(done, andClaimBeside: [], without: turns.waiting)
        current.keepHeads(of: turns.onTrial)
        done = []
        while !current.isEmpty {
            let batch = current
            async let sending = sender.send(batch)
            // While these are on their way, the ones before are put away and the ones after are read.
            var next = try await settle(
                done, andClaimBeside: batch.items.map(\.position), without: turns.blocked)
            let sent = try await sending
            sender.checkpoints.reach(.outboxAcknowledged)
            done = try await put(turns.judge(sent))
            done = try await put(turns.judgeLate(), beside: done)
            next.drop(turns.blocked)
            current = next
        }
        _ = try await settle(done, andClaimBeside: nil, without: [])
        return stop.isRequested || turns.areTooMany || ContinuousClock.now < upkeepDue
    }

    /// Gives late rows a last chance before the producer is closed; the next leader sends what is left.
    private mutating func awaitLate() async throws {
        let end = ContinuousClock.now + settings.claimAgeMax
        for batch in turns.late { await batch.sending.wait(atMost: max(.milliseconds(1), end - .now)) }
        _ = try await settle(try await put(turns.judgeLate()), andClaimBeside: nil, without: [])
    }

    private var isInterrupted: Bool {
        stop.isRequested || ContinuousClock.now >= upkeepDue || turns.areTooMany
    }

    /// Moves published rows to the journal and, unless something else is due, reads the next heads.
    private func settle(
        _ done: [OutboxBatch.Item], andClaimBeside inFlight: [Int64]?, without waiting: Set<KafkaRecordKey>
    ) async throws -> OutboxBatch {
        let heads = inFlight.flatMap { positions in
            isInterrupted
                ? nil
                : OutboxBatch.heads(of: held, limit: settings.rowsPerShard, inFlight: positions, waiting: waiting)
        }
        // Before the reading, so that a stop at any later moment makes the claim look old.
        let claimedAt = ContinuousClock.now
        guard !done.isEmpty || heads != nil else { return OutboxBatch(items: [], claimedAt: claimedAt) }
        let items = try await items(of: heads, puttingAway: done)
        if !done.isEmpty {
            meters.published(done.count)
            sender.checkpoints.reach(.outboxSettled)
        }
        if !items.isEmpty { sender.checkpoints.reach(.outboxClaimed) }
        return OutboxBatch(items: items, claimedAt: claimedAt)
    }

    /// A look at heads alone is one statement, which is what idling costs.
    private func items(of heads: SQL?, puttingAway done: [OutboxBatch.Item]) async throws -> [OutboxBatch.Item] {
        guard !done.isEmpty else {
            guard let heads else { return [] }
            return try await session.query(heads, OutboxBatch.item)
        }
        return try await session.transaction { transaction in
            transaction.executeLater(OutboxBatch.settle(done))
            return try heads.map { try transaction.query($0, OutboxBatch.item) } ?? []
        }
    }

    /// Says what failed, and answers with what can be put away; throws when a new producer is needed.
    private mutating func put(
        _ outcome: SentBatch.Outcome, beside done: [OutboxBatch.Item] = []
    ) async throws -> [OutboxBatch.Item] {
        let done = done.isEmpty ? outcome.acknowledged : done + outcome.acknowledged
        turns.backOff(after: outcome, atMost: settings.backOffMax)
        guard let first = outcome.failures.first else { return done }
        meters.failed(outcome.failures.count)
        logger.warning(
            "the broker did not take some events; their keys wait",
            metadata: [LogField.count: "\(outcome.failures.count)", LogField.reason: "\(first)"])
        guard let end = outcome.failures.first(where: \.endsProducer) else { return done }
        _ = try await settle(done, andClaimBeside: nil, without: [])
        throw end
    }
}

extension KafkaError {
    /// A new producer is needed.
    fileprivate var endsProducer: Bool { kind == .fatal || kind == .closed }
}
