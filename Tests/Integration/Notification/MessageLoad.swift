import EventContract
import HTTPClient
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import TransactionalMessaging

// Many messages at once, written and handed out as the service does it.
extension NotificationStack {
    /// What a test does behind the service's back, in every organisation.
    @discardableResult
    func everybody<Answer: Sendable>(
        _ body: @escaping @Sendable (inout PostgresTransaction) throws -> Answer
    ) async throws -> Answer {
        try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every"), body)
    }

    /// Has a transaction of that kind lock something and, as soon as so many sessions wait for it, do the rest.
    ///
    /// Answers once it is locked; the task ends with the transaction.
    func lock(
        _ statement: SQL, untilWaitedForBy sessions: Int = 1,
        then rest: @escaping @Sendable (inout PostgresTransaction) throws -> Void
    ) async -> Task<Void, any Error> {
        let (locked, rope) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            defer { rope.finish() }
            try await everybody { transaction in
                try transaction.execute(statement)
                rope.yield()
                try transaction.waitUntilWaitedFor(by: sessions)
                try rest(&transaction)
            }
        }
        for await _ in locked { break }
        return task
    }

    /// One whose workers know SMSFactor and behind it Kannel, which tells at this service's address what became of its
    /// messages.
    static func startWithKannel(_ more: [String: String]) async throws -> NotificationStack {
        let port = try FreePort.pick()
        let usual = [
            "QUITTANCE_SMS_GATEWAYS": "smsfactor,kannel", "QUITTANCE_KANNEL_USER": "us",
            "QUITTANCE_KANNEL_PASSWORD": "password", "QUITTANCE_RECEIPTS_URL": "http://127.0.0.1:\(port)/webhooks",
            "QUITTANCE_RECEIPT_SECRET": "secret of the receipts", "QUITTANCE_LOOK_EVERY": "200ms",
        ]
        let stack = try await start(
            usual.merging(more) { $1 }, at: port, urls: { ["QUITTANCE_KANNEL_URL": "\($0)/kannel"] })
        try await stack.sandbox.control(
            .post, "/gateways/accounts/kannel", #"{"user":"us","password":"password"}"#)
        return stack
    }

    /// How often the gateway behind SMSFactor took each number.
    func takenBySecond() async throws -> [String: Int] {
        try await sandbox.control(.get, "/gateways/messages").list.reduce(into: [:]) { counts, message in
            counts[message["to"].string.filter(\.isNumber), default: 0] += 1
        }
    }

    /// Has workers leave a gateway alone for so long, as after many calls that failed; after a rest that is over they
    /// try it, and so they do where it is longer than theirs (`QUITTANCE_GATEWAY_REST`).
    static func rest(_ gateway: String, for time: Duration) -> SQL {
        """
        INSERT INTO gateway_account (gateway, failures, rests_until)
        VALUES (\(gateway), 100, now() + \(time.components.seconds) * interval '1 second')
        ON CONFLICT (gateway) DO UPDATE SET failures = EXCLUDED.failures, rests_until = EXCLUDED.rests_until
        """
    }

    /// Messages ready to leave, each to a client of its own.
    ///
    /// Those by another gateway are handed out by `ring`, so that a test can prepare what becomes of them.
    func seed(_ count: Int, lane: String = "urgent", by route: String = "smsfactor") async throws -> [MessageID] {
        let source = IdentifierSource.system
        let messages = (0..<count).map { _ in (id: source.make() as MessageID, client: source.make() as ClientID) }
        let cause = Cause(
            .job(name: "seed", run: "\(source.next())"), organisation: Self.organisation, actor: "tests",
            correlation: CorrelationID(1))
        try await database.change(because: cause) { change in
            for (id, client) in messages {
                let payment: PaymentID = source.make()
                try change.execute(
                    """
                    INSERT INTO message (id, organisation, clinic, occasion, channel, lane, dedup_key, payment, client,
                        facts, state, address, subject, body, route, next_try_at)
                    VALUES (\(id), \(Self.organisation), \(Self.clinic), 'payment-link', 'sms', \(lane),
                        \("payment-link/\(payment)"), \(payment), \(client), '{}', 'ready', \(Self.phone(id)), '',
                        'Pour payer, suivez ce lien', \(route),
                        CASE WHEN \(route == "smsfactor") THEN now() ELSE 'infinity' END)
                    """)
                change.announce(MessageDispatchV1(messageID: id, lane: lane), about: client)
            }
        }
        return messages.map(\.id)
    }

    /// Mails ready to leave when `ring` says so, each to an address of its own.
    func seedMails(_ count: Int) async throws -> [(id: MessageID, address: String)] {
        let source = IdentifierSource.system
        let mails = (0..<count).map { _ in
            let id: MessageID = source.make()
            return (id: id, address: "client-\(id)@example.org")
        }
        try await everybody { transaction in
            for mail in mails {
                try transaction.execute(
                    """
                    INSERT INTO message (id, organisation, clinic, occasion, channel, lane, dedup_key, payment, client,
                        facts, state, address, subject, body, route, next_try_at)
                    VALUES (\(mail.id), \(Self.organisation), \(Self.clinic), 'payment-accepted', 'email', 'normal',
                        \("mail/\(mail.id)"), gen_random_uuid(), gen_random_uuid(), '{}', 'ready', \(mail.address),
                        'Votre paiement', 'Merci', 'smtp', 'infinity')
                    """)
            }
        }
        return mails
    }

    /// Lets messages of another gateway leave.
    func ring(_ ids: [MessageID]) async throws {
        try await everybody { transaction in
            try transaction.execute("UPDATE message SET next_try_at = now() WHERE id = ANY(\(ids))")
        }
    }

    /// Lets two messages leave by a gateway, of which the second does not arrive, and waits until both receipts are in.
    func sendTwo(by gateway: String) async throws -> [MessageID] {
        let ids = try await seed(2, by: gateway)
        try await sandbox.control(
            .post, "/gateways/outcomes", #"{"to":"\#(Self.phone(ids[1]))","verdict":"undelivered"}"#)
        try await ring(ids)
        try await waitUntil("both receipts are in") { try await states(of: ids) == ["delivered": 1, "failed": 1] }
        return ids
    }

    /// How many calls were made for these together.
    func tries(of ids: [MessageID]) async throws -> Int {
        try await database.read(organisation: nil) { transaction in
            try transaction.one("SELECT sum(tries) AS tries FROM message WHERE id = ANY(\(ids))") { row in
                try row("tries")
            }
        }
    }

    /// How many of them a gateway has taken, as far as the workers know.
    func left(of ids: [MessageID]) async throws -> Int {
        try await database.read(organisation: nil) { transaction in
            try transaction.one(
                "SELECT count(*) AS count FROM message WHERE id = ANY(\(ids)) AND left_at IS NOT NULL"
            ) { row in try row("count") }
        }
    }

    /// Of the French mainland: 0639, 0690 and their like are dialled to islands.
    static func phone(_ id: MessageID) -> String {
        let digits = "\(UInt32(truncatingIfNeeded: id.value) % 30_000_000)"
        return "+336" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Waits until nothing is open: every message has left, or has a state that says why not.
    func waitUntilSettled(_ ids: [MessageID]) async throws {
        var last: [String: Int] = [:]
        do {
            try await waitUntil("all messages are settled", within: .seconds(60)) {
                last = try await states(of: ids)
                return ["requested", "ready", "claimed", "sent"].allSatisfy { last[$0] == nil }
            }
        } catch {
            throw BenchFailure(text: "\(error); there is \(last)")
        }
    }

    /// Taken and not yet begun, or being called for.
    func inHand() async throws -> Int {
        try await database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT count(*) AS count FROM message
                WHERE state = 'claimed' OR state = 'ready' AND tries = 0 AND next_try_at > now()
                """
            ) { row in try row("count") }
        }
    }

    /// Calls off what a worker has taken and not claimed, as the payment's fact would; answers what it was.
    func callOffInHand() async throws -> [MessageID] {
        try await everybody { transaction in
            try transaction.query(
                """
                UPDATE message SET state = 'called-off', reason = 'no longer wanted'
                WHERE state = 'ready' AND tries = 0 AND next_try_at > now() RETURNING id
                """
            ) { row in try row("id") }
        }
    }

    /// Tells on the topic of payments that the payment of a message was cancelled, and waits until it is taken in.
    func announceCancellation(of id: MessageID) async throws {
        let correlation: CorrelationID = IdentifierSource.system.make()
        let cause = Cause(
            .job(name: "cancel", run: "\(correlation)"), organisation: Self.organisation, actor: "tests",
            correlation: correlation)
        try await database.change(because: cause) { change in
            let payment: PaymentID = try change.one("SELECT payment FROM message WHERE id = \(id)") { row in
                try row("payment")
            }
            change.announce(
                PaymentCancelledV1(
                    paymentID: payment, clientID: ClientID(0xD), amount: .euros(cents: 20_000), provider: .alma,
                    reason: "by-clinic"), about: payment)
        }
        try await waitUntil("the cancellation is taken in") {
            try await database.read(organisation: nil) { transaction in
                try transaction.one(
                    """
                    SELECT count(*) > 0 AS there FROM cause
                    WHERE scope = 'message:notification' AND correlation = \(correlation)
                    """
                ) { row in try row("there") }
            }
        }
    }
}
