import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-2, INV-7: the receipt of money that was recorded, over the routes of both services.
@Suite(.serialized) struct `Receipts reach clients` {
    private func messages(_ clinic: SendingClinic) async throws -> [MessageRow] {
        try await clinic.bench.stack.database.read(organisation: clinic.organisation) { transaction in
            try transaction.query(
                "SELECT id, state, reason, tries, parts FROM message WHERE occasion = 'receipt' ORDER BY id"
            ) { row in
                MessageRow(
                    id: try row("id"), state: try row("state"), reason: try row("reason"), tries: try row("tries"),
                    parts: try row("parts"))
            }
        }
    }

    @Test(arguments: ["fr", "en"])
    func
        `NOT-2, INV-7: money taken at the till brings its receipt by mail once, with its PDF, in the client's language`(
            language: String
        ) async throws
    {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"receiptsBy":"email"}"#)
        let client = try await clinic.client(language)
        _ = try await clinic.invoice(12_345, for: client)
        try await clinic.pay(12_345, by: client)
        try await waitUntil("it has left") { try await messages(clinic).map(\.state) == ["sent"] }
        let mails = try await bench.mail.messages(to: client.recipient.email)
        let mail = try #require(mails.first)
        #expect(mails.count == 1)
        #expect(
            mail.subject.hasPrefix(
                language == "fr" ? "Reçu de votre règlement de 123,45" : "Receipt of your payment of €123.45"))
        #expect(mail.text?.contains(client.recipient.firstName) == true)
        let file = try #require(mail.attachments.first)
        #expect(file.fileName.hasSuffix(".pdf") && file.begins.hasPrefix("%PDF-") && file.bytes > 3_000)
        let id = try await messages(clinic)[0].id
        let reader = NotificationStack.principal(clinic.organisation, scopes: ["messages:read"])
        let shown = try await bench.stack.call(.get, "/v1/messages/\(id)", as: reader).json
        let money = try #require(shown["paymentOnAccountID"]?.text)
        let listed = try await bench.stack.call(.get, "/v1/messages?paymentOnAccountID=\(money)", as: reader).json
        #expect(listed["items"]?.elements?.compactMap { $0["id"]?.text } == ["\(id)"])
        #expect(try await bench.stack.events(of: id) == ["message-requested", "message-sent"])
    }

    @Test func `NOT-2: money of last month that comes to the books today is told to nobody`() async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"receiptsBy":"email"}"#)
        let client = try await clinic.client()
        _ = try await clinic.invoice(5_000, for: client, daysAgo: 40)
        for daysAgo in [30, 2] { try await clinic.pay(2_500, by: client, daysAgo: daysAgo) }
        try await waitUntil("both are decided") {
            let states = try await messages(clinic).map(\.state)
            return states.count == 2 && states.allSatisfy(["sent", "called-off"].contains)
        }
        let told = try await messages(clinic)
        #expect(Set(told.map(\.state)) == ["sent", "called-off"])
        let old = try #require(told.first { $0.state == "called-off" })
        #expect(old.reason == "the money was received more than a week before")
        #expect(try await bench.stack.callOffs(of: old.id) == ["money-old"])
        #expect(try await bench.mail.messages(to: client.recipient.email).count == 1)
    }

    @Test func `GEN-7: a receipt whose client is erased before it leaves never does, and is forgotten`() async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"receiptsBy":"email"}"#)
        let client = try await clinic.client()
        _ = try await clinic.invoice(5_000, for: client)
        try await clinic.turnMailsAway(from: client)
        try await clinic.pay(5_000, by: client)
        try await waitUntil("it was turned away") { try await messages(clinic).first?.tries ?? 0 > 0 }
        _ = try await clinic.call(.post, "/v1/clients/\(client.id)/erasure", seen: 1)
        try await waitUntil("it is called off") { try await messages(clinic).map(\.state) == ["called-off"] }
        try await clinic.takeMails()
        let row = try #require(try await messages(clinic).first)
        #expect(row.reason == "the client was erased" || row.reason == "no longer wanted")
        let left = try await bench.stack.database.read(organisation: clinic.organisation) { transaction in
            try transaction.query("SELECT message::text AS text FROM message WHERE id = \(row.id)") { found in
                try found("text") as String
            }
        }.joined()
        for personal in [client.recipient.email, client.recipient.firstName] { #expect(!left.contains(personal)) }
        // Money that comes for somebody forgotten is recorded, and there is nobody to tell.
        let other = try await clinic.client()
        try await clinic.pay(1_000, by: other)
        try await waitUntil("another's has left") { try await messages(clinic).last?.state == "sent" }
        #expect(try await bench.mail.messages(to: client.recipient.email).isEmpty)
    }

    @Test func `NOT-2: without a word of the organisation no receipt is sent, and an SMS cannot bring one`()
        async throws
    {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"documentsBy":"email"}"#)
        let client = try await clinic.client()
        try await clinic.pay(5_000, by: client)
        let invoice = try await clinic.invoice(5_000, for: client)
        try await bench.stack.message(about: invoice.id, occasion: "invoice", until: "sent")
        #expect(try await messages(clinic).isEmpty)
        let manager = NotificationStack.principal(clinic.organisation, scopes: ["policy:write"])
        let refused = try await bench.stack.call(
            .put, "/v1/sending-policy", #"{"receiptsBy":"sms"}"#, as: manager, headers: [("If-Match", "\"v1\"")])
        #expect(refused.json["errors"]?.elements?.first?["pointer"]?.text == "/receiptsBy")
    }
}
