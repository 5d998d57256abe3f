import NotificationDomain
package import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Whose message waits for what.
package struct WaitingMessage: Sendable {
    package let id: MessageID
    package let organisation: OrganisationID
    /// Whether it leaves with a document of invoicing.
    var bringsDocument = false
    /// Whether somebody stands at the desk and waits for it.
    package var isUrgent = false
    /// The gateway it was taken for.
    package var route = ""
    /// Until when it is the worker's that took it.
    var heldUntil: Instant?
    /// Where a gateway that was left alone is tried with it: until when others wait for what becomes of that.
    package var trialUntil: Instant?

    /// Whether it is that.
    var isTrial: Bool { trialUntil != nil }

    package init(id: MessageID, organisation: OrganisationID) {
        self.id = id
        self.organisation = organisation
    }

    /// The cause of one step of the work on this message.
    func step(_ name: String, _ ids: IdentifierSource) -> Cause {
        .step(name, by: name, for: organisation, correlation: CorrelationID(id.value), ids)
    }
}

/// A message whose words are not written yet, with what its owner is asked by.
struct WordlessMessage: Sendable {
    let waiting: WaitingMessage
    let matter: Matter
    let occasion: Occasion
    /// JSON of `MessageFacts`.
    let facts: String
}

/// What waits for a gateway.
struct Backlog: Sendable {
    /// Nil: for its words.
    let gateway: String?
    let messages: Int
    let oldestSeconds: Int
}

/// The messages that wait for a step, across organisations.
struct MessageQueues {
    /// Which of them are looked at.
    enum Which: Sendable {
        case all, urgent, others

        fileprivate var condition: SQL {
            switch self {
            case .all: "true"
            case .urgent: "lane = \(Lane.urgent.rawValue)"
            case .others: "lane <> \(Lane.urgent.rawValue)"
            }
        }
    }

    /// Takes ready messages for a worker, urgent ones first; they are nobody else's for as long as `time`.
    ///
    /// Nothing but the time is noted: a worker that dies with them leaves them ready. They are chosen apart, once: as a
    /// part of the update the choice may be made for every row again, and give more than its limit.
    func take(
        _ limit: Int, _ which: Which, of gateway: String, for time: Duration, _ transaction: inout PostgresTransaction
    ) throws -> [WaitingMessage] {
        readInOrder(&transaction)
        return try transaction.query(
            """
            WITH chosen AS MATERIALIZED (
                SELECT id FROM message
                WHERE state = 'ready' AND route = \(gateway) AND \(which.condition) AND next_try_at <= now()
                ORDER BY lane DESC, next_try_at LIMIT \(Int64(limit)) FOR UPDATE SKIP LOCKED)
            UPDATE message SET next_try_at = now() + \(time.seconds) * interval '1 second'
            FROM chosen WHERE message.id = chosen.id
            RETURNING message.id, message.organisation,
                coalesce(message.invoice, message.payment_on_account) IS NOT NULL AND message.channel = 'email'
                    AS brings_document, message.lane = \(Lane.urgent.rawValue) AS is_urgent,
                message.next_try_at AS held_until
            """
        ) { row in
            var waiting = try read(row)
            waiting.bringsDocument = try row("brings_document")
            waiting.isUrgent = try row("is_urgent")
            waiting.route = gateway
            waiting.heldUntil = try row("held_until")
            return waiting
        }
    }

    /// Gives back what was taken and will not be begun, as far as nobody took it, or put it off, since; nobody takes it
    /// for as long as `pause`.
    func putBack(
        _ taken: [WaitingMessage], for pause: Duration = .zero, _ transaction: inout PostgresTransaction
    ) {
        for waiting in taken {
            transaction.executeLater(
                """
                UPDATE message SET next_try_at = now() + \(pause.seconds) * interval '1 second'
                WHERE id = \(waiting.id) AND state = 'ready' AND next_try_at = \(waiting.heldUntil)
                """)
        }
    }

    /// Whether any is due for a gateway.
    func areWaiting(
        _ which: Which, for gateway: String, _ transaction: inout PostgresTransaction
    ) throws -> Bool {
        try transaction.one(
            """
            SELECT EXISTS (SELECT FROM message
                WHERE state = 'ready' AND route = \(gateway) AND \(which.condition) AND next_try_at <= now()) AS are
            """
        ) { row in try row("are") }
    }

    /// Due messages of a gateway that takes none, each with where it goes, in the order they leave; not those of
    /// organisations that have no other.
    func stranded(
        _ limit: Int, _ which: Which, at gateway: String, leavingOut bound: [OrganisationID] = [],
        _ transaction: inout PostgresTransaction
    ) throws -> [(message: WaitingMessage, address: String)] {
        readInOrder(&transaction)
        return try transaction.query(
            """
            SELECT id, organisation, coalesce(address, '') AS address FROM message
            WHERE state = 'ready' AND route = \(gateway) AND \(which.condition) AND next_try_at <= now()
                AND organisation <> ALL(\(bound)::uuid[])
            ORDER BY lane DESC, next_try_at LIMIT \(Int64(limit)) FOR UPDATE SKIP LOCKED
            """
        ) { row in (message: try read(row), address: try row("address")) }
    }

    /// Gateways for which something waits and that are none of these.
    ///
    /// Each is found by one step along an index, however much waits for it.
    func gateways(
        outside known: [String], _ transaction: inout PostgresTransaction
    ) throws -> [String] {
        try transaction.query(
            """
            WITH RECURSIVE waiting AS (
                (SELECT route FROM message WHERE state = 'ready' ORDER BY route LIMIT 1)
                UNION ALL
                SELECT (SELECT message.route FROM message WHERE state = 'ready' AND message.route > waiting.route
                    ORDER BY message.route LIMIT 1)
                FROM waiting WHERE waiting.route IS NOT NULL)
            SELECT route FROM waiting WHERE route <> ALL(\(known)::text[])
            """
        ) { row in try row("route") as String }
    }

    /// Messages to be written, in the order they are, without those whose owner is left alone.
    func toPrepare(
        _ limit: Int, _ which: Which, leavingOut resting: Set<RecipientOwner>,
        _ transaction: inout PostgresTransaction
    ) throws -> [WordlessMessage] {
        func asked(of owner: RecipientOwner, _ condition: SQL) -> SQL {
            """
            (SELECT * FROM message
            WHERE \(!resting.contains(owner)) AND state = 'requested' AND \(condition) AND \(which.condition)
                AND next_try_at <= now()
            ORDER BY lane DESC, next_try_at LIMIT \(Int64(limit)))
            """
        }
        readInOrder(&transaction)
        return try transaction.query(
            """
            SELECT id, organisation, payment, invoice, receivable, payment_on_account, campaign, occasion, facts
            FROM (\(asked(of: .payments, "payment IS NOT NULL"))
                UNION ALL \(asked(of: .invoicing, "payment IS NULL"))) AS due
            ORDER BY lane DESC, next_try_at LIMIT \(Int64(limit))
            """
        ) { row in
            WordlessMessage(
                waiting: try read(row), matter: try Matter(row), occasion: try row.word("occasion"),
                facts: try row("facts"))
        }
    }

    /// Not gone yet, and too late now.
    func expired(_ limit: Int, _ transaction: inout PostgresTransaction) throws -> [WaitingMessage] {
        try transaction.query(
            """
            SELECT id, organisation FROM message
            WHERE state IN ('requested', 'ready') AND expires_at <= now()
            ORDER BY expires_at LIMIT \(Int64(limit))
            """, read)
    }

    /// Claimed, and so long ago that the call is over whatever became of it.
    func abandoned(
        olderThan lease: Duration, _ limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> [WaitingMessage] {
        try transaction.query(
            """
            SELECT id, organisation FROM message
            WHERE \(isAbandoned(after: lease))
            ORDER BY claimed_at LIMIT \(Int64(limit))
            """, read)
    }

    /// Locks one that is still that; nil where its outcome came meanwhile, also where it is called for again since.
    func lockAbandoned(_ id: MessageID, olderThan lease: Duration, in change: inout Change) throws -> MessageRecord? {
        try change.read(MessageStore().locking(where: "id = \(id) AND \(isAbandoned(after: lease))")).first
    }

    private func isAbandoned(after lease: Duration) -> SQL {
        "state = 'claimed' AND claimed_at < now() - \(lease.seconds) * interval '1 second'"
    }

    /// What waits for its words and for each gateway, and how long the oldest of it has: also what was put off since it
    /// could not leave.
    ///
    /// Not what is held until a morning or while its campaign is paused. It is counted in one pass over what has not
    /// left, which an index has apart from all that has.
    func backlogs(_ transaction: inout PostgresTransaction) throws -> [Backlog] {
        try transaction.query(
            """
            SELECT CASE WHEN state = 'ready' THEN route END AS gateway, count(*) AS messages,
                extract(epoch FROM now() - min(waits_since))::bigint AS oldest_seconds
            FROM message
            WHERE state IN ('requested', 'ready') AND waits_since <= now() AND next_try_at < 'infinity'
            GROUP BY 1
            """
        ) { row in
            Backlog(
                gateway: try row("gateway"), messages: try row("messages"), oldestSeconds: try row("oldest_seconds"))
        }
    }

    /// Of how many messages nobody knows whether they left, and for how long of the oldest.
    ///
    /// One that a restored backup left so may never have been claimed: it has waited since it could have left.
    func uncertain(_ transaction: inout PostgresTransaction) throws -> (messages: Int, oldestSeconds: Int) {
        try transaction.one(
            """
            SELECT count(*) AS messages,
                coalesce(extract(epoch FROM now() - min(coalesce(claimed_at, waits_since))), 0)::bigint
                    AS oldest_seconds
            FROM message WHERE state = 'uncertain'
            """
        ) { row in (messages: try row("messages"), oldestSeconds: try row("oldest_seconds")) }
    }

    /// How many messages should have left so long ago and wait still.
    func late(by time: Duration, _ transaction: inout PostgresTransaction) throws -> Int {
        try transaction.one(
            """
            SELECT count(*) AS messages FROM message
            WHERE state IN ('requested', 'ready', 'claimed') AND due_at < now() - \(time.seconds) * interval '1 second'
            """
        ) { row in try row("messages") }
    }

    /// Nobody will send these again, though nobody knows whether they left: their words open something all the same.
    func forgetLateTexts(_ transaction: inout PostgresTransaction) throws {
        transaction.executeLater(
            """
            UPDATE message SET body = NULL WHERE state = 'uncertain' AND body IS NOT NULL AND expires_at <= now()
            """)
    }

    /// Has the first of what waits found along its index, which is in the order they leave, until the transaction ends.
    ///
    /// The database takes the fence to hide nearly every row, and would rather read and sort all that waits.
    private func readInOrder(_ transaction: inout PostgresTransaction) {
        transaction.executeLater("SET LOCAL enable_sort = off")
    }

    private func read(_ row: Row) throws -> WaitingMessage {
        WaitingMessage(id: try row("id"), organisation: try row("organisation"))
    }
}
