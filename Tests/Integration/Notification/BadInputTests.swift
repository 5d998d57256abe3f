import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// What people and spreadsheets send that is no good: told with its place, nothing lost (NOT-2, NOT-5, NOT-6).
@Suite(.serialized) struct `Bad input` {
    private static let long = String(repeating: "Bonjour et merci, ", count: 112)

    /// A route, what is sent to it, and the field that is told.
    private static let refused: [(path: String, json: String, pointer: String)] = [
        ("/v1/contacts", #"{"lastName":"Martin","phone":"06 12"}"#, "/phone"),
        ("/v1/contacts", #"{"lastName":"Martin","phone":"06 12 34 56 78 99"}"#, "/phone"),
        ("/v1/contacts", #"{"lastName":"Martin","phone":"six"}"#, "/phone"),
        ("/v1/contacts", #"{"lastName":"Martin","phone":"🐶"}"#, "/phone"),
        ("/v1/contacts", #"{"lastName":"Martin"}"#, "/phone"),
        ("/v1/contacts", #"{"lastName":"Mar\u0007tin","phone":"0612345678"}"#, "/lastName"),
        ("/v1/contacts", #"{"lastName":"Martin","email":"a@b@c"}"#, "/email"),
        ("/v1/contacts", #"{"lastName":"Martin","phone":"0612345678","fax":"1"}"#, "/fax"),
        ("/v1/campaigns", #"{"name":"x","body":"\#(long)","groups":["a"]}"#, "/body"),
        ("/v1/campaigns", #"{"name":"x","body":"a\u0000b","groups":["a"]}"#, "/body"),
        ("/v1/campaigns", #"{"name":"x","body":"{{pet}}","groups":["a"]}"#, "/body"),
        ("/v1/campaigns", #"{"name":"x","body":"{{firstName","groups":["a"]}"#, "/body"),
        ("/v1/campaigns", #"{"name":"x","body":"y","groups":["a"],"sender":"🐶🐶🐶"}"#, "/sender"),
    ]

    @Test(arguments: refused)
    func `NOT-5, NOT-6: is refused with the field, a reason and a remedy`(path: String, json: String, pointer: String)
        async throws
    {
        let bench = try await CampaignBench.shared()
        var whole = json
        whole.removeLast()
        let answer = try await bench.call(.post, path, whole + #","clinicID":"\#(bench.clinic)"}"#)
        #expect(answer.status == 422, "\(answer.json)")
        let fault = answer.json["errors"]?.elements?.first
        #expect(fault?["pointer"]?.text == pointer)
        #expect(fault?["reason"]?.text?.isEmpty == false && fault?["remedy"]?.text?.isEmpty == false)
    }

    @Test(arguments: [
        ("{{amount}} {{pet}} {{link}}", "Line 1, column 12"), ("Bonjour\n{{link}}\n{{nom}}", "Line 3, column 1"),
        ("{{link}} {{", "Line 1, column 10"), ("Bonjour", "{{link}} is missing"),
    ])
    func `NOT-2: a template with what nobody knows is told by line and column`(body: String, place: String) async throws
    {
        let bench = try await CampaignBench.shared()
        let manager = NotificationStack.principal(bench.organisation, scopes: ["templates:write"])
        let escaped = body.replacing("\n", with: "\\n")
        let answer = try await bench.call(
            .put, "/v1/templates/payment-link/sms/fr", #"{"body":"\#(escaped)"}"#, seen: 0, as: manager)
        #expect(answer.status == 422)
        let fault = answer.json["errors"]?.elements?.first
        #expect(fault?["pointer"]?.text == "/body" && fault?["reason"]?.text?.contains(place) == true, "\(answer.json)")
    }

    @Test(arguments: ["\\u0007", "\\u0000", "\\u001b"])
    func `NOT-2, NOT-7: a control character in a template or a text to count is told with its field`(sign: String)
        async throws
    {
        let bench = try await CampaignBench.shared()
        let manager = NotificationStack.principal(
            bench.organisation, scopes: ["templates:read", "templates:write"])
        let template = try await bench.call(
            .put, "/v1/templates/payment-link/sms/fr", #"{"body":"a\#(sign)b {{link}}"}"#, seen: 0, as: manager)
        let text = try await bench.call(.post, "/v1/sms/check", #"{"text":"a\#(sign)b"}"#, as: manager)
        for (answer, pointer) in [(template, "/body"), (text, "/text")] {
            #expect(answer.status == 422, "\(answer.json)")
            #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == pointer)
        }
    }

    @Test(arguments: [
        ("🐶 Rex vous attend", 1, "ucs-2"), ("שלום مرحبا", 1, "ucs-2"), ("Bonjour", 1, "gsm-7"),
        (String(repeating: "a", count: 2_000), 14, "gsm-7"), (String(repeating: "🐶", count: 1_000), 31, "ucs-2"),
    ])
    func `NOT-7: emoji, words from right to left and 2,000 characters are counted as they are billed`(
        text: String, parts: Int, coding: String
    ) async throws {
        let bench = try await CampaignBench.shared()
        let reader = NotificationStack.principal(bench.organisation, scopes: ["templates:read"])
        let answer = try await bench.call(.post, "/v1/sms/check", #"{"text":"\#(text)"}"#, as: reader).json
        #expect(answer["parts"]?.integer == Int64(parts), "\(answer)")
        #expect(answer["coding"]?.text?.filter(\.isLetter) == coding.filter(\.isLetter))
    }

    @Test func `NOT-6: emoji and words from right to left reach a phone, and bad numbers are in the results as typed`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        try await bench.openHours()
        let (phone, bad) = (CampaignBench.randomPhone(), ["06 12", "six", "🐶", "مرحبا"])
        try await bench.consent(phone)
        let text = "🐶 שלום, مرحبا"
        let id = try await bench.draft(text, phones: bad + [phone])
        #expect(try await bench.steer(id, "start").status == 200)
        try await bench.waitUntilOver(id)
        let outcomes = try await bench.outcomes(id)
        #expect(outcomes.count == 5)
        for (place, number) in bad.enumerated() {
            #expect(outcomes["\(number) \(place + 1)"] == "bad-number", "\(outcomes)")
        }
        let taken = try await bench.stack.sandbox.control(.get, "/sms/messages?to=\(phone.dropFirst())").list
        #expect(taken.count == 1 && taken.first?["shown"].string.hasPrefix("LesLilas: \(text)") == true, "\(taken)")
    }

    @Test(arguments: [false, true])
    func `NOT-5, C-27: a file in Latin-1 or with a mark is taken row by row, and each bad row is told`(isLatin: Bool)
        async throws
    {
        let bench = try await CampaignBench.shared()
        let rows = [
            "nom;prénom;téléphone", "Lefèvre;Zoé;\(CampaignBench.randomPhone())", "Bad;Row;06 12",
            "Réunion;Été;0692 12 34 5\(Int.random(in: 0...9))", "No;Phone;",
        ].joined(separator: "\n")
        let file = isLatin ? rows.unicodeScalars.map { UInt8($0.value) } : [0xEF, 0xBB, 0xBF] + Array(rows.utf8)
        let answer = try await bench.stack.call(
            .post, "/v1/contact-imports?mode=keep-good&clinicID=\(bench.clinic)", bytes: file, as: bench.manager)
        let problems = answer.json["problems"]?.elements ?? []
        #expect(answer.json["added"]?.integer == 2, "\(answer.json)")
        #expect(problems.compactMap { $0["line"]?.integer } == [3, 5])
        #expect(problems.allSatisfy { $0["reason"]?.text != nil && $0["remedy"]?.text != nil })
        try await expectFrench(of: problems, in: file, bench)
    }

    @Test func `NOT-5: emoji and words from right to left in a file are names, and what is none is told by its line`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let names = ["Rex 🐶", "שלום", "Mar\u{7}tin", "Mar\u{0}tin", "Mar\u{202E}nit", Self.long]
        let rows = names.map { "\($0);مرحبا;\(CampaignBench.randomPhone())" }
        let file = Array((["nom;prénom;téléphone"] + rows).joined(separator: "\n").utf8)
        let answer = try await bench.stack.call(
            .post, "/v1/contact-imports?mode=keep-good&clinicID=\(bench.clinic)", bytes: file, as: bench.manager)
        let problems = answer.json["problems"]?.elements ?? []
        #expect(answer.json["added"]?.integer == 2 && answer.json["refused"]?.integer == 4, "\(answer.json)")
        #expect(problems.compactMap { $0["line"]?.integer } == [4, 5, 6, 7])
        #expect(problems.allSatisfy { $0["column"]?.text == "last_name" && $0["header"]?.text == "nom" })
        try await expectFrench(of: problems, in: file, bench)
    }

    /// The same rows are told to who reads French, in French.
    private func expectFrench(of problems: [JSONValue], in file: [UInt8], _ bench: CampaignBench) async throws {
        let french = try await bench.stack.call(
            .post, "/v1/contact-imports?mode=dry-run&clinicID=\(bench.clinic)", bytes: file, as: bench.manager,
            headers: [("Accept-Language", "fr")])
        let told = french.json["problems"]?.elements ?? []
        #expect(told.count == problems.count && !told.isEmpty)
        #expect(zip(told, problems).allSatisfy { $0["reason"]?.text != $1["reason"]?.text }, "GEN-5")
    }
}
