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
