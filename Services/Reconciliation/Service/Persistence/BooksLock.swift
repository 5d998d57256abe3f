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

    /// The same for what can be done later: it fails where an import is under way.
    static func tryAlone(in change: inout Change) throws {
        let isAlone: Bool = try change.one(
            "SELECT pg_try_advisory_xact_lock(\(key(of: change))) AS alone"
        ) { row in try row("alone") }
        if !isAlone { try waitABit(for: "pg_advisory_xact_lock", in: &change) }
    }

    /// For facts about one payment, which need not wait for each other.
    ///
    /// While an import is alone in the books, consumers let its organisation's facts wait and go on with others.
    static func share(in change: inout Change) throws {
        let isShared: Bool = try change.one(
            "SELECT pg_try_advisory_xact_lock_shared(\(key(of: change))) AS shared"
        ) { row in try row("shared") }
        if !isShared { try waitABit(for: "pg_advisory_xact_lock_shared", in: &change) }
    }

    /// Most who are alone are so for milliseconds, and one after the other would leave no gap to whoever only tries.
    private static func waitABit(for lock: SQL, in change: inout Change) throws {
        change.executeLater("SET LOCAL lock_timeout = '20ms'")
        do {
            try change.execute("SELECT \(lock)(\(key(of: change)))")
        } catch {
            guard error.kind == .server(.lockNotAvailable) else { throw error }
            throw TakenElsewhere("the books", of: change.cause.organisation)
        }
        change.executeLater("SET LOCAL lock_timeout TO DEFAULT")
    }

    private static func key(of change: borrowing Change) -> SQL {
        "hashtextextended('books of ' || \(change.cause.organisation.description)::text, 0)"
    }
}
