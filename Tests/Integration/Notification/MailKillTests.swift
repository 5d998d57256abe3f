import Foundation
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// INV-5, NOT-10: workers are killed with `kill -9` at the steps of a mail that other mails do not have.
@Suite(.serialized) struct `Mails whose worker is killed` {
    private static let mailing = #"{"documentsBy":"email"}"#
    private static let underWay = "another mail with its invoice is being sent"

    @Test func `NOT-10, INV-5: in a call that carries a link is not repeated, and the invoice's own mail leaves`()
        async throws
    {
        let clinic = try await InvoiceMessageBench.shared().open()
        let stack = clinic.bench.stack
        try await clinic.takePaymentsOnline()
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(20_000, for: client)
        // Nobody mails invoices yet: what is told of it below is the first that asks for its mail.
        try await clinic.takenIn(1)
        try await clinic.send(Self.mailing)
        try await clinic.bench.work(with: ["QUITTANCE_GATEWAY_TIME_MAX": "20s", "QUITTANCE_CALL_LEASE": "40s"])
        try await clinic.takeMailSlowly(from: client, seconds: 15)
        let payment = try await clinic.ask(20_000, for: invoice, of: client, by: "link")
        let link = try await stack.message(about: invoice.id, occasion: "invoice-link", until: "claimed")
        try await clinic.announceIssued(invoice, of: client, 20_000)
        let own = try await stack.message(about: invoice.id, occasion: "invoice", until: "ready")
        try await waitUntil("the invoice's own mail waits for it") {
            try await stack.ring([own.id])
            return try await stack.message(own.id).reason == Self.underWay
        }
        #expect(try await stack.message(link.id).state == "claimed", "the call is still open")
        // Another takes the place of the worker, which is killed.
        try await clinic.bench.work()
        try await clinic.takeMails()
        try await waitUntil("nobody knows what became of the call") {
            try await stack.message(link.id).state == "uncertain"
        }
        try await clinic.send(own.id)
        let ended = try await stack.message(link.id)
        #expect(ended.state == "uncertain" && ended.reason == "the worker that called is gone" && ended.tries == 1)
        #expect(try await stack.message(own.id).tries == 1)
        let mails = try await clinic.mails(to: client)
        let owns = mails.filter { $0.subject == "Votre facture \(invoice.number)" }
        #expect(owns.count == 1 && mails.count <= 2, "the other one may have arrived")
        #expect(owns.first?.html?.contains("<a href=\"\(clinic.link(of: payment))\"") == true)
    }

    @Test func `NOT-10, INV-5: between the question for what it brings and its claim leaves once, by another`()
        async throws
    {
        let clinic = try await InvoiceMessageBench.shared().open(sending: Self.mailing)
        let (stack, invoicing) = (clinic.bench.stack, clinic.bench.invoicing)
        let client = try await clinic.client()
        try await clinic.turnMailsAway(from: client)
        let invoice = try await clinic.invoice(20_000, for: client)
        let id = try await clinic.turnedAway(invoice)
        let tries = try await stack.message(id).tries
        let kills = 4
        for _ in 0..<kills {
            // The question for the document has no answer while invoicing stands still.
            invoicing.send(SIGSTOP)
            defer { invoicing.send(SIGCONT) }
            try await waitUntil("invoicing stands still") { invoicing.isFrozen }
            try await stack.ring([id])
            try await waitUntil("a worker has the mail in hand") { try await isInHand(id, stack) }
            try await clinic.bench.work()
            let mail = try await stack.message(id)
            #expect(mail.state == "ready" && mail.tries == tries, "nothing was called")
        }
        try await clinic.send(id)
        #expect(try await stack.message(id).tries == tries + 1)
        let mails = try await clinic.mails(to: client)
        print("NOT-10: a worker killed \(kills) times with a mail's question open: the mail server took \(mails.count)")
        #expect(mails.map(\.subject) == ["Votre facture \(invoice.number)"])
        #expect(mails.first?.attachments.map(\.fileName) == ["\(invoice.number).pdf"])
    }

    /// Taken by a worker, which looks at what it brings before it claims it.
    private func isInHand(_ id: MessageID, _ stack: NotificationStack) async throws -> Bool {
        try await stack.database.read(organisation: nil) { transaction in
            try transaction.one("SELECT next_try_at > now() AS is_taken FROM message WHERE id = \(id)") { row in
                try row("is_taken")
            }
        }
    }
}
