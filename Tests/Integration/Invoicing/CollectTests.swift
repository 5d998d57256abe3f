import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

@Suite struct `Collecting in invoicing` {
    @Test func `INV-7: one payment pays several invoices, oldest first, and what is left is credit`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client(phone: "+33612345678")
        let new = try await chain.invoice(3_000, for: client, dueOn: "2026-12-30")
        let old = try await chain.invoice(4_000, for: client, dueOn: "2026-12-01")
        let receivable = try await chain.receivable(1_500, for: client, dueOn: "2026-12-15")
        let taken = try await chain.collect(
            9_000, more: #","phone":"+33612345678","tendered":{"minorUnits":10000,"currency":"EUR"}"#)
        #expect(taken.status == 201, "\(taken.text)")
        #expect(taken.json["till"]?["receiptNumber"]?.text == "R-LILAS-2026-000001")
        #expect(taken.json["till"]?.cents("change") == 1_000 && taken.json["till"]?["collectedBy"]?.text == "tester")
        #expect(
            taken.json["allocations"]?.elements?.map { $0["invoiceID"]?.text ?? $0["receivableID"]?.text }
                == ["\(old)", "\(receivable)", "\(new)"])
        #expect(taken.json.cents("unallocated") == 500)
        #expect(try await chain.standing(of: new) == "paid 3000 0 0")
        #expect(try await chain.call(.get, "/v1/receivables/\(receivable)").json.cents("due") == 0)
        #expect(try await chain.events(about: receivable) == ["receivable-recorded", "receivable-settled"])
        let payment: PaymentOnAccountID = try taken.id()
        #expect(try await chain.events(about: payment) == ["payment-on-account-recorded", "cash-collected"])
        #expect(try await chain.payments(of: client) == ["9000 8500 500 0"])
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-7: debts are served as told, one is left out, a sum is changed, and the payer is another`()
        async throws
    {
        let chain = try await Chain.open()
        let (client, payer) = try await (chain.client(), chain.client())
        let invoices = [
            try await chain.invoice(1_000, for: client), try await chain.invoice(2_000, for: client),
            try await chain.invoice(3_000, for: client),
        ]
        let listed = try await chain.call(.get, "/v1/clients/\(client)/debts?limit=2").json
        #expect(listed["items"]?.elements?.count == 2)
        let next = try #require(listed["next"]?.text)
        let rest = try await chain.call(.get, "/v1/clients/\(client)/debts?limit=2&after=\(next)").json
        #expect(rest["items"]?.elements?.map { $0["invoiceID"]?.text } == ["\(invoices[2])"])
        let taken = try await chain.collect(
            3_500, for: client, by: "cheque",
            more: """
                ,"payer":{"clientID":"\(payer)"},"cheque":{"number":"0042","bank":"CA","drawer":"M. Petit"},
                "collectedBy":"Ada","notes":"two lines\\nof notes","allocate":"as-told","allocations":[
                    {"invoiceID":"\(invoices[2])"},
                    {"invoiceID":"\(invoices[0])","amount":{"minorUnits":400,"currency":"EUR"}}]
                """)
        #expect(taken.status == 201, "\(taken.text)")
        #expect(taken.json["till"]?["payerID"]?.text == "\(payer)")
        #expect(taken.json["till"]?["cheque"]?["drawer"]?.text == "M. Petit")
        let standings = [
            try await chain.standing(of: invoices[0]), try await chain.standing(of: invoices[1]),
            try await chain.standing(of: invoices[2]),
        ]
        #expect(standings == ["part-paid 400 0 600", "issued 0 0 2000", "paid 3000 0 0"])
        #expect(taken.json.cents("unallocated") == 100)
        try await chain.expectBalance(of: [client, payer])
    }

    @Test func `INV-9: credit is counted later for what is owed by then`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let payment: PaymentOnAccountID = try await chain.collect(
            5_000, for: client, by: "card", more: #","allocate":"keep""#
        ).id()
        let invoice = try await chain.invoice(2_000, for: client)
        let path = "/v1/payments-on-account/\(payment)/allocations"
        let json = #"{"on":"2026-11-21"}"#
        #expect(try await chain.call(.post, path, json).status == 428)
        let applied = try await chain.call(.post, path, json, headers: Chain.seen())
        #expect(applied.status == 200 && applied.json.cents("unallocated") == 3_000, "\(applied.text)")
        #expect(try await chain.call(.post, path, json, headers: Chain.seen()).status == 412)
        #expect(try await chain.standing(of: invoice) == "paid 2000 0 0")
        #expect(
            try await chain.events(about: payment)
                == ["payment-on-account-recorded", "cash-collected", "payment-on-account-allocated"])
        #expect(try await chain.days("on", toldAbout: payment) == ["2026-11-21"])
        #expect(try await chain.days("receivedOn", toldAbout: payment) == ["2026-11-20"])
        let counted = { (answer: JSONValue) in answer["allocations"]?.elements?.map { $0["countedOn"]?.text } }
        #expect(counted(applied.json) == ["2026-11-21"])
        _ = try await chain.invoice(1_000, for: client)
        let later = try await chain.call(.post, path, #"{"on":"2026-11-24"}"#, headers: Chain.seen(2))
        #expect(counted(later.json) == ["2026-11-21", "2026-11-24"], "\(later.text)")
        let read = try await chain.call(.get, "/v1/payments-on-account/\(payment)")
        #expect(counted(read.json) == ["2026-11-21", "2026-11-24"])
        #expect(try await chain.days("on", toldAbout: payment) == ["2026-11-21", "2026-11-24"])
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-9: money that came before what it is counted for pays it on the day of that`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(2_000, for: client, issuedOn: "2026-11-22")
        let receivable = try await chain.receivable(1_000, for: client, recordedOn: "2026-11-23")
        let payment: PaymentOnAccountID = try await chain.collect(3_000, for: client).id()
        #expect(try await chain.days("paidOn", toldAbout: invoice) == ["2026-11-22"])
        #expect(try await chain.days("settledOn", toldAbout: receivable) == ["2026-11-23"])
        #expect(try await chain.days("receivedOn", toldAbout: payment) == ["2026-11-20"])
    }

    @Test(arguments: ["invoice", "receivable"])
    func `INV-9: credit is counted for nothing before the day that is of`(kind: String) async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let more = #","allocate":"keep""#
        let payment: PaymentOnAccountID = try await chain.collect(5_000, for: client, by: "card", more: more).id()
        if kind == "invoice" {
            _ = try await chain.invoice(2_000, for: client, issuedOn: "2026-11-22")
        } else {
            _ = try await chain.receivable(2_000, for: client, recordedOn: "2026-11-22")
        }
        let path = "/v1/payments-on-account/\(payment)/allocations"
        let early = try await chain.call(.post, path, #"{"on":"2026-11-21"}"#, headers: Chain.seen())
        let error = early.json["errors"]?.elements?.first
        #expect(early.status == 422 && error?["pointer"]?.text == "/on", "\(early.text)")
        #expect(error?["reason"]?.text == "It would be counted for what is of 2026-11-22.", "\(early.text)")
        #expect(try await chain.payments(of: client) == ["5000 0 5000 0"])
        #expect(try await chain.call(.post, path, #"{"on":"2026-11-22"}"#, headers: Chain.seen()).status == 200)
        #expect(try await chain.payments(of: client) == ["5000 2000 3000 0"])
    }

    @Test func `INV-9: a cheque that bounced is reversed, what it had paid is due again, and it stays to be seen`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(2_000, for: client)
        let receivable = try await chain.receivable(500, for: client)
        let cheque = #","cheque":{"number":"7"}"#
        let payment: PaymentOnAccountID = try await chain.collect(3_000, for: client, by: "cheque", more: cheque).id()
        let path = "/v1/payments-on-account/\(payment)"
        let json = #"{"on":"2026-11-21","reason":"bounced"}"#
        let reversed = try await chain.call(.post, "\(path)/reversal", json, headers: Chain.seen())
        #expect(reversed.status == 200 && reversed.json["reversal"]?.cents("amount") == 3_000, "\(reversed.text)")
        #expect(try await chain.standing(of: invoice) == "issued 0 0 2000")
        #expect(try await chain.events(about: invoice) == ["invoice-issued", "invoice-paid", "invoice-part-paid"])
        #expect(
            try await chain.events(about: receivable)
                == ["receivable-recorded", "receivable-settled", "receivable-reopened"])
        #expect(try await chain.call(.get, path).json == reversed.json)
        let again = try await chain.call(.post, "\(path)/reversal", json, headers: Chain.seen(2))
        #expect(again.status == 409)
        let audit = try await chain.call(.get, "/v1/audit?subject=\(payment)").json["items"]?.elements
        #expect(audit?.map { $0["action"]?.text } == ["payment-reversed", "payment-collected"], "GEN-6")
        #expect(audit?.first?["actor"]?.text == "tester" && audit?.first?["before"]?.text?.contains("3000") == true)
        try await chain.expectBalance(of: [client])
        let statement = try await chain.call(.get, "/v1/clients/\(client)/statement?from=2026-11-01&to=2026-11-30")
        let kinds = statement.json["movements"]?.elements?.compactMap { $0["kind"]?.text } ?? []
        #expect(kinds.sorted() == ["invoice", "payment", "receivable", "reversal"])
        #expect(statement.json.cents("closing") == 2_500)
    }

    @Test func `INV-7: cash above the ceiling of the law is refused with the reason, in parts as well`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(150_000, for: client)
        let much = try await chain.collect(100_001, for: client)
        #expect(much.status == 422 && much.problem == "cash-ceiling" && much.text.contains("L112-6"))
        #expect(much.json["errors"]?.elements?.map { $0["pointer"]?.text } == ["/amount"])
        #expect(try await chain.collect(60_000, for: client).status == 201)
        let part = try await chain.collect(40_001, for: client)
        #expect(part.status == 422 && part.problem == "cash-ceiling")
        #expect(try await chain.collect(40_000, for: client).status == 201)
        #expect(try await chain.collect(50_000, for: client, by: "card").status == 201)
        #expect(try await chain.standing(of: invoice) == "paid 150000 0 0")
        #expect(try await chain.numbers("payment_on_account", "receipt_number").count == 3)
        let rules = #"{"cashCeiling":{"minorUnits":30000,"currency":"EUR"},"onlineAcceptance":"automatic"}"#
        #expect(try await chain.call(.put, "/v1/collecting-rules", rules, headers: Chain.seen(0)).status == 200)
        #expect(try await chain.collect(30_001, for: client).problem == "cash-ceiling")
        let above = rules.replacing("30000", with: "100001")
        #expect(try await chain.call(.put, "/v1/collecting-rules", above, headers: Chain.seen()).status == 422)
    }

    @Test func `INV-7: nothing is stored of a collection that is refused, and it says which field`() async throws {
        let chain = try await Chain.open()
        let (client, other) = try await (chain.client(), chain.client())
        let foreign = try await chain.invoice(1_000, for: other)
        let told = #","allocate":"as-told","allocations":[{"invoiceID":"\#(foreign)"}]"#
        let wrong: [(String, String, String)] = [
            ("cash", #","tendered":{"minorUnits":1,"currency":"EUR"}"#, "/tendered"), ("cheque", "", "/cheque"),
            ("card", #","cheque":{"number":"1"}"#, "/cheque"), ("gold", "", "/method"), ("alma", "", "/method"),
            ("cash", told, "/allocations"), ("cash", #","payer":{}"#, "/payer/name"),
            ("cash", #","phone":"+33612345678""#, "/clientID"), ("cash", #","allocate":"as-told""#, "/allocations"),
        ]
        for (method, more, pointer) in wrong {
            let answer = try await chain.collect(1_000, for: client, by: method, more: more)
            #expect(answer.status == 422, "\(method) \(more): \(answer.text)")
            #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == pointer, "\(answer.text)")
        }
        let kept = try await chain.collect(
            1_000, for: client, by: "card", more: told.replacing("as-told", with: "keep"))
        #expect(kept.status == 422 && kept.text.contains("It goes with"), "\(kept.text)")
        #expect(try await chain.payments(of: client).isEmpty)
        #expect(try await chain.numbers("payment_on_account", "receipt_number").isEmpty)
    }

    @Test func `INV-7: an invoice that is not owed is named by its number, with how it stands`() async throws {
        let chain = try await Chain.open()
        let (client, other) = try await (chain.client(), chain.client())
        let paid = try await chain.invoice(1_000, for: client)
        let foreign = try await chain.invoice(1_000, for: other)
        #expect(try await chain.collect(1_000, for: client, by: "card").status == 201)
        for (invoice, words) in [(paid, "is paid already"), (foreign, "is not one of this client's")] {
            let told = #","allocate":"as-told","allocations":[{"invoiceID":"\#(invoice)"}]"#
            let answer = try await chain.collect(500, for: client, by: "card", more: told)
            #expect(answer.status == 422 && answer.text.contains(words), "\(answer.text)")
            #expect(answer.text.contains("\(invoice)") == (invoice == foreign), "\(answer.text)")
        }
    }

    @Test func `INV-7: what is said of a day that has not come is refused at its field, and nothing is kept`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(2_000, for: client)
        let kept = #","allocate":"keep""#
        let payment: PaymentOnAccountID = try await chain.collect(500, for: client, by: "card", more: kept).id()
        let whose = #""clientID":"\#(client)","clinicID":"\#(chain.clinic)""#
        let line = #"{"label":"X","unitPriceTenThousandths":1000000,"vatBasisPoints":2000}"#
        let euro = #""amount":{"minorUnits":100,"currency":"EUR"}"#
        let path = "/v1/payments-on-account/\(payment)"
        let attempts: [(String, String, String)] = [
            ("/v1/collections", #"{\#(whose),"method":"card",\#(euro),"collectedOn":"2136-01-01"}"#, "/collectedOn"),
            (
                "/v1/receivables", #"{\#(whose),"label":"X",\#(euro),"recordedOn":"2136-01-01","dueOn":"2136-02-01"}"#,
                "/recordedOn"
            ),
            (
                "/v1/quotes", #"{\#(whose),"issuedOn":"2136-01-01","validUntil":"2136-02-01","lines":[\#(line)]}"#,
                "/issuedOn"
            ),
            ("\(path)/reversal", #"{"on":"2136-01-01","reason":"bounced"}"#, "/on"),
            ("\(path)/allocations", #"{"on":"2136-01-01"}"#, "/on"),
            ("\(path)/allocations", #"{"on":"2026-11-19"}"#, "/on"),
            (
                "/v1/clients/\(client)/settlements",
                #"{"from":"2026-01-01","to":"2026-12-31","reason":"X","on":"2136-01-01"}"#, "/on"
            ),
        ]
        for (route, json, pointer) in attempts {
            let answer = try await chain.call(.post, route, json, headers: Chain.seen())
            let error = answer.json["errors"]?.elements?.first
            #expect(answer.status == 422 && error?["pointer"]?.text == pointer, "\(route): \(answer.text)")
            #expect(error?["remedy"]?.text?.hasPrefix("Give ") == true, "\(answer.text)")
        }
        #expect(try await chain.payments(of: client) == ["500 0 500 0"])
        #expect(try await chain.standing(of: invoice) == "issued 0 0 2000")
        #expect(try await chain.numbers("payment_on_account", "receipt_number").count == 1)
    }

    @Test func `INV-7: money of a year mistyped is refused with the first day that can be meant, and numbers nothing`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        // A day within the bound, so that midnight may pass.
        let days: [String] = try await chain.bench.askAll(
            """
            SELECT ((now() AT TIME ZONE 'Europe/Paris')::date - ago)::text
            FROM unnest(ARRAY[363, 366, 4000]) WITH ORDINALITY AS far (ago, place) ORDER BY place
            """)
        for (day, status) in zip(days, [201, 422, 422]) {
            let answer = try await chain.call(
                .post, "/v1/collections",
                """
                {"clientID":"\(client)","clinicID":"\(chain.clinic)","method":"card","collectedOn":"\(day)",
                 "amount":{"minorUnits":100,"currency":"EUR"}}
                """)
            #expect(answer.status == status, "\(day): \(answer.text)")
            guard status == 422 else { continue }
            let error = answer.json["errors"]?.elements?.first
            #expect(answer.problem == "invalid-fields" && error?["pointer"]?.text == "/collectedOn")
            #expect(error?["reason"]?.text == "It is too long ago to be the day the money was taken.")
            #expect(error?["remedy"]?.text?.hasSuffix("or a later day; older payments are imported.") == true)
        }
        #expect(try await chain.payments(of: client).count == 1)
        #expect(try await chain.numbers("payment_on_account", "receipt_number").count == 1)
    }

    @Test func `INV-8: a receivable is corrected by who has seen it until something is paid on it`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let id = try await chain.receivable(4_000, for: client)
        let path = "/v1/receivables/\(id)"
        let terms = #"{"label":"Croquettes","amount":{"minorUnits":3500,"currency":"EUR"},"dueOn":"2026-12-31"}"#
        #expect(try await chain.call(.put, path, terms).status == 428)
        let corrected = try await chain.call(.put, path, terms, headers: Chain.seen())
        #expect(corrected.status == 200 && corrected.json.cents("due") == 3_500, "\(corrected.text)")
        #expect(try await chain.call(.put, path, terms, headers: Chain.seen()).status == 412)
        #expect(try await chain.events(about: id) == ["receivable-recorded", "receivable-corrected"])
        let audit = try await chain.call(.get, "/v1/audit?subject=\(id)").json["items"]?.elements ?? []
        #expect(audit.count == 2 && audit[0]["before"]?.text?.contains("4000") == true)
        #expect(audit.first?["after"]?.text?.contains("3500") == true)
        #expect(try await chain.collect(100, for: client).status == 201)
        #expect(try await chain.call(.put, path, terms, headers: Chain.seen(3)).status == 409)
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-6: an organisation has French methods, changes one, adds its own and uses it`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let codes = try await chain.call(.get, "/v1/payment-methods").json["items"]?.elements?.map { $0["code"]?.text }
        #expect(
            codes == ["alma", "card", "cash", "cheque", "direct-debit", "paypal", "stripe", "transfer"])
        let card = #"{"kind":"card","label":"CB","journal":"CB","account":"511310","active":false}"#
        let path = "/v1/payment-methods/card"
        #expect(try await chain.call(.put, path, card, headers: Chain.seen(0)).status == 200)
        #expect(try await chain.call(.put, path, card, headers: Chain.seen(0)).status == 412)
        #expect(try await chain.collect(100, for: client, by: "card").status == 422)
        let other = #"{"code":"voucher","kind":"other","label":"Bon","journal":"OD","account":"467000"}"#
        #expect(try await chain.call(.post, "/v1/payment-methods", other).status == 201)
        #expect(try await chain.call(.post, "/v1/payment-methods", other).status == 422)
        let payment: PaymentOnAccountID = try await chain.collect(100, for: client, by: "voucher").id()
        let collected: String = try await chain.bench.ask(
            """
            SELECT convert_from(value, 'UTF8')::json ->> 'account' FROM outbox
            WHERE subject = \(payment.value) AND type LIKE '%cash-collected%'
            """)
        #expect(collected == "467000")
        let desk = chain.principal(role: .frontDesk)
        #expect(try await chain.call(.put, path, card, headers: Chain.seen(), as: desk).status == 403)
    }

    @Test func `C-07: a collection that is sent twice takes the money once`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        _ = try await chain.invoice(2_000, for: client)
        async let one = chain.collect(1_000, for: client, key: "till-1")
        async let two = chain.collect(1_000, for: client, key: "till-1")
        let answers = try await [one, two]
        #expect(answers.map(\.status) == [201, 201] && answers[0].json == answers[1].json)
        #expect(try await chain.payments(of: client) == ["1000 1000 0 0"])
    }
}

// MARK: What these tests make and see

extension Chain {
    func receivable(
        _ cents: Int64, for client: ClientID, recordedOn: String = "2026-11-20", dueOn: String = "2026-12-31"
    ) async throws -> ReceivableID {
        try await call(
            .post, "/v1/receivables",
            """
            {"clientID":"\(client)","clinicID":"\(clinic)","label":"Croquettes","recordedOn":"\(recordedOn)",
             "dueOn":"\(dueOn)","amount":{"minorUnits":\(cents),"currency":"EUR"}}
            """
        ).id()
    }

    /// Takes money at the till; `more` are further fields, each with a comma before it.
    func collect(
        _ cents: Int64, for client: ClientID? = nil, by method: String = "cash", more: String = "", key: String? = nil
    ) async throws -> InProcessClient.Answer {
        let whose = client.map { #","clientID":"\#($0)""# } ?? ""
        return try await call(
            .post, "/v1/collections",
            """
            {"clinicID":"\(clinic)","method":"\(method)","collectedOn":"2026-11-20",
             "amount":{"minorUnits":\(cents),"currency":"EUR"}\(whose)\(more)}
            """, key: key)
    }

    func expectBalance(of clients: [ClientID], _ comment: String = "") async throws {
        let totals = try await totals()
        let amount = { (name: String) in totals.cents(name) ?? -1 }
        #expect(
            amount("billed") == amount("paid") + amount("credited") + amount("writtenOff") + amount("due"), "\(comment)"
        )
        #expect(amount("received") == amount("paid") + amount("held"), "\(comment)")
        var closing: Int64 = 0
        for client in clients {
            let path = "/v1/clients/\(client)/statement?from=2000-01-01&to=2099-12-31"
            closing += try await call(.get, path).json.cents("closing") ?? 0
        }
        #expect(closing == amount("due") - amount("held"), "\(comment): statements close at what is due less credit")
        let broken: [String] = try await bench.askAll(
            """
            SELECT 'invoice ' || id FROM invoice WHERE organisation = \(organisation)
                AND paid <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE invoice = invoice.id)
            UNION ALL
            SELECT 'receivable ' || id FROM receivable WHERE organisation = \(organisation)
                AND paid <> (SELECT coalesce(sum(amount), 0) FROM allocation WHERE receivable = receivable.id)
            UNION ALL
            SELECT 'payment ' || id FROM payment_on_account WHERE organisation = \(organisation)
                AND allocated <> (SELECT coalesce(sum(amount), 0) FROM allocation
                    WHERE payment_on_account = payment_on_account.id)
            """)
        #expect(broken == [], "\(comment)")
    }
}
