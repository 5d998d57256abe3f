import NotificationChannels
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Which replies of gateways that keep them were heard.
struct HeardReplyStore {
    /// How long one is known that is not listed any more; lists reach back a day.
    static let keptDays = 60

    /// When everything a gateway kept had been heard; nil: never.
    func lookedAt(_ gateway: String, _ transaction: inout PostgresTransaction) throws -> Instant? {
        try transaction.first("SELECT looked_at FROM reply_look WHERE gateway = \(gateway)") { row in
            try row("looked_at")
        }
    }

    /// Those that were not heard yet, in their order.
    func fresh(
        _ replies: [KeptReply], of gateway: String, _ transaction: inout PostgresTransaction
    ) throws -> [KeptReply] {
        let identities = replies.map(\.identity)
        let known = try transaction.query(
            "SELECT identity FROM heard_reply WHERE gateway = \(gateway) AND identity = ANY(\(identities))"
        ) { row in try row("identity") as String }
        let heard = Set(known)
        return replies.filter { !heard.contains($0.identity) }
    }

    func note(_ identity: String, of gateway: String, in transaction: inout PostgresTransaction) {
        transaction.executeLater(
            """
            INSERT INTO heard_reply (gateway, identity) VALUES (\(gateway), \(identity))
            ON CONFLICT ON CONSTRAINT heard_reply_once DO NOTHING
            """)
    }

    /// Everything it kept was heard; `listed` are known for as long as they are listed.
    func looked(
        at gateway: String, _ time: Instant, listed: [KeptReply], in transaction: inout PostgresTransaction
    ) {
        transaction.executeLater(
            """
            INSERT INTO reply_look (gateway, looked_at) VALUES (\(gateway), \(time))
            ON CONFLICT (gateway) DO UPDATE SET looked_at = excluded.looked_at
            """)
        transaction.executeLater(
            """
            DELETE FROM heard_reply WHERE gateway = \(gateway)
                AND heard_at < now() - \(Int64(Self.keptDays)) * interval '1 day'
                AND identity <> ALL(\(listed.map(\.identity)))
            """)
    }
}
