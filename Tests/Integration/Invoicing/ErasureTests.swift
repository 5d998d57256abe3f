import EventContract
import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `GEN-7: forgetting a client in invoicing` {
    @Test func `GEN-7: nothing of the person is left in any table but the documents as they were issued`() async throws
    {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let life = try await chain.live()
        #expect(try await chain.traces(of: Self.person).count > 5, "there is something to forget")
        let preview = try await chain.call(.get, life.path)
        #expect(preview.status == 200 && preview.json["obstacles"]?.elements?.isEmpty == true, "\(preview.text)")
        #expect(try await chain.call(.get, life.path).json == preview.json, "a look changes nothing")
        let done = try await chain.erase(life.client)
        #expect(done.status == 200, "\(done.text)")
        #expect(done.json["removed"] == preview.json["removed"], "what was announced was done")
        let removed = ["contacts", "billingDetails", "tillNotes", "drafts", "quotes"].map { done.json["removed"]?[$0] }
        #expect(removed.map { $0?.integer } == [1, 1, 1, 1, 1])
        #expect(done.json["kept"]?["until"]?.text == "2036-12-31")
        // The documents' parties are kept for ten years; of those, two were issued.
        #expect(try await chain.traces(of: Self.person) == ["document_parties", "document_parties"])
        #expect(try await #require(InvoicingService.verification).run(bench.context).holds)
        #expect(try await chain.call(.get, "/v1/invoices/\(life.invoice)/pdf").status == 200)
        #expect(try await chain.events(about: life.client).last == "client-erased")
        let owed = try await chain.call(.get, "/v1/receivables").json["items"]?.elements
        #expect(owed?.map { $0["label"]?.text } == ["–"])
        #expect(try await chain.call(.get, "/v1/clients").json["items"]?.elements?.isEmpty == true)
        try await chain.expectTotals()
        await bench.close()
    }

    @Test func `GEN-7: requests of before are not made again, and tell nobody`() async throws {
        let chain = try await Chain.open()
        let key = Chain.newKey()
        let json = #"{"clinicID":"\#(chain.clinic)","lastName":"Wxyz","firstName":"Qq","town":"Lyon"}"#
        let client: ClientID = try await chain.call(.post, "/v1/clients", json, key: key).id()
        let erasure = Chain.newKey()
        let first = try await chain.erase(client, key: erasure)
        #expect(first.status == 200 && first.json["removed"]?["savedAnswers"]?.integer == 1, "\(first.text)")
        #expect(try await chain.erase(client, key: erasure).text == first.text, "the erasure itself is repeated")
        let again = try await chain.call(.post, "/v1/clients", json, key: key)
        #expect(again.status == 410 && !again.text.contains("Wxyz"), "\(again.text)")
        for answer in [
            try await chain.call(.get, "/v1/clients/\(client)"), try await chain.erase(client),
            try await chain.call(.get, "/v1/clients/\(client)/account"),
            try await chain.call(.post, "/v1/invoices", chain.draft(1, for: client)),
            try await chain.collect(100, for: client),
        ] {
            #expect(answer.status == 410, "\(answer.text)")
        }
        let trail = try await chain.call(.get, "/v1/audit?subject=\(client)").json["items"]?.elements
        #expect(trail?.map { $0["action"]?.text } == ["client-erased", "client-added"])
        #expect(trail?.last?["personErased"] == .bool(true) && trail?.last?["after"]?.text?.contains("Wxyz") == false)
    }

    @Test func `GEN-7: is refused with the reason while money is owed, held or waits`() async throws {
        let chain = try await Chain.open()
        let (owing, holding, waiting) = try await (chain.client(), chain.client(), chain.client())
        _ = try await chain.invoice(1_234, for: owing)
        #expect(try await chain.collect(500, for: holding).status == 201)
        let rules = #"{"cashCeiling":{"minorUnits":100000,"currency":"EUR"},"onlineAcceptance":"by-hand"}"#
        #expect(try await chain.call(.put, "/v1/collecting-rules", rules, headers: Chain.seen(0)).status == 200)
        try await Delivery.with { delivery in
            try await delivery.deliver([chain.accepted(700, by: waiting)])
        }
        let prepaid = try await chain.client()
        let quote = try await chain.quote(for: prepaid)
        let deposit = #"{"amount":{"minorUnits":5000,"currency":"EUR"},"issuedOn":"2026-11-20","dueOn":"2026-11-30"}"#
        #expect(
            try await chain.call(.post, "/v1/quotes/\(quote)/deposits", deposit, headers: Chain.seen()).status == 201)
        #expect(try await chain.collect(5_000, for: prepaid, by: "card").status == 201)
        for (client, reason) in [
            (owing, "owes 12.34"), (holding, "credit of 5.00"), (waiting, "1 online payments"),
            (prepaid, "Deposits were paid on 1"),
        ] {
            let preview = try await chain.call(.get, "/v1/clients/\(client)/erasure").json["obstacles"]?.elements
            #expect(preview?.first?["reason"]?.text?.contains(reason) == true)
            let refused = try await chain.erase(client)
            #expect(refused.status == 409 && refused.text.contains(reason), "\(refused.text)")
            #expect(try await chain.call(.get, "/v1/clients/\(client)").json["lastName"]?.text == "Martin")
        }
        let desk = chain.principal(role: .frontDesk)
        let path = "/v1/clients/\(owing)/erasure"
        let french = try await chain.call(.get, path, headers: ["Accept-Language": "fr"]).json["obstacles"]?.elements
        #expect(french?.first?["reason"]?.text == "Le client doit 12,34\u{202F}€.", "GEN-5")
        #expect(try await chain.call(.post, path, headers: Chain.seen(), as: desk).status == 403)
        let one = chain.principal(clinics: .some([chain.clinic]))
        #expect(try await chain.call(.post, path, headers: Chain.seen(), as: one).status == 403)
    }

    @Test(arguments: [(DisputeClosedV1.Outcome.won, 200), (.lost, 409)])
    func `GEN-7: waits for the end of a dispute, which may make somebody owe again who could not be asked`(
        outcome: DisputeClosedV1.Outcome, status: Int
    ) async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(5_000, for: client)
        let payment: PaymentID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(5_000, by: client, for: invoice, payment: payment),
                chain.disputed(5_000, "dp_1", payment, by: client, invoice),
            ])
            let preview = try await chain.call(.get, "/v1/clients/\(client)/erasure").json["obstacles"]?.elements
            #expect(preview?.map { $0["code"]?.text } == ["disputed"])
            let refused = try await chain.erase(client)
            #expect(refused.status == 409 && refused.problem == "client-not-erasable", "\(refused.text)")
            #expect(refused.text.contains("A payment is disputed at its provider: 50.00 EUR."), "\(refused.text)")
            try await delivery.deliver([chain.disputeEnded(outcome, 5_000, "dp_1", payment, by: client, invoice)])
        }
        let ended = try await chain.erase(client)
        #expect(ended.status == status, "\(ended.text)")
        #expect(ended.text.contains("disputed") == false)
        #expect(status == 200 || ended.text.contains("The client owes 50.00 EUR."), "\(ended.text)")
    }

    @Test func `GEN-7: what was noted when the client paid for others is announced too, and why money was archived`()
        async throws
    {
        let chain = try await Chain.open()
        let (client, other) = try await (chain.client(), chain.client())
        let path = "/v1/clients/\(client)/erasure"
        let notes = { () async throws -> Int64? in
            try await chain.call(.get, path).json["removed"]?["tillNotes"]?.integer
        }
        let paid = #","payer":{"clientID":"\#(client)"}"#
        #expect(try await chain.collect(100, for: other, by: "card", more: paid).status == 201)
        #expect(try await notes() == 0, "nobody wrote anything")
        #expect(try await chain.collect(200, for: other, by: "card", more: #"\#(paid),"notes":"Qvrtz""#).status == 201)
        #expect(try await notes() == 1)
        let credit: PaymentOnAccountID = try await chain.collect(300, for: client, by: "card").id()
        let today: String = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date::text")
        for action in ["archive", "restore", "archive"] {
            let json = action == "archive" ? #"{"on":"\#(today)","reason":"Qvrtz"}"# : nil
            let payment = "/v1/payments-on-account/\(credit)"
            let tag = try await chain.call(.get, payment).headers["ETag"] ?? ""
            let done = try await chain.call(.post, "\(payment)/\(action)", json, headers: ["If-Match": tag])
            #expect(done.status < 300, "\(done.text)")
            #expect(try await notes() == 2, "\(action)")
        }
        let done = try await chain.erase(client)
        #expect(done.status == 200 && done.json["removed"]?["tillNotes"]?.integer == 2, "\(done.text)")
        #expect(try await chain.traces(of: ["Qvrtz"]).isEmpty)
    }

    @Test func `GEN-7: a client made of two is forgotten as both`() async throws {
        let chain = try await Chain.open()
        let json = { (name: String) in
            #"{"clinicID":"\#(chain.clinic)","lastName":"\#(name)","firstName":"Qq","town":"Lyon"}"#
        }
        let double: ClientID = try await chain.call(.post, "/v1/clients", json("Wxyzqkvjab")).id()
        let client: ClientID = try await chain.call(.post, "/v1/clients", json("Wxyzqkvjcd")).id()
        #expect(try await chain.merge(double, into: client).status == 200)
        #expect(try await chain.erase(client).status == 200)
        // So long that no digest or salt in letters has it by chance.
        #expect(try await chain.traces(of: ["Wxyzqkvj"]) == [])
        for id in [double, client] { #expect(try await chain.events(about: id).last == "client-erased") }
    }

    @Test func `GEN-7: nobody is forgotten with a debt that is being issued at the same moment`() async throws {
        for _ in 0..<12 {
            let chain = try await Chain.open()
            let client = try await chain.client()
            let draft = try await chain.invoice(1_000, for: client, issuedOn: nil)
            async let issued = chain.issue(draft).status
            async let taken = chain.call(.post, "/v1/invoices", chain.draft(500, for: client)).status
            async let erased = chain.erase(client).status
            let statuses = try await (issued, taken, erased)
            if statuses.2 == 200 {
                #expect(statuses.0 == 409 || statuses.0 == 412, "\(statuses)")
                #expect(statuses.1 == 410, "\(statuses)")
                #expect(try await chain.total("due") == 0)
            } else {
                #expect(statuses.2 == 409 || statuses.2 == 412, "\(statuses)")
            }
        }
    }

    @Test func `GEN-7: money that comes late for somebody forgotten is in the books without a name`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let told = try chain.accepted(900, by: client)
        #expect(try await chain.erase(client).status == 200)
        try await Delivery.with { delivery in try await delivery.deliver([told]) }
        #expect(try await chain.payments(of: client) == ["900 0 900 0"])
    }

    fileprivate static let person = ["Wxyzowski", "Quenotte", "+33612345699", "wxyz@", "rue des Wxyz"]
}

/// A client who did everything there is to do.
private struct Life {
    let client: ClientID
    let invoice: InvoiceID

    var path: String { "/v1/clients/\(client)/erasure" }
}

extension Chain {
    func erase(_ client: ClientID, key: String? = nil) async throws -> InProcessClient.Answer {
        let version: [Int64] = try await bench.askAll("SELECT version FROM client WHERE id = \(client)")
        let seen = key == nil ? Int(version.first ?? 1) : 1
        return try await call(.post, "/v1/clients/\(client)/erasure", key: key, headers: Chain.seen(seen))
    }

    fileprivate func live() async throws -> Life {
        let client: ClientID = try await call(
            .post, "/v1/clients",
            """
            {"clinicID":"\(clinic)","lastName":"Wxyzowski","firstName":"Quenotte","phone":"06 12 34 56 99",
             "email":"wxyz@example.org","town":"Lyon","reference":"Wxyzowski-1"}
            """
        ).id()
        let path = "/v1/clients/\(client)"
        let address = #"{"company":"Wxyzowski SA","street":"3 rue des Wxyz","postcode":"69003"}"#
        _ = try await call(.put, "\(path)/billing-details", address, headers: Chain.seen(0))
        _ = try await call(
            .post, "\(path)/contacts", #"{"lastName":"Wxyzowski","firstName":"Anne","email":"wxyz@example.com"}"#)
        let gone: ContactID = try await call(
            .post, "\(path)/contacts", #"{"lastName":"Wxyzowski","firstName":"Luc","phone":"07 51 23 45 67"}"#
        ).id()
        _ = try await call(.delete, "\(path)/contacts/\(gone)", headers: Chain.seen())
        let invoice = try await invoice(3_000, for: client)
        _ = try await credit(invoice, 1_000, seen: 2)
        try await writeNotes(for: client)
        try await owe(for: client)
        let payment: PaymentOnAccountID = try await collect(
            2_000, for: client, by: "cheque",
            more: """
                ,"payer":{"name":"Wxyzowski père"},"notes":"Chèque de Quenotte",
                "cheque":{"number":"1","bank":"B","drawer":"M. Wxyzowski"}
                """
        ).id()
        let bounced = #"{"on":"2026-11-21","reason":"bounced"}"#
        _ = try await call(.post, "/v1/payments-on-account/\(payment)/reversal", bounced, headers: Chain.seen())
        _ = try await collect(2_000, for: client, by: "card")
        return Life(client: client, invoice: invoice)
    }

    /// Two drafts and two quotes with the name in their notes and at the door; one of each was given up.
    private func writeNotes(for client: ClientID) async throws {
        let place = #"{"name":"Wxyzowski fils","street":"5 rue des Wxyz","postcode":"69003","town":"Lyon"}"#
        let noted = #""notes":"Pour Quenotte","deliveryAddress":\#(place),"lines""#
        let draft = draft(100, for: client, issuedOn: nil).replacing(#""lines""#, with: noted)
        let quote = """
            {"clientID":"\(client)","clinicID":"\(clinic)","issuedOn":"2026-11-20","validUntil":"2026-12-21",
             \(noted):[{"label":"Soin","unitPriceTenThousandths":1000000,"vatBasisPoints":2000}]}
            """
        let _: InvoiceID = try await call(.post, "/v1/invoices", draft).id()
        let _: QuoteID = try await call(.post, "/v1/quotes", quote).id()
        let cancelled: InvoiceID = try await call(.post, "/v1/invoices", draft).id()
        let declined: QuoteID = try await call(.post, "/v1/quotes", quote).id()
        let answers = [
            try await call(.delete, "/v1/invoices/\(cancelled)", headers: Chain.seen()),
            try await call(.post, "/v1/quotes/\(declined)/decline", headers: Chain.seen()),
        ]
        guard answers.allSatisfy({ $0.status == 200 }) else {
            throw InvoicingBenchFailure(description: answers.map(\.text).joined(separator: " "))
        }
    }

    /// A receivable that is called after the person, of which it turned out that nothing is owed.
    private func owe(for client: ClientID) async throws {
        let terms = { (cents: Int) in
            #""label":"Croquettes de Quenotte","dueOn":"2026-12-31","amount":{"minorUnits":\#(cents),"currency":"EUR"}"#
        }
        let whose = #""clientID":"\#(client)","clinicID":"\#(clinic)","recordedOn":"2026-11-20""#
        let id: ReceivableID = try await call(.post, "/v1/receivables", "{\(whose),\(terms(500))}").id()
        let corrected = try await call(.put, "/v1/receivables/\(id)", "{\(terms(0))}", headers: Chain.seen())
        guard corrected.status == 200 else { throw InvoicingBenchFailure(description: corrected.text) }
    }

    /// The tables in which any of some texts is still, once for each row, looked for in every row of every table.
    func traces(of texts: [String]) async throws -> [String] {
        let tables: [String] = try await bench.askAll(
            """
            SELECT relname::text FROM pg_class WHERE relnamespace = 'invoicing'::regnamespace AND relkind = 'r'
            ORDER BY relname
            """)
        var found: [String] = []
        for table in tables {
            let count: Int64 = try await bench.ask(
                """
                SELECT count(*) FROM \(unescaped: table) AS entry
                WHERE EXISTS (SELECT FROM unnest(\(texts)::text[]) AS text
                    WHERE strpos(lower(entry::text), lower(text)) > 0)
                """)
            found += Array(repeating: table, count: Int(count))
        }
        return found
    }

    /// Nothing of the books went with the person.
    fileprivate func expectTotals() async throws {
        let totals = try await totals()
        #expect(["billed", "credited", "paid", "due"].map { totals.cents($0) } == [3_000, 1_000, 2_000, 0])
    }
}
