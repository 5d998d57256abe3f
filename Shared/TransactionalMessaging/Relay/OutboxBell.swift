import PostgresClient
import Synchronization

/// Wakes the relays that lead the shards a committed change wrote to.
///
/// A leader in this process is woken by a call. For one elsewhere a NOTIFY is sent, outside of the changes'
/// transactions (there it would make all commits of the database queue up) and one for many. Both may be lost: the
/// relay's slow poll is the net.
final class OutboxBell: Sendable {
    private struct State {
        var leaders: [ObjectIdentifier: (shards: ShardSet, doorbell: Doorbell)] = [:]
        var unheard: ShardSet = []
        var isNotifying = false
    }

    /// Between two notifications, so that a busy writer sends a few hundred a second at most.
    private static let pause = Duration.milliseconds(4)

    private let pool: PostgresPool
    private let state = Mutex(State())

    init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// The leader of these shards sits in this process.
    func connect(_ doorbell: Doorbell, leading shards: ShardSet) {
        state.withLock { $0.leaders[ObjectIdentifier(doorbell)] = (shards, doorbell) }
    }

    func disconnect(_ doorbell: Doorbell) {
        state.withLock { $0.leaders[ObjectIdentifier(doorbell)] = nil }
    }

    /// Whether a relay of this process leads any shard: one that leads none has nothing to look for.
    var hasLeader: Bool { state.withLock { $0.leaders.values.contains { !$0.shards.isEmpty } } }

    /// Does what a committed transaction left to do.
    func announce(_ delivered: Delivered) {
        delivered.actions.forEach { $0() }
        ring(delivered.shards)
    }

    private func ring(_ shards: ShardSet) {
        guard !shards.isEmpty else { return }
        let (doorbells, mustNotify) = state.withLock { state in
            let near = state.leaders.values.filter { !$0.shards.isDisjoint(with: shards) }
            state.unheard.formUnion(near.reduce(shards) { $0.subtracting($1.shards) })
            let mustNotify = !state.unheard.isEmpty && !state.isNotifying
            if mustNotify { state.isNotifying = true }
            return (near.map(\.doorbell), mustNotify)
        }
        doorbells.forEach { $0.ring() }
        if mustNotify { Task { await notify() } }
    }

    private func notify() async {
        while let shards = takeUnheard() {
            let payload = shards.numbers.map(String.init).joined(separator: ",")
            // A lost notification is made good by the poll, so its error has nothing to tell anybody.
            _ = try? await pool.execute(
                "SELECT \(SQL.aheadOfDisk), pg_notify('outbox_' || current_schema(), \(payload))")
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func takeUnheard() -> ShardSet? {
        state.withLock { state in
            let shards = state.unheard
            state.unheard = []
            state.isNotifying = !shards.isEmpty
            return shards.isEmpty ? nil : shards
        }
    }
}
