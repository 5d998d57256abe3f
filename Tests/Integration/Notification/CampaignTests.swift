import EventContract
import HTTPClient
import HTTPServer
import NotificationDomain
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-6, NOT-8, NOT-9: campaigns from the draft to the phones.
@Suite(.serialized) struct `A campaign from draft to phones` {
    @Test func `NOT-6, NOT-7: the preview counts recipients, parts and cost, and says who is left out and why`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let agreed = try await bench.enter(3, in: "chats")
        try await bench.consent(agreed[0], "withdrawn")
        let silent = CampaignBench.randomPhone()
        for person in [
            #"{"lastName":"Mail","email":"a@example.org","groups":["chats"]}"#,
            #"{"lastName":"Silent","phone":"\#(silent)","groups":["chats","chiens"]}"#,
            #"{"lastName":"Line","phone":"+33142000000","groups":["chiens"]}"#,
        ] {
            var json = person
            json.removeLast()
            try await bench.done(.post, "/v1/contacts", json + #","clinicID":"\#(bench.clinic)"}"#)
        }
        try await bench.done(
            .put, "/v1/sending-policy", #"{"pricePerThousandParts":{"minorUnits":4500,"currency":"EUR"}}"#, seen: 0)
        _ = try await bench.book(3)
        let id = try await bench.draft(
            String(repeating: "Vaccins ", count: 18), groups: ["chats", "chiens"],
            phones: [agreed[1], "06 00", "0142000001"])
        let preview = try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json
        #expect(preview["recipients"]?.integer == 2 && preview["parts"]?.integer == 4)
        let leftOut = preview["leftOut"]
        #expect(leftOut?["stop"]?.integer == 1 && leftOut?["no-phone"]?.integer == 1)
        #expect(leftOut?["no-consent"]?.integer == 1 && leftOut?["duplicate"]?.integer == 1)
        #expect(leftOut?["bad-number"]?.integer == 3)
        #expect(preview["cost"]?["minorUnits"]?.integer == 18, "four parts at 4.5 cents")
        #expect(preview["sample"]?.text?.hasPrefix("LesLilas: Vaccins") == true)
        #expect(preview["sample"]?.text?.hasSuffix("\nSTOP SMS: 36111") == true)
        #expect(
            preview["sms"]?["parts"]?.integer == 2, "144 letters are one part; with who writes and STOP they are two")
        #expect(preview["quotaLeft"]?.integer == 3 && preview["isWithinQuota"] == .bool(false))
        let refused = try await bench.steer(id, "start")
        #expect(refused.status == 409 && refused.json["type"]?.text?.hasSuffix("quota-too-small") == true)
        #expect(try await bench.campaign(id)["state"]?.text == "draft")
        #expect(try await bench.outcomes(id).isEmpty, "nothing was written")
    }

    @Test func `NOT-6, NOT-8: each recipient gets it once, and the quota loses what the gateway billed`() async throws {
        let bench = try await CampaignBench.shared()
        try await bench.openHours()
        let phones = try await bench.enter(120, in: "all")
        let stopped = phones[7]
        try await bench.consent(stopped, "withdrawn")
        _ = try await bench.book(500)
        let id = try await bench.draft("Bonjour {{firstName}}", groups: ["all"])
        #expect(try await bench.steer(id, "start").status == 200)
        #expect(try await bench.quota("left") == 381, "promised, or taken by those that leave already")
        let over = try await bench.waitUntilOver(id)
        let sendings = try await bench.sendings(to: phones)
        print("NOT-6: 119 of \(phones.count) agreed; the gateway took \(sendings.count), each once")
        #expect(sendings.count == 119 && sendings.values.allSatisfy { $0 == 1 } && sendings[stopped] == nil)
        #expect(over["state"]?.text == "finished" && over["expectedRecipients"]?.integer == 119)
        try await bench.waitUntilCounted(id)
        #expect(try await bench.quota("used") == 119)
        #expect(try await bench.quota("reserved") == 0)
        #expect(try await bench.quota("left") == 381)
        let outcomes = try await bench.outcomes(id)
        #expect(outcomes.count == 120 && outcomes.values.count { $0 == "stop" } == 1)
        let file = String(decoding: try await bench.done(.get, "/v1/campaigns/\(id)/export").body, as: UTF8.self)
        #expect(file.hasPrefix("\u{FEFF}position;contact_id;name;phone;outcome;reason;parts\r\n"))
        #expect(file.contains("'\(stopped);left-out;stop;\r\n"))
        #expect(try await kinds(bench, id) == ["campaign-finished", "campaign-started", "message-dispatch"])
        let body = try await bench.stack.sandbox.control(.get, "/sms/messages?to=\(phones[0].dropFirst())").list.first
        #expect(body?["sender"].string == "LesLilas", "\(String(describing: body))")
        // The gateway is told what it is, and puts its own mention in place of ours, which was counted.
        #expect(body?["pushtype"].string == "marketing" && body?["text"].string.contains("STOP") == false)
        #expect(body?["shown"].string.hasSuffix("\nSTOP SMS: 36180") == true)
    }

    @Test func `NOT-9: goes as an alert where the contract has it, with our mention of STOP`() async throws {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay,
            "QUITTANCE_SMS_CAMPAIGNS_AS": "alert",
        ])
        let bench = CampaignBench(stack: stack)
        let processes = [try await stack.serve(), try stack.work()]
        try await bench.openHours()
        let phones = try await bench.enter(1, in: "all")
        let id = try await bench.draft(groups: ["all"])
        #expect(try await bench.steer(id, "start").status == 200)
        try await bench.waitUntilOver(id)
        let taken = try await stack.sandbox.control(.get, "/sms/messages?to=\(phones[0].dropFirst())").list
        #expect(taken.count == 1 && taken.first?["pushtype"].string == "alert", "\(taken)")
        #expect(taken.first?["shown"].string == "LesLilas: Vaccins: -20% en mars\nSTOP SMS: 36111")
        for process in processes { try await process.kill() }
    }

    private func kinds(_ bench: CampaignBench, _ id: CampaignID) async throws -> Set<String> {
        let types = try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT type FROM (SELECT type, subject FROM outbox
                    UNION ALL SELECT type, subject FROM outbox_journal) AS told WHERE subject = \(id)
                """
            ) { row in try row("type") as String }
        }
        return Set(types.compactMap { $0.split(separator: ".").dropLast().last.map(String.init) })
    }

    @Test func `NOT-6: the preview counts who is of no clinic or another, and tells of groups nobody is in`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        for clinic in ["", #","clinicID":"\#(IdentifierSource.system.make() as ClinicID)""#] {
            let phone = CampaignBench.randomPhone()
            try await bench.consent(phone)
            try await bench.done(
                .post, "/v1/contacts", #"{"lastName":"Far","phone":"\#(phone)","groups":["loin"]\#(clinic)}"#)
        }
        let id = try await bench.draft(groups: ["loin", "lion"])
        let preview = try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json
        #expect(preview["recipients"]?.integer == 0 && preview["leftOut"]?["other-clinic"]?.integer == 2, "\(preview)")
        #expect(preview["emptyGroups"]?.elements?.compactMap(\.text) == ["lion"])
        #expect(try await bench.steer(id, "start").status == 409)
    }

    @Test func `NOT-3: where its clinic is can be seen, and is Europe/Paris where nobody said another`() async throws {
        let bench = try await CampaignBench.shared()
        let path = "/v1/clinics/\(bench.clinic)/time-zone"
        #expect(try await bench.done(.get, path).json["timeZone"]?.text == "Europe/Paris")
        try await bench.done(.put, path, #"{"timeZone":"Indian/Reunion"}"#)
        #expect(try await bench.done(.get, path).json["timeZone"]?.text == "Indian/Reunion")
    }

    @Test func `NOT-6: one for a day that has passed is refused, written and changed`() async throws {
        let bench = try await CampaignBench.shared()
        let past = #"{"name":"x","body":"y","groups":["a"],"clinicID":"\#(bench.clinic)","day":"2020-01-01"}"#
        let id = try await bench.draft(groups: ["a"], more: #","day":"2999-01-01""#)
        for answer in [
            try await bench.call(.post, "/v1/campaigns", past),
            try await bench.call(.put, "/v1/campaigns/\(id)", past, seen: 1),
        ] {
            #expect(answer.status == 422, "\(answer.json)")
            #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == "/day")
        }
    }

    @Test(
        arguments: [
            ("2999-01-06", "07:00", "2999-01-07 08:00"), ("2999-01-05", "19:59", "2999-01-07 08:00"),
            ("2999-01-05", "19:58", nil), ("2999-01-01", "10:00", "2999-01-02 08:00"),
            ("2999-01-02", "07:59", "2999-01-02 08:00"), ("2999-12-20", "10:00", "2999-12-21 08:00"),
        ] as [(String, String, String?)])
    func `NOT-6, NOT-9: the preview says when it leaves that is planned for a Sunday, a holiday or a night`(
        day: String, time: String, leaves: String?
    ) async throws {
        let bench = try await CampaignBench.shared()
        // Where slavery was ended on a 20 December.
        try await bench.done(.put, "/v1/clinics/\(bench.clinic)/holiday-region", #"{"region":"reunion"}"#)
        let id = try await bench.draft(groups: ["all"], more: #","day":"\#(day)","time":"\#(time)""#)
        let shown = try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json["leavesAt"]
        #expect(shown.map { "\($0["day"]?.text ?? "") \($0["time"]?.text ?? "")" } == leaves)
        #expect(shown?["timeZone"]?.text == leaves.map { _ in "Indian/Reunion" })
    }

    @Test func `NOT-6, NOT-9: the preview of one that is to leave at once says when, if it is night at its clinic`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let night = NotificationStack.zone(atHour: 2)
        try await bench.done(.put, "/v1/clinics/\(bench.clinic)/time-zone", #"{"timeZone":"\#(night)"}"#)
        let id = try await bench.draft(groups: ["all"])
        let leaves = try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json["leavesAt"]
        #expect(leaves?["time"]?.text == "08:00" && leaves?["timeZone"]?.text == night)
    }

    @Test func `NOT-9: who says STOP after the start is sent nothing`() async throws {
        let bench = try await CampaignBench.shared()
        try await bench.openHours()
        let phones = try await bench.enter(5, in: "all")
        _ = try await bench.book(100)
        let id = try await bench.draft(groups: ["all"], more: #","day":"2999-01-01""#)
        #expect(try await bench.steer(id, "start").status == 200)
        #expect(try await bench.quota("reserved") == 5)
        try await bench.consent(phones[2], "withdrawn")
        try await bench.everybody { transaction in
            try transaction.execute("UPDATE campaign SET local_day = '2020-01-01' WHERE id = \(id)")
        }
        try await bench.waitUntilOver(id)
        let sendings = try await bench.sendings(to: phones)
        #expect(sendings.count == 4 && sendings[phones[2]] == nil)
        try await bench.waitUntilCounted(id)
        #expect(try await bench.quota("reserved") == 0, "what was not needed is free")
        #expect(try await bench.quota("used") == 4, "what left is used")
    }

    @Test func `NOT-6: paused nothing leaves, resumed it goes on, and a stop reaches the workers within two seconds`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        try await bench.openHours()
        try await bench.stack.fault(#"{"operation":"smsfactor.send","kind":"slow","milliseconds":150,"times":0}"#)
        let phones = try await bench.enter(700, in: "all")
        _ = try await bench.book(1_000)
        let id = try await bench.draft(groups: ["all"])
        #expect(try await bench.steer(id, "start").status == 200)
        try await waitUntil("some have left") { try await bench.sendings(to: phones).count > 10 }
        #expect(try await bench.steer(id, "pause").status == 200)
        let paused = try await settled(bench, phones)
        #expect(paused < 700)
        #expect(try await bench.campaign(id)["state"]?.text == "paused")
        #expect(try await bench.steer(id, "pause").status == 409)
        #expect(try await bench.steer(id, "resume").status == 200)
        try await waitUntil("more have left") { try await bench.sendings(to: phones).count > paused + 10 }
        #expect(try await bench.steer(id, "stop").status == 200)
        let stopped = try await settled(bench, phones)
        let over = try await bench.waitUntilOver(id)
        print("NOT-6: of 700, \(paused) had left when it was paused, \(stopped) two seconds after it was stopped")
        #expect(try await bench.sendings(to: phones).count == stopped && stopped < 700)
        #expect(over["state"]?.text == "stopped")
        let calledOff = Int(over["progress"]?["calledOff"]?.integer ?? 0)
        let told = try await bench.callOffs(of: id).filter { told in
            told.key.hasPrefix("called-off") || told.key.hasSuffix("stopped")
        }
        #expect(calledOff > 0 && told == ["called-off campaign-stopped": calledOff], "EVT-1: each once, and no other")
        try await bench.waitUntilCounted(id)
        #expect(try await bench.quota("reserved") == 0, "the quota is free again")
        #expect(try await bench.quota("used") == Int64(stopped))
        try await bench.stack.sandbox.control(.delete, "/faults")
    }

    @Test func `NOT-6: stopped it is left alone while a call of it is open, and over when what came of it is known`()
        async throws
    {
        let stack = try await NotificationStack.start(["QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay])
        let bench = CampaignBench(stack: stack)
        let server = try await stack.serve()
        func start(_ group: String) async throws -> CampaignID {
            _ = try await bench.enter(1, in: group)
            let id = try await bench.draft(groups: [group])
            #expect(try await bench.steer(id, "start").status == 200)
            try await waitUntil("it is written") { try await states(stack, of: id) == ["ready"] }
            return id
        }
        let called = try await start("chats")
        try await bench.everybody { transaction in
            try transaction.execute(
                "UPDATE message SET state = 'claimed', tries = 1, claimed_at = now() WHERE campaign = \(called)")
        }
        #expect(try await bench.steer(called, "stop").status == 200)
        let other = try await start("chiens")
        let before = try await changes(stack, of: called)
        // Looked at after the one whose call is open.
        #expect(try await bench.steer(other, "stop").status == 200)
        try await bench.waitUntilOver(other)
        #expect(try await changes(stack, of: called) == before)
        #expect(try await bench.campaign(called)["isOver"] == .bool(false))
        try await bench.everybody { transaction in
            try transaction.execute("UPDATE message SET state = 'ready' WHERE campaign = \(called)")
        }
        try await bench.waitUntilOver(called)
        #expect(try await states(stack, of: called) == ["called-off"])
        for (language, reason) in [("fr", "sa campagne a été arrêtée"), ("en", "its campaign was stopped")] {
            let results = "/v1/campaigns/\(called)"
            let asked = [("Accept-Language", language)]
            let list = try await stack.call(.get, "\(results)/recipients", as: bench.manager, headers: asked)
            #expect(list.json["items"]?.elements?.first?["reason"]?.text == reason, "GEN-5: \(list.json)")
            let file = try await stack.call(.get, "\(results)/export", as: bench.manager, headers: asked)
            #expect(String(decoding: file.body, as: UTF8.self).contains(";\(reason);"), "GEN-5")
            #expect([list, file].map { $0.header("Content-Language") } == [language, language])
        }
        try await server.kill()
    }

    @Test func `NOT-6, NOT-8: stopped before it is written, its results name everybody, and no part stays promised`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let phones = try await bench.enter(3, in: "all")
        try await bench.consent(phones[0], "withdrawn")
        _ = try await bench.book(10)
        let id = try await bench.draft(
            groups: ["all"], phones: [CampaignBench.randomPhone()], more: #","day":"2999-01-01""#)
        #expect(try await bench.steer(id, "start").status == 200)
        #expect(try await bench.quota("reserved") == 2)
        #expect(try await bench.steer(id, "stop").status == 200)
        let over = try await bench.waitUntilOver(id)
        #expect(over["state"]?.text == "stopped" && over["lookedAt"]?.integer == 4, "\(over)")
        #expect(over["progress"]?["leftOut"]?["campaign-stopped"]?.integer == 2)
        let outcomes = try await bench.outcomes(id).values.sorted()
        #expect(outcomes == ["campaign-stopped", "campaign-stopped", "no-consent", "stop"])
        #expect(try await bench.quota("reserved") == 0)
        #expect(try await bench.quota("used") == 0)
    }

    private func states(_ stack: NotificationStack, of id: CampaignID) async throws -> [String] {
        try await stack.everybody { transaction in
            try transaction.query("SELECT state FROM message WHERE campaign = \(id)") { row in try row("state") }
        }
    }

    /// How many changes the job that writes campaigns made of one.
    private func changes(_ stack: NotificationStack, of id: CampaignID) async throws -> Int {
        try await stack.everybody { transaction in
            try transaction.one(
                """
                SELECT count(*) AS changes FROM cause
                WHERE actor = 'write-campaigns' AND correlation = \(CorrelationID(id.value))
                """
            ) { row in try row("changes") }
        }
    }

    /// How many have left two seconds later, which is how many have left two seconds after that.
    private func settled(_ bench: CampaignBench, _ phones: [String]) async throws -> Int {
        try await Task.sleep(for: .seconds(2))
        let count = try await bench.sendings(to: phones).count
        try await Task.sleep(for: .seconds(2))
        #expect(try await bench.sendings(to: phones).count == count, "nothing leaves two seconds after a person's word")
        return count
    }

    @Test func `NOT-6: a draft is rewritten and discarded, one that was started is not; others' do not exist`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        _ = try await bench.enter(1, in: "all")
        let id = try await bench.draft(groups: ["all"])
        let json = #"{"name":"Avril","body":"Bonjour","groups":["all"],"clinicID":"\#(bench.clinic)"}"#
        #expect(try await bench.call(.put, "/v1/campaigns/\(id)", json, seen: 1).status == 200)
        #expect(try await bench.call(.put, "/v1/campaigns/\(id)", json, seen: 1).status == 412)
        #expect(try await bench.campaign(id)["name"]?.text == "Avril")
        #expect(try await bench.campaign(id)["identity"]?.text == "Quittance", "the sender of the settings")
        let stranger = NotificationStack.principal(OrganisationID(0xB), scopes: CampaignBench.scopes)
        for path in ["", "/recipients", "/export"] {
            #expect(try await bench.call(.get, "/v1/campaigns/\(id)\(path)", as: stranger).status == 404)
        }
        let desk = NotificationStack.principal(bench.organisation, role: .frontDesk, scopes: CampaignBench.scopes)
        #expect(try await bench.call(.post, "/v1/campaigns/\(id)/start", "{}", seen: 2, as: desk).status == 403)
        let other = try await bench.draft(groups: ["all"], more: #","day":"2999-01-01""#)
        #expect(try await bench.steer(other, "start").status == 200)
        #expect(try await bench.call(.put, "/v1/campaigns/\(other)", json, seen: 2).status == 409)
        #expect(try await bench.call(.delete, "/v1/campaigns/\(other)", seen: 2).status == 409)
        #expect(try await bench.call(.delete, "/v1/campaigns/\(id)", seen: 2).status == 204)
        #expect(try await bench.call(.get, "/v1/campaigns/\(id)").status == 404)
        let nobody = try await bench.draft(groups: ["none"])
        #expect(try await bench.steer(nobody, "start").json["type"]?.text?.hasSuffix("nobody-to-write-to") == true)
    }

    @Test func `NOT-6: a draft names contacts of the directory alone, and those who left it since it did`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        var known: [String] = []
        for _ in 0..<2 {
            let phone = CampaignBench.randomPhone()
            let added = try await bench.done(.post, "/v1/contacts", #"{"lastName":"Petit","phone":"\#(phone)"}"#)
            known.append(try #require(added.json["id"]?.text))
        }
        let nobody: ContactID = IdentifierSource.system.make()
        func draft(_ ids: [String]) -> String {
            #"{"name":"x","body":"y","contactIDs":[\#(ids.map { "\"\($0)\"" }.joined(separator: ","))]}"#
        }
        let created = try await bench.done(.post, "/v1/campaigns", draft(known))
        let path = "/v1/campaigns/\(try #require(created.json["id"]?.text))"
        try await bench.done(.delete, "/v1/contacts/\(known[1])", seen: 1)
        try await bench.done(.put, path, draft(known), seen: 1)
        for answer in [
            try await bench.call(.post, "/v1/campaigns", draft([known[0], "\(nobody)"])),
            try await bench.call(.post, "/v1/campaigns", draft(known)),
            try await bench.call(.put, path, draft([known[1], "\(nobody)"]), seen: 2),
        ] {
            let pointers = answer.json["errors"]?.elements?.compactMap { $0["pointer"]?.text }
            #expect(answer.status == 422 && pointers == ["/contactIDs/1"], "\(answer.json)")
        }
    }

    @Test(arguments: [
        (#"{"name":"x","body":"y"}"#, "/groups"), (#"{"name":"x","body":"{{amount}}","groups":["a"]}"#, "/body"),
        (#"{"name":"x","body":"y","groups":["a"],"sender":"Les Lilas de Paris"}"#, "/sender"),
        (#"{"name":"x","body":"y","groups":["a"],"time":"10:00"}"#, "/day"),
        (#"{"name":"x","body":"y","contactIDs":["z"]}"#, "/contactIDs"),
    ])
    func `NOT-6: a draft with something wrong is refused with its place`(json: String, pointer: String) async throws {
        let answer = try await CampaignBench.shared().call(.post, "/v1/campaigns", json)
        #expect(answer.status == 422, "\(answer.json)")
        #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == pointer)
    }
}
