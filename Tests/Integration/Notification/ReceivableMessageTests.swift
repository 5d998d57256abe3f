import EventContract
import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// INV-14: reminders of what is owed without an invoice, over the routes of both services.
@Suite(.serialized) struct `Reminders of what is owed without an invoice` {
    private func wait(for receivable: ReceivableID, _ clinic: SendingClinic, until state: String) async throws
        -> MessageRow
    {
        var found: [MessageRow] = []
        try await waitUntil("the reminder is \(state)") {
            found = try await clinic.bench.stack.messages(about: receivable)
            return found.map(\.state) == [state]
        }
        return try #require(found.first)
    }

    @Test(arguments: ["email", "sms"])
    func `INV-14: say what is due now and what for, and bring no document`(channel: String) async throws {
        let clinic = try await InvoiceMessageBench.shared().open(sending: #"{"overdueBy":"\#(channel)"}"#)
        let client = try await clinic.client()
        let receivable = try await clinic.receivable(10_000, for: client)
        try await clinic.pay(2_500, by: client)
        try await clinic.announceOverdue(receivable, of: client)
        let row = try await wait(for: receivable, clinic, until: channel == "email" ? "sent" : "delivered")
        if channel == "email" {
            let mail = try #require(try await clinic.mails(to: client).first)
            #expect(mail.subject == "Rappel 1 : Croquettes" && mail.attachments.isEmpty)
            #expect(mail.words.contains("75,00\u{202F}€ restent dus (Croquettes)"), "\(mail.words)")
            #expect(!mail.words.contains("facture") && !mail.markup.contains("/p/"))
        } else {
            let shown = try #require(try await clinic.bench.stack.sent(row.id).first?["shown"].string)
            #expect(shown.contains("75,00") && shown.contains("(Croquettes)") && !shown.contains("facture"), "\(shown)")
        }
        let reader = NotificationStack.principal(clinic.organisation, scopes: ["messages:read"])
        let listed = try await clinic.bench.stack.call(.get, "/v1/messages?receivableID=\(receivable)", as: reader)
        let items = listed.json["items"]?.elements ?? []
        #expect(items.map { $0["id"]?.text } == ["\(row.id)"])
        #expect(items.first?["receivableID"]?.text == "\(receivable)" && items.first?["invoiceID"] == nil)
    }

    @Test(arguments: [true, false])
    func `INV-14, C-10: are called off when it is paid or given up`(isPaid: Bool) async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"overdueBy":"email"}"#)
        let client = try await clinic.client()
        let receivable = try await clinic.receivable(10_000, for: client)
        try await bench.mail.behave(#"{"mode":"defer","to":"\#(client.recipient.email)","times":1}"#)
        try await clinic.announceOverdue(receivable, of: client)
        try await waitUntil("the mail server has turned it away") {
            try await bench.stack.messages(about: receivable).contains { $0.tries == 1 && $0.state == "ready" }
        }
        if isPaid { try await clinic.pay(10_000, by: client) } else { try await clinic.settle(client) }
        let row = try await wait(for: receivable, clinic, until: "called-off")
        #expect(row.reason == "no longer wanted")
        #expect(try await clinic.mails(to: client).isEmpty)
    }

    @Test func `INV-14: are not sent while dunning of the client is paused`() async throws {
        let clinic = try await InvoiceMessageBench.shared().open(sending: #"{"overdueBy":"email"}"#)
        let client = try await clinic.client()
        let receivable = try await clinic.receivable(10_000, for: client)
        _ = try await clinic.call(
            .put, "/v1/clients/\(client.id)/dunning-pause", #"{"until":"2999-01-01"}"#, seen: 1)
        try await clinic.announceOverdue(receivable, of: client)
        let row = try await wait(for: receivable, clinic, until: "called-off")
        #expect(row.reason == "dunning of the client is paused")
        #expect(try await clinic.bench.stack.callOffs(of: row.id) == ["dunning-paused"])
        #expect(try await clinic.mails(to: client).isEmpty)
    }
}

extension SendingClinic {
    /// Something owed without an invoice.
    fileprivate func receivable(_ cents: Int64, for client: Client) async throws -> ReceivableID {
        let json = """
            {"clientID":"\(client.id)","clinicID":"\(clinic)","label":"Croquettes","recordedOn":"\(Self.today)",
             "dueOn":"\(Self.today.adding(days: 30))","amount":{"minorUnits":\(cents),"currency":"EUR"}}
            """
        let answer = try await call(.post, "/v1/receivables", json)
        return try #require(answer.json["id"]?.text.flatMap { ReceivableID($0) })
    }

    /// Tells that it is late, as invoicing does once a day has ended at the clinic.
    fileprivate func announceOverdue(_ receivable: ReceivableID, of client: Client) async throws {
        let cause = Cause(
            .job(name: "overdue", run: "\(receivable)/1"), organisation: organisation, actor: "tests",
            correlation: CorrelationID(4))
        try await bench.stack.database.change(because: cause) { change in
            change.announce(
                InvoiceOverdueV1(
                    receivableID: receivable, clientID: client.id, level: 1, due: .euros(cents: 1),
                    dueOn: Self.today.adding(days: -60), daysLate: 60), about: receivable, clinic: clinic)
        }
    }
}
