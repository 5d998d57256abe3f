import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing

@Suite struct `What a gateway makes of a message` {
    @Test func `NOT-10: an answer that is lost after the effect leaves it uncertain; its receipt settles it`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        for fault in [#""kind":"slow-answer","milliseconds":9000"#, #""kind":"lose-answer""#, #""kind":"html""#] {
            let payment = try await bench.request(spoiltBy: fault)
            let message = try await bench.stack.message(about: payment.id, until: "uncertain")
            #expect(message.reason?.isEmpty == false)
            try await bench.goOn()
            #expect(try await bench.stack.sent(message.id).count == 1, "it is never just repeated")
            #expect(try await bench.stack.message(message.id).state == "uncertain")

            let receipt = NotificationStack.receipt("3", of: message.id)
            #expect(try await bench.stack.push(receipt, signature: NotificationStack.signature(of: receipt)) == 200)
            #expect(try await bench.stack.message(message.id).state == "delivered")
            #expect(try await bench.stack.events(of: message.id) == ["message-requested", "message-delivered"])
            let shown = try await bench.stack.call(.get, "/v1/messages/\(message.id)").json
            #expect(shown["reason"] == nil, "its code is a gateway's word")
            let times = ["createdAt", "leftAt"].compactMap { shown[$0]?.text.flatMap { Instant($0) } }
            #expect(times.count == 2 && times == times.sorted(), "it left with its only call")
        }
    }

    @Test func `NOT-10: an answer that is lost without an effect is uncertain too, since nobody can tell`() async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"drop""#)
        let message = try await bench.stack.message(about: payment.id, until: "uncertain")
        try await bench.goOn()
        let after = try await bench.stack.message(message.id)
        #expect(after.state == "uncertain" && after.tries == 1)
        #expect(try await bench.stack.sent(message.id).isEmpty)
        #expect(try await bench.stack.events(of: message.id) == ["message-requested"])
        let said = try lines(about: message.id, bench)
        #expect(said.contains("warning: nobody knows whether a message left"))
        #expect(!said.contains { $0.hasSuffix("handed over") })

        let path = "/v1/messages/\(message.id)"
        let shown = try await bench.stack.call(.get, path).json
        #expect(shown["state"]?.text == "uncertain" && shown["reason"]?.text == message.reason)

        // Only a person who asked the client can tell, and has it sent again.
        let wish = #"{"finding":"send-again"}"#
        #expect(try await bench.stack.call(.post, path + "/settle", wish).status == 200)
        try await bench.stack.message(about: payment.id, until: "sent")
        #expect(try await bench.stack.sent(message.id).count == 1)
        #expect(try await bench.stack.call(.post, path + "/settle", wish).status == 409)
        try await waitUntil("the log says that it was handed over now") {
            try lines(about: message.id, bench).contains("info: a message was handed over")
        }
    }

    /// What the log says of a call for a message.
    private func lines(about id: MessageID, _ bench: NotificationBench) throws -> [String] {
        try bench.stack.log().split(separator: "\n").filter { $0.contains(id.description) }
            .compactMap { try? JSONParser.parse(Array($0.utf8)) }
            .compactMap { line in
                guard let level = line["level"]?.text, let message = line["message"]?.text else { return nil }
                return "\(level): \(message)"
            }
    }

    @Test func `NOT-3, NOT-10: nobody has the link sent again of what was paid meanwhile`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"drop""#)
        let message = try await bench.stack.message(about: payment.id, until: "uncertain")
        try await bench.accept(payment)
        // Told in the change that takes in that it was paid.
        try await bench.stack.message(about: payment.id, occasion: "payment-accepted", until: "sent")
        let settled = try await bench.stack.call(
            .post, "/v1/messages/\(message.id)/settle", #"{"finding":"send-again"}"#)
        #expect(settled.status == 200 && settled.json["state"]?.text == "called-off")
        #expect(try await bench.stack.message(message.id).reason == "no longer wanted")
        #expect(try await bench.stack.events(of: message.id) == ["message-requested", "message-called-off"])
        #expect(try await bench.stack.sent(message.id).isEmpty)
    }

    @Test func `NOT-8, NOT-10: what arrived after all is told so, and billed, though it was called off meanwhile`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"lose-answer""#)
        let id = try await bench.stack.message(about: payment.id, until: "uncertain").id
        try await bench.accept(payment)
        try await bench.stack.message(about: payment.id, occasion: "payment-accepted", until: "sent")
        let settled = try await bench.stack.call(
            .post, "/v1/messages/\(id)/settle", #"{"finding":"send-again"}"#)
        #expect(settled.json["state"]?.text == "called-off")
        try await waitUntil("nobody seems to bill it") { try await isCounted(id, as: "parts IS NULL", bench) }

        let receipt = NotificationStack.receipt("3", of: id)
        for _ in 1...2 {
            #expect(try await bench.stack.push(receipt, signature: NotificationStack.signature(of: receipt)) == 200)
        }
        let shown = try await bench.stack.call(.get, "/v1/messages/\(id)").json
        #expect(shown["state"]?.text == "delivered")
        #expect(shown["leftAt"] == nil, "it was to be sent again: nobody knows which call it left with")
        let events = try await bench.stack.events(of: id)
        #expect(events == ["message-requested", "message-called-off", "message-delivered"])
        try await waitUntil("it is billed") { try await isCounted(id, as: "parts = planned_parts", bench) }
        #expect(try await bench.stack.sent(id).count == 1)
    }

    /// Whether the quota knows of a message, for which this holds.
    private func isCounted(
        _ id: MessageID, as condition: SQL, _ bench: NotificationBench
    ) async throws -> Bool {
        try await bench.stack.everybody { transaction in
            try transaction.one("SELECT is_counted AND \(condition) AS holds FROM message WHERE id = \(id)") { row in
                (try row("holds") as Bool?) == true
            }
        }
    }

    @Test(arguments: [("arrived", "delivered"), ("give-up", "failed")])
    func `NOT-10: a person settles what nobody knows`(finding: String, state: String) async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"lose-answer""#)
        let message = try await bench.stack.message(about: payment.id, until: "uncertain")
        let path = "/v1/messages/\(message.id)/settle"
        #expect(try await bench.stack.call(.post, path, #"{"finding":"perhaps"}"#).status == 422)
        let settled = try await bench.stack.call(.post, path, #"{"finding":"\#(finding)"}"#)
        #expect(settled.status == 200 && settled.json["state"]?.text == state)
        let again = try await bench.stack.call(.post, path, #"{"finding":"\#(finding)"}"#)
        let french = try await bench.stack.call(
            .get, "/v1/messages/\(message.id)", headers: [("Accept-Language", "fr")])
        let found = finding == "arrived" ? "arrivé" : "abandonné"
        #expect(french.json["reason"]?.text == "réglé par une personne\u{a0}: \(found)", "GEN-5")
        #expect(french.header("Content-Language") == "fr")
        #expect(again.status == 200 && again.json["state"]?.text == state, "as after an answer that was lost")
        let otherwise = finding == "arrived" ? "give-up" : "arrived"
        for other in [otherwise, "send-again"] {
            #expect(try await bench.stack.call(.post, path, #"{"finding":"\#(other)"}"#).status == 409)
        }
        #expect(try await bench.stack.events(of: message.id) == ["message-requested", "message-\(state)"])
        #expect(try await bench.stack.sent(message.id).count == 1)
        // The gateway had taken it, which nobody here can know, and bills it.
        try await waitUntil("NOT-8: its parts are counted as used") {
            try await isCounted(message.id, as: "parts = planned_parts", bench)
        }
    }

    @Test func `NOT-10: a refusal, which comes with HTTP 200, fails it with its reason and is announced`() async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"gateway-status","status":-7"#)
        let message = try await bench.stack.message(about: payment.id, until: "failed")
        #expect(message.reason == "the gateway's status is -7" && message.tries == 1)
        #expect(try await bench.stack.sent(message.id).isEmpty)
        #expect(try await bench.stack.events(of: message.id) == ["message-requested", "message-failed"])
    }

    @Test func `NOT-10: status -8 is held for moderation, may still leave, and is not tried again`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"gateway-status","status":-8,"takesEffect":true"#)
        let message = try await bench.stack.message(about: payment.id, until: "uncertain")
        #expect(message.reason == "held by the gateway")
        try await bench.goOn()
        #expect(try await bench.stack.sent(message.id).count == 1)
        #expect(try await bench.stack.message(message.id).tries == 1)
    }

    @Test func `NOT-10: a bare 502 may be a proxy's behind an effect, so it is not tried again`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"status","status":502,"takesEffect":true"#)
        let message = try await bench.stack.message(about: payment.id, until: "uncertain")
        try await bench.goOn()
        #expect(try await bench.stack.sent(message.id).count == 1)
    }

    @Test(arguments: [#""kind":"rate-limit""#, #""kind":"gateway-status","status":-3"#])
    func `NOT-10: what the gateway had no part of is tried again`(fault: String) async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: fault)
        #expect(try await bench.turnedAway(payment).reason != nil)
        let message = try await bench.stack.message(about: payment.id, until: "sent")
        #expect(message.tries == 2 && message.reason == nil && message.parts == 1)
        #expect(try await bench.stack.sent(message.id).count == 1)
        #expect(try await bench.stack.events(of: message.id) == ["message-requested", "message-sent"])
    }

    @Test func `NOT-10: what nobody has taken for hours leaves when somebody does, however often it was tried`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"rate-limit","times":2"#)
        let id = try await bench.turnedAway(payment).id
        try await bench.stack.everybody { transaction in
            try transaction.execute("UPDATE message SET tries = 30, next_try_at = now() WHERE id = \(id)")
        }
        try await waitUntil("it is turned away once more, and waits") {
            let message = try await bench.stack.message(id)
            return message.tries == 31 && message.state != "claimed"
        }
        #expect(try await bench.stack.message(id).state == "ready")
        try await bench.stack.ring([id])
        #expect(try await bench.stack.message(about: payment.id, until: "sent").tries == 32)
        #expect(try await bench.stack.events(of: id) == ["message-requested", "message-sent"])
    }

    @Test func `NOT-9: whoever said STOP gets nothing, and the message says that it reached nobody`() async throws {
        let bench = try await NotificationBench.shared()
        let recipient = Recipient()
        let before = try await bench.request(recipient)
        try await bench.stack.message(about: before.id, until: "delivered")
        try await bench.stack.sandbox.control(.post, "/sms/stop", #"{"from":"\#(recipient.digits)"}"#)
        let after = try await bench.request(recipient)
        let message = try await bench.stack.message(about: after.id, until: "failed")
        #expect(message.reason == "the gateway sent it to nobody: blacklisted")
        #expect(try await bench.stack.sent(message.id).isEmpty)
        #expect(try await bench.stack.events(of: message.id).last == "message-failed")
    }

    @Test func `NOT-1: a mail is lost, refused or arrives like an SMS`() async throws {
        let bench = try await NotificationBench.shared()
        let payments = [try await bench.request(), try await bench.request(), try await bench.request()]
        let (lost, refused) = (payments[1].recipient.email, payments[2].recipient.email)
        try await bench.mail.behave(
            #"{"mode":"lose-answer","to":"\#(lost)","times":1},{"mode":"refuse","to":"\#(refused)"}"#)
        for payment in payments { try await bench.accept(payment) }
        for (payment, state) in zip(payments, ["sent", "uncertain", "failed"]) {
            let message = try await bench.stack.message(about: payment.id, occasion: "payment-accepted", until: state)
            #expect(message.tries == 1)
            #expect((message.reason == nil) == (state == "sent"))
        }
        try await bench.goOn()
        let arrived = try await bench.mail.messages(to: payments[0].recipient.email)
        #expect(arrived.count == 1)
        #expect(arrived.first?.text?.contains("Bonjour \(payments[0].recipient.firstName) Martin") == true)
        #expect(arrived.first?.html?.contains("<p>Bonjour \(payments[0].recipient.firstName) Martin,</p>") == true)
        #expect(arrived.first?.tls == true)
        #expect(try await bench.mail.messages(to: lost).count == 1, "it is never just repeated")
        #expect(try await bench.mail.messages(to: refused).isEmpty)
    }
}
