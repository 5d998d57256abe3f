import HTTPClient
import HTTPServer
import NotificationService
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// A message's words hold a link that pays: they are kept no longer than they may have to be sent.
@Suite struct `The words of a message` {
    private struct Words: Sendable {
        let body: String?
        let proof: String?
    }

    private func words(_ bench: NotificationBench, of id: MessageID) async throws -> Words {
        try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.one("SELECT body, proof FROM message WHERE id = \(id)") { row in
                Words(body: try row("body"), proof: try row("proof"))
            }
        }
    }

    @Test func `GEN-7: are there while it waits; once it has left, only what proves it stays, without the link`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"rate-limit""#)
        let waiting = try await bench.turnedAway(payment)
        let before = try await words(bench, of: waiting.id)
        #expect(before.body?.contains("/p/\(payment.token)") == true)
        let message = try await bench.stack.message(about: payment.id, until: "sent")
        #expect(try await bench.stack.sent(message.id).first?["shown"].string.contains(payment.token) == true)
        let after = try await words(bench, of: message.id)
        #expect(after.body == nil)
        #expect(after.proof?.hasSuffix("200,00 €, suivez ce lien sécurisé : [...]") == true)
    }

    @Test(arguments: ["called-off", "failed"])
    func `GEN-7: go with it when it will never leave`(state: String) async throws {
        let bench = try await NotificationBench.shared()
        let fault = state == "failed" ? #""kind":"gateway-status","status":-7"# : #""kind":"rate-limit""#
        let payment = try await bench.request(spoiltBy: fault)
        if state == "called-off" {
            _ = try await bench.turnedAway(payment)
            try await bench.cancel(payment)
        }
        let message = try await bench.stack.message(about: payment.id, until: state)
        let words = try await words(bench, of: message.id)
        #expect(words.body == nil)
        #expect(words.proof?.contains(payment.token) == false)
    }

    @Test func `GEN-7: stay while nobody knows whether it left, until it is too late to send it again`() async throws {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request(spoiltBy: #""kind":"drop""#)
        let message = try await bench.stack.message(about: payment.id, until: "uncertain")
        #expect(try await words(bench, of: message.id).body?.contains(payment.token) == true)
        try await bench.stack.database.pool.transaction(
            .readWrite.setting("quittance.organisation", to: "every")
        ) { transaction in
            try transaction.execute("UPDATE message SET expires_at = now() WHERE id = \(message.id)")
        }
        try await waitUntil("its words are gone") { try await words(bench, of: message.id).body == nil }
        let answer = try await bench.stack.call(
            .post, "/v1/messages/\(message.id)/settle", #"{"finding":"send-again"}"#)
        #expect(answer.json["state"]?.text == "called-off")
        #expect(try await bench.stack.sent(message.id).isEmpty)
    }

    @Test func `NOT-10: of an SMS or a mail are shown as they were told, without the link, the address masked`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        let sms = try await bench.stack.message(about: payment.id, until: "delivered")
        let shown = try await bench.stack.call(.get, "/v1/messages/\(sms.id)/text")
        #expect(shown.status == 200 && shown.header("Cache-Control") == "no-store")
        #expect(shown.json["text"]?.text?.hasSuffix("200,00 €, suivez ce lien sécurisé : [...]") == true)
        #expect(shown.json["address"]?.text == "+33*******\(payment.recipient.phone.suffix(2))")
        let told = ["channel", "state", "language", "subject"].map { shown.json[$0]?.text }
        #expect(told == ["sms", "delivered", "fr", nil])
        let body = String(decoding: shown.body, as: UTF8.self)
        #expect(!body.contains(payment.token) && !body.contains(payment.recipient.digits))

        try await bench.accept(payment)
        let mail = try await bench.stack.message(about: payment.id, occasion: "payment-accepted", until: "sent")
        let mailed = try await bench.stack.call(.get, "/v1/messages/\(mail.id)/text").json
        #expect(mailed["text"]?.text?.contains("Bonjour \(payment.recipient.firstName) Martin") == true)
        #expect(mailed["address"]?.text == "z***@example.org" && mailed["subject"]?.text?.isEmpty == false)
    }

    @Test func `GEN-1, NOT-10: are shown to nobody else, and not before they are written anew`() async throws {
        let stack = try await NotificationBench.shared().stack
        let id = try await stack.seed(1, by: "held")[0]
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET proof = 'Vous devez 10 €' WHERE id = \(id)")
        }
        let path = "/v1/messages/\(id)/text"
        #expect(try await stack.call(.get, path).json["text"]?.text == "Vous devez 10 €")
        let strangers = [
            NotificationStack.principal(OrganisationID(0xB)),
            NotificationStack.principal(role: .frontDesk, clinics: .some([ClinicID(0xE)])),
        ]
        for stranger in strangers {
            let answer = try await stack.call(.get, path, as: stranger)
            #expect(answer.status == 404 && answer.json["type"]?.text?.hasSuffix("/not-found") == true)
        }
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET state = 'requested' WHERE id = \(id)")
        }
        let answer = try await stack.call(.get, path)
        #expect(answer.status == 404 && answer.json["type"]?.text?.hasSuffix("text-not-kept") == true)
    }

    @Test func `GEN-7: of messages from before are forgotten when the service is migrated`() async throws {
        let cluster = try await PrivatePostgres.shared()
        let settings = try await cluster.databaseOfServices()
        let database = NotificationStack.database(settings, role: NotificationService.schema)
        let (schema, all) = (NotificationService.schema, NotificationService.migrations)
        try await cluster.migrate(schema, Array(all.prefix(2)), in: settings)
        let states = ["ready", "delivered"]
        try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) { transaction in
            for state in states {
                let id: MessageID = IdentifierSource.system.make()
                try transaction.execute(
                    """
                    INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, facts, state, address, body)
                    VALUES (\(id), \(NotificationStack.organisation), 'payment-link', 'sms', 'urgent', \(state), '{}',
                        \(state), '+33600000000', 'Payez : https://pay.example/p/secret')
                    """)
            }
        }
        try await cluster.migrate(schema, all, in: settings)
        let kept = try await database.read(organisation: nil) { transaction in
            try transaction.query("SELECT body, proof FROM message ORDER BY state DESC") { row in
                Words(body: try row("body"), proof: try row("proof"))
            }
        }
        #expect(kept.map(\.body) == ["Payez : https://pay.example/p/secret", nil])
        #expect(kept.allSatisfy { $0.proof == "Payez : [...]" })
    }
}
