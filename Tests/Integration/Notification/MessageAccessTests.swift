import EventContract
import HTTPClient
import HTTPServer
import KafkaClient
import NotificationService
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `What the notification service shows, and to whom` {
    private func deliveredMessage(_ bench: NotificationBench) async throws -> (AskedPayment, MessageRow) {
        let payment = try await bench.request()
        return (payment, try await bench.stack.message(about: payment.id, until: "delivered"))
    }

    private func listed(_ bench: NotificationBench, as principal: Principal) async throws -> [String] {
        let answer = try await bench.stack.call(.get, "/v1/messages?limit=200", as: principal)
        #expect(answer.status == 200)
        return answer.json["items"]?.elements?.compactMap { $0["id"]?.text } ?? []
    }

    @Test func `GEN-1: nothing of another organisation exists, on any route`() async throws {
        let bench = try await NotificationBench.shared()
        let (_, message) = try await deliveredMessage(bench)
        let path = "/v1/messages/\(message.id)"
        for role in [Role.manager, .frontDesk, .accountant] {
            let (own, stranger) = (
                NotificationStack.principal(role: role), NotificationStack.principal(OrganisationID(0xB), role: role)
            )
            #expect(try await bench.stack.call(.get, path, as: own).status == 200)
            #expect(try await listed(bench, as: own).contains(message.id.description))
            #expect(try await bench.stack.call(.get, path, as: stranger).status == 404)
            #expect(try await listed(bench, as: stranger).isEmpty)
        }
        let settle = try await bench.stack.call(
            .post, path + "/settle", #"{"finding":"give-up"}"#, as: NotificationStack.principal(OrganisationID(0xB)))
        #expect(settle.status == 404)
    }

    @Test func `NOT-10: messages of one payment are listed alone, and another organisation's payment has none`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let (payment, other) = (try await bench.request(), try await bench.request())
        let message = try await bench.stack.message(about: payment.id, until: "delivered")
        try await bench.stack.message(about: other.id, until: "delivered")
        let list = { (principal: Principal) in
            let answer = try await bench.stack.call(
                .get, "/v1/messages?paymentID=\(payment.id)", as: principal)
            return answer.json["items"]?.elements?.compactMap { $0["id"]?.text }
        }
        #expect(try await list(NotificationStack.principal()) == [message.id.description])
        let stranger = NotificationStack.principal(OrganisationID(0xB), scopes: ["messages:read"])
        #expect(try await list(stranger) == [])
    }

    @Test func `NOT-10: messages to one client, or of one campaign, are listed alone, to nobody else`() async throws {
        let stack = try await NotificationBench.shared().stack
        let ids = try await stack.seed(3, by: "held")
        let (client, campaign): (ClientID, CampaignID) = (
            IdentifierSource.system.make(), IdentifierSource.system.make()
        )
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET client = \(client) WHERE id = ANY(\(Array(ids.prefix(2))))")
            try transaction.execute("UPDATE message SET payment = NULL, campaign = \(campaign) WHERE id = \(ids[1])")
        }
        let list = { (query: String, principal: Principal) in
            let answer = try await stack.call(.get, "/v1/messages?\(query)", as: principal)
            return Set(answer.json["items"]?.elements?.compactMap { $0["id"]?.text } ?? ["\(answer.status)"])
        }
        let own = NotificationStack.principal()
        let (first, second) = (ids[0].description, ids[1].description)
        #expect(try await list("clientID=\(client)", own) == [first, second])
        #expect(try await list("campaignID=\(campaign)", own) == [second])
        #expect(try await list("clientID=\(client)&campaignID=\(campaign)&state=ready", own) == [second])
        #expect(try await list("clientID=\(client)&state=sent", own) == [])
        #expect(try await list("paymentID=\(PaymentID(1))&campaignID=\(campaign)", own) == ["422"])
        let elsewhere = NotificationStack.principal(clinics: .some([ClinicID(0xE)]))
        for stranger in [NotificationStack.principal(OrganisationID(0xB)), elsewhere] {
            #expect(try await list("clientID=\(client)", stranger) == [])
            #expect(try await list("campaignID=\(campaign)", stranger) == [])
        }
    }

    @Test func `NOT-9, NOT-10: one that is held tells until when, and not one that a worker has in hand`()
        async throws
    {
        let stack = try await NotificationBench.shared().stack
        let ids = try await stack.seed(4, by: "held")
        let (held, unwritten, inHand, paused) = (ids[0], ids[1], ids[2], ids[3])
        let until = try await stack.everybody { transaction -> Instant in
            try transaction.execute(
                """
                UPDATE message SET next_try_at = date_trunc('second', now()) + interval '2 hours',
                    waits_since = date_trunc('second', now()) + interval '2 hours'
                WHERE id IN (\(held), \(unwritten))
                """)
            try transaction.execute("UPDATE message SET state = 'requested' WHERE id = \(unwritten)")
            try transaction.execute(
                "UPDATE message SET next_try_at = now() + interval '600 seconds' WHERE id = \(inHand)")
            return try transaction.one("SELECT next_try_at FROM message WHERE id = \(held)") { row in
                try row("next_try_at") as Instant
            }
        }
        let told: [(MessageID, Instant?)] = [(held, until), (unwritten, until), (inHand, nil), (paused, nil)]
        for (id, moment) in told {
            let shown = try await stack.call(.get, "/v1/messages/\(id)")
            #expect(shown.status == 200)
            #expect(shown.json["waitsUntil"]?.text.flatMap { Instant($0) } == moment)
        }
    }

    @Test func `GEN-1: messages of clinics the caller does not act for do not exist`() async throws {
        let bench = try await NotificationBench.shared()
        let (_, message) = try await deliveredMessage(bench)
        let elsewhere = NotificationStack.principal(role: .frontDesk, clinics: .some([ClinicID(0xE)]))
        let here = NotificationStack.principal(
            role: .frontDesk, clinics: .some([ClinicID(0xE), NotificationStack.clinic]))
        #expect(try await bench.stack.call(.get, "/v1/messages/\(message.id)", as: elsewhere).status == 404)
        #expect(try await listed(bench, as: elsewhere).isEmpty)
        #expect(try await bench.stack.call(.get, "/v1/messages/\(message.id)", as: here).status == 200)
        #expect(try await listed(bench, as: here).contains(message.id.description))
    }

    @Test func `GEN-1: without a token, the role or the scope nothing is shown`() async throws {
        let bench = try await NotificationBench.shared()
        for path in ["/v1/messages", "/v1/messages/\(MessageID(1))", "/v1/messages/\(MessageID(1))/text"] {
            #expect(try await bench.stack.call(.get, path, as: nil).status == 401)
            let program = NotificationStack.principal(role: .service)
            #expect(try await bench.stack.call(.get, path, as: program).status == 403)
            let unscoped = NotificationStack.principal(scopes: ["payments:read"])
            #expect(try await bench.stack.call(.get, path, as: unscoped).status == 403)
        }
    }

    @Test func `GEN-1: the database's roles and its rows' fence keep others out by themselves`() async throws {
        let bench = try await NotificationBench.shared()
        _ = try await deliveredMessage(bench)
        for role in ["invoicing", "payments", "reconciliation"] {
            let other = NotificationStack.database(bench.stack.settings, role: role)
            for table in ["message", "delivery_receipt", "outbox", "cause"] {
                await #expect(throws: PostgresError.self, "\(role) may not read \(table)") {
                    _ = try await other.pool.query("SELECT count(*) AS count FROM notification.\(unescaped: table)") {
                        row in try row("count") as Int
                    }
                }
            }
        }
        let count: @Sendable (inout PostgresTransaction) throws -> Int = { transaction in
            try transaction.one("SELECT count(*) AS count FROM message") { row in try row("count") }
        }
        let database = bench.stack.database
        #expect(try await database.read(organisation: NotificationStack.organisation, count) > 0)
        #expect(try await database.read(organisation: OrganisationID(0xB), count) == 0)
        #expect(try await database.pool.transaction(.readOnly, count) == 0, "whoever names nobody sees nothing")
    }

    @Test func `OPS-4: no phone, address or name is in an event, in the log or in what staff list`() async throws {
        let bench = try await NotificationBench.shared()
        let (payment, message) = try await deliveredMessage(bench)
        let refused = try await bench.request(spoiltBy: #""kind":"gateway-status","status":-7"#)
        try await bench.stack.message(about: refused.id, until: "failed")
        try await bench.accept(payment)
        let mail = try await bench.stack.message(about: payment.id, occasion: "payment-accepted", until: "sent")

        var said = try bench.stack.log()
        said += try await bench.published(Topic.notifications.rawValue, about: message.id.description, atLeast: 3).text
        said += try await bench.published(Topic.notifications.rawValue, about: mail.id.description, atLeast: 2).text
        said += try await bench.published(Topic.payments.rawValue, about: payment.id.description, atLeast: 2).text
        said += try await outbox(bench)
        for id in [message.id, mail.id] {
            said += String(decoding: try await bench.stack.call(.get, "/v1/messages/\(id)").body, as: UTF8.self)
        }
        #expect(said.contains(message.id.description) && said.contains("a message was handed over"))
        for recipient in [payment.recipient, refused.recipient] {
            for personal in [recipient.digits, recipient.email, recipient.firstName] {
                #expect(!said.contains(personal), "something personal was said")
            }
        }
    }

    /// Everything that is published or about to be, and the answers kept for repetitions.
    private func outbox(_ bench: NotificationBench) async throws -> String {
        try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT convert_from(value, 'UTF8') || array_to_string(headers, ' ') AS text FROM outbox_journal
                UNION ALL SELECT convert_from(value, 'UTF8') || array_to_string(headers, ' ') FROM outbox
                UNION ALL SELECT scope || key || actor || coalesce(answer, '') FROM cause
                """
            ) { row in try row("text") as String }
        }.joined(separator: "\n")
    }

    @Test func `describes exactly the routes it serves`() async throws {
        let bench = try await NotificationBench.shared()
        let settings = try Settings(
            StandardSettings.all(port: NotificationService.port, schema: NotificationService.schema)
                + NotificationService.settings,
            from: Environment(bench.stack.common.merging(bench.stack.own) { $1 }))
        let assembly = try await NotificationService.assemble(
            ServiceContext(
                settings: settings, database: bench.stack.database, time: .system, ids: .system,
                logger: NotificationStack.logger))
        #expect(try OpenAPICheck(assembly.openAPI, assembly.routes).differences() == [])
        for close in assembly.closing { await close() }
    }
}

extension [KafkaConsumedRecord] {
    /// Bodies, keys and headers.
    fileprivate var text: String {
        map { record in
            let headers = record.headers.map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" }
            let body = String(decoding: (record.key ?? []) + (record.value ?? []), as: UTF8.self)
            return body + headers.joined(separator: " ")
        }.joined(separator: "\n")
    }
}
