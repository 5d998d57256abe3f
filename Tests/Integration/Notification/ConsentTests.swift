import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing

/// NOT-9: decisions about marketing as people type them.
@Suite struct `Decisions about marketing that are typed` {
    private func decide(
        _ decision: String, by phone: String, _ bench: CampaignBench, as caller: Principal? = nil, more: String = ""
    ) async throws -> HTTPResponse {
        try await bench.call(
            .post, "/v1/consents",
            #"{"phone":"\#(phone)","decision":"\#(decision)","proof":"formulaire papier"\#(more)}"#, as: caller)
    }

    private func decisions(_ phone: String, _ bench: CampaignBench) async throws -> [String] {
        try await bench.done(.get, "/v1/consents?phone=\(phone)").json["items"]?.elements?
            .compactMap { $0["decision"]?.text } ?? []
    }

    @Test(arguments: ["+330", "0033", "0", "+33 (0) "])
    func `NOT-9: a withdrawal counts for its number, however that is written`(prefix: String) async throws {
        let bench = try await CampaignBench.shared()
        let phone = CampaignBench.randomPhone()
        try await bench.consent(phone)
        let id = try await bench.draft(phones: [phone])
        let before = try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json
        #expect(before["recipients"]?.integer == 1)
        let withdrawn = try await decide("withdrawn", by: "\(prefix)\(phone.dropFirst(3))", bench)
        #expect(withdrawn.status == 201 && withdrawn.json["phone"]?.text == phone)
        let after = try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json
        #expect(after["recipients"]?.integer == 0 && after["leftOut"]?["stop"]?.integer == 1)
    }

    @Test func `NOT-9: a number overseas that is written with the mainland's country is its own, and is found so`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let digits = "692\(UInt32.random(in: 100_000...999_999))"
        try await bench.consent("+262\(digits)")
        let withdrawn = try await decide("withdrawn", by: "+33\(digits)", bench)
        #expect(withdrawn.status == 201 && withdrawn.json["phone"]?.text == "+262\(digits)")
        // A plus sign as it is arrives as a blank.
        for code in ["%2B262", "+262", "262", "%2B33", "+33", "0"] {
            #expect(try await decisions(code + digits, bench) == ["withdrawn", "given"], "\(code)")
        }
    }

    @Test func `NOT-9: decisions are listed for a mobile without its zero, as they are recorded for it`() async throws {
        let bench = try await CampaignBench.shared()
        let number = "61\(UInt32.random(in: 1_000_000...9_999_999))"
        #expect(try await decide("withdrawn", by: number, bench).json["phone"]?.text == "+33\(number)")
        #expect(try await decisions(number, bench) == ["withdrawn"], "and not for one in Australia")
    }

    @Test(arguments: ["+33000000000", "+3361", "0612", "oui"])
    func `NOT-9: what is no number is refused, with what to write`(text: String) async throws {
        let bench = try await CampaignBench.shared()
        let recorded = try await decide("withdrawn", by: text, bench)
        let listed = try await bench.call(.get, "/v1/consents?phone=\(text.replacing("+", with: "%2B"))")
        for (answer, pointer) in [(recorded, "/phone"), (listed, "?phone")] {
            let problem = answer.json["errors"]?.elements?.first
            #expect(answer.status == 422 && problem?["pointer"]?.text == pointer)
            #expect(problem?["reason"]?.text == "It is not a phone number.")
            #expect(problem?["remedy"]?.text?.contains("33612345678") == true)
        }
    }

    @Test func `NOT-9: who acts for one clinic writes numbers as they are dialled there`() async throws {
        let bench = try await CampaignBench.shared()
        try await bench.done(.put, "/v1/clinics/\(bench.clinic)/time-zone", #"{"timeZone":"Europe/Brussels"}"#)
        let desk = NotificationStack.principal(
            bench.organisation, role: .frontDesk, clinics: .some([bench.clinic]), scopes: CampaignBench.scopes)
        let number = "0470\(UInt32.random(in: 100_000...999_999))"
        let there = try await decide("withdrawn", by: number, bench, as: desk)
        #expect(there.json["phone"]?.text == "+32\(number.dropFirst())")
        #expect(try await decisions("%2B32\(number.dropFirst())", bench) == ["withdrawn"])
        let anywhere = try await decide("withdrawn", by: number, bench)
        #expect(anywhere.json["phone"]?.text == "+32\(number.dropFirst())", "no SMS arrives at France's")
        #expect(try await decisions(number, bench) == ["withdrawn", "withdrawn"], "as it was typed")
    }

    @Test func `NOT-9: a number that is a mobile's in two countries of clinics is refused without its own`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        try await bench.done(.put, "/v1/clinics/\(bench.clinic)/time-zone", #"{"timeZone":"Europe/Zurich"}"#)
        let number = "79\(UInt32.random(in: 1_000_000...9_999_999))"
        let unclear = try await decide("withdrawn", by: "0\(number)", bench)
        let problem = unclear.json["errors"]?.elements?.first
        #expect(unclear.status == 422 && problem?["pointer"]?.text == "/phone")
        #expect(problem?["reason"]?.text == "It is a mobile number in several countries.")
        let listed = try await bench.call(.get, "/v1/consents?phone=0\(number)")
        let refused = listed.json["errors"]?.elements?.first
        #expect(refused?["pointer"]?.text == "?phone" && refused?["reason"]?.text == problem?["reason"]?.text)
        for (written, phone) in [("0041\(number)", "+41\(number)"), ("+33 0\(number)", "+33\(number)")] {
            #expect(try await decide("withdrawn", by: written, bench).json["phone"]?.text == phone)
        }
        let basel = "061\(UInt32.random(in: 2_000_000...9_999_999))"
        let french = try await decide("withdrawn", by: basel, bench)
        #expect(french.json["phone"]?.text == "+33\(basel.dropFirst())", "a fixed line's in Switzerland")
    }

    @Test func `NOT-9: the answer says what holds, which a form of before a STOP is not`() async throws {
        let bench = try await CampaignBench.shared()
        let phone = CampaignBench.randomPhone()
        func agree(at moment: Instant) async throws -> JSONValue {
            let answer = try await decide("given", by: phone, bench, more: #","decidedAt":"\#(moment)""#)
            #expect(answer.status == 201 && answer.json["decision"]?.text == "given")
            return answer.json
        }
        let before = TimeSource.system.now()
        let stop = try await decide("withdrawn", by: phone, bench).json
        #expect(stop["standing"]?["decision"]?.text == "withdrawn")
        let old = try await agree(at: before)["standing"]
        #expect(old?["decision"]?.text == "withdrawn" && old?["decidedAt"]?.text == stop["decidedAt"]?.text)
        let new = try await agree(at: TimeSource.system.now())
        #expect(new["standing"]?["decision"]?.text == "given")
        #expect(new["standing"]?["decidedAt"]?.text == new["decidedAt"]?.text)
        #expect(try await decisions("%2B\(phone.dropFirst())", bench).first == "given", "as it is listed")
    }

    @Test func `NOT-9: a STOP is heard of a payer whose number was typed with the mainland's country`() async throws {
        let bench = try await NotificationBench.shared()
        let digits = "692\(UInt32.random(in: 100_000...999_999))"
        let payment = try await bench.request(Recipient(phone: "+33\(digits)"))
        try await bench.stack.message(about: payment.id, until: "delivered")
        let reply = #"{"date":"2026-11-20T10:00:00Z","message":"STOP","from":"262\#(digits)"}"#
        let heard = try await bench.stack.call(
            .post, "/webhooks/smsfactor/replies", reply, as: nil,
            headers: [("X-SMSFactor-Signature", NotificationStack.signature(of: reply))])
        #expect(heard.status == 200)
        let answer = try await bench.stack.call(
            .get, "/v1/consents?phone=%2B262\(digits)", as: NotificationStack.principal(scopes: ["consents:read"]))
        #expect(answer.json["items"]?.elements?.compactMap { $0["decision"]?.text } == ["withdrawn"])
    }
}
