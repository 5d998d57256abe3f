import PaymentModel
import PostgresClient
import Synchronization
import TransactionalMessaging

/// Tells live screens that a payment changed.
///
/// It only hurries them: a ring that is lost in a crash is made good by their slow look of their own. It rings after
/// the commit, because a notification inside makes all committing transactions of the database wait for each other.
final class PaymentBell: Sendable {
    private struct State {
        var changed: Set<PaymentID> = []
        var isRinging = false
    }

    /// The channel; payment ids are unique, so that several schemas may share it.
    static let channel = "quittance_payment_changed"
    /// What changes meanwhile rings together: a busy service does not pay a transaction for each change.
    private static let pause = Duration.milliseconds(40)

    private let state = Mutex(State())

    func ring(for payment: PaymentID, from database: Database, after change: inout Change) {
        let pool = database.pool
        change.afterCommit { [self] in
            let isFirst = state.withLock { state in
                state.changed.insert(payment)
                defer { state.isRinging = true }
                return !state.isRinging
            }
            if isFirst { Task { await ring(pool) } }
        }
    }

    /// Rings at once, and again as long as payments change.
    private func ring(_ pool: PostgresPool) async {
        while let changed = take() {
            // See above: a lost ring is made good.
            _ = try? await pool.execute(
                "SELECT pg_notify(\(Self.channel), id) FROM unnest(\(changed.map(\.description))) AS changed (id)")
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func take() -> Set<PaymentID>? {
        state.withLock { state in
            defer { state.changed = [] }
            state.isRinging = !state.changed.isEmpty
            return state.isRinging ? state.changed : nil
        }
    }
}
