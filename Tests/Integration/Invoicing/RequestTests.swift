import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `A request to the invoicing service` {
    @Test func `C-07: sent again it gives the first answer, and its key is refused for another one`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let draft = try await chain.invoice(2_000, for: client, issuedOn: nil)
        let requests: [(path: String, json: String, other: String)] = [
            ("/v1/clinics", #"{"code":"A","name":"A"}"#, #"{"code":"B","name":"B"}"#),
            ("/v1/clients", clientJSON(chain, "Petit"), clientJSON(chain, "Grand")),
            ("/v1/invoices", chain.draft(1_000, for: client), chain.draft(1_001, for: client)),
            ("/v1/invoices/\(draft)/issue", #"{"issuedOn":"2026-11-20"}"#, #"{"issuedOn":"2026-11-21"}"#),
        ]
        for request in requests {
            let key = Chain.newKey()
            let seen = request.path.hasSuffix("/issue") ? Chain.seen() : Headers()
            let first = try await chain.call(.post, request.path, request.json, key: key, headers: seen)
            let again = try await chain.call(.post, request.path, request.json, key: key, headers: seen)
            #expect(first.status < 300 && again.status == first.status, "\(request.path): \(first.text)")
            #expect(again.json == first.json, "\(request.path)")
            let other = try await chain.call(.post, request.path, request.other, key: key, headers: seen)
            #expect(other.status == 422 && other.problem == "idempotency-key-reused", "\(request.path)")
        }
        #expect(try await chain.numbers().count == 2)
        #expect(try await chain.events(about: draft) == ["invoice-issued"])
    }

    @Test func `C-07: needs a key for whatever makes something`() async throws {
        let chain = try await Chain.open()
        for route in chain.bench.assembly.routes where route.method == .post {
            let path = route.path.replacing(/\{[A-Za-z]+\}/, with: "\(InvoiceID(1))")
            let answer = try await chain.bench.http.call(.post, path, as: chain.principal(), json: "{}")
            #expect(answer.status == 400 && answer.problem == "idempotency-key-missing", "\(path): \(answer.text)")
        }
    }

    @Test func `C-07: two people who choose the same key do not get each other's answers`() async throws {
        let (chain, other) = try await (Chain.open(), Chain.open())
        let mine: ClientID = try await chain.call(.post, "/v1/clients", clientJSON(chain, "Petit"), key: "1").id()
        let theirs: ClientID = try await other.call(.post, "/v1/clients", clientJSON(other, "Petit"), key: "1").id()
        #expect(mine != theirs)
    }

    @Test func `INV-5: an organisation's SIREN is checked by its last digit, as its seller's is`() async throws {
        let chain = try await Chain.open()
        let named = { (siren: String) in #"{"name":"Les Tilleuls","siren":"\#(siren)"}"# }
        for wrong in ["123456789", "73282932", "７32829320"] {
            let answer = try await chain.call(.put, "/v1/organisation", named(wrong), headers: Chain.seen())
            let told = answer.json["errors"]?.elements?.map { $0["pointer"]?.text }
            #expect(answer.status == 422 && told == ["/siren"], "\(wrong): \(answer.text)")
        }
        let right = try await chain.call(.put, "/v1/organisation", named("732829320"), headers: Chain.seen())
        #expect(right.status == 200 && right.json["siren"]?.text == "732829320", "\(right.text)")
    }

    @Test func `GEN-1: an organisation is renamed over the version that was seen, once, and named by one of several`()
        async throws
    {
        let chain = try await Chain.open()
        let path = "/v1/organisation"
        #expect(try await chain.call(.get, path).headers["ETag"] == "\"v1\"")
        let blind = try await chain.call(.put, path, #"{"name":"Les Saules"}"#)
        #expect(blind.problem == "precondition-required", "\(blind.text)")
        let renamed = try await chain.call(.put, path, #"{"name":"Les Saules"}"#, headers: Chain.seen())
        #expect(renamed.headers["ETag"] == "\"v2\"" && renamed.json["version"]?.integer == 2, "\(renamed.text)")
        let late = try await chain.call(.put, path, #"{"name":"Les Ormes"}"#, headers: Chain.seen())
        #expect(late.status == 412 && late.text.contains("version is 2"), "\(late.text)")
        #expect(try await chain.call(.get, path).json["name"]?.text == "Les Saules")
        let other = Chain.principal(of: IdentifierSource.system.make())
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...4 {
                group.addTask {
                    try await chain.call(
                        .put, path, #"{"name":"Les Lilas \#(number)"}"#, headers: Chain.seen(0), as: other
                    ).status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200, 412, 412, 412])
    }

    @Test func `GEN-1: a clinic is corrected over the version that was seen; its next document says so, no other does`()
        async throws
    {
        let chain = try await Chain.open(timeZone: "Pacific/Kiritimati")
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        let before = try await chain.invoice(1_000, for: client)
        let path = "/v1/clinics/\(chain.clinic)"
        let json = #"{"name":"Clinique des Tilleuls","timeZone":"Pacific/Pago_Pago"}"#
        #expect(try await chain.call(.get, path).headers["ETag"] == "\"v1\"")
        #expect(try await chain.call(.put, path, json).problem == "precondition-required")
        for wrong in [#"{"name":"X"}"#, #"{"name":"X","timeZone":"Europe/Lilas"}"#, #"{"timeZone":"Europe/Paris"}"#] {
            #expect(try await chain.call(.put, path, wrong, headers: Chain.seen()).status == 422, "\(wrong)")
        }
        let elsewhere = chain.principal(clinics: .some([other]))
        #expect(try await chain.call(.put, path, json, headers: Chain.seen(), as: elsewhere).status == 404)
        let desk = chain.principal(role: .frontDesk)
        #expect(try await chain.call(.put, path, json, headers: Chain.seen(), as: desk).status == 403)
        let corrected = try await chain.call(.put, path, json, headers: Chain.seen())
        #expect(corrected.status == 200 && corrected.headers["ETag"] == "\"v2\"", "\(corrected.text)")
        #expect(try await chain.call(.get, path).json == corrected.json && corrected.json["code"]?.text == "LILAS")
        #expect(try await chain.call(.put, path, json, headers: Chain.seen()).status == 412)
        let entry = try await chain.call(.get, "/v1/audit?subject=\(chain.organisation)").json["items"]?.elements?.first
        #expect(entry?["action"]?.text == "clinic-changed", "GEN-6: \(entry ?? .null)")
        #expect(entry?["before"]?.text?.contains(#""timeZone":"Pacific/Kiritimati""#) == true)
        #expect(entry?["after"]?.text?.contains(#""name":"Clinique des Tilleuls""#) == true)
        let after = try await chain.invoice(1_000, for: client)
        let called: [String] = try await chain.bench.askAll(
            """
            SELECT establishment FROM document_parties WHERE document IN (\(before), \(after)) ORDER BY document
            """)
        #expect(called == ["Clinique", "Clinique des Tilleuls"])
        // On the one island it is always a later day than on the other.
        let day: LocalDate = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Pacific/Kiritimati')::date")
        let late = chain.draft(1, for: client, issuedOn: "\(day)", dueOn: "\(day)")
        let early = try await chain.call(.post, "/v1/invoices", late)
        #expect(early.json["errors"]?.elements?.first?["pointer"]?.text == "/issuedOn", "\(early.text)")
    }

    @Test func `INV-1: a client is told with its company, alone, in the list, in a search, and once it is merged`()
        async throws
    {
        let chain = try await Chain.open()
        let (stable, person) = (try await chain.client(), try await chain.client())
        #expect(try await chain.name(stable, #"{"company":"Haras de l'Étang"}"#).status == 200)
        for query in ["", "?search=martin", "?search=haras"] {
            let items = try await chain.call(.get, "/v1/clients\(query)").json["items"]?.elements ?? []
            let told = items.first { $0["id"]?.text == "\(stable)" }
            #expect(told?["company"]?.text == "Haras de l'Étang", "\(query): \(items)")
            #expect(query.hasSuffix("haras") || items.count == 2, "\(query): \(items)")
        }
        #expect(try await chain.call(.get, "/v1/clients/\(stable)").json["company"]?.text == "Haras de l'Étang")
        #expect(try await chain.call(.get, "/v1/clients/\(person)").json["company"] == nil)
        let merged = try await chain.call(
            .post, "/v1/clients/\(stable)/merge", #"{"intoClientID":"\#(person)"}"#, headers: Chain.seen())
        #expect(merged.status == 200 && merged.json["company"]?.text == "Haras de l'Étang", "\(merged.text)")
    }

    @Test func `INV-1: a client is changed only by who has seen the latest version`() async throws {
        let chain = try await Chain.open()
        let path = "/v1/clients/\(try await chain.client(phone: "+33612345678"))"
        let details = #"{"lastName":"Durand","firstName":"Ada","phone":"+33612345678","town":"Lyon"}"#
        let tag = try #require(try await chain.call(.get, path).headers["ETag"])
        #expect(try await chain.call(.put, path, details).status == 428)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                group.addTask { try await chain.call(.put, path, details, headers: ["If-Match": tag]).status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200] + Array(repeating: 412, count: 5))
        let now = try await chain.call(.get, path)
        #expect(now.json["lastName"]?.text == "Durand" && now.headers["ETag"] != tag)
        let stale = try await chain.call(.put, path, details, headers: ["If-Match": tag])
        #expect(stale.problem == "changed-since")
    }

    @Test func `INV-4: a draft is given up by who has seen it, once, and its reference is free again`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let json = chain.draft(1_000, for: client, issuedOn: nil, reference: "R-1")
        let draft: InvoiceID = try await chain.call(.post, "/v1/invoices", json).id()
        let path = "/v1/invoices/\(draft)"
        #expect(try await chain.standing(of: draft) == "draft 0 0 1000", "what will be due")
        #expect(try await chain.call(.delete, path).status == 428)
        #expect(try await chain.call(.delete, path, headers: Chain.seen(2)).status == 412)
        let cancelled = try await chain.call(.delete, path, headers: Chain.seen())
        #expect(cancelled.status == 200 && cancelled.headers["ETag"] == "\"v2\"")
        #expect(try await chain.standing(of: draft) == "cancelled 0 0 0")
        let listed = try await chain.call(.get, "/v1/invoices?status=cancelled").json["items"]?.elements
        #expect(listed?.map { $0.cents("due") } == [0])
        #expect(try await chain.issue(draft, seen: 2).status == 409)
        #expect(try await chain.call(.get, "/v1/invoices").json["items"]?.elements?.isEmpty == true)
        let again: InvoiceID = try await chain.call(.post, "/v1/invoices", json).id()
        #expect(try await chain.issue(again).status == 200)
        #expect(try await chain.call(.delete, "/v1/invoices/\(again)", headers: Chain.seen(2)).status == 409)
        #expect(try await chain.numbers() == ["F-LILAS-2026-000001"])
    }

    @Test func `INV-4: a draft is written anew by who has seen it, all of it, until it is issued`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let (client, other) = try await (chain.client(), chain.client())
        let json = chain.draft(1_000, for: client, issuedOn: nil, reference: "R-1")
        let path = "/v1/invoices/\(try await chain.call(.post, "/v1/invoices", json).id() as InvoiceID)"
        let anew = chain.draft(700, for: other, issuedOn: nil, dueOn: "2026-11-30", vatBasisPoints: 2_000)
        #expect(try await chain.call(.put, path, anew).status == 428)
        #expect(try await chain.call(.put, path, anew, headers: Chain.seen(2)).status == 412)
        let written = try await chain.call(.put, path, anew, headers: Chain.seen())
        #expect(written.status == 200 && written.headers["ETag"] == "\"v2\"", "\(written.text)")
        let now = try await chain.call(.get, path)
        for field in ["version", "clientID", "clinicID", "dueOn", "lines", "vat", "total"] {
            #expect(now.json[field] == written.json[field] && now.json[field] != nil, "\(field): \(now.text)")
        }
        #expect(now.json["clientID"]?.text == "\(other)", "\(now.text)")
        #expect(now.json["lines"]?.elements?.count == 1 && now.json.cents("total") == 840, "\(now.text)")
        #expect(now.json["dueOn"]?.text == "2026-11-30" && now.json["reference"] == nil, "\(now.text)")
        let told = try await chain.call(.get, "/v1/audit?subject=\(path.suffix(36))").json["items"]?.elements?.first
        #expect(told?["action"]?.text == "draft-rewritten", "GEN-6: \(told ?? .null)")
        #expect(told?["before"]?.text?.contains(#""unitPriceTenThousandths":100000"#) == true)
        #expect(told?["after"]?.text?.contains(#""unitPriceTenThousandths":70000"#) == true)
        let draft: InvoiceID = try now.id()
        #expect(try await chain.issue(draft, seen: 2).status == 200)
        #expect(try await chain.standing(of: draft) == "issued 0 0 840")
        let late = try await chain.call(.put, path, anew, headers: Chain.seen(3))
        #expect(late.status == 409 && late.text.contains("credit note"), "\(late.text)")
        #expect(try await #require(InvoicingService.verification).run(bench.context).holds)
        await bench.close()
    }

    @Test func `INV-4: what is written anew obeys what a new draft obeys, and nothing changes else`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let other = try await chain.anotherClinic("PANTIN")
        let draft = try await chain.invoice(1_000, for: client, issuedOn: nil)
        let path = "/v1/invoices/\(draft)"
        let before = try await chain.invoice(draft)
        let desk = chain.principal(role: .frontDesk, clinics: .some([chain.clinic]))
        let refused: [(json: String, status: Int)] = [
            (chain.draft(1, for: ClientID(1), issuedOn: nil), 404),
            (chain.draft(1, for: client, clinic: other, issuedOn: nil), 403),
            (chain.draft(1, for: client, issuedOn: nil, vatBasisPoints: 1_960), 422),
            (chain.draft(1, for: client), 422),
        ]
        for attempt in refused {
            let answer = try await chain.call(.put, path, attempt.json, headers: Chain.seen(), as: desk)
            #expect(answer.status == attempt.status, "\(attempt.json): \(answer.text)")
        }
        let elsewhere = chain.principal(role: .frontDesk, clinics: .some([other]))
        let moved = chain.draft(1, for: client, clinic: other, issuedOn: nil)
        #expect(try await chain.call(.put, path, moved, headers: Chain.seen(), as: elsewhere).status == 404)
        #expect(try await chain.invoice(draft) == before)
    }

    @Test func `INV-4: a draft that was to be paid before its issue is issued with a later day`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let draft = try await chain.invoice(1_000, for: chain.client(), issuedOn: nil, dueOn: "2026-11-20")
        let path = "/v1/invoices/\(draft)/issue"
        let passed = try await chain.issue(draft, on: "2026-11-23")
        #expect(passed.json["errors"]?.elements?.first?["pointer"]?.text == "/dueOn", "\(passed.text)")
        let days = #"{"issuedOn":"2026-11-23","dueOn":"2026-12-23"}"#
        let issued = try await chain.call(.post, path, days, headers: Chain.seen())
        #expect(issued.status == 200 && issued.json["dueOn"]?.text == "2026-12-23", "\(issued.text)")
        #expect(try await chain.invoice(draft)["dueOn"]?.text == "2026-12-23")
        let verification = try #require(InvoicingService.verification)
        #expect(try await verification.run(bench.context).holds, "it is in the hash")
        await bench.close()
    }

    @Test func `INV-1: lists are pages with a way to the next one`() async throws {
        let chain = try await Chain.open()
        _ = try await chain.anotherClinic("PANTIN")
        var clients: [String] = []
        for _ in 0..<5 { clients.insert("\(try await chain.client())", at: 0) }
        for (list, expected, key) in [("clients", clients, "id"), ("clinics", ["LILAS", "PANTIN"], "code")] {
            var found: [String] = []
            var after = ""
            repeat {
                let page = try await chain.call(.get, "/v1/\(list)?limit=2\(after)").json
                let items = page["items"]?.elements ?? []
                #expect((1...2).contains(items.count))
                found += items.compactMap { $0[key]?.text }
                after = page["next"]?.text.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty && found.count <= expected.count
            #expect(found == expected)
        }
    }

    @Test func `INV-1: a phone finds its client, and is one client's in an organisation`() async throws {
        let (chain, other) = try await (Chain.open(), Chain.open())
        let client = try await chain.client(phone: "+33612345678")
        let found = try await chain.call(.get, "/v1/clients?phone=%2B33612345678").json["items"]?.elements
        #expect(found?.map { $0["id"]?.text } == ["\(client)"])
        let second = clientJSON(chain, "Petit", phone: "+33612345678")
        let refused = try await chain.call(.post, "/v1/clients", second)
        #expect(refused.status == 422 && refused.json["errors"]?.elements?.first?["pointer"]?.text == "/phone")
        _ = try await other.client(phone: "+33612345678")
    }

    @Test func `INV-10: a statement opens, moves and closes to the cent`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let today: LocalDate = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date")
        let (first, last) = (today.adding(days: -40), today.adding(days: -10))
        let (before, due) = ("\(first.adding(days: -1))", "\(today)")
        let old = try await chain.invoice(5_000, for: client, issuedOn: before, dueOn: due)
        let new = try await chain.invoice(7_000, for: client, issuedOn: "\(first.adding(days: 9))", dueOn: due)
        let payment = try chain.accepted(
            6_000, by: client, for: old, at: #require(Instant("\(first.adding(days: 20))T10:00:00Z")))
        try await Delivery.with { delivery in
            try await delivery.deliver([payment])
        }
        let path = "/v1/clients/\(client)/statement?from=\(first)&to=\(last)"
        let statement = try await chain.call(.get, path).json
        #expect(statement.cents("opening") == 5_000 && statement.cents("closing") == 6_000)
        let movements = statement["movements"]?.elements ?? []
        #expect(movements.map { $0["kind"]?.text } == ["invoice", "payment"])
        #expect(movements.map { $0.cents("amount") } == [7_000, -6_000])
        #expect(try await chain.standing(of: new) == "part-paid 1000 0 6000")
        let backwards = "/v1/clients/\(client)/statement?from=\(last)&to=\(first)"
        #expect(try await chain.call(.get, backwards).status == 422)
    }

    @Test func `lists invoices newest first, page by page`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        var made: [String] = []
        for _ in 0..<5 { made.append(try await chain.invoice(1_000, for: client).description) }
        var listed: [String] = []
        var after = ""
        repeat {
            let page = try await chain.call(.get, "/v1/invoices?limit=2\(after)").json
            listed += page["items"]?.elements?.compactMap { $0["id"]?.text } ?? []
            after = page["next"]?.text.map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        #expect(listed == made.reversed())
    }

    private func clientJSON(_ chain: Chain, _ name: String, phone: String? = nil) -> String {
        let phone = phone.map { #""phone":"\#($0)","# } ?? ""
        return #"{"clinicID":"\#(chain.clinic)","lastName":"\#(name)","firstName":"Ada",\#(phone)"town":"Lyon"}"#
    }
}
