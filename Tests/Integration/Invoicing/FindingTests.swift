import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

@Suite struct `What a clerk looks for` {
    private func names(_ chain: Chain, _ query: String) async throws -> [String] {
        let answer = try await chain.call(.get, "/v1/clients?\(query)")
        #expect(answer.status == 200, "\(query): \(answer.text)")
        return (answer.json["items"]?.elements ?? []).compactMap { $0["lastName"]?.text }.sorted()
    }

    private func numbers(_ chain: Chain, _ query: String, as principal: Principal? = nil) async throws -> [String] {
        let answer = try await chain.call(.get, "/v1/invoices?\(query)", as: principal)
        #expect(answer.status == 200, "\(query): \(answer.text)")
        return (answer.json["items"]?.elements ?? []).compactMap { $0["number"]?.text ?? $0["status"]?.text }.sorted()
    }

    @Test func `INV-1: clients by a part of the name, whatever accents and capitals`() async throws {
        let chain = try await Chain.open()
        for (last, first) in [
            ("Lefèvre-Dupont", "Zoé"), ("LEFEVRE", "Anne"), ("Œuvrard", "Noël"), ("Lefe\u{300}vre", "Jean"),
            ("50%_off", "X"),
        ] {
            let person = #"{"clinicID":"\#(chain.clinic)","lastName":"\#(last)","firstName":"\#(first)","town":"Lyon"}"#
            #expect(try await chain.call(.post, "/v1/clients", person).status == 201)
        }
        let stranger = try await Chain.open()
        for (query, found) in [
            ("lef%C3%88v", ["Lefe\u{300}vre", "LEFEVRE", "Lefèvre-Dupont"].sorted()),
            ("pont", ["Lefèvre-Dupont"]), ("zoe%20lefevre", ["Lefèvre-Dupont"]), ("OEUV", ["Œuvrard"]),
            ("noel", ["Œuvrard"]), ("50%25", ["50%_off"]), ("martin", []),
            ("fev%20martin", []),
            ("du", ["Lefèvre-Dupont"]), ("po", ["Lefèvre-Dupont"]), ("n%C3%A8", ["LEFEVRE"]),
            ("z%20d", ["Lefèvre-Dupont"]), ("z", ["Lefèvre-Dupont"]), ("5", ["50%_off"]), ("q", []),
            ("e", ["Lefe\u{300}vre", "LEFEVRE", "Lefèvre-Dupont", "Œuvrard"].sorted()),
        ] as [(String, [String])] {
            #expect(try await names(chain, "search=\(query)") == found, "\(query)")
            #expect(try await names(stranger, "search=\(query)") == [], "GEN-1")
        }
        let first = try await chain.call(.get, "/v1/clients?search=lefevre&limit=2").json
        #expect(first["items"]?.elements?.count == 2)
        #expect(try await names(chain, "search=lefevre&limit=2&after=\(first["next"]?.text ?? "")").count == 1)
        #expect(try await chain.call(.get, "/v1/clients?search=%25").status == 422)
    }

    @Test func `INV-1: clients by a part of phone, e-mail and reference, and by an invoice's number`() async throws {
        let chain = try await Chain.open()
        for (last, phone, mail) in [
            ("Martin", "+33612345678", "ada@exemple.fr"), ("Petit", "+33698765432", "bob@b.re"),
            ("Zeros", "+33612000034", "zoe@c.nc"),
        ] {
            let person = #"""
                {"clinicID":"\#(chain.clinic)","lastName":"\#(last)","firstName":"A","town":"Lyon","phone":"\#(phone)",
                "email":"\#(mail)","reference":"VET-\#(last)-7"}
                """#
            #expect(try await chain.call(.post, "/v1/clients", person).status == 201)
        }
        let martin = try await chain.call(.get, "/v1/clients?search=martin").json["items"]?.elements?.first
        let id = try #require(martin?["id"]?.text.flatMap { ClientID($0) })
        _ = try await chain.invoice(1_000, for: id)
        let stranger = try await Chain.open()
        for (query, found) in [
            ("06%2012%2034", ["Martin"]), ("%2B33%20(0)6%2012%2034%2056%2078", ["Martin"]),
            ("%2B33612345678", ["Martin"]), ("3456", ["Martin"]), ("0033698", ["Petit"]),
            ("ada%40exemple", ["Martin"]), ("@b.re", ["Petit"]), ("vet-petit", ["Petit"]),
            ("vet", ["Martin", "Petit", "Zeros"]), ("0000", ["Martin", "Zeros"]), ("00000", ["Martin"]),
            ("06%2012%2000%2000", ["Zeros"]), ("00000%2034", []), ("0000%2034", ["Zeros"]),
            ("F-LILAS-2026-000001", ["Martin"]), ("f-lilas-2026-000001", ["Martin"]), ("000001", ["Martin"]),
            ("2026-000002", []), ("f-lilas-2026-000", ["Martin"]), ("as-2026-0000", ["Martin"]),
            ("2026-001", []), ("0001", ["Martin"]), ("0002", []),
            ("56", ["Martin"]), ("06%201", ["Martin", "Zeros"]), ("01", ["Martin", "Zeros"]),
            ("12%2033", []),
            ("et-pe", ["Petit"]), ("da%40", ["Martin"]), ("9", ["Petit"]), ("06", ["Martin", "Petit", "Zeros"]),
            ("%2B33%206%209", ["Petit"]), ("it%207", ["Petit"]), ("l", ["Martin"]), ("6-0", ["Martin"]),
            ("26-", ["Martin"]), ("-li", ["Martin"]), ("f-", ["Martin"]),
        ] as [(String, [String])] {
            #expect(try await names(chain, "search=\(query)") == found, "\(query)")
            #expect(try await names(stranger, "search=\(query)") == [], "GEN-1")
        }
        // What a client was called before does not find them any more.
        let changed = #"{"lastName":"Durand","firstName":"A","town":"Lyon"}"#
        #expect(try await chain.call(.put, "/v1/clients/\(id)", changed, headers: Chain.seen()).status == 200)
        #expect(try await names(chain, "search=martin") == [])
        #expect(try await names(chain, "search=3456") == [])
        #expect(try await names(chain, "search=durand") == ["Durand"])
    }

    @Test func `INV-1: clients by any part of the company that documents name, as long as it is theirs`() async throws {
        let chain = try await Chain.open()
        let (one, other) = try await (chain.client(), chain.client())
        let company = { (name: String) in #"{"company":"\#(name)","street":"1 rue du Lac","postcode":"69003"}"# }
        let details = { (client: ClientID) in "/v1/clients/\(client)/billing-details" }
        let found = { (typed: String) in
            let answer = try await chain.call(.get, "/v1/clients?search=\(typed)")
            return (answer.json["items"]?.elements ?? []).compactMap { $0["id"]?.text }
        }
        let written = try await chain.call(
            .put, details(one), company("Élevage de l'Étoile"), headers: Chain.seen(0))
        #expect(written.status == 200, "\(written.text)")
        for typed in ["elevage", "TOIL", "%C3%A9t", "martin%20etoile", "ag%20martin"] {
            #expect(try await found(typed) == ["\(one)"], "\(typed)")
        }
        #expect(try await found("lac") == [], "what is not the company is not looked at")
        let stranger = try await Chain.open()
        let items = try await stranger.call(.get, "/v1/clients?search=elevage").json["items"]?.elements
        #expect(items?.isEmpty == true, "GEN-1")
        // A change of the name finds it anew and forgets nothing of the company.
        let named = #"{"lastName":"Durand","firstName":"Ada","town":"Lyon"}"#
        #expect(try await chain.call(.put, "/v1/clients/\(one)", named, headers: Chain.seen()).status == 200)
        #expect(try await found("durand%20etoile") == ["\(one)"])
        #expect(
            try await chain.call(.put, details(one), company("Haras du Pré"), headers: Chain.seen(1)).status == 200)
        #expect(try await found("etoile") == [])
        #expect(try await found("haras") == ["\(one)"])
        let merged = try await chain.merge(one, into: other)
        #expect(merged.status == 200, "\(merged.text)")
        #expect(try await found("haras") == ["\(other)"], "the company went where the client went")
    }

    /// Each of the ways a search goes: what many have, what some have, what only those have who came long ago, and what
    /// hardly anybody has.
    @Test(arguments: [
        ("dupont", 2_600), ("zoe", 130), ("ancien", 1_500), ("rare", 26), ("an", 1_500), ("xyzzy", 0), ("u", 2_600),
        ("z", 130), ("x", 1_500), ("u%20z", 130), ("k", 0),
    ])
    func `INV-1: page by page all who have it and nobody twice, newest first`(word: String, count: Int) async throws {
        let chain = try await Chain.open()
        // The newest have the greatest ids.
        try await chain.bench.overseer.execute(
            """
            INSERT INTO client (id, organisation, clinic, last_name, first_name, email, language, town, country)
            SELECT (left(replace(\(chain.organisation)::uuid::text, '-', ''), 16) || lpad(to_hex(n), 16, '0'))::uuid,
                \(chain.organisation), \(chain.clinic), CASE WHEN n % 100 = 0 THEN 'Dupont-Rarement' ELSE 'Dupont' END,
                CASE WHEN n % 20 = 0 THEN 'Zoé' ELSE 'Paul' END,
                CASE WHEN n <= 1500 THEN 'c' || n || '@ancien.example' END, 'fr', 'Lyon', 'FR'
            FROM generate_series(1, 2600) AS n
            """)
        var (ids, next) = ([String](), String?.none)
        repeat {
            let after = next.map { "&after=\($0)" } ?? ""
            let page = try await chain.call(.get, "/v1/clients?search=\(word)&limit=50\(after)").json
            ids += (page["items"]?.elements ?? []).compactMap { $0["id"]?.text }
            next = page["next"]?.text
        } while next != nil
        #expect(ids.count == count && ids == Set(ids).sorted(by: >))
    }

    @Test func `INV-4: invoices by client, clinic, status, number and due date`() async throws {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let (ada, bob) = (try await chain.client(), try await chain.client())
        let first = try await chain.invoice(1_000, for: ada, dueOn: "2026-12-01")
        _ = try await chain.invoice(2_000, for: bob, dueOn: "2026-12-10")
        _ = try await chain.invoice(3_000, for: bob, clinic: other, dueOn: "2026-12-20")
        _ = try await chain.invoice(4_000, for: bob, issuedOn: nil)
        let unwanted = try await chain.invoice(5_000, for: bob, issuedOn: nil)
        _ = try await chain.call(.delete, "/v1/invoices/\(unwanted)", headers: Chain.seen())
        let (one, two, three) = ("F-LILAS-2026-000001", "F-LILAS-2026-000002", "F-PANTIN-2026-000001")
        #expect(try await chain.credit(first, seen: 2).status == 201)
        for (query, found) in [
            ("", [one, two, three, "draft"]), ("clientID=\(ada)", [one]), ("clinicID=\(other)", [three]),
            ("status=draft", ["draft"]), ("status=cancelled", ["cancelled"]), ("status=issued", [two, three]),
            ("status=credited", [one]), ("status=paid", []), ("number=\(two)", [two]),
            ("number=%20f-lilas-2026-000002%20", [two]), ("number=000002", []),
            ("dueFrom=2026-12-10", [two, three, "draft"]),
            ("dueTo=2026-12-10", [one, two]), ("dueFrom=2026-12-02&dueTo=2026-12-10", [two]),
            ("clientID=\(bob)&status=issued&clinicID=\(chain.clinic)", [two]),
        ] as [(String, [String])] {
            #expect(try await numbers(chain, query) == found, "\(query)")
        }
        let desk = chain.principal(role: .frontDesk, clinics: .some([other]))
        #expect(
            try await numbers(chain, "clinicID=\(chain.clinic)", as: desk) == [], "not of a clinic one does not act for"
        )
        #expect(try await chain.call(.get, "/v1/invoices?status=lost").status == 422)
        #expect(try await chain.call(.get, "/v1/invoices?dueFrom=2026-12-02&dueTo=2026-12-01").status == 422)
        let page = try await chain.call(.get, "/v1/invoices?status=issued&limit=1").json
        #expect(try await numbers(chain, "status=issued&limit=1&after=\(page["next"]?.text ?? "")") == [two])
    }

    @Test func `INV-4: the status in a list is the invoice's own`() async throws {
        let chain = try await Chain.open()
        for cents in [0, 400, 1_000] {
            let client = try await chain.client()
            _ = try await chain.invoice(1_000, for: client)
            if cents > 0 { #expect(try await chain.collect(Int64(cents), for: client, by: "card").status == 201) }
        }
        let items = try await chain.call(.get, "/v1/invoices").json["items"]?.elements ?? []
        #expect(items.count == 3)
        for item in items {
            let id = try #require(item["id"]?.text.flatMap { InvoiceID($0) })
            let own = try await chain.invoice(id)["status"]?.text
            #expect(item["status"]?.text == own)
        }
        #expect(items.compactMap { $0["status"]?.text }.sorted() == ["issued", "paid", "part-paid"])
    }

    @Test func `INV-10: receivables and payments of a client, for a period`() async throws {
        let chain = try await Chain.open()
        let (ada, bob) = (try await chain.client(), try await chain.client())
        let old = try await chain.receivable(100, for: ada, recordedOn: "2026-10-05")
        let new = try await chain.receivable(200, for: ada, recordedOn: "2026-11-05")
        _ = try await chain.receivable(300, for: bob, recordedOn: "2026-10-05")
        var paid: [PaymentOnAccountID] = []
        for day in ["2026-10-06", "2026-11-06"] {
            let json = """
                {"clientID":"\(ada)","clinicID":"\(chain.clinic)","method":"card","collectedOn":"\(day)",
                 "allocate":"keep","amount":{"minorUnits":500,"currency":"EUR"}}
                """
            paid.append(try await chain.call(.post, "/v1/collections", json).id())
        }
        for (period, receivables, payments) in [
            ("", [new, old], [paid[1], paid[0]]), ("&from=2026-10-05&to=2026-10-31", [old], [paid[0]]),
            ("&from=2026-11-01", [new], [paid[1]]), ("&to=2026-11-05", [new, old], [paid[0]]),
        ] {
            for (path, ids) in [
                ("receivables", receivables.map { "\($0)" }), ("payments-on-account", payments.map { "\($0)" }),
            ] {
                let items = try await chain.call(.get, "/v1/\(path)?clientID=\(ada)\(period)").json["items"]?.elements
                #expect(items?.compactMap { $0["id"]?.text } == ids, "\(path) \(period)")
            }
        }
        for query in ["from=2026-10-02&to=2026-10-01", "clientID=\(ada)&from=2026-10-02&to=2026-10-01"] {
            #expect(try await chain.call(.get, "/v1/receivables?\(query)").status == 422, "\(query)")
            #expect(try await chain.call(.get, "/v1/payments-on-account?\(query)").status == 422, "\(query)")
        }
    }

    @Test func `INV-1: a list says what the client of each row is called, until the client is forgotten`()
        async throws
    {
        let chain = try await Chain.open()
        let ada = try await chain.client()
        let json = #"{"clinicID":"\#(chain.clinic)","lastName":"Lac","firstName":"Bob","town":"Dives"}"#
        let bob: ClientID = try await chain.call(.post, "/v1/clients", json).id()
        let details = #"{"company":"Haras du Lac","street":"1 rue du Lac","postcode":"14160"}"#
        let path = "/v1/clients/\(bob)/billing-details"
        #expect(try await chain.call(.put, path, details, headers: Chain.seen(0)).status == 200)
        for client in [ada, bob] {
            #expect(try await chain.credit(try await chain.invoice(1_000, for: client), 400, seen: 2).status == 201)
            _ = try await chain.receivable(500, for: client)
            _ = try await chain.quote(for: client)
            let kept = #","allocate":"keep""#
            #expect(try await chain.collect(100, for: client, by: "card", more: kept).status == 201)
        }
        let lists = [
            "invoices", "credit-notes", "receivables", "quotes", "payments-on-account", "overdue?on=2027-02-01",
        ]
        for list in lists {
            let items = try await chain.call(.get, "/v1/\(list)").json["items"]?.elements ?? []
            let called = items.map { item in
                ["lastName", "firstName", "company"].map { item["client"]?[$0]?.text ?? "" }.joined(separator: " ")
            }
            #expect(Set(called) == ["Martin Ada ", "Lac Bob Haras du Lac"], "\(list): \(items)")
            let unnamed = try await chain.call(.get, "/v1/\(list)", as: chain.without("clients:read")).json
            let rows = unnamed["items"]?.elements ?? []
            #expect(rows.count == items.count && rows.allSatisfy { $0["client"] == nil }, "GEN-1: \(list)")
        }
        // As one who was forgotten is: what was issued to them stays in the lists.
        try await chain.bench.overseer.execute(
            "UPDATE client SET last_name = '', first_name = '', erased_on = '2026-11-20' WHERE id = \(bob)")
        for list in lists {
            let items = try await chain.call(.get, "/v1/\(list)").json["items"]?.elements ?? []
            let nameless = items.filter { $0["client"] == nil }
            #expect(!nameless.isEmpty && nameless.allSatisfy { $0["clientID"]?.text == "\(bob)" }, "GEN-7: \(list)")
        }
    }

    @Test func `INV-4: credit notes of all invoices, by client, clinic and number`() async throws {
        let chain = try await Chain.open()
        let (ada, bob) = (try await chain.client(), try await chain.client())
        for client in [ada, bob] {
            #expect(try await chain.credit(try await chain.invoice(1_000, for: client), seen: 2).status == 201)
        }
        let (one, two) = ("A-LILAS-2026-000001", "A-LILAS-2026-000002")
        for (query, found) in [
            ("", [two, one]), ("clientID=\(ada)", [one]), ("number=\(two)", [two]),
            ("number=a-lilas-2026-000001%20", [one]), ("clinicID=\(chain.clinic)", [two, one]),
            ("clinicID=\(ClinicID(1))", []),
        ] as [(String, [String])] {
            let items = try await chain.call(.get, "/v1/credit-notes?\(query)").json["items"]?.elements ?? []
            #expect(items.compactMap { $0["number"]?.text } == found, "\(query)")
            #expect(items.allSatisfy { $0.cents("total") == 1_000 })
        }
        let page = try await chain.call(.get, "/v1/credit-notes?limit=1").json
        let next = try await chain.call(.get, "/v1/credit-notes?limit=1&after=\(page["next"]?.text ?? "")").json
        #expect(next["items"]?.elements?.compactMap { $0["number"]?.text } == [one] && next["next"] == nil)
        let desk = chain.principal(role: .frontDesk, clinics: .some([ClinicID(1)]))
        #expect(try await chain.call(.get, "/v1/credit-notes", as: desk).json["items"]?.elements == [])
    }

    @Test func `INV-3: quotes by client, clinic and number`() async throws {
        let chain = try await Chain.open()
        let (ada, bob) = (try await chain.client(), try await chain.client())
        for client in [ada, bob] { _ = try await chain.quote(for: client) }
        let (one, two) = ("D-LILAS-2026-000001", "D-LILAS-2026-000002")
        for (query, found) in [
            ("", [two, one]), ("clientID=\(ada)", [one]), ("number=\(two)", [two]),
            ("number=%20d-lilas-2026-000001", [one]), ("clientID=\(ada)&number=\(two)", []),
            ("clinicID=\(chain.clinic)", [two, one]), ("clinicID=\(ClinicID(1))", []),
        ] as [(String, [String])] {
            let items = try await chain.call(.get, "/v1/quotes?\(query)").json["items"]?.elements
            #expect(items?.compactMap { $0["number"]?.text } == found, "\(query)")
        }
        let desk = chain.principal(role: .frontDesk, clinics: .some([ClinicID(1)]))
        #expect(try await chain.call(.get, "/v1/quotes?number=\(one)", as: desk).json["items"]?.elements == [])
    }

    @Test func `INV-1: clients by any part of the number of a quote or a credit note, whatever its capitals`()
        async throws
    {
        let chain = try await Chain.open()
        let (ada, bob) = (try await chain.client(), try await chain.client())
        #expect(try await chain.credit(try await chain.invoice(1_000, for: ada), seen: 2).status == 201)
        _ = try await chain.quote(for: bob)
        let stranger = try await Chain.open()
        for (typed, found) in [
            ("a-lilas-2026-000001", [ada]), ("D-LILAS-2026-000001", [bob]), ("d-lilas-2026-000001", [bob]),
            ("d-lilas-2026-000002", []), ("a-l", [ada]), ("D-LI", [bob]), ("2026-0", [bob, ada]), ("s-2", [bob, ada]),
            ("00001", [bob, ada]), ("1", [bob, ada]), ("f", [ada]), ("lilas", [bob, ada]), ("6-1", []),
            ("lilas-2025", []),
        ] as [(String, [ClientID])] {
            let items = try await chain.call(.get, "/v1/clients?search=\(typed)").json["items"]?.elements
            #expect(items?.compactMap { $0["id"]?.text } == found.map { "\($0)" }, "\(typed)")
            let others = try await stranger.call(.get, "/v1/clients?search=\(typed)").json["items"]?.elements
            #expect(others == [], "GEN-1: \(typed)")
        }
    }

    @Test func `INV-1: a part of a phone or a number with the phone of somebody finds that one alone`() async throws {
        let chain = try await Chain.open()
        let (ada, bob) = try await (chain.client(phone: "06 12 34 56 78"), chain.client(phone: "06 98 76 54 32"))
        for client in [ada, bob] { _ = try await chain.invoice(1_000, for: client) }
        for (query, found) in [
            ("search=2026-0&phone=0612345678", [ada]), ("search=martin&phone=0698765432", [bob]),
            ("search=xyzzy&phone=0612345678", []), ("search=000002&phone=0612345678", []),
            ("search=m&phone=0612345678&after=\(Cursor(["\(ada)"]).text)", []),
        ] as [(String, [ClientID])] {
            let items = try await chain.call(.get, "/v1/clients?\(query)").json["items"]?.elements
            #expect(items?.compactMap { $0["id"]?.text } == found.map { "\($0)" }, "\(query)")
        }
    }

    @Test func `INV-4: credit notes of before there were chains are of their invoice's clinic`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        for _ in 1...3 {
            #expect(try await chain.credit(try await chain.invoice(1_000, for: client), seen: 2).status == 201)
        }
        try await bench.overseer.transaction { transaction in
            try transaction.execute("SET LOCAL session_replication_role = replica")
            try transaction.execute(
                """
                UPDATE credit_note SET clinic = NULL, sequence = NULL, hash = NULL
                WHERE number IN ('A-LILAS-2026-000001', 'A-LILAS-2026-000002')
                """)
        }
        let (one, two, three) = ("A-LILAS-2026-000001", "A-LILAS-2026-000002", "A-LILAS-2026-000003")
        let own = "clinicID=\(chain.clinic)"
        for (query, found) in [
            (own, [three, two, one]), ("\(own)&limit=2", [three, two]), ("\(own)&number=\(one)", [one]),
            ("clinicID=\(ClinicID(1))", []),
        ] as [(String, [String])] {
            let items = try await chain.call(.get, "/v1/credit-notes?\(query)").json["items"]?.elements
            #expect(items?.compactMap { $0["number"]?.text } == found, "\(query)")
        }
        let page = try await chain.call(.get, "/v1/credit-notes?\(own)&limit=2").json["next"]?.text ?? ""
        let next = try await chain.call(.get, "/v1/credit-notes?\(own)&limit=2&after=\(page)").json["items"]?.elements
        #expect(next?.compactMap { $0["number"]?.text } == [one])
        await bench.close()
    }
}
