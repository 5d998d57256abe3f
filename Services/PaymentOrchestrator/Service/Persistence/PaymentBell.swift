import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Tells live screens that a payment changed.
///
/// It only hurries them: a ring that is lost in a crash is made good by their slow look of their own. It rings after
/// the commit, because a notification inside makes all committing transactions of the database wait for each other.
enum PaymentBell {
    /// The channel; payment ids are unique, so that several schemas may share it.
    static let channel = "quittance_payment_changed"

    static func ring(for payment: PaymentID, from database: Database, after change: inout Change) {
        let pool = database.pool
        change.afterCommit {
            Task {
                // See above: a lost ring is made good.
                _ = try? await pool.execute("SELECT pg_notify(\(channel), \(payment.description))")
            }
        }
    }
}
