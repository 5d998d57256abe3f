import PostgresClient
import Synchronization

/// Tells whoever listens, in any process, that something was changed.
///
/// It only hurries them: a ring that is lost in a crash is made good by their slow look of their own. It rings after
/// the commit, because a notification inside makes all committing transactions of the database wait for each other.
package final class CommitBell: Sendable {
    private struct State {
        var changed: Set<String> = []
        var isRinging = false
    }

    /// What is listened on.
    package let channel: String
    /// What changes within it rings together: a busy service does not pay a transaction for each change.
    private let pause: Duration

    private let state = Mutex(State())

    /// A bell that rings on this channel, at once and then no more often than this.
    package init(_ channel: String, every pause: Duration = .milliseconds(40)) {
        self.channel = channel
        self.pause = pause
    }

    /// Says that `subject` changed, once the change is committed.
    package func ring(for subject: String, from database: Database, after change: inout Change) {
        let pool = database.pool
        change.afterCommit { [self] in
            let isFirst = state.withLock { state in
                state.changed.insert(subject)
                defer { state.isRinging = true }
                return !state.isRinging
            }
            if isFirst { Task { await ring(pool) } }
        }
    }

    /// Rings at once, and again as long as there are changes.
    private func ring(_ pool: PostgresPool) async {
        while let changed = take() {
            // A lost ring is made good by a look, also one that a crash forgets: it waits for no disk, since whoever
            // rings holds up all others of the database that ring until its commit is over.
            _ = try? await pool.execute(
                """
                SELECT \(SQL.aheadOfDisk), pg_notify(\(channel), subject)
                FROM unnest(\(Array(changed))::text[]) AS changed (subject)
                """)
            try? await Task.sleep(for: pause)
        }
    }

    private func take() -> Set<String>? {
        state.withLock { state in
            defer { state.changed = [] }
            state.isRinging = !state.changed.isEmpty
            return state.isRinging ? state.changed : nil
        }
    }
}
