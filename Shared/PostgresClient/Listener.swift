import CPostgres
import Logging

/// Listens on one connection for all channels of a process, and hands payloads to their readers.
final class Listener: Sendable {
    private struct State {
        var readers: [String: [Int: AsyncStream<String>.Continuation]] = [:]
        var nextReader = 0
        var isRunning = false
        var isStopped = false
        /// Rises with every change of the channels, so that the thread knows when to say LISTEN again.
        var version = 0
        /// Channels with a first reader, who has to look once we listen.
        var fresh: Set<String> = []
    }

    private let settings: PostgresSettings
    private let logger: Logger
    private let state = Guarded(State())
    private let interrupt = Interrupt()

    init(_ settings: PostgresSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    func stream(of channel: String, buffering count: Int) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(count))
        let (reader, starts) = state.withLock { state -> (Int, Bool) in
            state.nextReader += 1
            if state.readers[channel] == nil {
                state.version += 1
                state.fresh.insert(channel)
            } else {
                // We listen already; the others need not look again because of one more.
                continuation.yield("")
            }
            state.readers[channel, default: [:]][state.nextReader] = continuation
            defer { state.isRunning = true }
            return (state.nextReader, !state.isRunning && !state.isStopped)
        }
        continuation.onTermination = { [weak self] _ in self?.remove(reader, from: channel) }
        if starts { startThread(named: "postgres-listen") { [self] in run() } }
        interrupt.fire()
        if state.withLock({ $0.isStopped }) { continuation.finish() }
        return stream
    }

    func stop() {
        let readers = state.withLock { state in
            state.isStopped = true
            defer { state.readers = [:] }
            return state.readers.values.flatMap(\.values)
        }
        for reader in readers { reader.finish() }
        interrupt.fire()
    }

    private func remove(_ reader: Int, from channel: String) {
        state.withLock { state in
            state.readers[channel]?[reader] = nil
            guard state.readers[channel]?.isEmpty == true else { return }
            state.readers[channel] = nil
            state.version += 1
        }
        interrupt.fire()
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Connects, listens, and connects again with growing pauses when the connection is lost.
    private func run() {
        let parking = Parking()
        var pause = Duration.milliseconds(50)
        while !isStopped {
            do {
                interrupt.reset()
                let connection = try ListeningConnection(settings, interrupt)
                pause = .milliseconds(50)
                try serve(connection)
            } catch {
                guard !isStopped, error.kind != .cancelled else { continue }
                logger.warning("no connection to listen on", metadata: ["reason": "\(error.message)"])
                parking.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
    }

    private func serve(_ connection: ListeningConnection) throws(PostgresError) {
        var listening: Set<String> = []
        var seen = -1
        while !isStopped {
            let (version, channels, fresh) = state.withLock { state in
                defer { state.fresh = [] }
                return (state.version, Set(state.readers.keys), state.fresh)
            }
            if version != seen {
                for channel in listening.subtracting(channels) { try connection.say("UNLISTEN", channel) }
                for channel in channels.subtracting(listening) { try connection.say("LISTEN", channel) }
                for channel in channels.subtracting(listening).union(fresh) { deliver("", to: channel) }
                listening = channels
                seen = version
            }
            for (channel, payload) in try connection.next() { deliver(payload, to: channel) }
        }
    }

    private func deliver(_ payload: String, to channel: String) {
        let readers = state.withLock { $0.readers[channel].map { Array($0.values) } ?? [] }
        for reader in readers { reader.yield(payload) }
    }
}
