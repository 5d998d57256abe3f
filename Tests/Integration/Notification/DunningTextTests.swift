import HTTPClient
import HTTPServer
import NotificationDomain
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// INV-14: reminders say what the organisation says at their level, from invoicing's route to the client.
@Suite(.serialized) struct `The words of a level of dunning` {
    /// A clinic that reminds its clients, with words of its own at levels 1 and 2 and none at level 3.
    private func open(_ channel: String, _ first: String, _ second: String = "Deux.") async throws -> SendingClinic {
        let clinic = try await InvoiceMessageBench.shared().open(sending: #"{"overdueBy":"\#(channel)"}"#)
        let levels = """
            {"levels":[{"daysLate":7,"label":"A","text":"\(first)"},{"daysLate":21,"label":"B","text":"\(second)"},
                       {"daysLate":45,"label":"C"}]}
            """
        _ = try await clinic.call(.put, "/v1/dunning-levels", levels, seen: 0)
        return clinic
    }

    private func remind(
        _ clinic: SendingClinic, _ client: SendingClinic.Client, _ invoice: SendingClinic.Invoice, at level: Int,
        until state: String
    ) async throws -> MessageRow {
        try await clinic.announceOverdue(invoice, of: client, level: level)
        var found: [MessageRow] = []
        try await waitUntil("the reminder of level \(level) is \(state)") {
            found = try await clinic.bench.stack.messages(about: invoice.id, occasion: "overdue")
            return found.count == level && found.allSatisfy { $0.state == state }
        }
        return try #require(found.last)
    }

    @Test func `INV-14: a mail says them at their level, filled in and never as markup, and ours where there are none`()
        async throws
    {
        let clinic = try await open(
            "email", "Passez nous voir.",
            #"{{firstName}}, dernier rappel avant <huissier> & frais :\nréglez {{ amount }}."#)
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(10_000, for: client)
        for level in 1...3 { _ = try await remind(clinic, client, invoice, at: level, until: "sent") }
        let mails = try await clinic.mails(to: client)
        #expect(mails.map(\.subject) == (1...3).map { "Rappel \($0) : \(invoice.number)" })
        let texts = mails.map(\.words)
        #expect(
            texts[0].contains(
                "\n\nPassez nous voir.\n\nSolde (\(invoice.number)), à échéance du 31/10/2026"))
        #expect(texts[0].contains("100,00\u{202F}€.") && !texts[0].contains("Sauf erreur"))
        let asked = "\(client.recipient.firstName), dernier rappel avant <huissier> & frais :\nréglez 100,00\u{202F}€."
        #expect(texts[1].contains("\n\n\(asked)\n\nLes Lilas") && !texts[1].contains("Solde"), "\(texts[1])")
        #expect(mails[1].markup.contains("avant &lt;huissier&gt; &amp; frais :<br>\nréglez"))
        #expect(
            texts[2].contains("Sauf erreur de notre part, 100,00\u{202F}€ restent dus") && !texts[2].contains("Solde"))
        #expect(mails.map { $0.attachments.map(\.fileName) } == Array(repeating: ["\(invoice.number).pdf"], count: 3))
    }

    @Test func `INV-14, NOT-7: an SMS says them, counted with what is due, and ours where they make too many parts`()
        async throws
    {
        let words = String(repeating: "Merci de passer à l'accueil avec ce message. ", count: 3) + "Merci."
        let tooLong = String(repeating: "Merci de passer à l’accueil. ", count: 30) + "🐕 merci."
        let clinic = try await open("sms", words, tooLong)
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(10_000, for: client)
        let row = try await remind(clinic, client, invoice, at: 1, until: "delivered")
        let shown = try #require(try await clinic.bench.stack.sent(row.id).first?["shown"].string)
        #expect(shown.hasPrefix("Les Lilas : \(words) Solde : 100,00") && shown.contains(invoice.number), "\(shown)")
        #expect(row.parts.map { Int($0) } == SMSParts(of: shown).count && SMSParts(of: shown).count == 2)
        let standard = try await remind(clinic, client, invoice, at: 2, until: "delivered")
        let ours = try #require(try await clinic.bench.stack.sent(standard.id).first?["shown"].string)
        #expect(ours.hasPrefix("Les Lilas : sauf erreur, 100,00") && !ours.contains("Merci"), "\(ours)")
    }

    @Test func `INV-14: the words of a level are said to nobody who is not that late`() async throws {
        let clinic = try await open("email", "Un.", "Mise en demeure.")
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(10_000, for: client)
        // Level 2 was reached after 20 days; by now it begins at 21.
        try await clinic.announceOverdue(invoice, of: client, level: 2, daysLate: 20)
        try await clinic.bench.stack.message(about: invoice.id, occasion: "overdue", until: "sent")
        let mail = try #require(try await clinic.mails(to: client).first)
        #expect(mail.words.contains("Sauf erreur de notre part") && !mail.words.contains("Mise en demeure"))
    }

    @Test func `INV-14: a template of the organisation has a place for them, or gives way to them`() async throws {
        let clinic = try await open("email", "Un {{number}}.")
        let client = try await clinic.client()
        let invoice = try await clinic.invoice(10_000, for: client)
        let path = "/v1/templates/overdue/email/fr"
        let manager = NotificationStack.principal(clinic.organisation, scopes: ["templates:write"])
        let bodies = ["Cher client, {{levelText}} A bientôt.", "Cher client, {{amount}} restent dus."]
        for (version, body) in bodies.enumerated() {
            let template = #"{"subject":"Rappel de {{clinic}}","body":"\#(body)"}"#
            let put = try await clinic.bench.stack.call(
                .put, path, template, as: manager, headers: [("If-Match", "\"v\(version)\"")])
            #expect(put.status == 200)
            _ = try await remind(clinic, client, invoice, at: version + 1, until: "sent")
        }
        _ = try await remind(clinic, client, invoice, at: 3, until: "sent")
        let mails = try await clinic.mails(to: client)
        #expect(
            mails.map(\.subject) == [
                "Rappel de Les Lilas", "Rappel 2 : \(invoice.number)", "Rappel de Les Lilas",
            ])
        #expect(mails[0].words.hasPrefix("Cher client, Un \(invoice.number).\n\nSolde (\(invoice.number))"))
        #expect(mails[1].words.contains("\n\nDeux.\n\nSolde (\(invoice.number))"))
        #expect(mails[2].words.hasPrefix("Cher client, 100,00"))
    }
}
