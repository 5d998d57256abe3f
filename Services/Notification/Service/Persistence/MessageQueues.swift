import NotificationDomain
import PaymentModel
import PostgresClient

/// Whose message waits for what.
struct WaitingMessage: Sendable {
    let id: MessageID
    let organisation: OrganisationID
}

/// The messages that wait for a step, across organisations.
struct MessageQueues {
    func toPrepare(_ limit: Int, _ transaction: inout PostgresTransaction) throws -> [WaitingMessage] {
        try transaction.query(
            """
            SELECT id, organisation FROM message WHERE state = 'requested' AND next_try_at <= now()
            ORDER BY next_try_at LIMIT \(Int64(limit))
            """, read)
    }

    /// Ready, and handed out so long ago that whoever had them is gone.
    func forgotten(
        olderThanSeconds seconds: Int64, _ limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> [WaitingMessage] {
        try transaction.query(
            """
            SELECT id, organisation FROM message
            WHERE state = 'ready' AND dispatched_at < now() - \(seconds) * interval '1 second'
            ORDER BY dispatched_at LIMIT \(Int64(limit))
            """, read)
    }

    /// Claimed, and so long ago that the call is over whatever became of it.
    func abandoned(
        olderThanSeconds seconds: Int64, _ limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> [WaitingMessage] {
        try transaction.query(
            """
            SELECT id, organisation FROM message
            WHERE state = 'claimed' AND claimed_at < now() - \(seconds) * interval '1 second'
            ORDER BY claimed_at LIMIT \(Int64(limit))
            """, read)
    }

    private func read(_ row: Row) throws -> WaitingMessage {
        WaitingMessage(id: try row("id"), organisation: try row("organisation"))
    }
}
