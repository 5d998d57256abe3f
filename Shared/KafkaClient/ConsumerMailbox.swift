import Synchronization

/// What callers ask of the consumer's thread.
enum ConsumerCommand: Sendable {
    typealias Reply<Answer> = CheckedContinuation<Result<Answer, KafkaError>, Never>

    /// A caller waiting for records.
    struct BatchRequest: Sendable {
        let id: UInt64
        let max: Int
        let deadline: ContinuousClock.Instant
        let answer: Reply<[KafkaConsumedRecord]>
    }

    case next(BatchRequest)
    case cancelNext(UInt64)
    case commit([TopicPartition: Int64], Reply<CommitOutcome>)
    case seek([TopicPartition: Int64], Reply<Void>)
    case pause(Set<TopicPartition>, Reply<Void>)
    case resume(Set<TopicPartition>, Reply<Void>)
    case assignment(Reply<Set<TopicPartition>>)
    case handlerReturned(UInt64)
    case clusterSeen(UInt64, ClusterSight?)
    case close(CheckedContinuation<Void, Never>?)

    /// Answers whoever asked a thread that is no more.
    func refuse() {
        switch self {
        case .next(let request): request.answer.resume(returning: .failure(.closed))
        case .commit(_, let reply): reply.resume(returning: .failure(.closed))
        case .seek(_, let reply), .pause(_, let reply), .resume(_, let reply):
            reply.resume(returning: .failure(.closed))
        case .assignment(let reply): reply.resume(returning: .failure(.closed))
        case .close(let waiter): waiter?.resume()
        case .cancelNext, .handlerReturned, .clusterSeen: break
        }
    }
}

/// Where callers leave commands for the consumer's thread.
final class ConsumerMailbox: Sendable {
    private struct State {
        var commands: [ConsumerCommand] = []
        var isOpen = true
    }

    /// Rings for commands, and for the library's queues.
    let wakeup: Wakeup
    private let state = Mutex(State())
    private let lastID = Atomic<UInt64>(0)

    init() throws(KafkaError) { wakeup = try Wakeup() }

    /// Names a request so that it can be cancelled.
    func newID() -> UInt64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Leaves a command; refuses it when the thread has ended.
    func post(_ command: ConsumerCommand) {
        let isOpen = state.withLock { state in
            if state.isOpen { state.commands.append(command) }
            return state.isOpen
        }
        if isOpen { wakeup.signal() } else { command.refuse() }
    }

    /// All commands left since the last time.
    func take() -> [ConsumerCommand] {
        state.withLock { state in
            defer { state.commands.removeAll(keepingCapacity: true) }
            return state.commands
        }
    }

    /// From here on every command is refused.
    func shut() {
        let late = state.withLock { state in
            state.isOpen = false
            defer { state.commands = [] }
            return state.commands
        }
        for command in late { command.refuse() }
    }
}
