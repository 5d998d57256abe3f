import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing

/// NOT-5: the directory by its routes, on the database.
@Suite struct `The directory of an organisation` {
    private func contact(_ phone: String, _ more: String = "") -> String {
        #"{"lastName":"Lefèvre","firstName":"Zoé","phone":"\#(phone)"\#(more)}"#
    }

    private func items(_ answer: HTTPResponse) -> [JSONValue] { answer.json["items"]?.elements ?? [] }

    @Test func `NOT-5: somebody is added, found, changed by one person at a time, and removed`() async throws {
        let bench = try await CampaignBench.shared()
        let phone = CampaignBench.randomPhone()
        let added = try await bench.call(.post, "/v1/contacts", contact(phone, #","groups":["chats","amis"]"#))
        #expect(added.status == 201 && added.header("ETag") == "\"v1\"")
        let id = try #require(added.json["id"]?.text)
        #expect(added.json["groups"]?.elements?.compactMap(\.text) == ["amis", "chats"])
        for search in ["LEFEVRE", "zoe%20lef", phone.replacing("+", with: "%2B"), "0\(phone.dropFirst(3))", "%25"] {
            let found = items(try await bench.call(.get, "/v1/contacts?search=\(search)"))
            #expect(found.count == (search == "%25" ? 0 : 1), "\(search)")
        }
        #expect(items(try await bench.call(.get, "/v1/contacts?group=amis")).count == 1)
        #expect(items(try await bench.call(.get, "/v1/contacts?group=chiens")).isEmpty)
        let changed = contact(phone, #","email":"zoe@example.org""#)
        #expect(try await bench.call(.put, "/v1/contacts/\(id)", changed).status == 428)
        #expect(try await bench.call(.put, "/v1/contacts/\(id)", changed, seen: 1).status == 200)
        #expect(try await bench.call(.put, "/v1/contacts/\(id)", changed, seen: 1).status == 412)
        let now = try await bench.call(.get, "/v1/contacts/\(id)")
        #expect(now.json["email"]?.text == "zoe@example.org" && now.json["groups"]?.elements == [])
        #expect(try await bench.call(.delete, "/v1/contacts/\(id)", seen: 1).status == 412)
        #expect(try await bench.call(.delete, "/v1/contacts/\(id)", seen: 2).status == 204)
        #expect(try await bench.call(.get, "/v1/contacts/\(id)").status == 404)
    }

    @Test func `NOT-5: who is of a clinic abroad is found by the number as it is dialled there`() async throws {
        let bench = try await CampaignBench.shared()
        try await bench.done(.put, "/v1/clinics/\(bench.clinic)/time-zone", #"{"timeZone":"Europe/Brussels"}"#)
        let number = "0470\(UInt32.random(in: 100_000...999_999))"
        let there = try await bench.done(.post, "/v1/contacts", contact(number, #","clinicID":"\#(bench.clinic)""#))
        #expect(there.json["phone"]?.text == "+32\(number.dropFirst())")
        for search in [number, "%2B32\(number.dropFirst())"] {
            let found = items(try await bench.call(.get, "/v1/contacts?search=\(search)"))
            #expect(found.compactMap { $0["id"]?.text } == [there.json["id"]?.text].compactMap(\.self), "\(search)")
        }
        let france = try await bench.done(.post, "/v1/contacts", contact(number))
        #expect(france.json["phone"]?.text == "+33\(number.dropFirst())")
        #expect(items(try await bench.call(.get, "/v1/contacts?search=\(number)")).count == 2, "it may be both")
    }

    @Test func `NOT-5: a number is in the directory once, and a list goes on where its page ended`() async throws {
        let bench = try await CampaignBench.shared()
        let phone = CampaignBench.randomPhone()
        #expect(try await bench.call(.post, "/v1/contacts", contact(phone)).status == 201)
        let again = try await bench.call(.post, "/v1/contacts", contact(phone))
        #expect(again.status == 409 && again.json["type"]?.text?.hasSuffix("phone-in-directory") == true)
        for _ in 0..<4 { try await bench.done(.post, "/v1/contacts", contact(CampaignBench.randomPhone())) }
        var (seen, after): (Set<String>, String) = ([], "")
        repeat {
            let page = try await bench.done(.get, "/v1/contacts?limit=2\(after)")
            seen.formUnion(items(page).compactMap { $0["id"]?.text })
            after = page.json["next"]?.text.map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        #expect(seen.count == 5)
    }

    @Test(arguments: [
        (#"{"lastName":"A"}"#, "/phone"), (#"{"lastName":"A","phone":"06 12"}"#, "/phone"),
        (#"{"lastName":"","phone":"+33612345678"}"#, "/lastName"),
        (#"{"lastName":"A","phone":"+33612345678","groups":["a|b"]}"#, "/groups"),
        (#"{"lastName":"A","phone":"+33612345678","nickname":"B"}"#, "/nickname"),
    ])
    func `NOT-5: an entry with something wrong is refused with its place`(json: String, pointer: String) async throws {
        let answer = try await CampaignBench.shared().call(.post, "/v1/contacts", json)
        #expect(answer.status == 422 && answer.json["errors"]?.elements?.first?["pointer"]?.text == pointer)
    }

    @Test func `NOT-5, GEN-1: others' contacts do not exist, and who acts for some clinics sees theirs alone`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let (here, nowhere) = (CampaignBench.randomPhone(), CampaignBench.randomPhone())
        let ours = try await bench.done(.post, "/v1/contacts", contact(here, #","clinicID":"\#(bench.clinic)""#))
        try await bench.done(.post, "/v1/contacts", contact(nowhere))
        let path = "/v1/contacts/\(ours.json["id"]?.text ?? "")"
        let stranger = NotificationStack.principal(OrganisationID(0xB), scopes: CampaignBench.scopes)
        #expect(try await bench.call(.get, path, as: stranger).status == 404)
        #expect(try await bench.call(.delete, path, seen: 1, as: stranger).status == 404)
        let desk = NotificationStack.principal(
            bench.organisation, role: .frontDesk, clinics: .some([bench.clinic]), scopes: CampaignBench.scopes)
        #expect(items(try await bench.call(.get, "/v1/contacts", as: desk)).compactMap { $0["phone"]?.text } == [here])
        #expect(try await bench.call(.post, "/v1/contacts", contact("+33611111111"), as: desk).status == 422)
        let elsewhere = contact("+33611111111", #","clinicID":"\#(ClinicID(0xE))""#)
        #expect(try await bench.call(.post, "/v1/contacts", elsewhere, as: desk).status == 403)
        let accountant = NotificationStack.principal(
            bench.organisation, role: .accountant, scopes: CampaignBench.scopes)
        #expect(try await bench.call(.get, "/v1/contacts", as: accountant).status == 403)
    }

    @Test func `NOT-5: a group takes in nobody who is not in the directory, and is not renamed where nobody is in it`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let added = try await bench.done(.post, "/v1/contacts", contact(CampaignBench.randomPhone()))
        let id = try #require(added.json["id"]?.text)
        let nobody: ContactID = IdentifierSource.system.make()
        let path = "/v1/contact-groups/chats"
        for field in ["add", "remove"] {
            let refused = try await bench.call(.put, "\(path)/members", #"{"\#(field)":["\#(id)","\#(nobody)"]}"#)
            let pointers = refused.json["errors"]?.elements?.compactMap { $0["pointer"]?.text }
            #expect(refused.status == 422 && pointers == ["/\(field)/1"], "\(refused.json)")
        }
        #expect(items(try await bench.call(.get, "/v1/contact-groups")).isEmpty, "nothing is changed")
        #expect(try await bench.call(.put, path, #"{"name":"chiens"}"#).status == 404)
        try await bench.done(.put, "\(path)/members", #"{"add":["\#(id)"]}"#)
        #expect(try await bench.call(.put, path, #"{"name":"chiens"}"#).json["contacts"]?.integer == 1)
    }

    @Test func `NOT-5: who is in fifty groups is put into no other, which is told by place and by line`() async throws {
        let bench = try await CampaignBench.shared()
        let phone = CampaignBench.randomPhone()
        let groups = (10..<60).map { "\"g\($0)\"" }.joined(separator: ",")
        let full = try await bench.done(.post, "/v1/contacts", contact(phone, #","groups":[\#(groups)]"#))
        let other = try await bench.done(.post, "/v1/contacts", contact(CampaignBench.randomPhone()))
        let ids = [other, full].map { $0.json["id"]?.text ?? "" }
        let members = #"{"add":["\#(ids[0])","\#(ids[1])"]}"#
        let refused = try await bench.call(.put, "/v1/contact-groups/chats/members", members)
        let pointers = refused.json["errors"]?.elements?.compactMap { $0["pointer"]?.text }
        #expect(refused.status == 422 && pointers == ["/add/1"], "\(refused.json)")
        let names = items(try await bench.call(.get, "/v1/contact-groups")).compactMap { $0["name"]?.text }
        #expect(names.count == 50 && !names.contains("chats"), "nothing is changed")
        try await bench.done(.put, "/v1/contact-groups/g10/members", members)
        let file = "last_name;phone;groups\nNew;\(phone);chats\n"
        let answer = try await bench.importFile(file, "keep-good").json
        let problem = answer["problems"]?.elements?.first
        #expect(answer["refused"]?.integer == 1 && answer["changed"]?.integer == 0, "\(answer)")
        #expect(problem?["line"]?.integer == 2 && problem?["column"]?.text == "groups", "\(answer)")
        let known = "last_name;phone;groups\nNew;\(phone);g10\n"
        #expect(try await bench.importFile(known, "keep-good").json["changed"]?.integer == 1)
    }

    @Test(arguments: [
        ("a%E2%80%AEb", #"a\u202eb"#, "It contains a control character.", "Take the control characters out."),
        ("a%E2%81%A6b", #"a\u2066b"#, "It contains a control character.", "Take the control characters out."),
        ("a%7Cb", "a|b", "The name of a group has a | in it.", "Write it without."),
    ])
    func `NOT-5: a new name of a group is refused alike with somebody new, in another's place and in a path`(
        part: String, text: String, reason: String, remedy: String
    ) async throws {
        let bench = try await CampaignBench.shared()
        let phones = (CampaignBench.randomPhone(), CampaignBench.randomPhone())
        let added = try await bench.done(.post, "/v1/contacts", contact(phones.0, #","groups":["chats"]"#))
        let id = try #require(added.json["id"]?.text)
        let answers = [
            ("/groups", try await bench.call(.post, "/v1/contacts", contact(phones.1, #","groups":["\#(text)"]"#))),
            ("/name", try await bench.call(.put, "/v1/contact-groups/chats", #"{"name":"\#(text)"}"#)),
            ("{group}", try await bench.call(.put, "/v1/contact-groups/\(part)/members", #"{"add":["\#(id)"]}"#)),
        ]
        for (pointer, answer) in answers {
            let faults = answer.json["errors"]?.elements ?? []
            #expect(answer.status == 422 && answer.json["type"]?.text?.hasSuffix("invalid-fields") == true)
            #expect(faults.count == 1, "\(answer.json)")
            let told = ["pointer", "reason", "remedy"].map { faults.first?[$0]?.text }
            #expect(told == [pointer, reason, remedy], "\(answer.json)")
        }
        let groups = items(try await bench.call(.get, "/v1/contact-groups"))
        #expect(groups.compactMap { $0["name"]?.text } == ["chats"])
    }

    @Test func `NOT-5: a group of a name that is given no longer is found, left, renamed and dissolved`() async throws {
        let bench = try await CampaignBench.shared()
        let (name, part) = ("a\u{202E}b", "a%E2%80%AEb")
        let path = "/v1/contact-groups/\(part)"
        _ = try await bench.enter(3, in: name)
        let groups = items(try await bench.call(.get, "/v1/contact-groups"))
        #expect(groups.compactMap { $0["name"]?.text } == [name])
        let members = items(try await bench.call(.get, "/v1/contacts?group=\(part)"))
        let id = try #require(members.first?["id"]?.text)
        let left = try await bench.call(.put, "\(path)/members", #"{"remove":["\#(id)"]}"#)
        #expect(left.json["contacts"]?.integer == 1)
        #expect(try await bench.call(.put, path, #"{"name":"ab"}"#).json["contacts"]?.integer == 2)
        _ = try await bench.enter(1, in: name)
        #expect(try await bench.call(.delete, path).json["contacts"]?.integer == 1)
    }

    @Test func `NOT-5: groups are listed, joined, left, renamed and dissolved`() async throws {
        let bench = try await CampaignBench.shared()
        var ids: [String] = []
        for _ in 0..<3 {
            let added = try await bench.done(
                .post, "/v1/contacts", contact(CampaignBench.randomPhone(), #","groups":["chats"]"#))
            ids.append(added.json["id"]?.text ?? "")
        }
        func groups() async throws -> [String] {
            items(try await bench.call(.get, "/v1/contact-groups")).map {
                "\($0["name"]?.text ?? "") \($0["members"]?.integer ?? 0)"
            }
        }
        let members = #"{"add":["\#(ids[0])","\#(ids[1])"],"remove":[]}"#
        let joined = try await bench.call(.put, "/v1/contact-groups/fid%C3%A8les%20amis/members", members)
        #expect(joined.json["contacts"]?.integer == 2)
        let twice = try await bench.call(.put, "/v1/contact-groups/fid%C3%A8les%20amis/members", members)
        #expect(twice.json["contacts"]?.integer == 0)
        #expect(try await groups() == ["chats 3", "fidèles amis 2"])
        try await bench.done(.put, "/v1/contact-groups/fid%C3%A8les%20amis/members", #"{"remove":["\#(ids[0])"]}"#)
        #expect(try await groups() == ["chats 3", "fidèles amis 1"])
        try await bench.done(.put, "/v1/contact-groups/fid%C3%A8les%20amis", #"{"name":"chats"}"#)
        #expect(try await groups() == ["chats 3"], "one that was in both is in it once")
        try await bench.done(.delete, "/v1/contact-groups/chats")
        #expect(try await groups().isEmpty)
        #expect(items(try await bench.call(.get, "/v1/contacts")).count == 3)
    }
}

/// NOT-5: the directory as files, in and out.
@Suite struct `The directory as a file` {
    private func numbers(_ answer: HTTPResponse) -> [Int64?] {
        ["rows", "added", "changed", "unchanged", "refused"].map { answer.json[$0]?.integer }
    }

    @Test func `NOT-5: a dry run changes nothing, the good rows are taken, and the same file twice changes nothing`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let (first, second) = (CampaignBench.randomPhone(), CampaignBench.randomPhone())
        try await bench.done(.post, "/v1/contacts", #"{"lastName":"Old","firstName":"Ada","phone":"\#(second)"}"#)
        let national = "0\(second.dropFirst(3))"
        let text = "nom;prénom;téléphone;groupes\nLefèvre;Zoé;\(first);chats\nNew;;\(national);chiens\nBad;;12;\n"
        let dry = try await bench.importFile(text, "dry-run")
        #expect(numbers(dry) == [3, 1, 1, 0, 1] && dry.json["isTaken"] == .bool(false))
        #expect(dry.json["problems"]?.elements?.first?["line"]?.integer == 4)
        #expect(dry.json["problems"]?.elements?.first?["column"]?.text == "phone")
        #expect(dry.json["problems"]?.elements?.first?["header"]?.text == "téléphone")
        let whole = try await bench.importFile(text, "all-or-nothing")
        #expect(numbers(whole) == [3, 1, 1, 0, 1] && whole.json["isTaken"] == .bool(false))
        #expect(try await list(bench).count == 1, "nothing was taken in")
        #expect(numbers(try await bench.importFile(text, "keep-good")) == numbers(whole), "the counts said so before")
        #expect(numbers(try await bench.importFile(text, "keep-good")) == [3, 0, 0, 2, 1])
        let names = try await list(bench).map { "\($0["lastName"]?.text ?? "") \($0["firstName"]?.text ?? "")" }
        #expect(names.sorted() == ["Lefèvre Zoé", "New Ada"], "what the file does not speak of stays")
    }

    private func list(_ bench: CampaignBench) async throws -> [JSONValue] {
        try await bench.done(.get, "/v1/contacts?limit=200").json["items"]?.elements ?? []
    }

    @Test func `NOT-5, C-27: what is exported opens in Excel, runs nothing, and comes back as it was`() async throws {
        let (bench, other) = (try await CampaignBench.shared(), try await CampaignBench.shared())
        let people = [
            #"{"lastName":"=HYPERLINK(\"http://x\")","firstName":"@x;y","email":"a@example.org"}"#,
            #"{"lastName":"Œ\"é","phone":"\#(CampaignBench.randomPhone())","language":"en","groups":["b","a"]}"#,
        ]
        for person in people { try await bench.done(.post, "/v1/contacts", person) }
        let file = try await bench.done(.get, "/v1/contact-export")
        let text = String(decoding: file.body, as: UTF8.self)
        #expect(
            file.body.starts(with: [0xEF, 0xBB, 0xBF]) && file.header("Content-Type")?.contains("text/csv") == true)
        #expect(
            text.contains("\"'=HYPERLINK(\"\"http://x\"\")\"") && text.contains("\"'@x;y\"") && text.contains("'+336"))
        let taken = try await other.importFile(text, "all-or-nothing")
        #expect(numbers(taken) == [2, 2, 0, 0, 0], "\(taken.json)")
        let back = String(decoding: try await other.done(.get, "/v1/contact-export").body, as: UTF8.self)
        #expect(back.split(separator: "\r\n").sorted() == text.split(separator: "\r\n").sorted())
        #expect(numbers(try await bench.importFile(text, "keep-good")) == [2, 0, 0, 2, 0])
    }

    @Test func `NOT-5: what is exported comes back as it was where several share an address and have no number`()
        async throws
    {
        let (bench, other) = (try await CampaignBench.shared(), try await CampaignBench.shared())
        for person in ["Martin Ada a", "Martin Bob b", "Petit Zoé c", "Petit Zoé d"] {
            let words = person.split(separator: " ")
            try await bench.done(
                .post, "/v1/contacts",
                """
                {"lastName":"\(words[0])","firstName":"\(words[1])","email":"famille@example.org","groups":["\(words[2])"]}
                """)
        }
        let text = String(decoding: try await bench.done(.get, "/v1/contact-export").body, as: UTF8.self)
        let own = try await bench.importFile(text, "all-or-nothing")
        #expect(numbers(own) == [4, 0, 0, 4, 0], "\(own.json)")
        let back = String(decoding: try await bench.done(.get, "/v1/contact-export").body, as: UTF8.self)
        #expect(back == text)
        // A directory that has nobody twice is told of who is in the file twice.
        let taken = try await other.importFile(text, "keep-good")
        #expect(numbers(taken) == [4, 3, 0, 0, 1], "\(taken.json)")
        let problem = taken.json["problems"]?.elements?.first
        #expect(problem?["line"]?.integer == 3 && problem?["column"]?.text == "email")
        #expect(problem?["reason"]?.text == "Line 2 has the same.")
        #expect(try await list(other).compactMap { $0["firstName"]?.text }.sorted() == ["Ada", "Bob", "Zoé"])
    }

    @Test func `NOT-5: a number is read as it is dialled at the clinic its row names`() async throws {
        let bench = try await CampaignBench.shared()
        try await bench.done(.put, "/v1/clinics/\(bench.clinic)/time-zone", #"{"timeZone":"Europe/Zurich"}"#)
        let number = "79\(UInt32.random(in: 1_000_000...9_999_999))"
        let rows = "nom;téléphone;clinique\nGenève;0\(number);\(bench.clinic)\nParis;0\(number);\n"
        #expect(numbers(try await bench.importFile(rows, "all-or-nothing")) == [2, 2, 0, 0, 0])
        func found() async throws -> [String] {
            try await list(bench).map { "\($0["lastName"]?.text ?? "") \($0["phone"]?.text ?? "")" }.sorted()
        }
        #expect(try await found() == ["Genève +41\(number)", "Paris +33\(number)"])
        #expect(numbers(try await bench.importFile(rows, "keep-good")) == [2, 0, 0, 2, 0], "the same file again")
        let unknown = "nom;téléphone;clinique\nLyon;0\(number);\(ClinicID(0xE))\n"
        try await bench.done(.post, "/v1/contact-imports?mode=all-or-nothing&clinicID=\(bench.clinic)", unknown)
        #expect(
            try await found() == ["Genève +41\(number)", "Lyon +33\(number)"],
            "also in a file of a clinic abroad, at one of which nothing is known")
    }

    @Test func `NOT-5, GEN-1: who acts for some clinics is told to name one where the rows name none`() async throws {
        let bench = try await CampaignBench.shared()
        let desk = NotificationStack.principal(
            bench.organisation, role: .frontDesk, clinics: .some([bench.clinic]), scopes: CampaignBench.scopes)
        let path = "/v1/contact-imports?mode=dry-run"
        let rows = "nom;téléphone;clinique\nOurs;\(CampaignBench.randomPhone());\nTheirs;0612345678;\(ClinicID(0xE))\n"
        func reasons(_ path: String, _ language: String = "en") async throws -> [String?] {
            let answer = try await bench.stack.call(
                .post, path, rows, as: desk, headers: [("Accept-Language", language)])
            return answer.json["problems"]?.elements?.map { $0["reason"]?.text } ?? []
        }
        let (nameless, foreign) = (
            "It names no clinic, and the caller acts for some clinics only.",
            "It is of a clinic the caller does not act for."
        )
        #expect(try await reasons(path) == [nameless, foreign])
        #expect(try await reasons("\(path)&clinicID=\(bench.clinic)") == [foreign])
        let french = try await reasons(path, "fr")
        #expect(french.count == 2 && french[0]?.hasPrefix("La ligne n'indique pas de clinique") == true, "GEN-5")
    }

    @Test func `NOT-5, GEN-1: by an address a file takes over nobody of another clinic, and its desk is not refused`()
        async throws
    {
        let bench = try await CampaignBench.shared()
        let other = ClinicID(0xE)
        try await bench.done(
            .post, "/v1/contacts",
            #"{"lastName":"Martin","firstName":"Ada","email":"ada@example.org","clinicID":"\#(other)"}"#)
        let desk = NotificationStack.principal(
            bench.organisation, role: .frontDesk, clinics: .some([bench.clinic]), scopes: CampaignBench.scopes)
        let path = "/v1/contact-imports?mode=all-or-nothing&clinicID=\(bench.clinic)"
        let rows = "nom;prénom;email;groupes\nMartin;Ada;Ada@example.org;chats\n"
        for expected in [[1, 1, 0, 0, 0], [1, 0, 0, 1, 0]] as [[Int64?]] {
            #expect(numbers(try await bench.stack.call(.post, path, rows, as: desk)) == expected)
        }
        // Nor where the row names the clinic itself, whoever brings it.
        let naming = "nom;email;clinique\nPetit;paul@example.org;\(other)\nDurand;ada@example.org;\(ClinicID(0xF))\n"
        #expect(numbers(try await bench.importFile(naming, "keep-good")) == [2, 2, 0, 0, 0])
        let places = try await list(bench).map {
            "\($0["lastName"]?.text ?? "") \($0["clinicID"]?.text ?? "") \($0["groups"]?.elements?.count ?? 0)"
        }
        let expected = [
            "Durand \(ClinicID(0xF)) 0", "Martin \(other) 0", "Martin \(bench.clinic) 1", "Petit \(other) 0",
        ]
        #expect(places.sorted() == expected.sorted())
    }

    @Test func `NOT-5: a thousand rows and more are taken in at once; a file that is none is refused`() async throws {
        let bench = try await CampaignBench.shared()
        let rows = (0..<2_500).map { "Client \($0),+3360\(1_000_000 + $0),g\($0 % 3)" }
        let text = "last_name,phone,groups\n" + rows.joined(separator: "\n")
        #expect(numbers(try await bench.importFile(text, "keep-good")) == [2_500, 2_500, 0, 0, 0])
        #expect(numbers(try await bench.importFile(text, "keep-good")) == [2_500, 0, 0, 2_500, 0])
        let export = try await bench.done(.get, "/v1/contact-export")
        #expect(export.body.count { $0 == UInt8(ascii: "\n") } == 2_501)
        let none = try await bench.importFile("a;b\n1;2", "keep-good")
        #expect(none.status == 422 && none.json["type"]?.text?.hasSuffix("unreadable-file") == true)
    }
}
