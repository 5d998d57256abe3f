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

/// GEN-7: what a client leaves behind here when the books forget the client.
@Suite struct `Forgetting a client` {
    private func forget(_ client: ClientID, in stack: NotificationStack, _ organisation: OrganisationID) async throws {
        let cause = Cause(
            .job(name: "forget", run: "\(IdentifierSource.system.next())"), organisation: organisation, actor: "tests",
            correlation: CorrelationID(9))
        try await stack.database.change(because: cause) { change in try ForgetClient().run(client, in: &change) }
    }

    private func texts(_ sql: SQL, _ stack: NotificationStack) async throws -> [String] {
        try await stack.database.read(organisation: nil) { transaction in
            try transaction.query(sql) { row in try row("text") as String }
        }
    }

    @Test func `GEN-7: words, numbers and entries go, counts stay, and nobody else is forgotten`() async throws {
        let bench = try await CampaignBench.shared()
        let client = ClientID(.random(in: 0x1_0000...UInt128.max))
        let (phone, other) = (CampaignBench.randomPhone(), CampaignBench.randomPhone())
        try await bench.done(
            .post, "/v1/contacts",
            """
            {"lastName":"Zéphyrine","phone":"\(phone)","clientID":"\(client)","clinicID":"\(bench.clinic)",
             "groups":["g"]}
            """)
        try await bench.done(
            .post, "/v1/contacts",
            #"{"lastName":"Autre","phone":"\#(other)","clinicID":"\#(bench.clinic)","groups":["g"]}"#)
        for number in [phone, other] { try await bench.consent(number) }
        let id = try await bench.draft(groups: ["g"], more: #","day":"2999-01-01""#)
        #expect(try await bench.steer(id, "start").status == 200)
        try await bench.openHours()
        try await bench.everybody { transaction in
            try transaction.execute("UPDATE campaign SET local_day = '2020-01-01' WHERE id = \(id)")
        }
        try await bench.waitUntilOver(id)
        try await forget(client, in: bench.stack, bench.organisation)
        let organisation = bench.organisation
        let left = try await texts(
            """
            SELECT coalesce(address, '') || coalesce(body, '') || coalesce(proof, '') AS text FROM message
                WHERE organisation = \(organisation)
            UNION ALL SELECT coalesce(name, '') || coalesce(phone, '') FROM campaign_recipient
                WHERE organisation = \(organisation)
            UNION ALL SELECT last_name || coalesce(phone, '') FROM contact WHERE organisation = \(organisation)
            UNION ALL SELECT address FROM consent WHERE organisation = \(organisation)
            """, bench.stack)
        #expect(!left.contains { $0.contains(phone) || $0.contains("Zéphyrine") }, "\(left.count)")
        #expect(left.contains { $0.contains(other) }, "nobody else is forgotten")
        #expect(try await bench.outcomes(id).count == 2, "the result of the campaign still has both")
        try await forget(client, in: bench.stack, bench.organisation)
    }

    @Test func `GEN-7: what had not left never does`() async throws {
        let stack = try await CampaignBench.shared().stack
        let id = try #require(try await stack.seed(1, by: "held").first)
        let client = try await stack.database.read(organisation: nil) { transaction in
            try transaction.one("SELECT client FROM message WHERE id = \(id)") { row in try row("client") as ClientID }
        }
        try await forget(client, in: stack, NotificationStack.organisation)
        let message = try await stack.message(id)
        #expect(message.state == "called-off" && message.reason == "the client was erased")
        #expect(try await stack.sent(id).isEmpty)
    }

    @Test func `GEN-7, NOT-3: what others were told of a client's payment goes too`() async throws {
        let stack = try await CampaignBench.shared().stack
        let (own, client) = try await seeded(stack)
        let other = try await tell(
            "+33600000001", as: IdentifierSource.system.make(), of: own, state: "sent", in: stack)
        try await forget(client, in: stack, NotificationStack.organisation)
        let left = try await texts(
            "SELECT coalesce(address, '') || coalesce(proof, '') AS text FROM message WHERE id = \(other)", stack)
        #expect(left == [""])
    }

    /// A message to somebody of the directory, of the payment another message is about; it does not leave by itself.
    private func tell(
        _ phone: String?, as contact: ContactID, _ client: ClientID? = nil, of own: MessageID, state: String = "ready",
        in stack: NotificationStack
    ) async throws -> MessageID {
        let id: MessageID = IdentifierSource.system.make()
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, payment, client, contact,
                    facts, state, address, subject, body, proof, route, next_try_at)
                SELECT \(id), organisation, 'payment-reminder', 'sms', 'normal', \(id.description), payment, \(client),
                    \(contact), '{}', \(state), \(phone), '', 'Zoé Martin', 'Zoé Martin', 'held', 'infinity'
                FROM message WHERE id = \(own)
                """)
        }
        return id
    }

    @Test func `GEN-7, NOT-3: who heard of another's payment takes along no message but the own`() async throws {
        let stack = try await CampaignBench.shared().stack
        let (own, _) = try await seeded(stack)
        let client = ClientID(.random(in: 0x1_0000...UInt128.max))
        let ids = IdentifierSource.system
        let told = try await tell("+33600000002", as: ids.make(), client, of: own, in: stack)
        let also = try await tell("+33600000003", as: ids.make(), of: own, in: stack)
        try await forget(client, in: stack, NotificationStack.organisation)
        for (id, left) in [(told, ""), (also, "+33600000003"), (own, NotificationStack.phone(own))] {
            let address = try await texts(
                "SELECT coalesce(address, '') AS text FROM message WHERE id = \(id)", stack)
            #expect(address == [left])
        }
        #expect(try await stack.message(told).state == "called-off")
        for id in [also, own] { #expect(try await stack.message(id).state == "ready") }
    }

    @Test func `GEN-7, NOT-3: an entry's client takes along what the entry gets just then, written or not`()
        async throws
    {
        let stack = try await CampaignBench.shared().stack
        let (own, _) = try await seeded(stack)
        let client = ClientID(.random(in: 0x1_0000...UInt128.max))
        let contact: ContactID = IdentifierSource.system.make()
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO contact (id, organisation, client, last_name, first_name, phone, language, groups)
                VALUES (\(contact), \(NotificationStack.organisation), \(client), 'Petit', '',
                    \(CampaignBench.randomPhone()), 'fr', '{}')
                """)
        }
        let unwritten = try await tell(nil, as: contact, of: own, state: "requested", in: stack)
        let written = try await tell("+33600000004", as: contact, of: own, in: stack)
        try await forget(client, in: stack, NotificationStack.organisation)
        for id in [unwritten, written] {
            let message = try await stack.message(id)
            #expect(message.state == "called-off" && message.reason == "the client was erased")
            let left = try await texts("SELECT coalesce(address, '') AS text FROM message WHERE id = \(id)", stack)
            #expect(left == [""])
        }
    }

    @Test func `GEN-7, NOT-3: what is ready for somebody who was taken out of the directory does not leave`()
        async throws
    {
        let stack = try await CampaignBench.shared().stack
        let (own, _) = try await seeded(stack)
        let id = try await tell(CampaignBench.randomPhone(), as: IdentifierSource.system.make(), of: own, in: stack)
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET route = 'smsfactor', next_try_at = now() WHERE id = \(id)")
        }
        try await waitUntil("it is called off") { try await stack.message(id).state == "called-off" }
        #expect(try await stack.message(id).reason == "no longer wanted")
        #expect(try await stack.sent(id).isEmpty)
    }

    /// Plans a reminder of the payment a message is about, for the client and somebody else.
    private func plan(_ text: String, of own: MessageID, in stack: NotificationStack) async throws -> MessageID {
        let id: MessageID = IdentifierSource.system.make()
        let day = try #require(LocalDate(text))
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO reminder (id, organisation, client, payment, occasion, dedup_key, facts, state, local_day,
                    local_minutes, late_on, contacts, planned_by)
                SELECT \(id), organisation, client, payment, 'payment-reminder', \(id.description), '{}', 'planned',
                    \(day), 0, '2999-12-31', ARRAY[gen_random_uuid()], 'tests'
                FROM message WHERE id = \(own)
                """)
        }
        return id
    }

    @Test func `GEN-7, NOT-3: what is planned for a client is called off, and what is planned later releases nothing`()
        async throws
    {
        let stack = try await CampaignBench.shared().stack
        let (own, client) = try await seeded(stack)
        let before = try await plan("2999-01-01", of: own, in: stack)
        try await forget(client, in: stack, NotificationStack.organisation)
        let planned = try await texts(
            """
            SELECT state || ', ' || reason || ', ' || cardinality(contacts) || ' others, v' || version AS text
            FROM reminder WHERE id = \(before)
            """, stack)
        #expect(planned == ["called-off, the client was erased, 0 others, v2"])
        // A schedule that is told late plans one more, which is due at once.
        let after = try await plan("2026-01-01", of: own, in: stack)
        try await waitUntil("its time has come") {
            try await texts("SELECT state AS text FROM reminder WHERE id = \(after)", stack) != ["planned"]
        }
        let released = try await texts(
            "SELECT state || ', ' || coalesce(reason, '') AS text FROM reminder WHERE id = \(after)", stack)
        #expect(released == ["called-off, the client was erased"])
        let messages = try await texts(
            "SELECT occasion AS text FROM message WHERE client = \(client) OR id = \(after)", stack)
        #expect(messages == ["payment-link"])
    }

    @Test func `GEN-7: a client who is being called for is forgotten with the outcome of the call; nothing is parked`()
        async throws
    {
        let stack = try await CampaignBench.shared().stack
        let id = try #require(try await stack.seed(1, by: "held").first)
        let phone = NotificationStack.phone(id)
        try await stack.plantReceipt(1, for: String(phone.dropFirst()))
        let held = try await stack.fault(
            #"{"operation":"smsfactor.send","containing":"\#(phone.dropFirst())","kind":"hold"}"#)
        try await stack.everybody { transaction in
            try transaction.execute(
                "UPDATE message SET proof = body, route = 'smsfactor', next_try_at = now() WHERE id = \(id)")
        }
        try await waitUntil("a gateway is being called") { try await stack.message(id).state == "claimed" }
        let path = "/v1/messages/\(id)/text"
        #expect(try await stack.call(.get, path).json["text"]?.text == "Pour payer, suivez ce lien")
        let client = try await stack.database.read(organisation: nil) { transaction in
            try transaction.one("SELECT client FROM message WHERE id = \(id)") { row in try row("client") as ClientID }
        }
        try await forget(client, in: stack, NotificationStack.organisation)
        #expect(try await stack.message(id).state == "claimed", "the call was still open")
        let shown = try await stack.call(.get, path)
        #expect(shown.status == 404 && shown.json["type"]?.text?.hasSuffix("text-not-kept") == true)
        try await stack.release(held)
        try await waitUntil("the call has ended") { try await stack.message(id).state == "sent" }
        let left = try await texts(
            """
            SELECT coalesce(address, '') || coalesce(body, '') || coalesce(proof, '') AS text FROM message
            WHERE id = \(id)
            """, stack)
        #expect(left == [""])
        #expect(try await stack.call(.get, path).status == 404)
        #expect(try await stack.sent(id).count == 1)
    }

    /// A message of somebody, and whose it is.
    private func seeded(_ stack: NotificationStack) async throws -> (MessageID, ClientID) {
        let id = try #require(try await stack.seed(1, by: "held").first)
        let client = try await stack.database.read(organisation: nil) { transaction in
            try transaction.one("SELECT client FROM message WHERE id = \(id)") { row in try row("client") as ClientID }
        }
        return (id, client)
    }

    @Test func `GEN-7: a call that outlived its lease and its client, and was not taken, is not made again`()
        async throws
    {
        let stack = try await CampaignBench.shared().stack
        let (id, client) = try await seeded(stack)
        let digits = NotificationStack.phone(id).dropFirst()
        let held = try await stack.fault(#"{"operation":"smsfactor.send","containing":"\#(digits)","kind":"hold"}"#)
        try await stack.fault(#"{"operation":"smsfactor.send","containing":"\#(digits)","kind":"rate-limit"}"#)
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET route = 'smsfactor', next_try_at = now() WHERE id = \(id)")
        }
        try await waitUntil("a gateway is being called") { try await stack.message(id).state == "claimed" }
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET state = 'uncertain' WHERE id = \(id)")
        }
        try await forget(client, in: stack, NotificationStack.organisation)
        #expect(try await stack.message(id).state == "uncertain", "the call was still open")
        try await stack.release(held)
        try await waitUntil("its outcome is kept") { try await stack.message(id).state == "called-off" }
        #expect(try await stack.sent(id).isEmpty)
    }

    @Test func `GEN-7: nobody can have a message sent again whose client is forgotten`() async throws {
        let stack = try await CampaignBench.shared().stack
        let (id, client) = try await seeded(stack)
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET state = 'uncertain', tries = 1 WHERE id = \(id)")
        }
        try await forget(client, in: stack, NotificationStack.organisation)
        let answer = try await stack.call(.post, "/v1/messages/\(id)/settle", #"{"finding":"send-again"}"#)
        #expect(answer.status == 200 && answer.json["state"]?.text == "called-off", "\(answer.json)")
    }

    @Test func `GEN-7: what a campaign is writing to somebody just then is forgotten too`() async throws {
        let bench = try await CampaignBench.shared()
        let client = ClientID(.random(in: 0x1_0000...UInt128.max))
        let (phone, organisation) = (CampaignBench.randomPhone(), bench.organisation)
        try await bench.done(
            .post, "/v1/contacts",
            #"{"lastName":"Z","phone":"\#(phone)","clientID":"\#(client)","clinicID":"\#(bench.clinic)"}"#)
        let id = try await bench.draft(phones: [phone])
        // As `write-campaigns` does, which has its campaign locked while it writes a batch.
        let writing = await bench.stack.lock("SELECT id FROM campaign WHERE id = \(id) FOR UPDATE") { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, campaign, facts, state,
                    address, body, next_try_at)
                VALUES (gen_random_uuid(), \(organisation), 'campaign', 'sms', 'bulk', \(phone), \(id), '{}',
                    'ready', \(phone), 'Vaccins', 'infinity')
                """)
        }
        try await forget(client, in: bench.stack, organisation)
        try await writing.value
        let left = try await texts(
            "SELECT coalesce(address, state) AS text FROM message WHERE organisation = \(organisation)", bench.stack)
        #expect(left == ["called-off"])
    }

    @Test func `GEN-7: numbers typed into campaigns are forgotten, and the places of the others stay`() async throws {
        let bench = try await CampaignBench.shared()
        let client = ClientID(.random(in: 0x1_0000...UInt128.max))
        // Not every number behind 06 is the mainland's.
        let (phone, other) = ("+33612\(Int.random(in: 100_000...999_999))", CampaignBench.randomPhone())
        let national = "0" + phone.dropFirst(3)
        try await bench.done(
            .post, "/v1/contacts",
            #"{"lastName":"Z","phone":"\#(national)","clientID":"\#(client)","clinicID":"\#(bench.clinic)"}"#)
        let id = try await bench.draft(phones: [national, other])
        try await forget(client, in: bench.stack, bench.organisation)
        let typed = try await texts(
            "SELECT array_to_string(phones, ',') AS text FROM campaign WHERE id = \(id)", bench.stack)
        #expect(typed == [",\(other)"])
        #expect(try await bench.campaign(id)["version"]?.integer == 2, "who has the draft open sees that it changed")
    }
}
