import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// NOT-2, NOT-6, NOT-8: one campaign in the languages of those it is for.
@Suite(.serialized) struct `A campaign in several languages` {
    /// With who writes and how to say STOP two parts.
    private static let english = Array(repeating: "Vaccines", count: 18).joined(separator: " ")

    @Test func `NOT-2, NOT-6, NOT-8: each gets the text of its language, once, in the parts that were promised`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        try await bench.openHours()
        let french = try await bench.enter(2, in: "all")
        let english = try await bench.enter(2, in: "all", speaking: .english)
        let typed = CampaignBench.randomPhone()
        try await bench.consent(typed)
        _ = try await bench.book(6)
        let id = try await bench.draft(
            "Vaccins", groups: ["all"], phones: [typed], more: #","otherLanguages":{"en":"\#(Self.english)"}"#)
        let preview = try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json
        #expect(preview["recipients"]?.integer == 5 && preview["parts"]?.integer == 7, "three of 1 and two of 2")
        #expect(preview["sample"]?.text == "LesLilas: Vaccins\nSTOP SMS: 36111")
        let sample = preview["otherLanguages"]?["en"]
        #expect(sample?["sample"]?.text?.hasPrefix("LesLilas: Vaccines Vaccines") == true, "\(preview)")
        #expect(sample?["sms"]?["parts"]?.integer == 2 && preview["sms"]?["parts"]?.integer == 1)
        #expect(preview["quotaLeft"]?.integer == 6 && preview["isWithinQuota"] == .bool(false))
        #expect(try await bench.steer(id, "start").status == 409, "seven are needed")
        _ = try await bench.book(1)
        #expect(try await bench.steer(id, "start").status == 200)
        #expect(try await bench.quota("left") == 0)
        try await bench.waitUntilOver(id)
        try await bench.waitUntilCounted(id)
        let over = try await bench.campaign(id)
        #expect(over["expectedParts"]?.integer == 7 && over["progress"]?["parts"]?.integer == 7, "\(over)")
        #expect(try await bench.quota("used") == 7)
        #expect(try await bench.quota("reserved") == 0)
        try await expectToldOnce(french + [typed], "LesLilas: Vaccins", in: nil, of: id, bench)
        try await expectToldOnce(english, "LesLilas: Vaccines Vaccines", in: "en", of: id, bench)
    }

    /// What the gateway was given, and what the desk is shown of it.
    private func expectToldOnce(
        _ phones: [String], _ beginning: String, in language: String?, of id: CampaignID, _ bench: CampaignBench
    ) async throws {
        let results = try await bench.done(.get, "/v1/campaigns/\(id)/recipients").json["items"]?.elements ?? []
        for phone in phones {
            let taken = try await bench.stack.sandbox.control(.get, "/sms/messages?to=\(phone.dropFirst())").list
            #expect(taken.count == 1 && taken.first?["text"].string.hasPrefix(beginning) == true, "\(taken)")
            let result = results.first { $0["phone"]?.text == phone }
            let message = try #require(result?["messageID"]?.text)
            let shown = try await bench.done(.get, "/v1/messages/\(message)/text").json
            #expect(shown["text"]?.text?.hasPrefix(beginning) == true, "\(shown)")
            #expect(shown["language"]?.text == language, "\(shown)")
        }
    }

    @Test func `NOT-2, NOT-6: a draft is rewritten with its languages, and without them everybody gets the body`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        _ = try await bench.enter(1, in: "all", speaking: .english)
        let id = try await bench.draft(groups: ["all"])
        let path = "/v1/campaigns/\(id)"
        func draft(_ more: String) -> String {
            #"{"name":"Mars","body":"Bonjour","groups":["all"],"clinicID":"\#(bench.clinic)"\#(more)}"#
        }
        func preview() async throws -> JSONValue { try await bench.done(.post, "\(path)/preview", "{}").json }
        #expect(try await bench.campaign(id)["otherLanguages"] == nil)
        #expect(try await preview()["otherLanguages"] == nil)
        let long = #"{"en":"\#(Self.english)","fr":"Salut"}"#
        let written = try await bench.done(.put, path, draft(#","otherLanguages":\#(long)"#), seen: 1).json
        #expect(written["otherLanguages"]?["en"]?.text == Self.english, "\(written)")
        #expect(written["otherLanguages"]?["fr"]?.text == "Salut" && written["body"]?.text == "Bonjour")
        #expect(try await preview()["parts"]?.integer == 2)
        for (place, none) in ["", #","otherLanguages":{}"#, #","otherLanguages":{"en":""}"#].enumerated() {
            let version = Int64(place + 2)
            let rewritten = try await bench.done(.put, path, draft(none), seen: version).json
            #expect(rewritten["otherLanguages"] == nil, "\(rewritten)")
            #expect(try await preview()["parts"]?.integer == 1)
        }
    }

    /// In ten parts without who writes and how to say STOP, in eleven with them.
    private static let tenParts = String(repeating: "a", count: 1_510)

    @Test(arguments: [
        (#"{"en":"{{pet}}"}"#, "/otherLanguages/en"), (#"{"en":"Hello {{firstName"}"#, "/otherLanguages/en"),
        (#"{"en":"a\u0000b"}"#, "/otherLanguages/en"), (#"{"en":"\#(tenParts)"}"#, "/otherLanguages/en"),
        (#"{"fr":"\#(tenParts)","en":"Hello"}"#, "/otherLanguages/fr"),
        (#"{"en":"\#(String(repeating: "a", count: 4_001))"}"#, "/otherLanguages/en"),
        (#"{"en":1}"#, "/otherLanguages/en"), (#"{"de":"Hallo"}"#, "/otherLanguages/de"), (#""en""#, "/otherLanguages"),
    ])
    func `NOT-2, NOT-6: what is wrong with the text of one language is told of that`(texts: String, pointer: String)
        async throws
    {
        let bench = try await CampaignBench.shared()
        let json = #"{"name":"x","sender":"LesLilas","body":"y","clinicID":"\#(bench.clinic)","groups":["a"]"#
        let answer = try await bench.call(.post, "/v1/campaigns", json + #","otherLanguages":\#(texts)}"#)
        #expect(answer.status == 422, "\(answer.json)")
        let faults = answer.json["errors"]?.elements ?? []
        #expect(faults.compactMap { $0["pointer"]?.text } == [pointer])
        #expect(faults.allSatisfy { $0["reason"]?.text != nil && $0["remedy"]?.text != nil })
    }

    @Test func `NOT-2, NOT-6: the text of a language may make ten parts with who writes and how to say STOP`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        _ = try await bench.enter(1, in: "all", speaking: .english)
        let text = String(Self.tenParts.dropLast(6))
        let id = try await bench.draft(groups: ["all"], more: #","otherLanguages":{"en":"\#(text)"}"#)
        #expect(try await bench.done(.post, "/v1/campaigns/\(id)/preview", "{}").json["parts"]?.integer == 10)
    }
}
