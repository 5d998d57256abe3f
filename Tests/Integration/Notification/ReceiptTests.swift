import HTTPClient
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing

@Suite struct `A delivery receipt` {
    /// A message the gateway took, about which no receipt has decided anything.
    private func sentMessage(_ bench: NotificationBench) async throws -> MessageRow {
        let recipient = Recipient()
        try await bench.stack.plantReceipt(1, for: recipient.digits)
        let payment = try await bench.request(recipient)
        let message = try await bench.stack.message(about: payment.id, until: "sent")
        try await waitUntil("its first receipt is kept") { try await bench.stack.receipts(of: message.id) == [1] }
        return message
    }

    @Test func `NOT-10, C-14: that is faster than the answer is kept, and joined when the answer comes`() async throws {
        let bench = try await NotificationBench.shared()
        let recipient = Recipient()
        let held = try await bench.stack.fault(
            #"{"operation":"smsfactor.send","kind":"hold-answer","containing":"\#(recipient.digits)"}"#)
        let payment = try await bench.request(recipient)
        try await waitUntil("the receipt is there") {
            guard let message = try await bench.stack.messages(about: payment.id).first else { return false }
            return try await bench.stack.receipts(of: message.id) == [3]
        }
        try await bench.stack.release(held)
        let message = try await bench.stack.message(about: payment.id, until: "delivered")
        #expect(message.parts == 1, "what the gateway bills is known all the same")
        #expect(
            try await bench.stack.events(of: message.id) == ["message-requested", "message-sent", "message-delivered"])
        #expect(try await bench.stack.sent(message.id).count == 1)
    }

    @Test func `NOT-10: with a forged signature, or one of an older receipt, is refused and stored nowhere`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let message = try await sentMessage(bench)
        let receipt = NotificationStack.receipt("3", of: message.id)
        let older = NotificationStack.receipt("1", of: message.id)
        let forged = [
            NotificationStack.signature(of: receipt, secret: "somebody else's"), NotificationStack.signature(of: older),
            String(NotificationStack.signature(of: receipt).dropLast()), "", nil,
        ]
        let before = try await bench.stack.forged("smsfactor")
        for signature in forged { #expect(try await bench.stack.push(receipt, signature: signature) == 401) }
        #expect(try await bench.stack.forged("smsfactor") >= before + forged.count, "an alert is rung by it")
        #expect(try await bench.stack.receipts(of: message.id) == [1])
        #expect(try await bench.stack.message(message.id).state == "sent")
    }

    @Test func `NOT-10, C-08: that comes several times is told once`() async throws {
        let bench = try await NotificationBench.shared()
        let message = try await sentMessage(bench)
        let receipt = NotificationStack.receipt("3", of: message.id)
        let signature = NotificationStack.signature(of: receipt)
        for _ in 0..<3 { #expect(try await bench.stack.push(receipt, signature: signature) == 200) }
        #expect(
            try await bench.stack.events(of: message.id) == ["message-requested", "message-sent", "message-delivered"])
    }

    @Test func `NOT-10: that says the message did not arrive fails it with its reason`() async throws {
        let bench = try await NotificationBench.shared()
        let message = try await sentMessage(bench)
        let receipt = NotificationStack.receipt("12", of: message.id)
        #expect(try await bench.stack.push(receipt, signature: NotificationStack.signature(of: receipt)) == 200)
        let after = try await bench.stack.message(message.id)
        #expect(after.state == "failed" && after.reason == "receipt 12")
        #expect(try await bench.stack.events(of: message.id).last == "message-failed")
    }

    /// The status a receipt says of a message.
    private func push(_ status: String, of id: MessageID, _ bench: NotificationBench) async throws {
        let receipt = NotificationStack.receipt(status, of: id)
        #expect(try await bench.stack.push(receipt, signature: NotificationStack.signature(of: receipt)) == 200)
    }

    @Test func `NOT-10: by a gateway that had an earlier try says nothing was lost of what another has now`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let id = try await sentMessage(bench).id
        try await bench.stack.everybody { transaction in
            try transaction.execute(
                "UPDATE message SET gateway = 'kannel', route = 'kannel', tries = 2 WHERE id = \(id)")
        }
        try await push("12", of: id, bench)
        #expect(try await bench.stack.message(id).state == "sent")
        try await push("3", of: id, bench)
        #expect(try await bench.stack.message(id).state == "delivered", "it arrived, by whichever try")
    }

    @Test func `NOT-10: that came before the last call does not lose it, and the same one after that call does`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"rate-limit""#)
        let id = try await bench.turnedAway(payment).id
        try await push("12", of: id, bench)
        try await bench.stack.message(about: payment.id, until: "sent")
        try await push("12", of: id, bench)
        let after = try await bench.stack.message(id)
        #expect(after.state == "failed" && after.reason == "receipt 12" && after.tries == 2)
    }

    @Test(arguments: ["2", "12"])
    func `NOT-10: that says the message arrived has the last word, whatever one before or after it says`(
        status: String
    ) async throws {
        let bench = try await NotificationBench.shared()
        let id = try await sentMessage(bench).id
        try await push(status, of: id, bench)
        #expect(try await bench.stack.message(id).state == "failed")
        for status in ["3", "11"] { try await push(status, of: id, bench) }
        let after = try await bench.stack.message(id)
        #expect(after.state == "delivered" && after.reason == nil && after.parts == 1)
        #expect(try await bench.stack.events(of: id).suffix(2) == ["message-failed", "message-delivered"])
    }

    @Test func `NOT-8, NOT-10: that says an unanswered message was lost has it billed, since it was taken`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"lose-answer""#)
        let message = try await bench.stack.message(about: payment.id, until: "uncertain")
        #expect(message.parts == nil)
        try await push("12", of: message.id, bench)
        let after = try await bench.stack.message(message.id)
        #expect(after.state == "failed" && after.parts == 1)
    }

    @Test(arguments: ["99", "8", "99999999999", "\"3\"", "3.5", "null"])
    func `NOT-10: whose status nobody knows decides nothing and harms nothing`(status: String) async throws {
        let bench = try await NotificationBench.shared()
        let message = try await sentMessage(bench)
        let receipt = NotificationStack.receipt(status, of: message.id)
        #expect(try await bench.stack.push(receipt, signature: NotificationStack.signature(of: receipt)) == 200)
        #expect(try await bench.stack.message(message.id).state == "sent")
    }

    @Test func `NOT-9, NOT-10: that nobody can read is counted and logged without its content, and so is a reply`()
        async throws
    {
        let stack = try await NotificationBench.shared().stack
        func counted(_ outcome: String) async throws -> Double {
            try await stack.metrics().sum(
                of: "quittance_gateway_notifications_total",
                [#"gateway="smsfactor""#, #"outcome="\#(outcome)""#])
        }
        let untold = try await stack.metrics().values(
            of: "quittance_gateway_notifications_total", [#"gateway="twilio""#, #"outcome="unread""#])
        #expect(untold == [0], "an alert sees no growth of a series that begins with a count")
        let (unread, taken) = (try await counted("unread"), try await counted("taken"))
        for (path, body) in [
            ("receipts", #"{"state":3,"destination":"33655443322"}"#), ("replies", #"{"number":"33655443322"}"#),
            // Of another software, through the same account.
            ("receipts", #"{"status":3,"message_id":"621277"}"#),
        ] {
            let answer = try await stack.call(
                .post, "/webhooks/smsfactor/\(path)", body, as: nil,
                headers: [("X-SMSFactor-Signature", NotificationStack.signature(of: body))])
            #expect(answer.status == 200)
        }
        #expect(try await counted("unread") >= unread + 2)
        #expect(try await counted("taken") >= taken + 1)
        let lines = try stack.log().split(separator: "\n").filter { $0.contains("told could not be read") }
        #expect(lines.contains { $0.contains("smsfactor, receipts") })
        #expect(lines.contains { $0.contains("smsfactor, replies") })
        #expect(lines.allSatisfy { !$0.contains("33655443322") })
    }

    @Test func `NOT-10, C-14: about a message nobody knows is answered and not kept`() async throws {
        let bench = try await NotificationBench.shared()
        let stranger = MessageID(0xDEAD)
        let receipt = NotificationStack.receipt("3", of: stranger)
        #expect(try await bench.stack.push(receipt, signature: NotificationStack.signature(of: receipt)) == 200)
        #expect(try await bench.stack.receipts(of: stranger).isEmpty)
    }
}
