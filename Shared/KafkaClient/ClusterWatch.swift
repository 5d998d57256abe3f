import Logging

/// What the cluster said about itself.
struct ClusterSight: Sendable {
    let identity: String
    /// Where its brokers are, as `host:port`.
    let brokers: [String]
}

/// Whether the cluster behind the address is still the one we know.
///
/// A broker that was thrown away and replaced by an empty one has the same address. Reading on at the old offsets would
/// skip what the new one holds, and committing them would make the gap permanent. So after every lost connection
/// nothing is handed out or committed until the cluster has told its identity.
struct ClusterWatch {
    /// A commit that waits until the cluster is known again.
    struct DeferredCommit {
        let offsets: [TopicPartition: Int64]
        let reply: ConsumerCommand.Reply<CommitOutcome>
    }

    private enum State {
        case trusted
        /// A question is on its way; nil until it is asked.
        case inDoubt(question: UInt64?)
    }

    /// What the cluster called itself; nil until we were connected once.
    var identity: String?
    /// Where its brokers were when it was last seen: those we were told of at first may be gone for good.
    private(set) var brokers: [String] = []
    private var state = State.trusted
    private(set) var deferred: [DeferredCommit] = []

    /// Whether nothing may be handed out.
    var isInDoubt: Bool {
        if case .inDoubt = state { true } else { false }
    }

    /// Whether someone should ask.
    var needsQuestion: Bool {
        if case .inDoubt(question: nil) = state { true } else { false }
    }

    /// A connection was lost; without an identity there is no position to be wrong.
    mutating func doubt() {
        if identity != nil { state = .inDoubt(question: nil) }
    }

    /// Remembers where to ask the next time.
    mutating func see(_ sight: ClusterSight) {
        if sight.identity == identity, !sight.brokers.isEmpty { brokers = sight.brokers }
    }

    /// The question with this number was sent.
    mutating func asked(_ question: UInt64) { state = .inDoubt(question: question) }

    /// Whether an answer is to the last question.
    func awaits(_ question: UInt64) -> Bool {
        if case .inDoubt(question: question) = state { true } else { false }
    }

    /// It is the same cluster, or a new one that we read from its start.
    mutating func trust() { state = .trusted }

    /// Keeps a commit back.
    mutating func keep(_ commit: DeferredCommit) { deferred.append(commit) }

    /// Takes out the commits kept back.
    mutating func takeDeferred() -> [DeferredCommit] {
        defer { deferred = [] }
        return deferred
    }
}

extension ConsumerWorker {
    /// How long the cluster may take to tell its identity before we ask again.
    private static let questionTimeout = Duration.seconds(2)

    /// Learns the cluster's identity, and doubts it after a lost connection.
    func watchCluster() {
        if watch.identity == nil, let identity = client.clusterIdentity {
            watch.identity = identity
            // Nothing is in doubt yet; the answer says where the other brokers are.
            ask(mailbox.newID())
        }
        if client.context.takeCutOff() { watch.doubt() }
    }

    /// Asks who answers at the address now, on another thread since it may take long.
    func askForIdentity() {
        guard watch.needsQuestion else { return }
        let question = mailbox.newID()
        watch.asked(question)
        ask(question)
    }

    private func ask(_ question: UInt64) {
        var settings = settings
        settings.bootstrapServers = ([settings.bootstrapServers] + watch.brokers).joined(separator: ",")
        OwnThread.start { [settings, mailbox] in
            let client = try? AdminClient(settings, group: nil, logger: nil)
            let sight = client?.clusterIdentity(timeout: Self.questionTimeout).map { identity in
                ClusterSight(identity: identity, brokers: (try? client?.brokers(timeout: Self.questionTimeout)) ?? [])
            }
            client?.destroy()
            mailbox.post(.clusterSeen(question, sight))
        }
    }

    /// Goes on when it is the cluster we know, and starts anew when it is not.
    func clusterSeen(_ question: UInt64, _ sight: ClusterSight?) {
        if let sight { watch.see(sight) }
        guard watch.awaits(question) else { return }
        switch sight?.identity {
        case nil:
            let unreachable = KafkaError(.unreachable, "no broker could be reached to commit")
            for commit in watch.takeDeferred() { commit.reply.resume(returning: .failure(unreachable)) }
            watch.doubt()
        case watch.identity:
            watch.trust()
            for one in watch.takeDeferred() { commit(one.offsets, one.reply) }
        default:
            mustStartAnew = true
        }
        mailbox.wakeup.signal()
    }

    /// Leaves everything that concerned the old cluster and joins the group on the new one.
    func startAnew() {
        mustStartAnew = false
        logger.warning("kafka cluster was replaced, reading the new one from its start")
        let gone = assigned.sorted()
        assigned = []
        hand = WorkInHand()
        for commit in watch.takeDeferred() {
            commit.reply.resume(returning: .success(.partitionsLeft(Set(commit.offsets.keys))))
        }
        watch = ClusterWatch()
        if !gone.isEmpty { hold(until: handlers.onLost, gone) }
        client.destroy()
        for entry in commits.takeAll() {
            entry.reply?.resume(returning: .success(.partitionsLeft(entry.left.union(entry.offsets.keys))))
        }
        do throws(KafkaError) {
            client = try makeClient()
            try client.subscribe(topics)
        } catch {
            // The same settings made a client before; what is left is a lack of threads or memory.
            preconditionFailure("kafka client could not be made again: \(error)")
        }
    }
}
