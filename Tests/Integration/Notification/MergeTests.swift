import EventContract
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

    @Test func `NOT-9: a STOP is not lost where the entry was nobody's yet: it holds once the entry is the client's`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let clients = [ClientID(.random(in: 0x1_0000...UInt128.max)), ClientID(.random(in: 0x1_0000...UInt128.max))]
        let phones = [CampaignBench.randomPhone(), CampaignBench.randomPhone()]
        try await bench.done(
            .post, "/v1/contacts",
            #"{"lastName":"M","phone":"\#(phones[1])","clientID":"\#(clients[1])","clinicID":"\#(bench.clinic)"}"#)
        let entered = try await bench.done(
            .post, "/v1/contacts", #"{"lastName":"M","phone":"\#(phones[0])","clinicID":"\#(bench.clinic)"}"#)
        try await bench.consent(phones[0], "withdrawn")
        try await bench.consent(phones[1], "given")
        try await announce(clients[0], into: clients[1], bench)
        let id = try #require(entered.json["id"]?.text)
        try await bench.done(
            .put, "/v1/contacts/\(id)",
            #"{"lastName":"M","phone":"\#(phones[0])","clientID":"\#(clients[1])","clinicID":"\#(bench.clinic)"}"#,
            seen: 1)
        let history = try await bench.done(.get, "/v1/consents?phone=%2B\(phones[1].dropFirst())").json
        #expect(history["items"]?.elements?.compactMap { $0["decision"]?.text } == ["withdrawn", "given"])
        // Who does not say again whose entry it is does not say that it is nobody's.
        try await bench.done(
            .put, "/v1/contacts/\(id)", #"{"lastName":"N","phone":"\#(phones[0])","clinicID":"\#(bench.clinic)"}"#,
            seen: 2)
        #expect(try await bench.done(.get, "/v1/contacts/\(id)").json["clientID"]?.text == "\(clients[1])")
    }

    @Test func `NOT-9: a STOP is not lost where only messages tell whose the entry is`() async throws {
        let bench = try await CampaignBench.shared()
        let clients = [ClientID(.random(in: 0x1_0000...UInt128.max)), ClientID(.random(in: 0x1_0000...UInt128.max))]
        let phones = [CampaignBench.randomPhone(), CampaignBench.randomPhone()]
        let organisation = bench.organisation
        try await bench.done(
            .post, "/v1/contacts", #"{"lastName":"M","phone":"\#(phones[0])","clinicID":"\#(bench.clinic)"}"#)
        try await bench.consent(phones[0], "withdrawn")
        try await bench.consent(phones[1], "given")
        // Once mail, once SMS: each brought the phone of one of both.
        try await bench.everybody { transaction in
            for (client, phone) in zip(clients, phones) {
                try transaction.execute(
                    """
                    INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, client, facts, state,
                        address)
                    VALUES (gen_random_uuid(), \(organisation), 'payment-link', 'sms', 'urgent', \(phone), \(client),
                        '{}', 'sent', \(phone))
                    """)
            }
        }
        try await announce(clients[0], into: clients[1], bench)
        try await waitUntil("the STOP holds for the other number") {
            let history = try await bench.done(.get, "/v1/consents?phone=%2B\(phones[1].dropFirst())").json
            return history["items"]?.elements?.compactMap { $0["decision"]?.text } == ["withdrawn", "given"]
        }
        let contacts = try await bench.done(.get, "/v1/contacts").json["items"]?.elements
        #expect(contacts?.map { $0["clientID"]?.text } == ["\(clients[1])"], "the entry is the client's, too")
    }

    @Test(arguments: [false, true])
    func `NOT-9: a STOP after two numbers were joined holds for both, by SMS and typed, and is told once`(
        isTyped: Bool
    ) async throws {
        let bench = try await CampaignBench.shared()
        let clients = [ClientID(.random(in: 0x1_0000...UInt128.max)), ClientID(.random(in: 0x1_0000...UInt128.max))]
        let phones = [CampaignBench.randomPhone(), CampaignBench.randomPhone()]
        let (from, into, organisation) = (clients[0], clients[1], bench.organisation)
        for (client, phone) in zip(clients, phones) { try await enter(phone, of: client, bench) }
        // A STOP by SMS is heard where somebody wrote to that phone.
        try await bench.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, client, facts, state,
                    address)
                VALUES (gen_random_uuid(), \(organisation), 'payment-link', 'sms', 'urgent', \(phones[0]), \(from),
                    '{}', 'sent', \(phones[0]))
                """)
        }
        try await announce(from, into: into, bench)
        try await waitUntil("the entry follows") {
            try await bench.stack.database.read(organisation: organisation) { transaction in
                try transaction.one("SELECT count(*) = 2 AS follow FROM contact WHERE client = \(into)") { row in
                    try row("follow")
                }
            }
        }
        for phone in phones { try await bench.consent(phone) }
        try await stop(phones[0], isTyped, bench)
        for phone in phones { #expect(try await decisions(phone, bench) == ["withdrawn", "given"], "\(phone)") }
        #expect(try await told(of: into, bench) == 1)
    }

    @Test(arguments: [false, true])
    func `NOT-9: a STOP of a number that two clients share is told of both, by SMS and typed, and once`(
        isTyped: Bool
    ) async throws {
        let bench = try await CampaignBench.shared()
        let clients = (0..<2).map { _ in ClientID(.random(in: 0x1_0000...UInt128.max)) }
        let (phone, organisation) = (CampaignBench.randomPhone(), bench.organisation)
        try await bench.everybody { transaction in
            for client in clients {
                try transaction.execute(
                    """
                    INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, client, facts, state,
                        address)
                    VALUES (gen_random_uuid(), \(organisation), 'payment-link', 'sms', 'urgent',
                        \(client.description), \(client), '{}', 'sent', \(phone))
                    """)
            }
        }
        try await bench.consent(phone)
        for _ in 0..<2 { try await stop(phone, isTyped, bench) }
        #expect(try await decisions(phone, bench).first == "withdrawn")
        for client in clients { #expect(try await told(of: client, bench) == 1) }
    }

    @Test func `NOT-9: who agreed under another number after a STOP that is typed late has agreed`() async throws {
        let bench = try await CampaignBench.shared()
        let client = ClientID(.random(in: 0x1_0000...UInt128.max))
        let phones = (0..<3).map { _ in CampaignBench.randomPhone() }
        for phone in phones { try await enter(phone, of: client, bench) }
        for (phone, decision, day) in [(1, "given", 1), (2, "given", 3), (0, "withdrawn", 2)] {
            try await bench.done(
                .post, "/v1/consents",
                #"""
                {"phone":"\#(phones[phone])","decision":"\#(decision)","proof":"formulaire",
                 "decidedAt":"2026-10-0\#(day)T10:00:00Z"}
                """#)
        }
        #expect(try await decisions(phones[1], bench) == ["withdrawn", "given"])
        #expect(try await decisions(phones[2], bench) == ["given"])
    }

    @Test func `GEN-7: who is merged into somebody forgotten is forgotten, in whichever order one hears of it`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let clients = [ClientID(.random(in: 0x1_0000...UInt128.max)), ClientID(.random(in: 0x1_0000...UInt128.max))]
        let (phone, other) = (CampaignBench.randomPhone(), CampaignBench.randomPhone())
        for (number, client) in [(phone, clients[0]), (other, ClientID(.random(in: 0x1_0000...UInt128.max)))] {
            try await bench.done(
                .post, "/v1/contacts",
                #"{"lastName":"M","phone":"\#(number)","clientID":"\#(client)","clinicID":"\#(bench.clinic)"}"#)
        }
        let cause = Cause(
            .job(name: "forget", run: "\(clients[1])"), organisation: bench.organisation, actor: "tests",
            correlation: CorrelationID(6))
        try await bench.stack.database.change(because: cause) { change in
            try ForgetClient().run(clients[1], in: &change)
        }
        try await announce(clients[0], into: clients[1], bench)
        try await waitUntil("the entry is gone") {
            let items = try await bench.done(.get, "/v1/contacts").json["items"]?.elements
            return items?.map { $0["phone"]?.text } == [other]
        }
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

    private func enter(_ phone: String, of client: ClientID, _ bench: CampaignBench) async throws {
        try await bench.done(
            .post, "/v1/contacts",
            #"{"lastName":"M","phone":"\#(phone)","clientID":"\#(client)","clinicID":"\#(bench.clinic)"}"#)
    }

    /// Somebody says STOP there, by SMS or at the desk.
    private func stop(_ phone: String, _ isTyped: Bool, _ bench: CampaignBench) async throws {
        guard !isTyped else { return try await bench.consent(phone, "withdrawn") }
        let body = #"{"date":"2026-11-20T10:00:00Z","message":"STOP","from":"\#(phone.dropFirst())"}"#
        let signature = [("X-SMSFactor-Signature", NotificationStack.signature(of: body))]
        let answer = try await bench.stack.call(
            .post, "/webhooks/smsfactor/replies", body, as: nil, headers: signature)
        #expect(answer.status == 200)
    }

    /// How often it was announced that a client wants no more marketing.
    private func told(of client: ClientID, _ bench: CampaignBench) async throws -> Int {
        try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT count(*) AS count FROM (SELECT type, subject FROM outbox
                    UNION ALL SELECT type, subject FROM outbox_journal) AS told
                WHERE type = \(RecipientOptedOutV1.type.text) AND subject = \(client)
                """
            ) { row in try row("count") }
        }
    }

    /// The latest first.
    private func decisions(_ phone: String, _ bench: CampaignBench) async throws -> [String] {
        let history = try await bench.done(.get, "/v1/consents?phone=%2B\(phone.dropFirst())").json
        return history["items"]?.elements?.compactMap { $0["decision"]?.text } ?? []
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
