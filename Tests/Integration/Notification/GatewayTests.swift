import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import Synchronization
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-1, NOT-10: several gateways behind real workers, each with its receipts.
@Suite(.serialized) struct `Several gateways` {
    private static let order = ["ovhcloud", "twilio", "kannel", "described"]
    private static let secret = "secret of the receipts"
    static let started = Task { try await start() }

    private static func start() async throws -> NotificationStack {
        let port = try FreePort.pick()
        let webhooks = "http://127.0.0.1:\(port)/webhooks"
        let stack = try await NotificationStack.start(
            [
                "QUITTANCE_SMS_GATEWAYS": order.joined(separator: ", "), "QUITTANCE_RECEIPTS_URL": webhooks,
                "QUITTANCE_RECEIPT_SECRET": secret, "QUITTANCE_OVH_ACCOUNT": "sms-1",
                "QUITTANCE_OVH_APPLICATION_KEY": "ak", "QUITTANCE_OVH_APPLICATION_SECRET": "as",
                "QUITTANCE_OVH_CONSUMER_KEY": "ck", "QUITTANCE_TWILIO_ACCOUNT": "AC1",
                "QUITTANCE_TWILIO_TOKEN": "twilio token", "QUITTANCE_KANNEL_USER": "us",
                "QUITTANCE_KANNEL_PASSWORD": "password", "QUITTANCE_HTTP_GATEWAY_SECRET": "described key",
                "QUITTANCE_GATEWAY_FAILURES_MAX": "3", "QUITTANCE_GATEWAY_REST": "2s", "QUITTANCE_LOOK_EVERY": "200ms",
                "QUITTANCE_GATEWAY_TIME_MAX": "3s", "QUITTANCE_REPLIES_EVERY": "300ms",
            ], at: port,
            urls: { sandbox in
                [
                    "QUITTANCE_OVH_URL": "\(sandbox)/ovhcloud", "QUITTANCE_TWILIO_URL": "\(sandbox)/twilio",
                    "QUITTANCE_KANNEL_URL": "\(sandbox)/kannel",
                    "QUITTANCE_HTTP_GATEWAY": template("\(sandbox)/described/send", webhooks),
                ]
            })
        let accounts = [
            "ovhcloud": #"""
            {"account":"sms-1","applicationKey":"ak","applicationSecret":"as","consumerKey":"ck","clockAhead":"-900",
             "url":"\#(webhooks)/ovhcloud/receipts?key=secret%20of%20the%20receipts"}
            """#,
            "twilio": #"{"sid":"AC1","token":"twilio token"}"#, "kannel": #"{"user":"us","password":"password"}"#,
            "described": #"{"key":"described key"}"#,
        ]
        for (gateway, account) in accounts {
            try await stack.sandbox.control(.post, "/gateways/accounts/\(gateway)", account)
        }
        let children = [try await stack.serve(), try stack.work(), try stack.work()]
        processes.withLock { $0 = children }
        return stack
    }

    /// They run as long as the tests do; one that is let go of ends.
    private static let processes = Mutex<[ServiceChild]>([])

    private static func template(_ url: String, _ webhooks: String) -> String {
        #"""
        {"name":"described","method":"POST","url":"\#(url)","headers":{"X-Key":"{{secret}}"},
         "body":"{\"phone\":\"{{digits}}\",\"words\":\"{{text}}\",\"name\":\"{{sender}}\",\#
        \"alphabet\":\"{{coding}}\",\"callback\":\"\#(webhooks)/http/receipts?id={{id}}&key={{key}}\"}",
         "taken":{"pointer":"/result/state","values":["queued"]}, "notTaken":{"statuses":[403]},
         "referencePointer":"/result/tickets/0","partsPointer":"/result/units",
         "receipts":{"id":"id","key":"key","code":"/event/state","delivered":["arrived"],"undelivered":["lost"]}}
        """#
    }

    private func taken(_ stack: NotificationStack, _ gateway: String? = nil) async throws -> [SandboxJSON] {
        try await stack.sandbox.control(.get, "/gateways/messages").list.filter { message in
            gateway.map { message["gateway"].string == $0 } ?? true
        }
    }

    @Test(arguments: order, [false, true])
    func `NOT-10, C-14: each says what became of its messages, also before it has answered`(
        gateway: String, isEarly: Bool
    ) async throws {
        let stack = try await Self.started.value
        try await stack.sandbox.control(.delete, "/webhooks")
        if isEarly {
            try await stack.sandbox.control(
                .post, "/webhooks", #"{"behaviour":"before-answer","channel":"gateway-receipt","times":2}"#)
        }
        let ids = try await stack.sendTwo(by: gateway)
        #expect(try await stack.message(ids[0]).state == "delivered")
        let events = try await stack.events(of: ids[0])
        #expect(events.suffix(2) == ["message-sent", "message-delivered"])
    }

    @Test func `NOT-1: what is worthless in minutes is not brought to a phone that is switched on an hour later`()
        async throws
    {
        let stack = try await Self.started.value
        let ids = try await stack.seed(2, by: "kannel")
        for id in ids {
            try await stack.sandbox.control(
                .post, "/gateways/outcomes", #"{"to":"\#(NotificationStack.phone(id))","verdict":"off"}"#)
        }
        try await stack.everybody { transaction in
            try transaction.execute(
                "UPDATE message SET expires_at = now() + interval '10 minutes' WHERE id = \(ids[0])")
        }
        try await stack.ring(ids)
        try await waitUntil("both receipts are in") {
            try await stack.states(of: ids) == ["delivered": 1, "failed": 1]
        }
        #expect(try await stack.message(ids[0]).state == "failed")
    }

    @Test func `NOT-10: SMSFactor's receipts are believed at the address with our secret, however it signs them`()
        async throws
    {
        let stack = try await Self.started.value
        let id = try #require(try await stack.seed(1, by: "held").first)
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET state = 'sent', gateway = 'smsfactor' WHERE id = \(id)")
        }
        let receipt = NotificationStack.receipt("3", of: id)
        let signed = [("X-SMSFactor-Signature", NotificationStack.webhookSecret)]
        for (key, status, state) in [("", 401, "sent"), ("?key=wrong", 401, "sent"), (secretKey, 200, "delivered")] {
            let answer = try await stack.call(
                .post, "/webhooks/smsfactor/receipts\(key)", receipt, as: nil, headers: signed)
            #expect(answer.status == status)
            #expect(try await stack.message(id).state == state)
        }
    }

    private let secretKey = "?key=secret%20of%20the%20receipts"

    @Test func `NOT-10: a forged receipt is refused by every gateway's address`() async throws {
        let stack = try await Self.started.value
        let id = try #require(try await stack.seed(1, by: "kannel").first)
        let paths = [
            "ovhcloud/receipts?key=wrong&id=1&description=1", "kannel/receipts?message=\(id)&key=wrong&type=1",
            "kannel/receipts?message=\(id)&type=1", "http/receipts?id=\(id)&key=wrong",
        ]
        for path in paths { #expect(try await stack.call(.get, "/webhooks/\(path)", as: nil).status == 401) }
        let twilio = try await stack.call(.post, "/webhooks/twilio/receipts?message=\(id)", "{}", as: nil)
        #expect(twilio.status == 401)
        #expect(try await stack.receipts(of: id).isEmpty)
        for (gateway, calls) in ["ovhcloud": 1, "kannel": 2, "http": 1, "twilio": 1] {
            #expect(try await stack.forged(gateway) == calls, "no alert rings for \(gateway)")
        }
    }

    @Test func `NOT-10: what one gateway has no part of leaves at once through the organisation's next, and only once`()
        async throws
    {
        let stack = try await Self.started.value
        try await stack.fault(#"{"operation":"ovhcloud.send","kind":"rate-limit","times":0}"#)
        let before = try await taken(stack).count
        let ids = try await stack.seed(80, by: "ovhcloud")
        try await stack.ring(ids)
        try await waitUntil("all have left") { try await stack.states(of: ids) == ["delivered": ids.count] }
        try await stack.sandbox.control(.delete, "/faults")
        let all = try await taken(stack)
        print("NOT-10: the first gateway took nothing of 80 messages; the others took \(all.count - before)")
        #expect(all.count - before == ids.count)
        #expect(all.suffix(ids.count).allSatisfy { $0["gateway"].string == "twilio" })
        // Three failures in a row, and it is left alone: the messages behind them never went there.
        let failures = try await stack.database.read(organisation: nil) { transaction in
            try transaction.one("SELECT failures FROM gateway_account WHERE gateway = 'ovhcloud'") { row in
                try row("failures") as Int32
            }
        }
        #expect(failures >= 3)
        let tried = try await stack.tries(of: ids)
        #expect(tried < 2 * ids.count, "some were moved without being tried")
        try await waitUntil("it works again after its rest") {
            let more = try await stack.seed(1, by: "ovhcloud")
            try await stack.ring(more)
            try await waitUntil("it left") { try await stack.states(of: more) == ["delivered": 1] }
            let last = try await taken(stack).last
            return try await stack.message(more[0]).tries == 1 && last?["gateway"].string == "ovhcloud"
        }
    }

    @Test func `NOT-1: what goes abroad and waits for one that rests goes on in the order of what goes abroad`()
        async throws
    {
        let stack = try await Self.started.value
        try await stack.fault(#"{"operation":"twilio.send","kind":"rate-limit","times":0}"#)
        let ids = try await stack.seed(80, by: "twilio")
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET address = '+32' || right(address, 9) WHERE id = ANY(\(ids))")
        }
        try await stack.ring(ids)
        try await waitUntil("all have left") { try await stack.states(of: ids) == ["delivered": ids.count] }
        try await stack.sandbox.control(.delete, "/faults")
        let abroad = try await taken(stack).filter {
            $0["to"].string.drop { "+0".contains($0) }.hasPrefix("326")
        }
        // Twilio is the first for them; behind it, and not behind its place in the order at home, comes the first.
        #expect(abroad.count == ids.count && abroad.allSatisfy { $0["gateway"].string == "ovhcloud" })
    }

    @Test func `NOT-1: an organisation's own order comes first, and one without an account is refused`() async throws {
        let stack = try await Self.started.value
        let manager = NotificationStack.principal(
            OrganisationID(0xD), scopes: ["policy:read", "policy:write"])
        let path = "/v1/sending-policy"
        let unknown = try await stack.call(
            .put, path, #"{"gateways":["kannel","smsfactor"]}"#, as: manager, headers: [("If-Match", "\"v0\"")])
        #expect(unknown.json["errors"]?.elements?.first?["pointer"]?.text == "/gateways")
        let known = try await stack.call(
            .put, path, #"{"gateways":["kannel","twilio"]}"#, as: manager, headers: [("If-Match", "\"v0\"")])
        #expect(known.json["gateways"]?.elements?.compactMap(\.text) == ["kannel", "twilio"])
    }

    /// Lets an organisation send through these gateways alone.
    private func limit(_ organisation: OrganisationID, to gateways: String, _ stack: NotificationStack) async throws {
        let manager = NotificationStack.principal(organisation, scopes: ["policy:write"])
        let kept = try await stack.call(
            .put, "/v1/sending-policy", #"{"gateways":[\#(gateways)]}"#, as: manager,
            headers: [("If-Match", "\"v0\"")])
        guard kept.status == 200 else { throw BenchFailure(text: "\(kept.json)") }
    }

    @Test func `NOT-1: what waits for a gateway that was taken out of the settings leaves by the organisation's first`()
        async throws
    {
        let stack = try await Self.started.value
        let other = OrganisationID(0xE1)
        try await limit(other, to: #""kannel""#, stack)
        let (ids, others) = (try await stack.seed(3, by: "gone"), try await stack.seed(3, by: "gone"))
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET organisation = \(other) WHERE id = ANY(\(others))")
        }
        try await stack.ring(ids + others)
        try await waitUntil("all have left") {
            try await stack.states(of: ids + others) == ["delivered": ids.count + others.count]
        }
        #expect(try await gateways(of: ids, stack) == [Self.order[0]])
        #expect(try await gateways(of: others, stack) == ["kannel"])
    }

    @Test func `NOT-1, NOT-10: many of one organisation that must wait for a gateway keep no other's from going on`()
        async throws
    {
        let stack = try await NotificationStack.startWithKannel(["QUITTANCE_GATEWAY_REST": "1h"])
        let server = try await stack.serve()
        let waiting = OrganisationID(0xE2)
        try await limit(waiting, to: #""smsfactor""#, stack)
        // More than one look of a worker takes, and due before the other one.
        let many = try await stack.seed(150)
        try await stack.everybody { transaction in
            try transaction.execute(NotificationStack.rest("smsfactor", for: .seconds(1_800)))
            try transaction.execute(
                """
                UPDATE message SET organisation = \(waiting), next_try_at = now() - interval '1 minute'
                WHERE id = ANY(\(many))
                """)
        }
        let worker = try stack.work()
        let other = try await stack.seed(1)
        try await waitUntil("the other's has left") { try await stack.states(of: other) == ["delivered": 1] }
        #expect(try await gateways(of: other, stack) == ["kannel"])
        #expect(try await stack.states(of: many) == ["ready": many.count])
        #expect(try await stack.tries(of: many) == 0)
        let writings: Int = try await stack.everybody { transaction in
            try transaction.one(
                "SELECT count(DISTINCT xmin::text) AS count FROM message WHERE id = ANY(\(many))"
            ) { row in try row("count") }
        }
        #expect(writings == 1, "none was written to since this test did: what waits costs nothing")
        try await stack.everybody { transaction in
            try transaction.execute(
                "UPDATE gateway_account SET failures = 0, rests_until = NULL WHERE gateway = 'smsfactor'")
        }
        try await waitUntil("they leave when it works again") {
            try await stack.states(of: many) == ["delivered": many.count]
        }
        #expect(try await gateways(of: many, stack) == ["smsfactor"])
        for process in [server, worker] { try await process.kill() }
    }

    /// Which gateways took these.
    private func gateways(of ids: [MessageID], _ stack: NotificationStack) async throws -> Set<String> {
        Set(
            try await stack.everybody { transaction in
                try transaction.query(
                    "SELECT coalesce(gateway, 'none') AS gateway FROM message WHERE id = ANY(\(ids))"
                ) { row in try row("gateway") as String }
            })
    }

    /// Messages that are to be written, to whom the played owner says.
    private func ask(_ stack: NotificationStack, _ count: Int) async throws -> [MessageID] {
        let ids: [MessageID] = (0..<count).map { _ in IdentifierSource.system.make() }
        let (organisation, clinic) = (NotificationStack.organisation, NotificationStack.clinic)
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, clinic, occasion, channel, lane, dedup_key, payment, client, facts,
                    state)
                SELECT id, \(organisation), \(clinic), 'payment-reminder', 'sms', 'normal', 'order/' || id,
                    gen_random_uuid(), gen_random_uuid(), '{}', 'requested'
                FROM unnest(\(ids)::uuid[]) AS told (id)
                """)
        }
        return ids
    }

    @Test func `NOT-1, NOT-10: messages leave through the first gateway of the organisation's order, then its next`()
        async throws
    {
        let owner = try PlayedRecipients()
        let stack = try await NotificationStack.startWithKannel(["QUITTANCE_PAYMENTS_URL": owner.url])
        let processes = [try await stack.serve(), try stack.work()]
        let manager = NotificationStack.principal(scopes: ["policy:write"])
        let kept = try await stack.call(
            .put, "/v1/sending-policy", #"{"gateways":["kannel","smsfactor"]}"#, as: manager,
            headers: [("If-Match", "\"v0\"")])
        #expect(kept.status == 200)
        let first = try await ask(stack, 5)
        try await waitUntil("the first has them") { try await taken(stack, "kannel").count == first.count }
        try await waitUntil("they arrived") { try await stack.states(of: first) == ["delivered": first.count] }
        #expect(try await stack.sendings(of: first).isEmpty)
        try await stack.fault(#"{"operation":"kannel.send","kind":"rate-limit","times":0}"#)
        let second = try await ask(stack, 5)
        try await waitUntil("the next has them") { try await stack.sendings(of: second).count == second.count }
        #expect(try await taken(stack, "kannel").count == first.count)
        // Its first gateway was taken out of the settings since: no worker would look for what waits there.
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE sending_policy SET gateways = ARRAY['gone', 'smsfactor']")
        }
        let third = try await ask(stack, 5)
        try await waitUntil("they leave through the one that is there") {
            try await stack.sendings(of: third).count == third.count
        }
        for process in processes { try await process.kill() }
    }

    /// Also where it waits for one that is not its organisation's any more.
    @Test(arguments: [nil, ["kannel"]])
    func `NOT-1, NOT-10: what one gateway will bring to nobody leaves through the next, and none is to blame`(
        own: [String]?
    ) async throws {
        let stack = try await NotificationStack.startWithKannel(["QUITTANCE_GATEWAY_FAILURES_MAX": "1"])
        let ids = try await stack.seed(3, by: "held")
        for (id, why) in zip(ids, ["blacklisted", "flood", "invalid"]) {
            try await stack.sandbox.control(
                .post, "/sms/discards", #"{"to":"\#(NotificationStack.phone(id))","as":"\#(why)"}"#)
        }
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO sending_policy (organisation, version, transliterates, gateways, changed_by)
                VALUES (\(NotificationStack.organisation), 1, true, \(own), 'tests')
                """)
            // After so many tries a pause would be of minutes.
            try transaction.execute(
                "UPDATE message SET route = 'smsfactor', tries = 4, next_try_at = now() WHERE id = ANY(\(ids))")
        }
        let worker = try stack.work()
        try await waitUntil("each has its outcome") { try await stack.states(of: ids) == ["sent": 2, "failed": 1] }
        #expect(try await stack.message(ids[2]).reason == "the gateway sent it to nobody: invalid")
        #expect(try await taken(stack, "kannel").count == 2)
        #expect(try await stack.tries(of: ids) == 3 * 4 + 5)
        let blamed: Int = try await stack.everybody { transaction in
            try transaction.one("SELECT count(*) AS count FROM gateway_account WHERE failures > 0") { row in
                try row("count")
            }
        }
        #expect(blamed == 0)
        try await worker.kill()
    }

    @Test func `NOT-11: all workers together give a gateway no more than its rate, urgent messages first`() async throws
    {
        let stack = try await NotificationStack.start([
            // The account's own, whatever holds for the others.
            "QUITTANCE_GATEWAY_RATE_MAX": "1000,smsfactor=20", "QUITTANCE_LOOK_EVERY": "200ms",
        ])
        let bulk = try await stack.seed(60, lane: "bulk")
        let clock = ContinuousClock()
        let start = clock.now
        let workers = try [stack.work(), stack.work(), stack.work()]
        try await waitUntil("it has begun") { try await stack.sendings(of: bulk).count >= 5 }
        let urgent = try await stack.seed(5)
        try await waitUntil("the urgent ones have left") { try await stack.sendings(of: urgent).count == 5 }
        let overtaken = bulk.count - (try await stack.sendings(of: bulk).count)
        try await waitUntil("all have left") { try await stack.sendings(of: bulk).count == bulk.count }
        let seconds = Double((clock.now - start).components.seconds)
        print("NOT-11: 65 messages at 20 per second by 3 workers took \(seconds) s; urgent ones overtook \(overtaken)")
        // A tenth of a second's worth and one more may leave at once.
        #expect(seconds >= 3, "65 messages, less 3 at once, at 20 per second")
        #expect(overtaken > 0)
        for worker in workers { try await worker.kill() }
    }
}
