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

/// INV-1, NOT-9: two clients who were one person.
@Suite(.serialized) struct `Merging clients` {
    @Test func `NOT-9: messages and entries follow, and a STOP under one number holds for all of them`() async throws {
        let bench = try await CampaignBench.shared()
        let clients = [ClientID(.random(in: 0x1_0000...UInt128.max)), ClientID(.random(in: 0x1_0000...UInt128.max))]
        let phones = [CampaignBench.randomPhone(), CampaignBench.randomPhone()]
        for (client, phone) in zip(clients, phones) {
            try await bench.done(
                .post, "/v1/contacts",
                #"{"lastName":"M","phone":"\#(phone)","clientID":"\#(client)","clinicID":"\#(bench.clinic)"}"#)
        }
        try await bench.consent(phones[0], "withdrawn")
        try await bench.consent(phones[1], "given")
        try await announce(clients[0], into: clients[1], bench)
        let (from, into, organisation) = (clients[0], clients[1], bench.organisation)
        try await waitUntil("the entry follows") {
            try await bench.stack.database.read(organisation: organisation) { transaction in
                try transaction.one(
                    """
                    SELECT count(*) FILTER (WHERE client = \(from)) = 0
                        AND count(*) FILTER (WHERE client = \(into)) = 2 AS are_one
                    FROM contact WHERE organisation = \(organisation)
                    """
                ) { row in try row("are_one") }
            }
        }
        let history = try await bench.done(.get, "/v1/consents?phone=%2B\(phones[1].dropFirst())").json
        let decisions = history["items"]?.elements ?? []
        #expect(decisions.compactMap { $0["decision"]?.text } == ["withdrawn", "given"])
        #expect(decisions.first?["proof"]?.text?.contains("STOP") == true)
        let contacts = try await bench.done(.get, "/v1/contacts").json
        #expect(contacts["items"]?.elements?.count == 2, "numbers of the one are numbers of the other")
    }

    @Test func `NOT-9: where nobody said STOP, what was agreed stays agreed`() async throws {
        let bench = try await CampaignBench.shared()
        let clients = [ClientID(.random(in: 0x1_0000...UInt128.max)), ClientID(.random(in: 0x1_0000...UInt128.max))]
        let phone = CampaignBench.randomPhone()
        try await bench.done(
            .post, "/v1/contacts",
            #"{"lastName":"M","phone":"\#(phone)","clientID":"\#(clients[0])","clinicID":"\#(bench.clinic)"}"#)
        try await bench.consent(phone, "given")
        try await announce(clients[0], into: clients[1], bench)
        let (into, organisation) = (clients[1], bench.organisation)
        try await waitUntil("the entry follows") {
            try await bench.stack.database.read(organisation: organisation) { transaction in
                try transaction.one("SELECT count(*) = 1 AS follows FROM contact WHERE client = \(into)") { row in
                    try row("follows")
                }
            }
        }
        let history = try await bench.done(.get, "/v1/consents?phone=%2B\(phone.dropFirst())").json
        #expect(history["items"]?.elements?.count == 1)
    }

    /// Tells of the merger as invoicing does.
    private func announce(_ client: ClientID, into other: ClientID, _ bench: CampaignBench) async throws {
        let cause = Cause(
            .job(name: "merge", run: "\(client)"), organisation: bench.organisation, actor: "tests",
            correlation: CorrelationID(5))
        try await bench.stack.database.change(because: cause) { change in
            change.announce(ClientMergedV1(clientID: client, intoClientID: other), about: client)
        }
    }
}
