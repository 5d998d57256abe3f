import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Receipts as gateways sent them.
struct ReceiptStore {
    func keep(_ status: Int32, of message: MessageID, in change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO receipt (message, status) VALUES (\(message), \(status))
            ON CONFLICT ON CONSTRAINT receipt_once DO NOTHING
            """)
    }

    /// What came before the answer of the call (C-14).
    func statuses(of message: MessageID, in change: inout Change) throws -> [Int32] {
        try change.query("SELECT status FROM receipt WHERE message = \(message) ORDER BY received_at") { row in
            try row("status")
        }
    }
}
