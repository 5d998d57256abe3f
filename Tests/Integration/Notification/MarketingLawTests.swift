import Crypto
import EventContract
import Foundation
import HTTPClient
import HTTPServer
import NotificationDomain
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import Synchronization
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-9, C-12: marketing only to who agreed, and only when it may be sent.
@Suite(.serialized) struct `The law on marketing` {
    private static let started = Task {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay,
        ])
        let children = [try await stack.serve(), try stack.work()]
        processes.withLock { $0 = children }
        return stack
    }
    private static let processes = Mutex<[ServiceChild]>([])
    private static let manager = NotificationStack.principal(scopes: [
        "consents:read", "consents:write", "policy:read", "policy:write", "messages:read",
    ])

    /// A message of marketing that waits for its test.
    private func advert(_ stack: NotificationStack) async throws -> MessageID {
        let id = try #require(try await stack.seed(1, lane: "bulk", by: "held").first)
        try await stack.everybody { transaction in
            try transaction.execute(
                "UPDATE message SET purpose = 'marketing', route = 'smsfactor' WHERE id = \(id)")
        }
        return id
    }

    private func consent(_ stack: NotificationStack, _ id: MessageID, _ decision: String) async throws -> HTTPResponse {
        let json = #"{"phone":"\#(NotificationStack.phone(id))","decision":"\#(decision)","proof":"formulaire papier"}"#
        return try await stack.call(.post, "/v1/consents", json, as: Self.manager)
    }

    /// Puts the clinic where the wall clock is within the hours, or past them.
    private func open(_ stack: NotificationStack, _ isOpen: Bool) async throws {
        let zone = NotificationStack.zone(atHour: isOpen ? 13 : 2)
        let path = "/v1/clinics/\(NotificationStack.clinic)/time-zone"
        let answer = try await stack.call(.put, path, #"{"timeZone":"\#(zone)"}"#, as: Self.manager)
        #expect(answer.status == 204, "\(zone)")
    }

    @Test func `NOT-9: who has not agreed, or has withdrawn, is sent nothing, as the message says`() async throws {
        let stack = try await Self.started.value
        try await open(stack, true)
        for decision in [nil, "withdrawn"] {
            let id = try await advert(stack)
            if let decision { #expect(try await consent(stack, id, decision).status == 201) }
            try await stack.ring([id])
            try await waitUntil("it is called off") { try await stack.message(id).state == "called-off" }
            let note = decision == nil ? "has not agreed to marketing" : "wants no marketing any more"
            #expect(try await stack.message(id).reason == "the recipient \(note)")
            #expect(try await stack.events(of: id) == ["message-failed"])
            #expect(try await stack.sent(id).isEmpty)
        }
    }

    @Test
    func `NOT-9, C-12: at night it is held with its reason, and leaves when it may; other messages leave at once`()
        async throws
    {
        let stack = try await Self.started.value
        try await open(stack, false)
        let id = try await advert(stack)
        #expect(try await consent(stack, id, "given").status == 201)
        try await stack.ring([id])
        try await waitUntil("it is held") {
            try await stack.message(id).reason == "held until it may be sent"
        }
        let held = try await stack.message(id)
        #expect(held.state == "ready" && held.tries == 0)
        let urgent = try await stack.seed(1)
        try await waitUntil("a message of the client's business leaves") {
            try await stack.sendings(of: urgent).count == 1
        }
        #expect(try await stack.sent(id).isEmpty)
        try await open(stack, true)
        try await stack.ring([id])
        try await waitUntil("it leaves") { try await stack.sent(id).count == 1 }
    }

    /// A Sunday, the first of May, Christmas; the day after it in Alsace-Moselle, and Abolition Day in Martinique.
    @Test(
        arguments: [
            ("2026-11-29", nil), ("2026-05-01", nil), ("2026-12-25", nil), ("2026-12-26", "alsace-moselle"),
            ("2026-05-22", "martinique"),
        ] as [(String, String?)])
    func `NOT-9: on a Sunday and on public holidays, there too where they are the region's own, it is held all day`(
        day: String, region: String?
    ) async throws {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_REHEARSAL_DAY": day,
        ])
        let processes = [try await stack.serve(), try stack.work()]
        if let region {
            let answer = try await stack.call(
                .put, "/v1/sending-policy", #"{"region":"\#(region)"}"#, as: Self.manager,
                headers: [("If-Match", "\"v0\"")])
            #expect(answer.status == 200)
        }
        try await open(stack, true)
        let id = try await advert(stack)
        #expect(try await consent(stack, id, "given").status == 201)
        try await stack.ring([id])
        try await waitUntil("it is held") { try await stack.message(id).reason == "held until it may be sent" }
        let urgent = try await stack.seed(1)
        try await waitUntil("the client's own business is not") { try await stack.sendings(of: urgent).count == 1 }
        #expect(try await stack.sent(id).isEmpty)
        for process in processes { try await process.kill() }
    }

    @Test func `NOT-9: a rehearsal takes no message before its gateway has said that it is a sandbox`() async throws {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay,
        ])
        let server = try await stack.serve()
        // A stand-in's address on this machine, with something else behind it.
        let rash = try stack.work(["QUITTANCE_SMSFACTOR_URL": "http://127.0.0.1:\(stack.port)/smsfactor"])
        let ids = try await stack.seed(1)
        try await waitUntil("it says why it waits") {
            try stack.log().contains("a rehearsal takes no messages before its gateways say that they are sandboxes")
        }
        // Its time to look has passed several times.
        try await Task.sleep(for: .seconds(1))
        let row = try await stack.message(try #require(ids.first))
        #expect(row.state == "ready" && row.tries == 0)
        try await rash.kill()
        let worker = try stack.work()
        try await waitUntil("it leaves through the sandbox") { try await stack.sendings(of: ids).count == 1 }
        for process in [server, worker] { try await process.kill() }
    }

    @Test func `C-12: held for longer than it may wait, it is called off and told as failed`() async throws {
        let stack = try await Self.started.value
        try await open(stack, false)
        let id = try await advert(stack)
        #expect(try await consent(stack, id, "given").status == 201)
        try await stack.ring([id])
        try await waitUntil("it is held") { try await stack.message(id).reason == "held until it may be sent" }
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET expires_at = now() WHERE id = \(id)")
        }
        try await waitUntil("it is called off") { try await stack.message(id).state == "called-off" }
        #expect(try await stack.events(of: id) == ["message-failed"])
    }

    @Test func `NOT-9: a STOP counts at once and for all clinics, once, with its proof; a chat is no STOP`()
        async throws
    {
        let stack = try await Self.started.value
        try await open(stack, true)
        let (before, after) = (try await stack.seed(1)[0], try await advert(stack))
        let phone = NotificationStack.phone(before)
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET address = \(phone), clinic = NULL WHERE id = \(after)")
        }
        let given = #"{"phone":"\#(phone)","decision":"given","proof":"formulaire"}"#
        #expect(try await stack.call(.post, "/v1/consents", given, as: Self.manager).status == 201)
        func reply(_ text: String) -> String {
            #"""
            {"date":"2026-11-20T10:00:00Z","message":"\#(text)","from":"\#(phone.dropFirst())",
             "last_message_id":"\#(before)"}
            """#
        }
        #expect(try await push(reply("Bonjour"), stack) == 200)
        #expect(try await decisions(stack, phone) == ["given"])
        #expect(try await push(reply("STOP"), stack, signature: "forged") == 401)
        for _ in 0..<2 { #expect(try await push(reply("Stop SMS"), stack) == 200) }
        #expect(try await decisions(stack, phone) == ["withdrawn", "given"])
        try await stack.ring([after])
        try await waitUntil("it is called off") { try await stack.message(after).state == "called-off" }
        let told = try await stack.database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT count(*) AS events, count(DISTINCT subject) AS clients FROM (
                    SELECT type, subject FROM outbox UNION ALL SELECT type, subject FROM outbox_journal) AS told
                WHERE type = \(RecipientOptedOutV1.type.text)
                    AND subject IN (SELECT client FROM message WHERE address = \(phone))
                """
            ) { row in (events: try row("events") as Int, clients: try row("clients") as Int) }
        }
        #expect(told.events == 2 && told.clients == 2, "each of the phone's two clients is told of once")
        let stranger = NotificationStack.principal(OrganisationID(0xB), scopes: ["consents:read"])
        let path = "/v1/consents?phone=%2B\(phone.dropFirst())"
        #expect(try await stack.call(.get, path, as: stranger).json["items"]?.elements?.isEmpty == true)
    }

    @Test func `NOT-9: a STOP whose number names no country is of all it may be where clinics are`() async throws {
        let stack = try await Self.started.value
        let national = "076\(UInt32.random(in: 1_000_000...9_999_999))"
        let (french, swiss) = ("+33\(national.dropFirst())", "+41\(national.dropFirst())")
        for (id, phone) in zip(try await stack.seed(2, by: "held"), [french, swiss]) {
            try await stack.everybody { transaction in
                try transaction.execute("UPDATE message SET address = \(phone) WHERE id = \(id)")
            }
            let given = #"{"phone":"\#(phone)","decision":"given","proof":"formulaire"}"#
            #expect(try await stack.call(.post, "/v1/consents", given, as: Self.manager).status == 201)
        }
        func stop(_ second: Int) async throws -> Int {
            let reply = #"{"date":"2026-11-20T10:00:0\#(second)Z","message":"STOP","from":"\#(national)"}"#
            return try await push(reply, stack)
        }
        #expect(try await stop(1) == 200)
        #expect(try await decisions(stack, french) == ["withdrawn", "given"])
        #expect(try await decisions(stack, swiss) == ["given"], "no clinic is in Switzerland")
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO clinic (id, organisation, time_zone)
                VALUES (gen_random_uuid(), \(NotificationStack.organisation), 'Europe/Zurich')
                """)
        }
        #expect(try await stop(2) == 200)
        for phone in [french, swiss] { #expect(try await decisions(stack, phone) == ["withdrawn", "given"]) }
    }

    @Test func `NOT-9: a STOP nobody can hear is answered, and counted with its reason and nothing personal`()
        async throws
    {
        let stack = try await Self.started.value
        func unheard(_ reason: String) async throws -> Double {
            let labels = [#"gateway="smsfactor""#, #"reason="\#(reason)""#]
            let values = try await stack.metrics().values(of: "quittance_gateway_replies_unheard_total", labels)
            return try #require(values.first, "an alert sees no growth of a series that begins with a count")
        }
        let stranger = CampaignBench.randomPhone()
        for (reason, from) in [("unreadable", "no number"), ("stranger", String(stranger.dropFirst()))] {
            let before = try await unheard(reason)
            for (text, more) in [("Merci", 0), ("STOP", 1)] {
                let reply = #"{"date":"2026-11-20T10:00:00Z","message":"\#(text)","from":"\#(from)"}"#
                #expect(try await push(reply, stack) == 200)
                #expect(try await unheard(reason) == before + Double(more), "\(text) by \(reason)")
            }
        }
        // Of another shape: told as what a gateway reports in vain, and by that one alert alone.
        func unread() async throws -> Double {
            try await stack.metrics().sum(
                of: "quittance_gateway_notifications_total", [#"gateway="smsfactor""#, #"outcome="unread""#])
        }
        let (unheardBefore, before) = (try await unheard("unreadable"), try await unread())
        #expect(try await push(#"{"text":"STOP"}"#, stack) == 200)
        let (unheardAfter, after) = (try await unheard("unreadable"), try await unread())
        #expect(unheardAfter == unheardBefore && after == before + 1)
        let log = try stack.log()
        #expect(log.contains("what people wrote back was not heard") && !log.contains(stranger.dropFirst()))
    }

    @Test func `NOT-9: a form that is typed after a STOP undoes it only when it was signed later`() async throws {
        let stack = try await Self.started.value
        let id = try await advert(stack)
        let phone = NotificationStack.phone(id)
        #expect(try await consent(stack, id, "given").status == 201)
        #expect(try await consent(stack, id, "withdrawn").status == 201)
        let undated = try await consent(stack, id, "given")
        #expect(undated.status == 409 && undated.json["type"]?.text?.hasSuffix("decision-undated") == true)
        #expect(undated.json["errors"]?.elements?.first?["pointer"]?.text == "/decidedAt")
        #expect(try await decisions(stack, phone) == ["withdrawn", "given"])
        func agree(at moment: Instant) async throws -> Int {
            let json = #"{"phone":"\#(phone)","decision":"given","proof":"formulaire","decidedAt":"\#(moment)"}"#
            return try await stack.call(.post, "/v1/consents", json, as: Self.manager).status
        }
        let now = TimeSource.system.now()
        #expect(try await agree(at: now.adding(.seconds(-86_400))) == 201)
        #expect(try await decisions(stack, phone) == ["withdrawn", "given", "given"])
        #expect(try await agree(at: now) == 201)
        #expect(try await decisions(stack, phone).first == "given")
        // Nothing is undone by agreeing once more.
        #expect(try await consent(stack, id, "given").status == 201)
    }

    private func decisions(_ stack: NotificationStack, _ phone: String) async throws -> [String] {
        // With the plus sign as it is, which arrives as a blank.
        let answer = try await stack.call(.get, "/v1/consents?phone=\(phone)", as: Self.manager)
        return (answer.json["items"]?.elements ?? []).compactMap { $0["decision"]?.text }
    }

    private func push(_ body: String, _ stack: NotificationStack, signature: String? = nil) async throws -> Int {
        let signature = signature ?? NotificationStack.signature(of: body)
        return try await stack.call(
            .post, "/webhooks/smsfactor/replies", body, as: nil, headers: [("X-SMSFactor-Signature", signature)]
        ).status
    }

    /// What Twilio signs: the address it was given, and the fields in the order of their names.
    private func signature(of url: String, _ fields: [(String, String)], by token: String) -> String {
        let text = url + fields.sorted { $0.0 < $1.0 }.map { $0.0 + $0.1 }.joined()
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data(text.utf8), using: SymmetricKey(data: Data(token.utf8)))
        return Data(code).base64EncodedString()
    }

    @Test func `NOT-9: a STOP by Kannel or Twilio counts like one by SMSFactor, a forged one does not`() async throws {
        let webhooks = "https://clinic.example/webhooks"
        let stack = try await NotificationStack.start([
            "QUITTANCE_RECEIPTS_URL": webhooks, "QUITTANCE_RECEIPT_SECRET": "our secret",
            "QUITTANCE_TWILIO_TOKEN": "twilio token",
        ])
        let server = try await stack.serve()
        let phones = try await stack.seed(2, by: "held").map(NotificationStack.phone)
        for phone in phones {
            let given = #"{"phone":"\#(phone)","decision":"given","proof":"formulaire"}"#
            #expect(try await stack.call(.post, "/v1/consents", given, as: Self.manager).status == 201)
        }
        let digits = phones[0].dropFirst()
        for (key, text, status) in [("wrong", "STOP", 401), ("our%20secret", "Merci", 200)] {
            let path = "/webhooks/kannel/replies?key=\(key)&from=%2B\(digits)&text=\(text)&id=1"
            #expect(try await stack.call(.get, path, as: nil).status == status)
        }
        #expect(try await decisions(stack, phones[0]) == ["given"])
        // Some networks leave the plus sign out, and some people write several lines.
        let path = "/webhooks/kannel/replies?key=our%20secret&from=\(digits)&text=Stop%0Asvp&id=2"
        for _ in 0..<2 { #expect(try await stack.call(.get, path, as: nil).status == 200) }
        #expect(try await decisions(stack, phones[0]) == ["withdrawn", "given"])
        let body = "MessageSid=SM1&From=%2B\(phones[1].dropFirst())&Body=STOP"
        let fields = [("MessageSid", "SM1"), ("From", phones[1]), ("Body", "STOP")]
        for (token, status) in [("wrong", 401), ("twilio token", 200), ("twilio token", 200)] {
            let answer = try await stack.call(
                .post, "/webhooks/twilio/replies", body, as: nil,
                headers: [("X-Twilio-Signature", signature(of: webhooks + "/twilio/replies", fields, by: token))])
            #expect(answer.status == status)
        }
        #expect(try await decisions(stack, phones[1]) == ["withdrawn", "given"])
        try await server.kill()
    }

    @Test(arguments: [false, true])
    func `NOT-9: a STOP by the described gateway counts, in JSON or a form, as its description says`(
        isForm: Bool
    ) async throws {
        let places =
            isForm
            ? #"{"from":"phone","text":"words","id":"number"}"#
            : #"{"from":"/reply/phone","text":"/reply/words","id":"/reply/number"}"#
        let stack = try await NotificationStack.start([
            "QUITTANCE_RECEIPT_SECRET": "our secret",
            "QUITTANCE_HTTP_GATEWAY": #"""
            {"name":"described","method":"POST","url":"http://127.0.0.1:1/send","taken":{"statuses":[200]},
             "replies":\#(places)}
            """#,
        ])
        let server = try await stack.serve()
        let phone = NotificationStack.phone(try await stack.seed(1, by: "held")[0])
        let given = #"{"phone":"\#(phone)","decision":"given","proof":"formulaire"}"#
        #expect(try await stack.call(.post, "/v1/consents", given, as: Self.manager).status == 201)
        func say(_ text: String, key: String = "our%20secret") async throws -> Int {
            let words = isForm ? text.replacing(" ", with: "+") : text
            let reply =
                isForm
                ? "phone=\(phone.dropFirst())&words=\(words)&number=7"
                : #"{"reply":{"phone":"\#(phone.dropFirst())","words":"\#(words)","number":7}}"#
            return try await stack.call(.post, "/webhooks/http/replies?key=\(key)", reply, as: nil).status
        }
        #expect(try await say("STOP", key: "wrong") == 401)
        #expect(try await say("Merci") == 200)
        #expect(try await decisions(stack, phone) == ["given"])
        for _ in 0..<2 { #expect(try await say("Stop svp") == 200) }
        #expect(try await decisions(stack, phone) == ["withdrawn", "given"])
        try await server.kill()
    }

    @Test(arguments: [
        (#"{"phone":"+33612345678","decision":"given"}"#, "/proof"),
        (#"{"phone":"+33000000000","decision":"given","proof":"x"}"#, "/phone"),
        (#"{"phone":"+33612345678","decision":"maybe","proof":"x"}"#, "/decision"),
        (#"{"phone":"+33612345678","decision":"given","proof":"x","decidedAt":"2999-01-01T00:00:00Z"}"#, "/decidedAt"),
        (#"{"phone":"+33612345678","decision":"given","proof":"x","decidedAt":"1999-12-31T23:59:59Z"}"#, "/decidedAt"),
    ])
    func `NOT-9: a consent without its proof, of tomorrow or of the last century is refused`(
        json: String, pointer: String
    ) async throws {
        let stack = try await Self.started.value
        let answer = try await stack.call(.post, "/v1/consents", json, as: Self.manager)
        #expect(answer.status == 422 && answer.json["errors"]?.elements?.first?["pointer"]?.text == pointer)
    }
}
