import Foundation
import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// NOT-1, NOT-2, INV-5, INV-14: messages about invoices, over the routes of both services.
@Suite(.serialized) struct `Messages about invoices reach clients` {
    enum End: String, CaseIterable, CustomTestStringConvertible {
        case paid, credited
        case givenUp = "given up"

        var testDescription: String { rawValue }

        fileprivate func come(
            to invoice: SendingClinic.Invoice, of client: SendingClinic.Client, _ clinic: SendingClinic
        )
            async throws
        {
            switch self {
            case .paid: try await clinic.pay(10_000, by: client)
            case .credited: _ = try await clinic.credit(invoice)
            case .givenUp: try await clinic.settle(client)
            }
        }
    }

    private func mails(
        to client: SendingClinic.Client, _ bench: InvoiceMessageBench
    ) async throws -> [SandboxMailServer.Message] {
        try await bench.mail.messages(to: client.recipient.email)
    }

    @Test func `NOT-1, INV-5: an issued invoice comes by mail once, with its PDF, in the client's language`()
        async throws
    {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"documentsBy":"email"}"#)
        let client = try await clinic.client("en")
        let invoice = try await clinic.invoice(12_345, for: client)
        let message = try await bench.stack.message(about: invoice.id, occasion: "invoice", until: "sent")
        let mail = try #require(try await mails(to: client, bench).first)
        #expect(mail.subject == "Your invoice \(invoice.number)")
        #expect(mail.text?.contains("Dear \(client.recipient.firstName) Martin") == true)
        #expect(mail.text?.contains("€123.45") == true && mail.html?.contains(invoice.number) == true)
        #expect(mail.attachments.map(\.fileName) == ["\(invoice.number).pdf"])
        let file = try #require(mail.attachments.first)
        #expect(file.contentType == "application/pdf" && file.begins.hasPrefix("%PDF-1.7") && file.bytes > 5_000)
        #expect(try await bench.stack.events(of: message.id) == ["message-requested", "message-sent"])
        let reader = NotificationStack.principal(clinic.organisation, scopes: ["messages:read"])
        let listed = try await bench.stack.call(.get, "/v1/messages?invoiceID=\(invoice.id)", as: reader).json
        let item = try #require(listed["items"]?.elements?.first)
        #expect(item["id"]?.text == "\(message.id)" && item["invoiceID"]?.text == "\(invoice.id)")
        #expect(item["paymentID"] == nil && listed["items"]?.elements?.count == 1)
        // A second mail of the same client proves that nothing else was on its way.
        let note = try await clinic.credit(invoice)
        try await bench.stack.message(about: invoice.id, occasion: "credit-note", until: "sent")
        let both = try await mails(to: client, bench)
        #expect(both.map(\.subject).last == "Your credit note \(note["number"]?.text ?? "")" && both.count == 2)
        #expect(both.last?.attachments.first?.begins.hasPrefix("%PDF") == true)
        #expect(both.last?.attachments.first?.fileName == "\(note["number"]?.text ?? "").pdf")
    }

    @Test func `NOT-10, NOT-11: invoicing that gives no answer holds no hand after a few mails, which leave later`()
        async throws
    {
        let clinic = try await InvoiceMessageBench.shared().open(sending: #"{"documentsBy":"email"}"#)
        let (stack, invoicing) = (clinic.bench.stack, clinic.bench.invoicing)
        let client = try await clinic.client()
        try await clinic.turnMailsAway(from: client)
        var ids: [MessageID] = []
        for cents: Int64 in [1_000, 2_000, 3_000, 4_000] {
            ids.append(try await clinic.turnedAway(try await clinic.invoice(cents, for: client)))
        }
        let (first, last) = (Array(ids.prefix(3)), ids[3])
        do {
            invoicing.send(SIGSTOP)
            defer { invoicing.send(SIGCONT) }
            try await waitUntil("invoicing stands still") { invoicing.isFrozen }
            try await stack.ring(first)
            for id in first {
                try await waitUntil("it waits for its document") {
                    try await stack.message(id).reason?.hasPrefix("its document could not be fetched") == true
                }
            }
            try await stack.ring([last])
            try await waitUntil("nobody asks for the next one's", within: .seconds(4)) {
                try await stack.message(last).reason?.hasSuffix("gave no answer a moment ago") == true
            }
        }
        for id in ids { try await clinic.send(id) }
        #expect(try await mails(to: client, clinic.bench).count == ids.count)
    }

    @Test func `NOT-2: without a word of the organisation no client is written to, nor about what was before`()
        async throws
    {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open()
        let client = try await clinic.client()
        let before = try await clinic.invoice(10_000, for: client)
        try await clinic.announceOverdue(before, of: client)
        _ = try await clinic.deposit(1_000, for: client)
        try await clinic.takenIn(4)
        try await clinic.send(#"{"documentsBy":"email","depositRequestsBy":"sms","overdueBy":"sms"}"#)
        let after = try await clinic.invoice(5_000, for: client)
        try await bench.stack.message(about: after.id, occasion: "invoice", until: "sent")
        #expect(try await clinic.occasions() == ["invoice"])
        #expect(try await mails(to: client, bench).map(\.subject) == ["Votre facture \(after.number)"])
    }

    @Test func `NOT-2: an import of last month's invoices and credit notes writes to nobody`() async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"documentsBy":"email"}"#)
        let client = try await clinic.client()
        let old = try await clinic.invoice(10_000, for: client, daysAgo: 30)
        try await clinic.announceCredit(of: old, of: client, daysAgo: 20)
        let recent = try await clinic.invoice(10_000, for: client, daysAgo: 3)
        try await bench.stack.message(about: recent.id, occasion: "invoice", until: "sent")
        try await clinic.takenIn(3)
        #expect(try await clinic.occasions() == ["invoice"])
    }

    @Test(arguments: End.allCases)
    func `INV-14, C-10: a reminder that still waits is called off when nothing is due any more`(end: End) async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"overdueBy":"email"}"#)
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(10_000, for: client)
        try await bench.mail.behave(#"{"mode":"defer","to":"\#(client.recipient.email)","times":1}"#)
        try await clinic.announceOverdue(invoice, of: client)
        try await waitUntil("the mail server has turned it away") {
            try await bench.stack.messages(about: invoice.id, occasion: "overdue").contains {
                $0.tries == 1 && $0.state == "ready"
            }
        }
        try await end.come(to: invoice, of: client, clinic)
        let message = try await bench.stack.message(about: invoice.id, occasion: "overdue", until: "called-off")
        #expect(message.reason == "no longer wanted")
        // Nor is it written when the fact comes after the money.
        try await clinic.announceOverdue(invoice, of: client, level: 2)
        try await waitUntil("both are called off") {
            try await bench.stack.messages(about: invoice.id, occasion: "overdue").map(\.state)
                == ["called-off", "called-off"]
        }
        #expect(try await mails(to: client, bench).isEmpty)
    }

    @Test func `INV-14: a reminder says what is due now and its level, and brings the invoice`() async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"overdueBy":"email"}"#)
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(10_000, for: client)
        try await clinic.pay(3_000, by: client)
        try await clinic.announceOverdue(invoice, of: client, level: 2)
        try await bench.stack.message(about: invoice.id, occasion: "overdue", until: "sent")
        let mail = try #require(try await mails(to: client, bench).first)
        #expect(mail.subject == "Rappel 2 : \(invoice.number)")
        #expect(mail.text?.contains("70,00\u{202F}€") == true && mail.text?.contains("31/10/2026") == true)
        #expect(mail.attachments.map(\.fileName) == ["\(invoice.number).pdf"])
    }

    @Test func `INV-14: a reminder by SMS waits for the clinic's morning and is written then`() async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"overdueBy":"sms"}"#)
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(10_000, for: client)
        try await clinic.move(toHour: 1)
        try await clinic.announceOverdue(invoice, of: client)
        var held: MessageRow?
        try await waitUntil("it is held") {
            held = try await bench.stack.messages(about: invoice.id, occasion: "overdue").first {
                $0.reason == "held until it may be sent"
            }
            return held != nil
        }
        let id = try #require(held?.id)
        #expect(held?.state == "requested", "its words would be old by the morning")
        try await clinic.pay(2_500, by: client)
        try await clinic.move(toHour: 13)
        try await bench.stack.ring([id])
        try await bench.stack.message(about: invoice.id, occasion: "overdue", until: "delivered")
        let sent = try await bench.stack.sent(id)
        #expect(sent.count == 1 && sent.first?["to"].string == client.recipient.digits)
        #expect(sent.first?["shown"].string.contains("75,00") == true)
        #expect(sent.first?["shown"].string.contains(invoice.number) == true)
    }

    @Test func `INV-14: a reminder that waits for the morning is not sent once dunning of its client is paused`()
        async throws
    {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"overdueBy":"sms"}"#)
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(10_000, for: client)
        try await clinic.move(toHour: 1)
        try await clinic.announceOverdue(invoice, of: client)
        var held: MessageRow?
        try await waitUntil("it is held") {
            held = try await bench.stack.messages(about: invoice.id, occasion: "overdue").first {
                $0.reason == "held until it may be sent"
            }
            return held != nil
        }
        let id = try #require(held?.id)
        let path = "/v1/clients/\(client.id)/dunning-pause"
        let until = #"{"until":"\#(SendingClinic.today.adding(days: 7))"}"#
        _ = try await clinic.call(.put, path, until, seen: 1)
        try await clinic.move(toHour: 13)
        try await bench.stack.ring([id])
        let message = try await bench.stack.message(about: invoice.id, occasion: "overdue", until: "called-off")
        #expect(message.id == id && message.reason == "dunning of the client is paused")
        // The next level is asked for once the pause is over; what is no reminder is sent all along.
        _ = try await clinic.call(.put, path, "{}", seen: 2)
        try await clinic.announceOverdue(invoice, of: client, level: 2)
        try await waitUntil("the second reminder has arrived") {
            try await bench.stack.messages(about: invoice.id, occasion: "overdue").map(\.state)
                == ["called-off", "delivered"]
        }
        #expect(try await bench.stack.sent(id).isEmpty)
    }

    @Test(arguments: ["sms", "email"])
    func `INV-3: a deposit is asked for, and nobody gets its invoice twice`(channel: String) async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"documentsBy":"email","depositRequestsBy":"\#(channel)"}"#)
        let client = try await clinic.client()
        let deposit = try await clinic.deposit(4_000, for: client)
        let isMail = channel == "email"
        let asked = try await bench.stack.message(
            about: deposit.id, occasion: "deposit-request", until: isMail ? "sent" : "delivered")
        try await bench.stack.message(about: deposit.id, occasion: "invoice", until: isMail ? "called-off" : "sent")
        let mails = try await mails(to: client, bench)
        #expect(mails.map(\.subject).map { $0.contains("Acompte") } == [isMail], "one mail")
        #expect(mails.first?.attachments.map(\.fileName) == ["\(deposit.number).pdf"])
        let sent = try await bench.stack.sent(asked.id)
        #expect(sent.count == (isMail ? 0 : 1))
        #expect(sent.allSatisfy { $0["shown"].string.contains("acompte") && $0["shown"].string.contains("40,00") })
    }

    @Test func `NOT-1: a document that is larger than mails may bring is not sent, and the message says so`()
        async throws
    {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"documentsBy":"email"}"#)
        let client = try await clinic.client()
        try await bench.work(with: ["QUITTANCE_ATTACHMENT_BYTES_MAX": "10000"])
        do {
            let invoice = try await clinic.invoice(10_000, for: client)
            let message = try await bench.stack.message(about: invoice.id, occasion: "invoice", until: "called-off")
            #expect(message.reason == "its document could not be fetched: it is larger than 10000 bytes")
            #expect(message.tries == 0, "the mail server was not called")
            #expect(try await bench.stack.events(of: message.id) == ["message-requested", "message-failed"])
        } catch {
            try await bench.work()
            throw error
        }
        try await bench.work()
        #expect(try await mails(to: client, bench).isEmpty)
    }

    @Test func `NOT-10, INV-5: a mail whose document cannot be had waits for it, unclaimed, and leaves once`()
        async throws
    {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open(sending: #"{"documentsBy":"email"}"#)
        let client = try await clinic.client()
        // The first try takes it past its writing, for which invoicing is needed too.
        try await bench.mail.behave(#"{"mode":"defer","to":"\#(client.recipient.email)","times":1}"#)
        let invoice = try await clinic.invoice(10_000, for: client)
        var waiting: MessageRow?
        try await waitUntil("the mail server has turned it away") {
            waiting = try await bench.stack.messages(about: invoice.id, occasion: "invoice").first {
                $0.tries == 1 && $0.state == "ready"
            }
            return waiting != nil
        }
        let id = try #require(waiting?.id)
        bench.invoicing.send(SIGSTOP)
        do {
            try await bench.stack.ring([id])
            try await waitUntil("it waits for its document", within: .seconds(40)) {
                try await bench.stack.message(id).reason?.hasPrefix("its document could not be fetched") == true
            }
            let row = try await bench.stack.message(id)
            #expect(row.state == "ready" && row.tries == 1)
            #expect(try await mails(to: client, bench).isEmpty)
        } catch {
            bench.invoicing.send(SIGCONT)
            throw error
        }
        bench.invoicing.send(SIGCONT)
        try await bench.stack.ring([id])
        try await bench.stack.message(about: invoice.id, occasion: "invoice", until: "sent")
        #expect(try await mails(to: client, bench).map { $0.attachments.count } == [1])
    }
}
