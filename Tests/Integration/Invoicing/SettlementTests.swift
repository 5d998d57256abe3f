import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `INV-11, INV-12: closing and putting away in invoicing` {
    @Test func `INV-11: what is left of a period is written off with its reason, and a manager can undo it`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let old = try await chain.invoice(5_000, for: client, issuedOn: "2026-11-03", dueOn: "2026-11-10")
        let receivable = try await chain.receivable(700, for: client)
        let new = try await chain.invoice(2_000, for: client)
        #expect(try await chain.collect(1_000, for: client, by: "card").status == 201)
        let settled = try await chain.settle(client, from: "2026-11-01", to: "2026-11-10")
        #expect(settled.status == 201 && settled.json["parts"]?.elements?.count == 1, "\(settled.text)")
        #expect(settled.json["author"]?.text == "tester" && settled.json["reason"]?.text == "prescription")
        #expect(try await chain.standing(of: old) == "written-off 1000 0 0")
        #expect(try await chain.standing(of: new) == "issued 0 0 2000")
        #expect(
            try await chain.events(about: old) == ["invoice-issued", "invoice-part-paid", "receivable-settled"])
        #expect(try await chain.total("writtenOff") == 4_000)
        #expect(try await chain.total("due") == 2_700)
        try await chain.expectBalance(of: [client])
        let again = try await chain.settle(client, from: "2026-11-01", to: "2026-11-10")
        #expect(again.status == 409)
        let id: SettlementID = try settled.id()
        let one = try await chain.call(.get, "/v1/settlements/\(id)")
        #expect(one.json == settled.json && one.headers["ETag"] == settled.headers["ETag"], "\(one.text)")
        let path = "/v1/settlements/\(id)/undo"
        let json = #"{"on":"2026-11-25","reason":"Le client a payé"}"#
        let accountant = chain.principal(role: .accountant)
        #expect(try await chain.call(.post, path, json, headers: Chain.seen(), as: accountant).status == 403)
        let undone = try await chain.call(.post, path, json, headers: Chain.seen())
        #expect(undone.status == 200 && undone.json["undoneBy"]?.text == "tester", "\(undone.text)")
        #expect(undone.json["undoneReason"]?.text == "Le client a payé")
        #expect(try await chain.call(.get, "/v1/settlements/\(id)").headers["ETag"] == "\"v2\"")
        #expect(try await chain.call(.post, path, json, headers: Chain.seen(2)).status == 409)
        #expect(try await chain.standing(of: old) == "part-paid 1000 0 4000")
        #expect(try await chain.events(about: old).last == "receivable-reopened")
        let listed = try await chain.call(.get, "/v1/clients/\(client)/settlements").json["items"]?.elements
        #expect(listed?.count == 1 && listed?.first?["undoneOn"]?.text == "2026-11-25", "the history stays")
        let audit = try await chain.call(.get, "/v1/audit?subject=\(client)").json["items"]?.elements
        #expect(audit?.map { $0["action"]?.text } == ["settlement-undone", "debts-settled", "client-added"])
        #expect(try await chain.call(.get, "/v1/receivables/\(receivable)").json.cents("due") == 700)
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-11: a settlement is undone by who acts for all of its clinics`() async throws {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        let mine = try await chain.invoice(1_000, for: client)
        let theirs = try await chain.invoice(300, for: client, clinic: other)
        let settled = try await chain.settle(client, from: "2026-01-01", to: "2026-12-31")
        let id: SettlementID = try settled.id()
        let (path, json) = ("/v1/settlements/\(id)/undo", #"{"on":"2026-11-25"}"#)
        for some in [other, chain.clinic] {
            let manager = chain.principal(clinics: .some([some]))
            #expect(try await chain.call(.post, path, json, headers: Chain.seen(), as: manager).status == 404)
        }
        #expect(try await chain.standing(of: mine) == "written-off 0 0 0")
        #expect(try await chain.standing(of: theirs) == "written-off 0 0 0")
        #expect(try await chain.events(about: theirs).last == "receivable-settled", "nothing of it was told")
        let manager = chain.principal(clinics: .some([chain.clinic, other]))
        #expect(try await chain.call(.post, path, json, headers: Chain.seen(), as: manager).status == 200)
        #expect(try await chain.total("due") == 1_300)
    }

    @Test func `INV-11: nothing is given up before it was owed, nor asked for again before it was given up`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(1_000, for: client, issuedOn: "2026-11-20")
        _ = try await chain.receivable(300, for: client, recordedOn: "2026-11-22")
        let early = try await chain.settle(client, from: "2026-11-01", to: "2026-11-30", on: "2026-11-21")
        #expect(early.status == 422 && early.text.contains("before 2026-11-22"), "\(early.text)")
        #expect(try await chain.standing(of: invoice) == "issued 0 0 1000")
        let settled = try await chain.settle(client, from: "2026-11-01", to: "2026-11-30", on: "2026-11-22")
        let id: SettlementID = try settled.id()
        let path = "/v1/settlements/\(id)/undo"
        let undone = try await chain.call(.post, path, #"{"on":"2026-11-21"}"#, headers: Chain.seen())
        #expect(undone.status == 422 && undone.text.contains("before 2026-11-22"), "\(undone.text)")
        #expect(try await chain.total("due") == 0)
        let same = try await chain.call(.post, path, #"{"on":"2026-11-22"}"#, headers: Chain.seen())
        #expect(same.status == 200, "\(same.text)")
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-11: more debts than are closed at once are refused, and none of them is closed`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        try await chain.bench.overseer.execute(
            """
            INSERT INTO receivable (id, organisation, clinic, client, label, currency, amount, recorded_on, due_on)
            SELECT gen_random_uuid(), \(chain.organisation), \(chain.clinic), \(client), 'Soin ' || n, 'EUR', 100,
                date '2025-01-01' + n % 2, '2025-12-31' FROM generate_series(1, 1001) AS n
            """)
        let refused = try await chain.settle(client, from: "2025-01-01", to: "2025-01-31")
        #expect(refused.status == 409 && refused.text.contains("shorter period"), "\(refused.text)")
        #expect(try await chain.total("writtenOff") == 0)
        let first = try await chain.settle(client, from: "2025-01-01", to: "2025-01-01")
        #expect(first.status == 201 && first.json["parts"]?.elements?.count == 500, "\(first.text)")
        #expect(try await chain.total("due") == 50_100)
    }

    @Test func `INV-11: a day of more debts than are closed at once is closed in parts that say so`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        try await chain.bench.overseer.execute(
            """
            INSERT INTO receivable (id, organisation, clinic, client, label, currency, amount, recorded_on, due_on)
            SELECT gen_random_uuid(), \(chain.organisation), \(chain.clinic), \(client), 'Soin ' || n, 'EUR', 100,
                '2025-02-01', '2025-12-31' FROM generate_series(1, 1001) AS n
            """)
        let first = try await chain.settle(client, from: "2025-02-01", to: "2025-02-01")
        #expect(first.status == 201 && first.json["parts"]?.elements?.count == 1_000, "\(first.status)")
        #expect(first.json["moreDue"] == .bool(true))
        let rest = try await chain.settle(client, from: "2025-02-01", to: "2025-02-01")
        #expect(rest.status == 201 && rest.json["parts"]?.elements?.count == 1, "\(rest.text)")
        #expect(rest.json["moreDue"] == nil)
        #expect(try await chain.total("due") == 0)
    }

    @Test func `INV-11: payments and settlements at once count every cent once`() async throws {
        for seed in 1...6 {
            let chain = try await Chain.open()
            let client = try await chain.client()
            for number in 1...4 { _ = try await chain.invoice(Int64(number) * 500, for: client) }
            _ = try await chain.receivable(900, for: client)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        guard number % 4 == seed % 4 else {
                            return try await chain.collect(Int64(300 * seed), for: client, by: "card").status
                        }
                        let settled = try await chain.settle(client, from: "2026-01-01", to: "2026-12-31")
                        guard settled.status == 201, number > 4 else { return settled.status }
                        let id: SettlementID = try settled.id()
                        return try await chain.call(
                            .post, "/v1/settlements/\(id)/undo", #"{"on":"2026-11-25"}"#, headers: Chain.seen()
                        ).status
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { [200, 201, 409].contains($0) }, "\(seed): \(statuses)")
            try await chain.expectBalance(of: [client], "\(seed)")
        }
    }

    @Test func `INV-12: credit that follows nothing is put away, out of the balances, and stays to be seen`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        _ = try await chain.invoice(1_000, for: client)
        let payment: PaymentOnAccountID = try await chain.collect(1_500, for: client, by: "card").id()
        let path = "/v1/payments-on-account/\(payment)"
        let json = #"{"on":"2026-11-25"}"#
        let said = #"{"on":"2026-11-25","reason":"Introuvable"}"#
        let archived = try await chain.call(.post, "\(path)/archive", said, headers: Chain.seen())
        #expect(archived.status == 200 && archived.json["archived"]?.cents("amount") == 500, "\(archived.text)")
        #expect(archived.json["archived"]?["reason"]?.text == "Introuvable")
        #expect(try await chain.total("held") == 0)
        #expect(try await chain.total("received") == 1_000)
        try await chain.expectBalance(of: [client])
        _ = try await chain.invoice(400, for: client)
        let applied = try await chain.call(.post, "\(path)/allocations", json, headers: Chain.seen(2))
        #expect(applied.status == 409 && applied.text.contains("The payment is archived."), "\(applied.text)")
        let bounced = #"{"on":"2026-11-25","reason":"bounced"}"#
        #expect(try await chain.call(.post, "\(path)/reversal", bounced, headers: Chain.seen(2)).status == 409)
        let listed = try await chain.call(.get, "/v1/payments-on-account?clientID=\(client)").json["items"]?.elements
        #expect(listed?.first?["archived"]?["on"]?.text == "2026-11-25")
        for (query, found) in [
            ("archived=true", ["\(payment)"]), ("archived=false", []), ("archived=true&from=2026-11-21", []),
            ("archived=true&from=2026-11-20&clientID=\(client)", ["\(payment)"]),
        ] as [(String, [String])] {
            let some = try await chain.call(.get, "/v1/payments-on-account?\(query)").json["items"]?.elements
            #expect(some?.map { $0["id"]?.text } == found, "\(query)")
            let sheet = try await chain.call(.get, "/v1/payments-on-account/csv?\(query)").text
            #expect(sheet.split(separator: "\r\n").count == 1 + found.count, "\(query): \(sheet)")
        }
        #expect(try await chain.call(.get, "/v1/receivables?archived=true").status == 422)
        let account = "/v1/clients/\(client)/statement"
        let before = try await chain.call(.get, "\(account)?from=2026-11-01&to=2026-11-25").json
        let restored = try await chain.call(.post, "\(path)/restore", headers: Chain.seen(2))
        #expect(restored.status == 200 && restored.json.cents("unallocated") == 500, "\(restored.text)")
        #expect(try await chain.call(.post, "\(path)/restore", headers: Chain.seen(3)).status == 409)
        // What was printed before stays true: it was put away then, and taken out again later.
        #expect(try await chain.call(.get, "\(account)?from=2026-11-01&to=2026-11-25").json == before)
        let movements = try await chain.call(.get, "\(account)?from=2026-11-01&to=2099-12-31").json["movements"]
        let moved = movements?.elements?.filter { $0["kind"]?.text == "archive" }.map { $0.cents("amount") }
        #expect(moved == [500, -500])
        #expect(
            try await chain.events(about: payment) == [
                "payment-on-account-recorded", "cash-collected", "payment-on-account-archived",
                "payment-on-account-restored",
            ])
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-12: what was taken out again is put away again after that, and today at the latest`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let payment: PaymentOnAccountID = try await chain.collect(500, for: client, by: "card").id()
        let path = "/v1/payments-on-account/\(payment)"
        let first = #"{"on":"2026-11-21"}"#
        let future = try await chain.call(.post, "\(path)/archive", #"{"on":"2099-12-25"}"#, headers: Chain.seen())
        #expect(future.status == 422 && future.text.contains("has not come yet"), "\(future.text)")
        #expect(try await chain.call(.post, "\(path)/archive", first, headers: Chain.seen()).status == 200)
        #expect(try await chain.call(.post, "\(path)/restore", headers: Chain.seen(2)).status == 200)
        // Between the days it was away already: statements would count it twice.
        let inside = try await chain.call(.post, "\(path)/archive", first, headers: Chain.seen(3))
        #expect(inside.status == 422 && inside.text.contains("until"), "\(inside.text)")
        let restored: String = try await chain.bench.ask(
            "SELECT restored_on::text FROM credit_archive WHERE payment_on_account = \(payment)")
        let after = try await chain.call(.post, "\(path)/archive", #"{"on":"\#(restored)"}"#, headers: Chain.seen(3))
        #expect(after.status == 200, "\(after.text)")
        #expect(try await chain.call(.post, "\(path)/restore", headers: Chain.seen(4)).status == 200)
        let statement = "/v1/clients/\(client)/statement?from=2026-11-01&to=2099-12-31"
        let moved = try await chain.call(.get, statement).json["movements"]?.elements ?? []
        #expect(
            moved.filter { $0["kind"]?.text == "archive" }.map { $0.cents("amount") } == [500, -500, 500, -500],
            "in the order in which it was done, on one day too")
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-12: a refund of money that was put away takes it back out first`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let payment: PaymentID = IdentifierSource.system.make()
        let now = TimeSource.system.now()
        let earlier = now.adding(.seconds(-10 * 86_400))
        try await Delivery.with { delivery in
            try await delivery.deliver([
                chain.accepted(2_000, by: client, payment: payment, disposition: .heldForClient, at: earlier)
            ])
            let listed = try await chain.call(.get, "/v1/payments-on-account?clientID=\(client)").json["items"]
            let id = try #require(listed?.elements?.first?["id"]?.text)
            let archived = try await chain.call(
                .post, "/v1/payments-on-account/\(id)/archive", #"{"on":"\#(now.utcDate)"}"#, headers: Chain.seen())
            #expect(archived.status == 200, "\(archived.text)")
            // Told late: the day it went back is before the one on which it was put away.
            try await delivery.deliver([
                chain.refunded(500, of: payment, to: client, at: now.adding(.seconds(-2 * 86_400)))
            ])
            let trail = try await chain.call(.get, "/v1/audit?subject=\(id)").json["items"]?.elements
            let restored = try #require(trail?.first { $0["action"]?.text == "payment-restored" }, "GEN-6")
            #expect(restored["before"]?.text?.contains("archived") == true)
            #expect(restored["after"]?.text?.contains("archived") == false)
        }
        #expect(try await chain.payments(of: client) == ["2000 0 1500 500"])
        let yesterday = "/v1/clients/\(client)/statement?from=2000-01-01&to=\(now.utcDate.adding(days: -1))"
        #expect(
            try await chain.call(.get, yesterday).json.cents("closing") == -1_500, "not taken out before it was put in")
        try await chain.expectBalance(of: [client])
    }

    @Test func `GEN-1: of a settlement everybody sees what was owed to the clinics one acts for`() async throws {
        let chain = try await Chain.open()
        let (pantin, quiet) = try await (chain.anotherClinic("PANTIN"), chain.anotherClinic("CALME"))
        let client = try await chain.client()
        let mine = try await chain.invoice(1_000, for: client)
        let theirs = try await chain.invoice(2_000, for: client, clinic: pantin)
        let receivable = try await chain.receivable(300, for: client)
        let path = "/v1/clients/\(client)/settlements"
        let period = #"{"from":"2026-01-01","to":"2026-12-31","reason":"Geste","on":"2026-11-24"}"#
        let id: SettlementID = try await chain.call(.post, path, period).id()
        for (clinics, debts) in [
            (ClinicAccess.all, ["\(mine)", "\(receivable)", "\(theirs)"]), (.some([pantin]), ["\(theirs)"]),
            (.some([chain.clinic, quiet]), ["\(mine)", "\(receivable)"]), (.some([quiet]), []),
        ] as [(ClinicAccess, [String])] {
            let desk = chain.principal(role: .frontDesk, clinics: clinics)
            let listed = try await chain.call(.get, path, as: desk).json["items"]?.elements ?? []
            let read = try await chain.call(.get, "/v1/settlements/\(id)", as: desk)
            #expect(read.status == (debts.isEmpty ? 404 : 200), "\(read.text)")
            for found in listed + (debts.isEmpty ? [] : [read.json]) {
                let parts = found["parts"]?.elements ?? []
                let told = parts.compactMap { $0["invoiceID"]?.text ?? $0["receivableID"]?.text }
                #expect(told.sorted() == debts.sorted(), "\(found)")
            }
            #expect(listed.count == (debts.isEmpty ? 0 : 1))
        }
    }
}

extension Chain {
    fileprivate func settle(
        _ client: ClientID, from: String, to: String, on day: String = "2026-11-24"
    ) async throws -> InProcessClient.Answer {
        try await call(
            .post, "/v1/clients/\(client)/settlements",
            #"{"from":"\#(from)","to":"\#(to)","reason":"prescription","on":"\#(day)"}"#)
    }
}
