import CKafka
import Logging

/// The thread that owns a consumer: it serves the library's queues and the callers' commands in turn.
///
/// One thread does all of it because the library's batch calls must not run beside seek, pause or a rebalance.
/// Records wait in a queue of their own, so rebalances are served while a batch is being handled.
///
/// `@unchecked Sendable`: after `init` everything but the mailbox is touched by its own thread only.
@safe
final class ConsumerWorker: @unchecked Sendable {
    struct Handlers: Sendable {
        let onAssigned: KafkaConsumer.PartitionsChanged
        let onRevoked: KafkaConsumer.PartitionsChanged
        let onLost: KafkaConsumer.PartitionsChanged
    }

    /// The thread looks round this often even when nothing rings.
    static let idleWait = Duration.milliseconds(200)
    /// The longest that leaving the group may take once the handlers are done.
    static let leaveWaitMax = Duration.seconds(5)
    /// A batch in hand for longer means a stuck handler: we stop polling, and the group gives the partitions away.
    static let handlingTimeMax = Duration.seconds(300)

    let handlers: Handlers
    let mailbox: ConsumerMailbox
    let logger: Logger
    let revokeWaitMax: Duration
    let settings: KafkaSettings
    let topics: [String]
    var client: ConsumerClient
    var watch = ClusterWatch()
    var mustStartAnew = false
    var hand = WorkInHand()
    var assigned: Set<TopicPartition> = []
    var commits = PendingCommits()
    /// The handler of a rebalance that has not returned; an older one that comes late is not waited for.
    var awaitedHandler: UInt64?
    private var request: ConsumerCommand.BatchRequest?
    private let callbacks = ConsumerCallbacks()
    private let group: String
    private var closing: [CheckedContinuation<Void, Never>?]?

    init(
        _ settings: KafkaSettings, group: String, topics: [String], _ handlers: Handlers, _ mailbox: ConsumerMailbox,
        logger: Logger
    ) throws(KafkaError) {
        self.handlers = handlers
        self.mailbox = mailbox
        self.logger = logger
        revokeWaitMax = settings.revokeWaitMax
        self.settings = settings
        self.group = group
        self.topics = topics
        client = try Self.makeClient(settings, group: group, mailbox, callbacks, logger)
        callbacks.worker = self
        try client.subscribe(topics)
    }

    /// A client like the first one, for another cluster at the same address.
    func makeClient() throws(KafkaError) -> ConsumerClient {
        try Self.makeClient(settings, group: group, mailbox, callbacks, logger)
    }

    private static func makeClient(
        _ settings: KafkaSettings, group: String, _ mailbox: ConsumerMailbox, _ callbacks: ConsumerCallbacks,
        _ logger: Logger
    ) throws(KafkaError) -> ConsumerClient {
        let statistics = KafkaStatistics(client: settings.clientID, role: "consumer")
        let context = ClientContext(logger: logger, statistics: statistics)
        return try ConsumerClient(settings, group: group, context, callbacks, wakeup: mailbox.wakeup)
    }

    // MARK: The thread

    /// Serves until told to close.
    func run() {
        while closing == nil {
            serveCommands()
            if mustStartAnew { startAnew() }
            // In doubt about the cluster, rebalances wait too: their handlers would want to commit.
            if !isStuck && !watch.isInDoubt { serveEvents() }
            client.serveReplies()
            watchCluster()
            askForIdentity()
            retryCommits()
            serveRequest()
            if closing == nil { mailbox.wakeup.wait(atMost: timeToNextDeadline()) }
        }
        end()
    }

    /// Commands are also served while a rebalance waits for its handlers; only records stay back then.
    func serveCommands() {
        for command in mailbox.take() { serve(command) }
    }

    private func serve(_ command: ConsumerCommand) {
        switch command {
        case .next(let next): accept(next)
        case .cancelNext(let id): if request?.id == id { answer(.success([])) }
        case .commit(let offsets, let reply): commit(offsets, reply)
        case .seek(let offsets, let reply):
            hand.dropStray(of: Set(offsets.keys))
            reply.resume(returning: Result { () throws(KafkaError) in try client.seek(offsets) })
        case .pause(let partitions, let reply):
            reply.resume(returning: Result { () throws(KafkaError) in try client.pause(partitions) })
        case .resume(let partitions, let reply):
            reply.resume(returning: Result { () throws(KafkaError) in try client.resume(partitions) })
        case .assignment(let reply): reply.resume(returning: .success(assigned))
        case .clusterSeen(let question, let sight): clusterSeen(question, sight)
        case .handlerReturned(let run): if awaitedHandler == run { awaitedHandler = nil }
        case .close(let waiter):
            closing = (closing ?? []) + [waiter]
            hand.release()
        }
    }

    // MARK: Records

    private func accept(_ next: ConsumerCommand.BatchRequest) {
        // Whoever asks for more is done with what was handed out before.
        hand.release()
        if request != nil { answer(.success([])) }
        request = next
    }

    private func serveRequest() {
        guard let request else { return }
        if let error = client.context.fatalError ?? client.context.takeSeriousError() {
            return answer(.failure(error))
        }
        let records = watch.isInDoubt ? [] : hand.takeStray() + client.fetch(max: request.max, ofOnly: assigned)
        if !records.isEmpty {
            hand.take(records)
            answer(.success(records))
        } else if ContinuousClock.now >= request.deadline {
            answer(.success([]))
        }
    }

    private func answer(_ result: Result<[KafkaConsumedRecord], KafkaError>) {
        let answered = request
        request = nil
        answered?.answer.resume(returning: result)
    }

    private func serveEvents() {
        for record in client.serveEvents() where assigned.contains(record.topicPartition) { hand.addStray(record) }
    }

    private var isStuck: Bool { hand.heldSince.map { $0.duration(to: .now) > Self.handlingTimeMax } ?? false }

    private func timeToNextDeadline() -> Duration {
        guard let request else { return Self.idleWait }
        return min(Self.idleWait, ContinuousClock.now.duration(to: request.deadline))
    }

    // MARK: Commit

    /// Sends the offsets of partitions that are ours; once the cluster is known again, when it is in doubt.
    func commit(_ offsets: [TopicPartition: Int64], _ reply: ConsumerCommand.Reply<CommitOutcome>) {
        guard !watch.isInDoubt else { return watch.keep(.init(offsets: offsets, reply: reply)) }
        let ours = offsets.filter { assigned.contains($0.key) }
        let left = Set(offsets.keys).subtracting(ours.keys)
        guard !ours.isEmpty else { return reply.resume(returning: .success(.partitionsLeft(left))) }
        send(PendingCommits.Entry(offsets: ours, left: left, reply: reply))
    }

    /// Tries again what the group refused while it was rebalancing.
    func retryCommits() {
        guard !watch.isInDoubt, case let due = commits.due, !due.isEmpty else { return }
        send(PendingCommits.Entry(offsets: due, left: [], reply: nil))
    }

    private func send(_ entry: PendingCommits.Entry) {
        let id = commits.add(entry)
        guard let error = client.commit(entry.offsets, id: id) else { return }
        committed(id, .failure(error))
    }

    /// The broker's answer to a commit, or the library's when there was none.
    func committed(_ id: Int, _ outcome: Result<Set<TopicPartition>, KafkaError>) {
        guard let entry = commits.take(id) else { return }
        switch outcome {
        case .success(let refused):
            let stored = entry.offsets.filter { !refused.contains($0.key) }
            commits.settle(stored)
            hand.finished(upTo: stored)
            // What was refused is still ours: the group is only busy, and it is tried again.
            let postponed = refused.intersection(assigned)
            let left = entry.left.union(refused.subtracting(postponed))
            entry.reply?.resume(returning: .success(Self.outcome(left: left, postponed: postponed)))
        case .failure(let error):
            // Whoever asked decides; a try of our own comes again.
            if entry.reply != nil { commits.settle(entry.offsets) }
            entry.reply?.resume(returning: .failure(error))
        }
    }

    private static func outcome(left: Set<TopicPartition>, postponed: Set<TopicPartition>) -> CommitOutcome {
        if !left.isEmpty { return .partitionsLeft(left) }
        return postponed.isEmpty ? .committed : .postponed(postponed)
    }

    // MARK: The end

    private func end() {
        answer(.failure(.closed))
        for commit in watch.takeDeferred() { commit.reply.resume(returning: .failure(.closed)) }
        watch = ClusterWatch()
        client.leave(within: Self.leaveWaitMax + revokeWaitMax)
        client.serveReplies()
        client.destroy()
        for entry in commits.takeAll() { entry.reply?.resume(returning: .failure(.closed)) }
        mailbox.shut()
        for waiter in closing ?? [] { waiter?.resume() }
    }
}
