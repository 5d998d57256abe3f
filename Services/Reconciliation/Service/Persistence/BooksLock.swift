import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Lets imports and facts of one organisation take turns.
///
/// A settlement line and its payment, or a payout and its bank line, that were written at the same moment would not see
/// each other and would stay apart for ever.
enum BooksLock {
    /// For what brings pieces that look for others: imports and pointing.
    static func takeAlone(in change: inout Change) throws {
        change.executeLater("SELECT pg_advisory_xact_lock(\(key(of: change)))")
    }

    /// For facts about one payment, which need not wait for each other.
    static func share(in change: inout Change) throws {
        change.executeLater("SELECT pg_advisory_xact_lock_shared(\(key(of: change)))")
    }

    private static func key(of change: borrowing Change) -> SQL {
        "hashtextextended('books of ' || \(change.cause.organisation.description)::text, 0)"
    }
}
