import PostgresClient
import TransactionalMessaging

/// What earlier imports brought.
struct ImportStore {
    func knows(_ reference: String, in change: inout Change) throws -> Bool {
        try change.first(
            """
            SELECT 1 AS one FROM invoice
            WHERE organisation = \(change.cause.organisation) AND reference = \(reference)
            """
        ) { _ in true } ?? false
    }
}
