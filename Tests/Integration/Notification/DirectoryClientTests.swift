import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// GEN-7, NOT-5: entries of the directory that are clients of the books, as invoicing's own routes say.
@Suite(.serialized) struct `Clients in the directory` {
    private func entries(_ clinic: SendingClinic) async throws -> [ClientID?] {
        try await clinic.bench.stack.database.read(organisation: clinic.organisation) { transaction in
            try transaction.query("SELECT client FROM contact ORDER BY id") { row in try row("client") as ClientID? }
        }
    }

    private func enter(_ phone: String, _ clinic: SendingClinic) async throws {
        let manager = NotificationStack.principal(clinic.organisation, scopes: ["contacts:write"])
        let answer = try await clinic.bench.stack.call(
            .post, "/v1/contacts",
            #"{"lastName":"Martin","phone":"\#(phone)","clinicID":"\#(clinic.clinic)"}"#, as: manager)
        #expect(answer.status == 201, "\(answer.json)")
    }

    @Test(arguments: [true, false])
    func `GEN-7: an entry is known to be a client, whoever was there first, and goes with the client, never written to`(
        isClientFirst: Bool
    ) async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open()
        let stranger = "+336\(UInt32.random(in: 10_000_000...99_999_999))"
        let client: SendingClinic.Client
        if isClientFirst {
            client = try await clinic.client()
            try await enter(client.recipient.phone, clinic)
        } else {
            let recipient = Recipient()
            try await enter(recipient.phone, clinic)
            // Nobody has that number yet.
            try await waitUntil("invoicing was asked") {
                try await bench.stack.database.read(organisation: clinic.organisation) { transaction in
                    try transaction.one("SELECT count(asked_at) = 1 AS asked FROM contact") { row in try row("asked") }
                }
            }
            client = try await clinic.client(as: recipient)
        }
        try await enter(stranger, clinic)
        try await waitUntil("it is known to be the client") { try await entries(clinic).contains(client.id) }
        _ = try await clinic.call(.post, "/v1/clients/\(client.id)/erasure", "{}", seen: 1)
        try await waitUntil("it is gone with the client") { try await entries(clinic) == [nil] }
    }

    @Test func `GEN-7: a number nobody can read and clients who were merged or erased hold up no other entry`()
        async throws
    {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open()
        let organisation = clinic.organisation
        let (merged, into) = (try await clinic.client(), try await clinic.client())
        _ = try await clinic.call(
            .post, "/v1/clients/\(merged.id)/merge", #"{"intoClientID":"\#(into.id)"}"#, seen: 1)
        try await bench.stack.database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            // Before all others, as of an older import.
            try transaction.execute(
                """
                INSERT INTO contact (id, organisation, last_name, first_name, phone, language, groups)
                VALUES ('00000000-0000-0000-0000-000000000001', \(organisation), 'A', '', '+3361234567', 'fr', '{}')
                """)
            for client in [merged.id, ClientID(1)] {
                try transaction.execute(
                    "INSERT INTO client_to_link (organisation, client) VALUES (\(organisation), \(client))")
            }
        }
        let client = try await clinic.client()
        try await enter(client.recipient.phone, clinic)
        try await waitUntil("it is known to be the client") { try await entries(clinic) == [nil, client.id] }
        try await waitUntil("nothing waits") {
            try await bench.stack.database.read(organisation: organisation) { transaction in
                try transaction.one(
                    """
                    SELECT NOT EXISTS (SELECT FROM client_to_link WHERE organisation = \(organisation))
                        AND NOT EXISTS (SELECT FROM contact WHERE organisation = \(organisation)
                            AND client IS NULL AND asked_at IS NULL) AS is_done
                    """
                ) { row in try row("is_done") }
            }
        }
    }

    @Test func `GEN-7: an entry without a number is known by its address`() async throws {
        let bench = try await InvoiceMessageBench.shared()
        let clinic = try await bench.open()
        let client = try await clinic.client()
        let manager = NotificationStack.principal(clinic.organisation, scopes: ["contacts:write"])
        let answer = try await bench.stack.call(
            .post, "/v1/contacts",
            #"{"lastName":"Martin","email":"\#(client.recipient.email)","clinicID":"\#(clinic.clinic)"}"#, as: manager)
        #expect(answer.status == 201, "\(answer.json)")
        try await waitUntil("it is known to be the client") { try await entries(clinic) == [client.id] }
    }
}
