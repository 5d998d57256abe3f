import EventContract
import HTTPClient
import HTTPServer
import NotificationDomain
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-8: an organisation's quota by its routes, on the database.
@Suite struct `The quota of an organisation` {
    @Test
    func `NOT-8: is booked by managers, corrected, and never below what is left; without entries nobody is limited`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        #expect(try await bench.done(.get, "/v1/sms-quota").json["isLimited"] == .bool(false))
        #expect(try await bench.book(100).status == 201)
        #expect(try await bench.book(-30).status == 201)
        let refused = try await bench.book(-71)
        #expect(refused.status == 409 && refused.json["type"]?.text?.hasSuffix("quota-too-small") == true)
        #expect(try await bench.book(0).status == 422)
        #expect(try await bench.quota("left") == 70)
        let entries = try await bench.done(.get, "/v1/sms-quota/entries").json["items"]?.elements ?? []
        #expect(entries.compactMap { $0["parts"]?.integer } == [-30, 100])
        let desk = NotificationStack.principal(bench.organisation, role: .frontDesk, scopes: CampaignBench.scopes)
        #expect(
            try await bench.call(.post, "/v1/sms-quota/entries", #"{"parts":1,"note":"x"}"#, as: desk).status == 403)
        let stranger = NotificationStack.principal(OrganisationID(0xB), scopes: CampaignBench.scopes)
        #expect(try await bench.call(.get, "/v1/sms-quota", as: stranger).json["booked"]?.integer != 70)
    }

    @Test func `NOT-8: two campaigns started at once never promise the same parts`() async throws {
        let bench = try await CampaignBench.shared()
        let phones = try await bench.enter(6, in: "all")
        _ = try await bench.book(15)
        var drafts: [CampaignID] = []
        for _ in 0..<5 {
            drafts.append(
                try await bench.draft(groups: ["all"], more: #","day":"2999-01-01","time":"10:00""#))
        }
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for id in drafts { group.addTask { try await bench.steer(id, "start").status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        print("NOT-8: 15 parts, five campaigns of \(phones.count) started at once: \(statuses.sorted())")
        #expect(statuses.sorted() == [200, 200, 409, 409, 409])
        #expect(try await bench.quota("reserved") == 12)
        #expect(try await bench.quota("left") == 3)
    }

    @Test func `NOT-8: the database itself keeps a quota from being overdrawn`() async throws {
        let bench = try await CampaignBench.shared()
        _ = try await bench.book(5)
        let organisation = bench.organisation
        await #expect {
            try await bench.everybody { transaction in
                try transaction.execute("UPDATE quota SET reserved = 6 WHERE organisation = \(organisation)")
            }
        } throws: { error in
            (error as? PostgresError)?.isCheckViolation(of: "quota_never_overdrawn") == true
        }
    }

    @Test func `NOT-8: few left is announced once`() async throws {
        let bench = try await CampaignBench.shared()
        try await bench.done(.put, "/v1/sending-policy", #"{"quotaLowBelow":50}"#, seen: 0)
        for parts in [60, -20, -10] { _ = try await bench.book(parts) }
        #expect(try await bench.done(.get, "/v1/sms-quota").json["isLow"] == .bool(true))
        let organisation = bench.organisation
        let told = try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT count(*) AS count FROM (SELECT type, subject FROM outbox
                    UNION ALL SELECT type, subject FROM outbox_journal) AS told
                WHERE type = \(QuotaLowV1.type.text) AND subject = \(organisation)
                """
            ) { row in try row("count") as Int }
        }
        #expect(told == 1)
    }

    @Test func `NOT-8, NOT-10: loses what arrived though nobody seemed to have taken it, and nothing twice`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        try await bench.openHours()
        let phones = try await bench.enter(2, in: "all").sorted()
        _ = try await bench.book(10)
        let later = try await bench.draft(groups: ["all"], more: #","day":"2999-01-01","time":"10:00""#)
        #expect(try await bench.steer(later, "start").status == 200)
        // The gateway takes the first, and says that it was lost; the second it sends to nobody.
        try await bench.stack.plantReceipt(12, for: phones[0])
        try await bench.stack.sandbox.control(.post, "/sms/discards", #"{"to":"\#(phones[1])","as":"invalid"}"#)
        let id = try await bench.draft(groups: ["all"])
        #expect(try await bench.steer(id, "start").status == 200)
        var failed: [MessageID] = []
        try await waitUntil("both have failed, and the quota knows") {
            failed = try await counted(of: id, in: "failed", bench)
            return failed.count == 2
        }
        #expect(try await bench.quota("used") == 1)
        let receipts = failed.map { NotificationStack.receipt("3", of: $0) }
        for receipt in receipts + receipts {
            #expect(try await bench.stack.push(receipt, signature: NotificationStack.signature(of: receipt)) == 200)
        }
        try await waitUntil("both have arrived, and the quota knows") {
            try await counted(of: id, in: "delivered", bench).count == 2
        }
        #expect(try await bench.quota("used") == 2)
        #expect(try await bench.quota("reserved") == 2, "what is promised to others stays theirs")
    }

    /// A campaign whose messages wait in the night of their clinic, with their numbers in order; others have 3 parts.
    private func waiting(_ count: Int, _ bench: CampaignBench) async throws -> (id: CampaignID, phones: [String]) {
        let night = NotificationStack.zone(atHour: 2)
        try await bench.done(.put, "/v1/clinics/\(bench.clinic)/time-zone", #"{"timeZone":"\#(night)"}"#)
        _ = try await bench.book(10)
        _ = try await bench.enter(3, in: "others")
        let later = try await bench.draft(groups: ["others"], more: #","day":"2999-01-01","time":"10:00""#)
        #expect(try await bench.steer(later, "start").status == 200)
        let phones = try await bench.enter(count, in: "all").sorted()
        let id = try await bench.draft(groups: ["all"])
        #expect(try await bench.steer(id, "start").status == 200)
        try await waitUntil("all are written") {
            try await bench.campaign(id)["lookedAt"]?.integer == Int64(count)
        }
        #expect(try await bench.quota("reserved") == Int64(count) + 3)
        return (id, phones)
    }

    @Test func `NOT-6, NOT-8: the preview of one that was started counts whom it wrote to, with parts of its own`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let (id, phones) = try await waiting(4, bench)
        let preview = try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json
        #expect(preview["recipients"]?.integer == 4 && preview["parts"]?.integer == 4, "\(preview)")
        #expect(preview["leftOut"]?["duplicate"] == nil, "\(preview)")
        #expect(preview["quotaLeft"]?.integer == 3 && preview["isWithinQuota"] == .bool(true), "four are its own")
        try await bench.consent(phones[0], "withdrawn")
        let later = try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json
        #expect(later["recipients"]?.integer == 3 && later["leftOut"]?["stop"]?.integer == 1, "\(later)")
    }

    @Test func `NOT-8: the parts of what came too late to be sent are free again, and none that others have`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let (id, _) = try await waiting(4, bench)
        try await bench.everybody { transaction in
            try transaction.execute("UPDATE message SET expires_at = now() WHERE campaign = \(id)")
        }
        let over = try await bench.waitUntilOver(id)
        #expect(over["progress"]?["calledOff"]?.integer == 4)
        try await waitUntil("the quota knows") { try await counted(of: id, in: "called-off", bench).count == 4 }
        #expect(try await bench.quota("reserved") == 3)
        #expect(try await bench.quota("used") == 0)
        #expect(try await bench.quota("left") == 7)
    }

    @Test func `NOT-8, NOT-10: what may have left counts as billed when it is too old to be sent again, and once`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let (id, phones) = try await waiting(2, bench)
        // The worker of the first died in its call; the second is called off, which says that the quota was told since.
        try await bench.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET state = 'claimed', tries = 1, claimed_at = now() - interval '1 hour'
                WHERE campaign = \(id) AND address = \(phones[0])
                """)
        }
        try await waitUntil("nobody knows of the first") {
            try await bench.campaign(id)["progress"]?["uncertain"]?.integer == 1
        }
        func expire(_ phone: String) async throws {
            try await bench.everybody { transaction in
                try transaction.execute(
                    "UPDATE message SET expires_at = now() WHERE campaign = \(id) AND address = \(phone)")
            }
        }
        try await expire(phones[1])
        try await waitUntil("the quota knows of the second") {
            try await counted(of: id, in: "called-off", bench).count == 1
        }
        #expect(try await bench.quota("used") == 0)
        #expect(try await bench.quota("reserved") == 4, "it may still be sent again")
        try await expire(phones[0])
        var uncertain: [MessageID] = []
        try await waitUntil("the quota knows of the first") {
            uncertain = try await counted(of: id, in: "uncertain", bench)
            return uncertain.count == 1
        }
        #expect(try await bench.quota("used") == 1)
        #expect(try await bench.quota("reserved") == 3)
        let receipt = NotificationStack.receipt("3", of: try #require(uncertain.first))
        #expect(try await bench.stack.push(receipt, signature: NotificationStack.signature(of: receipt)) == 200)
        #expect(try await counted(of: id, in: "delivered", bench) == uncertain, "it is not counted anew")
        #expect(try await bench.quota("left") == 6)
    }

    @Test func `NOT-8: whom groups took in after the start is written to while the quota has parts, and then left out`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        try await bench.openHours()
        let named = try await bench.enter(3, in: "all")
        let joined = try await bench.enter(3, in: "others")
        _ = try await bench.book(4)
        let id = try await bench.draft(groups: ["all"], more: #","day":"2999-01-01""#)
        #expect(try await bench.steer(id, "start").status == 200)
        #expect(try await bench.quota("left") == 1)
        let organisation = bench.organisation
        try await bench.everybody { transaction in
            try transaction.execute(
                "UPDATE contact SET groups = ARRAY['all'] WHERE organisation = \(organisation) AND phone = ANY(\(joined))"
            )
            try transaction.execute("UPDATE campaign SET local_day = '2020-01-01' WHERE id = \(id)")
        }
        let over = try await bench.waitUntilOver(id)
        #expect(over["lookedAt"]?.integer == 6 && over["progress"]?["leftOut"]?["no-parts"]?.integer == 2, "\(over)")
        #expect(try await bench.outcomes(id).values.count { $0 == "no-parts" } == 2)
        // In the order they were entered in the directory.
        let sendings = try await bench.sendings(to: named + joined)
        #expect(sendings.count == 4 && Set(sendings.keys).isSuperset(of: named))
        try await bench.waitUntilCounted(id)
        #expect(try await bench.quota("used") == 4)
        #expect(try await bench.quota("reserved") == 0)
        #expect(try await bench.quota("left") == 0)
    }

    /// Messages of a campaign in a state, by their number, as far as the quota was told of them.
    private func counted(of campaign: CampaignID, in state: String, _ bench: CampaignBench) async throws -> [MessageID]
    {
        try await bench.stack.database.read(organisation: bench.organisation) { transaction in
            try transaction.query(
                """
                SELECT id FROM message WHERE campaign = \(campaign) AND state = \(state) AND is_counted
                ORDER BY address
                """
            ) { row in try row("id") as MessageID }
        }
    }

    /// As a manager of the organisation whose payments the other tests make.
    private func call(
        _ method: HTTPRequest.Method, _ path: String, _ json: String? = nil
    ) async throws -> HTTPResponse {
        let stack = try await NotificationBench.shared().stack
        let manager = NotificationStack.principal(scopes: CampaignBench.scopes)
        let policy = try await stack.call(.get, "/v1/sending-policy", as: manager)
        return try await stack.call(
            method, path, json, as: manager, headers: [("If-Match", policy.header("ETag") ?? "")])
    }

    private func book(_ parts: Int) async throws {
        let json = #"{"parts":\#(parts),"note":"tests"}"#
        #expect(try await call(.post, "/v1/sms-quota/entries", json).status == 201)
    }

    @Test func `NOT-8: a payment's link is counted, and refused only where the organisation says so`() async throws {
        let bench = try await NotificationBench.shared()
        try await book(1)
        for _ in 0..<2 {
            let counted = try await bench.request()
            try await bench.stack.message(about: counted.id, until: "delivered")
        }
        try await waitUntil("what was not there is counted too") {
            try await call(.get, "/v1/sms-quota").json["beyond"]?.integer ?? 0 > 0
        }
        #expect(try await call(.put, "/v1/sending-policy", #"{"quotaLimitsAll":true}"#).status == 200)
        let refused = try await bench.request()
        let message = try await bench.stack.message(about: refused.id, until: "called-off")
        #expect(message.reason == "the organisation has no parts of SMS left")
        #expect(try await bench.stack.events(of: message.id).contains("message-failed"))
        try await book(1_000)
        let limited = try await bench.request()
        try await bench.stack.message(about: limited.id, until: "delivered")
        #expect(try await call(.put, "/v1/sending-policy", "{}").status == 200)
        #expect(try await call(.get, "/v1/sms-quota").json["left"]?.integer ?? 0 < 1_000)
    }

    @Test func `GEN-1, NOT-8: who manages one clinic does not book for the chain`() async throws {
        let bench = try await CampaignBench.shared()
        let manager = NotificationStack.principal(
            bench.organisation, clinics: .some([bench.clinic]), scopes: CampaignBench.scopes)
        let body = #"{"parts":100,"note":"facture 12"}"#
        let refused = try await bench.call(.post, "/v1/sms-quota/entries", body, as: manager)
        #expect(refused.status == 403)
        #expect(try await bench.call(.get, "/v1/sms-quota", as: manager).json["booked"]?.integer == 0)
    }
}
