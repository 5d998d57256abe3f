import Foundation
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// INV-5: invoices are mailed with the link that pays them, as a button and in their PDF, and never with another.
@Suite(.serialized) struct `Mailed invoices can be paid` {
    private static let mailing = #"{"documentsBy":"email","overdueBy":"email"}"#

    /// A clinic that is paid online and mails its invoices, with a client whose mails are turned away for now.
    private func open(_ language: String = "fr") async throws -> (SendingClinic, SendingClinic.Client) {
        let clinic = try await InvoiceMessageBench.shared().open(sending: Self.mailing)
        try await clinic.takePaymentsOnline()
        let client = try await clinic.client(language)
        try await clinic.turnMailsAway(from: client)
        return (clinic, client)
    }

    /// An invoice whose own mail has left, while the client's next mails are turned away.
    private func mailed(
        _ cents: Int64, to client: SendingClinic.Client, of clinic: SendingClinic
    ) async throws -> SendingClinic.Invoice {
        try await clinic.takeMails()
        let invoice = try await clinic.invoice(cents, for: client)
        try await clinic.bench.stack.message(about: invoice.id, occasion: "invoice", until: "sent")
        try await clinic.turnMailsAway(from: client)
        return invoice
    }

    private func expect(
        _ mail: SandboxMailServer.Message, toBePaidBy link: String, _ label: String
    ) async throws {
        #expect(mail.words.contains("\n\(label)\n\(link)"), "\(mail.words)")
        #expect(mail.html?.contains("<a href=\"\(link)\" style=") == true)
        #expect(mail.html?.contains(">\(label)</a>") == true)
        #expect(try await mail.linksOfPDF().contains(link))
    }

    @Test(arguments: [("fr", "Payer en ligne"), ("en", "Pay online")])
    func `INV-5: a mail carries the live link of its invoice as a button and in its PDF, and nothing keeps it`(
        language: String, label: String
    ) async throws {
        let (clinic, client) = try await open(language)
        let invoice = try await clinic.invoice(20_000, for: client)
        let id = try await clinic.turnedAway(invoice)
        // It comes to be live while the mail waits.
        let payment = try await clinic.ask(20_000, for: invoice, of: client)
        try await clinic.send(id)
        let mail = try #require(try await clinic.mails(to: client).first)
        try await expect(mail, toBePaidBy: clinic.link(of: payment), label)
        try await clinic.announceOverdue(invoice, of: client)
        try await clinic.bench.stack.message(about: invoice.id, occasion: "overdue", until: "sent")
        let reminder = try #require(try await clinic.mails(to: client).last)
        #expect(reminder.subject != mail.subject)
        try await expect(reminder, toBePaidBy: clinic.link(of: payment), label)
        let kept = try await clinic.keptAndSaid()
        #expect(kept.contains("\(id)") && !kept.contains(payment.token), "the link is a secret")
    }

    @Test(arguments: ["called off", "used", "called off, then another"])
    func `INV-5: never a link that was used or called off while the mail waited`(end: String) async throws {
        let (clinic, client) = try await open()
        let invoice = try await clinic.invoice(20_000, for: client)
        let id = try await clinic.turnedAway(invoice)
        let payment = try await clinic.ask(20_000, for: invoice, of: client)
        if end == "used" { try await clinic.accept(payment) } else { try await clinic.cancel(payment) }
        let next = try await end.hasSuffix("another") ? clinic.ask(20_000, for: invoice, of: client) : nil
        try await clinic.send(id)
        let mail = try #require(try await clinic.mails(to: client).first { $0.subject.hasPrefix("Votre facture") })
        #expect(!mail.raw.contains(payment.token) && mail.html?.contains(payment.token) == false)
        if let next {
            try await expect(mail, toBePaidBy: clinic.link(of: next), "Payer en ligne")
        } else {
            #expect(try await mail.linksOfPDF().isEmpty && mail.html?.contains("<a ") == false)
        }
    }

    @Test func `NOT-10, INV-5: while its link cannot be asked for a mail waits, unclaimed, and then leaves with it`()
        async throws
    {
        let (clinic, client) = try await open()
        let invoice = try await clinic.invoice(20_000, for: client)
        let id = try await clinic.turnedAway(invoice)
        let payment = try await clinic.ask(20_000, for: invoice, of: client)
        let tries = try await clinic.bench.stack.message(id).tries
        clinic.bench.payments.send(SIGSTOP)
        do {
            try await clinic.takeMails()
            try await clinic.bench.stack.ring([id])
            try await waitUntil("it waits for its link", within: .seconds(40)) {
                try await clinic.bench.stack.message(id).reason?.hasPrefix("its pay link could not be asked for")
                    == true
            }
            let row = try await clinic.bench.stack.message(id)
            #expect(row.state == "ready" && row.tries <= tries + 1)
            try await clinic.bench.stack.ring([id])
            try await waitUntil("no other hand is held by who does not answer", within: .seconds(4)) {
                try await clinic.bench.stack.message(id).reason?.hasSuffix("gave no answer a moment ago") == true
            }
            #expect(try await clinic.mails(to: client).isEmpty)
        } catch {
            clinic.bench.payments.send(SIGCONT)
            throw error
        }
        clinic.bench.payments.send(SIGCONT)
        try await clinic.send(id)
        let mail = try #require(try await clinic.mails(to: client).first)
        try await expect(mail, toBePaidBy: clinic.link(of: payment), "Payer en ligne")
    }

    @Test func `INV-5: after its time a mail whose link cannot be asked for leaves without`() async throws {
        let (clinic, client) = try await open()
        let invoice = try await clinic.invoice(20_000, for: client)
        let id = try await clinic.turnedAway(invoice)
        try await clinic.bench.work(with: ["QUITTANCE_PAY_LINK_WAIT": "1s"])
        clinic.bench.payments.send(SIGSTOP)
        do {
            // It is late by far, but for another reason: the link is asked for once more before it leaves without.
            try await clinic.bench.stack.ring([id])
            try await waitUntil("it waits for its link", within: .seconds(40)) {
                try await clinic.bench.stack.message(id).reason?.hasPrefix("its pay link") == true
            }
            try await clinic.send(id)
        } catch {
            clinic.bench.payments.send(SIGCONT)
            try await clinic.bench.work()
            throw error
        }
        clinic.bench.payments.send(SIGCONT)
        try await clinic.bench.work()
        let mail = try #require(try await clinic.mails(to: client).first)
        #expect(mail.attachments.count == 1 && mail.html?.contains("<a ") == false)
        #expect(try await mail.linksOfPDF().isEmpty)
    }

    @Test func `INV-5: an invoice that left before is mailed once more when a link to share is asked for`() async throws
    {
        let (clinic, client) = try await open()
        try await clinic.takeMails()
        let invoice = try await clinic.invoice(20_000, for: client)
        try await clinic.bench.stack.message(about: invoice.id, occasion: "invoice", until: "sent")
        let payment = try await clinic.ask(15_000, for: invoice, of: client, by: "link")
        try await clinic.bench.stack.message(about: invoice.id, occasion: "invoice-link", until: "sent")
        let mails = try await clinic.mails(to: client)
        #expect(
            mails.map(\.subject) == ["Votre facture \(invoice.number)", "Facture \(invoice.number) : réglez en ligne"])
        #expect(mails.first?.html?.contains("<a ") == false)
        let mail = try #require(mails.last)
        #expect(mail.text?.contains("150,00") == true && mail.attachments.map(\.fileName) == ["\(invoice.number).pdf"])
        try await expect(mail, toBePaidBy: clinic.link(of: payment), "Payer en ligne")
        #expect(try await !clinic.keptAndSaid().contains(payment.token))
    }

    @Test func `INV-5: a mail that is about its link alone is called off with it`() async throws {
        let (clinic, client) = try await open()
        let invoice = try await mailed(20_000, to: client, of: clinic)
        let payment = try await clinic.ask(20_000, for: invoice, of: client, by: "link")
        let id = try await clinic.turnedAway(invoice, occasion: "invoice-link")
        try await clinic.cancel(payment)
        try await clinic.send(id, until: "called-off")
        #expect(try await clinic.bench.stack.message(id).reason == "no longer wanted")
        #expect(try await clinic.bench.stack.callOffs(of: id) == ["unwanted"])
        #expect(try await clinic.mails(to: client).map(\.subject) == ["Votre facture \(invoice.number)"])
    }

    @Test func `INV-5: a link asked for while the invoice's own mail waits leaves with that mail, and not twice`()
        async throws
    {
        let (clinic, client) = try await open()
        let invoice = try await clinic.invoice(20_000, for: client)
        let id = try await clinic.turnedAway(invoice)
        let payment = try await clinic.ask(20_000, for: invoice, of: client, by: "link")
        let second = try await clinic.bench.stack.message(about: invoice.id, occasion: "invoice-link", until: "ready")
        try await clinic.send(id)
        try await clinic.send(second.id, until: "called-off")
        #expect(try await clinic.bench.stack.message(second.id).reason == "no longer wanted")
        #expect(try await clinic.bench.stack.callOffs(of: second.id) == ["unwanted"])
        let mails = try await clinic.mails(to: client)
        #expect(mails.map(\.subject) == ["Votre facture \(invoice.number)"])
        try await expect(try #require(mails.first), toBePaidBy: clinic.link(of: payment), "Payer en ligne")
    }

    @Test func `INV-5: a link whose invoice is turned away for good leaves in a mail of its own`() async throws {
        let (clinic, client) = try await open()
        let invoice = try await clinic.invoice(20_000, for: client)
        let id = try await clinic.turnedAway(invoice)
        let payment = try await clinic.ask(20_000, for: invoice, of: client, by: "link")
        let second = try await clinic.bench.stack.message(about: invoice.id, occasion: "invoice-link", until: "ready")
        try await clinic.bench.stack.ring([second.id])
        try await waitUntil("it waits for the invoice's own mail") {
            try await clinic.bench.stack.message(second.id).reason == "another mail with its invoice is being sent"
        }
        try await clinic.bench.mail.behave(#"{"mode":"refuse","to":"\#(client.recipient.email)","times":1}"#)
        try await waitUntil("the invoice's own mail is refused") {
            try await clinic.bench.stack.ring([id])
            return try await clinic.bench.stack.message(id).state == "failed"
        }
        try await clinic.send(second.id)
        let mail = try #require(try await clinic.mails(to: client).first)
        #expect(mail.subject == "Facture \(invoice.number) : réglez en ligne")
        try await expect(mail, toBePaidBy: clinic.link(of: payment), "Payer en ligne")
    }

    @Test func `INV-5: an invoice that left with a link before that was heard to be asked for is not mailed again`()
        async throws
    {
        let (clinic, client) = try await open()
        let invoice = try await clinic.invoice(20_000, for: client)
        let id = try await clinic.turnedAway(invoice)
        let payment = try await clinic.bench.whileDeaf {
            let payment = try await clinic.ask(20_000, for: invoice, of: client, by: "link")
            try await clinic.send(id)
            return payment
        }
        try await clinic.takenIn(payment)
        let second = try await clinic.bench.stack.message(
            about: invoice.id, occasion: "invoice-link", until: "called-off")
        #expect(second.reason == "no longer wanted" && second.tries == 0)
        #expect(try await clinic.bench.stack.callOffs(of: second.id) == ["unwanted"])
        let mails = try await clinic.mails(to: client)
        #expect(mails.map(\.subject) == ["Votre facture \(invoice.number)"])
        try await expect(try #require(mails.first), toBePaidBy: clinic.link(of: payment), "Payer en ligne")
    }

    @Test func `INV-5: an invoice heard of while its link leaves with it is mailed neither beside it nor after it`()
        async throws
    {
        let clinic = try await InvoiceMessageBench.shared().open()
        try await clinic.takePaymentsOnline()
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(20_000, for: client)
        // Nobody mails invoices yet: what is told of it below is the first that asks for its mail.
        try await clinic.takenIn(1)
        try await clinic.send(Self.mailing)
        try await clinic.bench.work(with: ["QUITTANCE_GATEWAY_TIME_MAX": "10s", "QUITTANCE_CALL_LEASE": "20s"])
        try await clinic.takeMailSlowly(from: client, seconds: 4)
        let payment = try await clinic.ask(20_000, for: invoice, of: client, by: "link")
        try await clinic.bench.stack.message(about: invoice.id, occasion: "invoice-link", until: "claimed")
        try await clinic.announceIssued(invoice, of: client, 20_000)
        let first = try await clinic.bench.stack.message(about: invoice.id, occasion: "invoice", until: "called-off")
        #expect(first.reason == "no longer wanted" && first.tries == 0)
        #expect(try await clinic.bench.stack.callOffs(of: first.id) == ["unwanted"])
        try await clinic.bench.stack.message(about: invoice.id, occasion: "invoice-link", until: "sent")
        try await clinic.bench.work()
        let mails = try await clinic.mails(to: client)
        #expect(mails.map(\.subject) == ["Facture \(invoice.number) : réglez en ligne"])
        try await expect(try #require(mails.first), toBePaidBy: clinic.link(of: payment), "Payer en ligne")
    }

    @Test func `INV-5: a mail that asks for one sum never carries the link of another payment`() async throws {
        let (clinic, client) = try await open()
        let invoice = try await mailed(20_000, to: client, of: clinic)
        let payment = try await clinic.ask(15_000, for: invoice, of: client, by: "link")
        let id = try await clinic.turnedAway(invoice, occasion: "invoice-link")
        try await clinic.cancel(payment)
        let other = try await clinic.ask(5_000, for: invoice, of: client)
        try await clinic.send(id, until: "called-off")
        let mails = try await clinic.mails(to: client)
        #expect(mails.map(\.subject) == ["Votre facture \(invoice.number)"])
        #expect(mails.allSatisfy { !$0.raw.contains(other.token) })
    }

    @Test func `INV-5: where invoicing was not told where clients pay, the mail has its button all the same`()
        async throws
    {
        let (clinic, client) = try await open()
        let stack = clinic.bench.stack
        let invoice = try await clinic.invoice(20_000, for: client)
        let id = try await clinic.turnedAway(invoice)
        let payment = try await clinic.ask(20_000, for: invoice, of: client)
        let port = try FreePort.pick()
        let other = try stack.child("invoicing", "serve", ["QUITTANCE_HTTP_PORT": "\(port)"])
        try await stack.waitUntilReady(other, port)
        try await clinic.bench.work(with: ["QUITTANCE_INVOICING_URL": "http://127.0.0.1:\(port)"])
        do {
            try await clinic.send(id)
        } catch {
            try await clinic.bench.work()
            throw error
        }
        try await clinic.bench.work()
        try await other.kill()
        let mail = try #require(try await clinic.mails(to: client).first)
        #expect(mail.html?.contains("<a href=\"\(clinic.link(of: payment))\"") == true)
        #expect(mail.attachments.count == 1)
        #expect(try await mail.linksOfPDF().isEmpty)
    }

    @Test func `NOT-2: a link to share is mailed by nobody who does not mail invoices`() async throws {
        let clinic = try await InvoiceMessageBench.shared().open(sending: #"{"receiptsBy":"email"}"#)
        try await clinic.takePaymentsOnline()
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(20_000, for: client)
        try await clinic.takenIn(clinic.ask(20_000, for: invoice, of: client, by: "link"))
        #expect(try await clinic.occasions().isEmpty)
    }
}
