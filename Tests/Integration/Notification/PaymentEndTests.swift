import EventContract
import NotificationService
import NotificationWorld
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-2: clients are told of payments that will not be made, over payment-orchestrator's own routes.
@Suite(.serialized) struct `Payments that are not made` {
    private func open(_ policy: String) async throws -> (SendingClinic, SendingClinic.Client, SendingClinic.Invoice) {
        let clinic = try await InvoiceMessageBench.shared().open(sending: policy)
        try await clinic.takePaymentsOnline()
        try await clinic.takeMails()
        let client = try await clinic.client()
        return (clinic, client, try await clinic.invoice(20_000, for: client))
    }

    private func told(
        _ clinic: SendingClinic, _ payment: AskedPayment, _ occasion: String, until state: String
    ) async throws -> MessageRow {
        try await clinic.bench.stack.message(about: payment.id, occasion: occasion, until: state)
    }

    @Test func `NOT-2: a refusal is mailed once, a cancelled request only to who has its link from us`()
        async throws
    {
        let (clinic, client, invoice) = try await open(#"{"paymentEndsBy":"email"}"#)
        let unseen = try await clinic.ask(20_000, for: invoice, of: client)
        try await clinic.cancel(unseen)
        let sent = try await clinic.ask(20_000, for: invoice, of: client, by: "sms")
        _ = try await told(clinic, sent, "payment-link", until: "delivered")
        try await clinic.cancel(sent)
        _ = try await told(clinic, sent, "payment-cancelled", until: "sent")
        let refused = try await clinic.ask(20_000, for: invoice, of: client)
        try await clinic.refuse(refused)
        _ = try await told(clinic, refused, "payment-refused", until: "sent")
        try await clinic.takenIn(unseen, "payment-cancelled")
        let mails = try await clinic.mails(to: client)
        #expect(
            mails.map { $0.subject.replacing("\u{202F}", with: " ") } == [
                "Demande de paiement de 200,00 € annulée", "Votre paiement de 200,00 € n'a pas été accepté",
            ])
        #expect(mails.allSatisfy { $0.text?.contains("Bonjour \(client.recipient.firstName) Martin") == true })
        #expect(
            try await clinic.occasions().sorted() == ["payment-cancelled", "payment-link", "payment-refused"],
            "what was cancelled before anybody had its link is told to nobody")
    }

    @Test func `NOT-2: by SMS where the organisation wants it so, and by nobody who has not said how`() async throws {
        let (clinic, client, invoice) = try await open(#"{"paymentEndsBy":"sms","transliterates":false}"#)
        let refused = try await clinic.ask(20_000, for: invoice, of: client)
        try await clinic.refuse(refused)
        let message = try await told(clinic, refused, "payment-refused", until: "delivered")
        let shown = try await clinic.bench.stack.sent(message.id).first?["shown"].string ?? ""
        #expect(shown.contains("n'a pas été accepté") && shown.hasPrefix("Les Lilas"), "\(shown)")
        #expect(shown.contains("200,00 €"), "C-15: an amount has no narrow space, which would double the bill")
        #expect(message.parts == 1)
        let (silent, other, bill) = try await open(#"{"overdueBy":"sms"}"#)
        let unheard = try await silent.ask(20_000, for: bill, of: other)
        try await silent.refuse(unheard)
        try await silent.takenIn(unheard, "payment-refused")
        #expect(try await silent.occasions().isEmpty)
    }

    @Test func `GEN-7: nobody is told of a payment that ends once its client is erased`() async throws {
        let (clinic, client, invoice) = try await open(#"{"paymentEndsBy":"email"}"#)
        let refused = try await clinic.ask(20_000, for: invoice, of: client)
        let cause = Cause(
            .job(name: "forget", run: "\(client.id)"), organisation: clinic.organisation, actor: "tests",
            correlation: CorrelationID(7))
        try await clinic.bench.stack.database.change(because: cause) { change in
            try ForgetClient().run(client.id, in: &change)
        }
        try await clinic.refuse(refused)
        try await clinic.takenIn(refused, "payment-refused")
        #expect(try await clinic.occasions().isEmpty)
    }

    @Test func `C-10: a link that is asked for when its payment has ended is not written`() async throws {
        let (clinic, client, invoice) = try await open(#"{"paymentEndsBy":"email"}"#)
        let payment = try await clinic.ask(20_000, for: invoice, of: client)
        try await clinic.cancel(payment)
        try await clinic.takenIn(payment, "payment-cancelled")
        try await expectNoLink(of: payment, for: invoice, of: client, at: clinic)
    }

    @Test func `C-10: nor one of a payment that its client has agreed to, which the provider has not decided`()
        async throws
    {
        let (clinic, client, invoice) = try await open(#"{"paymentEndsBy":"email"}"#)
        try await clinic.takeCardsOnline()
        let payment = try await clinic.ask(20_000, for: invoice, of: client, at: .stripe)
        try await clinic.agree(payment)
        try await expectNoLink(of: payment, for: invoice, of: client, at: clinic)
    }

    /// What comes too late calls nothing off by itself: its owner is asked when it is written.
    private func expectNoLink(
        of payment: AskedPayment, for invoice: SendingClinic.Invoice, of client: SendingClinic.Client,
        at clinic: SendingClinic
    ) async throws {
        let cause = Cause(
            .job(name: "link", run: "\(payment.id)"), organisation: clinic.organisation, actor: "tests",
            correlation: CorrelationID(6))
        try await clinic.bench.stack.database.change(because: cause) { change in
            change.announce(
                PaymentLinkRequestedV1(
                    paymentID: payment.id, invoiceID: invoice.id, clientID: client.id, amount: .euros(cents: 20_000),
                    expiresAt: TimeSource.system.now().adding(.seconds(3_600))),
                about: payment.id, clinic: clinic.clinic)
        }
        let link = try await told(clinic, payment, "payment-link", until: "called-off")
        #expect(link.tries == 0 && link.reason == "no longer wanted")
        #expect(try await clinic.occasions() == ["payment-link"])
    }
}
