import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `INV-1: two clients that are one person, in invoicing` {
    @Test func `INV-1: all that is the first one's is the other's, and documents stay what was issued`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let (double, client) = try await (chain.client(phone: "06 12 34 56 78"), chain.client(phone: "07 51 23 45 67"))
        let invoice = try await chain.invoice(10_000, for: double)
        #expect(try await chain.credit(invoice, 1_000, seen: 2).status == 201)
        let (draft, receivable) = try await (
            chain.invoice(700, for: double, issuedOn: nil), chain.receivable(500, for: double)
        )
        let payment: PaymentOnAccountID = try await chain.collect(4_000, for: double, by: "card").id()
        let quote = try await chain.quote(for: double)
        let printed = try await chain.call(.get, "/v1/invoices/\(invoice)/pdf").status
        let merged = try await chain.merge(double, into: client)
        #expect(merged.status == 200 && merged.json["phone"]?.text == "+33751234567", "\(merged.text)")
        for path in ["invoices/\(invoice)", "invoices/\(draft)", "receivables/\(receivable)", "quotes/\(quote)"] {
            let found = try await chain.call(.get, "/v1/\(path)").json
            #expect(found["clientID"]?.text == "\(client)", "\(path)")
        }
        let paid = try await chain.call(.get, "/v1/payments-on-account/\(payment)").json
        #expect(paid["clientID"]?.text == "\(client)")
        let account = try await chain.call(.get, "/v1/clients/\(client)/account").json
        #expect(["bought", "paid", "credited", "due"].map { account.cents($0) } == [10_500, 4_000, 1_000, 5_500])
        let contacts = try await chain.call(.get, "/v1/clients/\(client)/contacts").json["items"]?.elements
        #expect(contacts?.map { $0["phone"]?.text } == ["+33612345678"], "a number that has no place is a contact's")
        let called = try await chain.call(.get, "/v1/clients?phone=0612345678").json["items"]?.elements
        #expect(called?.map { $0["id"]?.text } == ["\(client)"], "who was called by it is not taken in again")
        try await chain.expectBalance(of: [client])
        let chainOfHashes = try await #require(InvoicingService.verification).run(bench.context)
        #expect(chainOfHashes.holds && chainOfHashes.lines.count == 3, "\(chainOfHashes.lines)")
        #expect(try await chain.call(.get, "/v1/invoices/\(invoice)/pdf").status == printed)
        // Money goes on: the rest is paid, the draft issued, the quote billed.
        #expect(try await chain.collect(5_500, for: client, by: "card").status == 201)
        #expect(try await chain.standing(of: invoice) == "paid 9000 1000 0")
        #expect(try await chain.issue(draft, seen: 2).status == 200)
        let dates = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let billed = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", dates, headers: Chain.seen(2))
        #expect(billed.status == 201, "\(billed.text)")
        await bench.close()
    }

    @Test func `INV-1: the client that is no more leads to the one that stays`() async throws {
        let chain = try await Chain.open()
        let (first, second, third) = try await (chain.client(), chain.client(), chain.client())
        #expect(try await chain.merge(first, into: second).status == 200)
        let moved = try await chain.call(.get, "/v1/clients/\(first)")
        #expect(moved.status == 301 && moved.headers["Location"] == "/v1/clients/\(second)", "\(moved.text)")
        #expect(moved.json["mergedInto"]?.text == "\(second)")
        for answer in [
            try await chain.call(.post, "/v1/invoices", chain.draft(100, for: first)),
            try await chain.collect(100, for: first, by: "card"),
            try await chain.call(.get, "/v1/clients/\(first)/account"), try await chain.merge(first, into: third),
            try await chain.merge(third, into: first),
        ] {
            #expect(answer.status == 409 && answer.text.contains("client-merged"), "\(answer.text)")
            #expect(answer.headers["Location"] == "/v1/clients/\(second)")
        }
        #expect(try await chain.merge(second, into: third).status == 200)
        #expect(try await chain.call(.get, "/v1/clients/\(first)").headers["Location"] == "/v1/clients/\(third)")
        let listed = try await chain.call(.get, "/v1/clients").json["items"]?.elements
        #expect(listed?.map { $0["id"]?.text } == ["\(third)"])
        #expect(try await chain.events(about: first) == ["client-changed", "client-merged"])
        let trail = try await chain.call(.get, "/v1/audit?subject=\(first)").json["items"]?.elements
        #expect(trail?.first?["action"]?.text == "client-merged-away" && trail?.first?["actor"]?.text == "tester")
        #expect(trail?.first?["before"]?.text?.contains("Martin") == true)
    }

    @Test func `INV-1: money paid online by the client that is no more is the other's`() async throws {
        let chain = try await Chain.open()
        let (double, client) = try await (chain.client(), chain.client())
        let invoice = try await chain.invoice(10_000, for: double)
        let payment: PaymentID = IdentifierSource.system.make()
        let told = try chain.accepted(10_000, by: double, for: invoice, payment: payment)
        #expect(try await chain.merge(double, into: client).status == 200)
        try await Delivery.with { delivery in
            try await delivery.deliver([told])
            // Told once more under another id: it is the same payment.
            try await delivery.deliver([chain.accepted(10_000, by: double, for: invoice, payment: payment)])
        }
        #expect(try await chain.standing(of: invoice) == "paid 10000 0 0")
        #expect(try await chain.payments(of: client) == ["10000 10000 0 0"])
        #expect(try await chain.payments(of: double).isEmpty)
    }

    @Test func `INV-1, GEN-6: billing details that a merge takes away stay in the trail`() async throws {
        let chain = try await Chain.open()
        let (going, staying) = try await (chain.client(), chain.client())
        for (client, company) in [(going, "Élevage A"), (staying, "Élevage B")] {
            let put = try await chain.call(
                .put, "/v1/clients/\(client)/billing-details", #"{"company":"\#(company)"}"#, headers: Chain.seen(0))
            #expect(put.status == 200)
        }
        #expect(try await chain.merge(going, into: staying).status == 200)
        let trail = try await chain.call(.get, "/v1/audit?subject=\(going)").json["items"]?.elements
        let removed = trail?.first { $0["action"]?.text == "billing-details-removed" }
        #expect(removed?["before"]?.text?.contains("Élevage A") == true)
        let kept = try await chain.call(.get, "/v1/clients/\(staying)/billing-details").json
        #expect(kept["company"]?.text == "Élevage B")
    }

    @Test func `INV-1: a merge is refused with itself, with a stale version, and to the front desk`() async throws {
        let (chain, stranger) = try await (Chain.open(), Chain.open())
        let (client, other) = try await (chain.client(), chain.client())
        let path = "/v1/clients/\(client)/merge"
        let into = { (id: ClientID) in #"{"intoClientID":"\#(id)"}"# }
        #expect(try await chain.call(.post, path, into(client), headers: Chain.seen()).status == 422)
        #expect(try await chain.call(.post, path, into(other), headers: Chain.seen(2)).status == 412)
        #expect(try await chain.call(.post, path, into(other)).status == 428)
        let one = chain.principal(clinics: .some([chain.clinic]))
        let refused = try await chain.call(.post, path, into(other), headers: Chain.seen(), as: one)
        #expect(refused.status == 403, "clients are the whole chain's: \(refused.text)")
        let desk = chain.principal(role: .frontDesk)
        #expect(try await chain.call(.post, path, into(other), headers: Chain.seen(), as: desk).status == 403)
        let foreign = try await stranger.client()
        #expect(try await chain.call(.post, path, into(foreign), headers: Chain.seen()).status == 404)
        #expect(try await chain.call(.get, "/v1/clients/\(client)").json["version"]?.integer == 1)
    }

    @Test func `INV-1: merges, tills, documents and online payments at once lose and double nothing`() async throws {
        try await Delivery.with { delivery in
            for seed in [1, 2, UInt64.random(in: 3 ... .max)] { try await atOnce(seed, delivery) }
        }
    }

    private func atOnce(_ seed: UInt64, _ delivery: Delivery) async throws {
        var random = SeededGenerator(seed: seed)
        let chain = try await Chain.open()
        let clients = try await [chain.client(), chain.client(), chain.client(), chain.client()]
        let open = try await chain.invoice(5_000, for: clients[0])
        _ = try await chain.collect(1_000, for: clients[1], by: "card", more: #","allocate":"keep""#)
        let acts = (0..<40).map { _ in (Int.random(in: 0..<6, using: &random), random.next()) }
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for (act, part) in acts {
                group.addTask { try await chain.act(act, on: clients, open, seed: part, delivery) }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 < 500 }, "seed \(seed): \(statuses)")
        let left: [ClientID] = try await chain.bench.askAll(
            "SELECT id FROM client WHERE organisation = \(chain.organisation) AND merged_into IS NULL")
        try await chain.expectBalance(of: left, "seed \(seed)")
        #expect(try await chain.strays() == [], "seed \(seed)")
    }
}

@Suite struct `INV-1: a phone number that changes hands, in invoicing` {
    @Test func `INV-1: it finds the other client from then on, and both trails say so`() async throws {
        let chain = try await Chain.open()
        let (first, second) = try await (chain.client(phone: "06 12 34 56 78"), chain.client(phone: "07 51 23 45 67"))
        let path = "/v1/clients/\(first)/phone/move"
        let json = #"{"toClientID":"\#(second)"}"#
        let refused = try await chain.call(.post, path, json, headers: Chain.seen())
        #expect(refused.status == 409 && refused.text.contains("replacing"), "\(refused.text)")
        let key = Chain.newKey()
        let replacing = json.dropLast() + #","replacing":true}"#
        for _ in 0..<2 {
            let moved = try await chain.call(.post, path, "\(replacing)", key: key, headers: Chain.seen())
            #expect(moved.status == 200 && moved.json["id"]?.text == "\(second)", "\(moved.text)")
            #expect(moved.json["phone"]?.text == "+33612345678")
        }
        let found = try await chain.call(.get, "/v1/clients?phone=0612345678").json["items"]?.elements
        #expect(found?.map { $0["id"]?.text } == ["\(second)"])
        #expect(try await chain.call(.get, "/v1/clients/\(first)").json["phone"] == nil)
        for client in [first, second] {
            let trail = try await chain.call(.get, "/v1/audit?subject=\(client)").json["items"]?.elements
            #expect(trail?.first?["action"]?.text == "phone-moved")
            #expect(try await chain.events(about: client) == ["client-changed", "client-changed"])
        }
        #expect(try await chain.call(.post, path, json, headers: Chain.seen(2)).status == 409, "there is none any more")
    }

    @Test func `INV-1: many who move numbers at once leave each number with one client`() async throws {
        let chain = try await Chain.open()
        let clients = try await [
            chain.client(phone: "06 12 34 56 70"), chain.client(phone: "06 12 34 56 71"),
            chain.client(phone: "06 12 34 56 72"),
        ]
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<18 {
                group.addTask {
                    let (from, to) = (clients[number % 3], clients[(number + 1 + number / 9) % 3])
                    let version = try await chain.call(.get, "/v1/clients/\(from)").json["version"]?.integer ?? 0
                    return try await chain.call(
                        .post, "/v1/clients/\(from)/phone/move", #"{"toClientID":"\#(to)","replacing":true}"#,
                        headers: Chain.seen(Int(version))
                    ).status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { [200, 409, 412].contains($0) }, "\(statuses)")
        let numbers: [String] = try await chain.bench.askAll(
            "SELECT phone FROM client WHERE organisation = \(chain.organisation) AND phone IS NOT NULL")
        #expect(Set(numbers).count == numbers.count && !numbers.isEmpty)
    }
}

extension Chain {
    func merge(_ client: ClientID, into other: ClientID) async throws -> InProcessClient.Answer {
        let found = try await call(.get, "/v1/clients/\(client)")
        return try await call(
            .post, "/v1/clients/\(client)/merge", #"{"intoClientID":"\#(other)"}"#,
            headers: ["If-Match": found.headers["ETag"] ?? "\"v1\""])
    }

    /// One of the things that happen to clients at a busy time; answers the status.
    fileprivate func act(
        _ act: Int, on clients: [ClientID], _ open: InvoiceID, seed: UInt64, _ delivery: Delivery
    ) async throws -> Int {
        var random = SeededGenerator(seed: seed)
        let cents = Int64.random(in: 100...3_000, using: &random)
        guard let client = clients.randomElement(using: &random), let other = clients.randomElement(using: &random)
        else { return 0 }
        switch act {
        case 0: return try await merge(client, into: other).status
        case 1: return try await collect(cents, for: client, by: "card").status
        case 2: return try await call(.post, "/v1/invoices", draft(cents, for: client)).status
        case 3:
            let version = try await invoice(open)["version"]?.integer ?? 0
            return try await credit(open, 10, seen: Int(version)).status
        case 4:
            return try await call(
                .post, "/v1/receivables",
                """
                {"clientID":"\(client)","clinicID":"\(clinic)","label":"Soin","recordedOn":"2026-11-20",
                 "dueOn":"2026-12-31","amount":{"minorUnits":\(cents),"currency":"EUR"}}
                """
            ).status
        default:
            try await delivery.deliver([accepted(cents, by: client)])
            return 200
        }
    }

    /// Rows that still are a client's who is another one by now.
    fileprivate func strays() async throws -> [String] {
        let tables = [
            "invoice", "credit_note", "quote", "receivable", "payment_on_account", "refund", "client_contact",
            "billing_details", "settlement", "waiting_payment",
        ]
        var found: [String] = []
        for table in tables {
            found += try await bench.askAll(
                """
                SELECT \(table) || ' ' || client.id FROM \(unescaped: table)
                JOIN client ON client.id = \(unescaped: table).client AND client.merged_into IS NOT NULL
                WHERE client.organisation = \(organisation)
                """)
        }
        return found
    }
}
