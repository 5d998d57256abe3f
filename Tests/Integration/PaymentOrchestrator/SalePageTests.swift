import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `PAY-11: a payment on the sales list and on its page` {
    @Test func `the page has every state, call and notification in order, and no secret or person`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        for _ in 0..<3 { try await bench.sweep(after: .seconds(4)) }
        try await bench.act("accept", on: reference)
        _ = try await bench.notify(reference)
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", "{}", key: "all")

        let page = try await bench.call(.get, "/v1/payments/\(payment.id)/timeline")
        let lines = try #require(page.json["items"]?.elements)
        let told = lines.map { line in
            line["kind"]?.text == "state"
                ? "= \(line["after"]?.text ?? "")"
                : "\(line["operation"]?.text ?? "") \(line["outcome"]?.text ?? "")"
        }
        let expected = [
            "plans at alma eligible: 3x", "= requested", "= starting", "start opened", "= open", "collect pending",
            "notification read back: paid",
            "= accepted", "refund completed",
        ]
        var rest = told[...]
        for line in expected {
            guard let index = rest.firstIndex(of: line) else { Issue.record("\(line) is not in \(told)"); return }
            rest = rest[(index + 1)...]
        }
        let polled = lines.first { $0["outcome"]?.text == "pending" }
        #expect(polled?["times"]?.integer == 3, "the same again is counted")
        for secret in ["sk_test", "Martin", "33612345678", "ada@", payment.token] {
            #expect(!page.text.contains(secret), "\(secret)")
        }
    }

    @Test(arguments: ["write-exchanges", "the end"])
    func `what changed nothing is on the page of every process after a while, or at the end of its own`(
        _ occasion: String
    ) async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.accepted()
        let other = try await bench.again([:])
        let notifications = {
            let page = try await other.timeline(payment)
            let lines = page.filter { $0["operation"]?.text == "notification" }
            return lines.reduce(Int64(0)) { $0 + ($1["times"]?.integer ?? 0) }
        }
        let before = try await notifications()
        let reference = try await bench.provided(payment)[0]["id"].string
        for _ in 0..<2 { #expect(try await bench.notify(reference).status == 204) }
        try await bench.run("write-exchanges")
        #expect(try await notifications() == before, "a change may still come")
        if occasion == "the end" {
            for close in bench.assembly.closing.prefix(1) { await close() }
        } else {
            bench.clock.move(.seconds(6))
            try await bench.run(occasion)
        }
        #expect(try await notifications() == before + 2)
        bench.clock.move(.seconds(6))
        try await bench.run("write-exchanges")
        #expect(try await notifications() == before + 2, "once")
    }

    @Test func `what was said about many payments is written down at once, and what found no room is counted`()
        async throws
    {
        let bench = try await PaymentBench.start(["QUITTANCE_EXCHANGES_WAIT_MAX": "3"])
        var payments: [PaymentID] = []
        for _ in 0..<4 {
            payments.append(try await bench.accepted())
            // Whatever else was said of it.
            bench.clock.move(.seconds(6))
            try await bench.run("write-exchanges")
        }
        let other = try await bench.again([:])
        let before = try await told(payments, other)
        try await tell([payments[0]], bench)
        try await bench.run("write-exchanges")
        #expect(try await told(payments, other) == before, "a change may still come")
        try await tell(Array(payments[1...]), bench)
        try await bench.run("write-exchanges")
        let more: [Int64] = [1, 1, 1, 0]
        let expected = zip(before, more).map { $0 + $1 }
        #expect(try await told(payments, other) == expected)
        let line = bench.log.lines.first { $0.contains("about many payments at once is not on their pages") }
        #expect(line?.contains(#""count": 1"#) == true, "\(bench.log.lines.suffix(5))")
    }

    /// Alma's notification of each of them comes once more.
    private func tell(_ payments: [PaymentID], _ bench: PaymentBench) async throws {
        for payment in payments {
            let reference = try await bench.provided(payment)[0]["id"].string
            #expect(try await bench.notify(reference).status == 204)
        }
    }

    /// How many notifications the page of each has.
    private func told(_ payments: [PaymentID], _ bench: PaymentBench) async throws -> [Int64] {
        var all: [Int64] = []
        for payment in payments {
            let lines = try await bench.timeline(payment).filter { $0["kind"]?.text == "notification" }
            all.append(lines.reduce(0) { $0 + ($1["times"]?.integer ?? 0) })
        }
        return all
    }

    @Test func `a lost answer is on the page as unknown`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.create-payment"}"#)
        _ = try await bench.open(payment.token)
        try await bench.sweep(after: .seconds(4))
        let page = try await bench.timeline(payment.id)
        let calls = page.filter { $0["kind"]?.text == "call" }.compactMap { $0["outcome"]?.text }
        #expect(calls == ["eligible: 3x", "unknown", "pending"], "\(calls)")
    }

    @Test func `what a wizard asked about an invoice is on the page of the payment that comes of it, and on no other`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let (invoice, other) = (try await bench.invoice(20_000), try await bench.invoice(20_000))
        #expect(try await askPlans(bench, #""invoiceID":"\#(invoice)""#) == 200)
        try await bench.fault(#"{"kind":"status","operation":"alma.eligibility","status":500,"times":0}"#)
        #expect(try await askPlans(bench, #""invoiceID":"\#(invoice)""#) == 503)
        try await bench.sandbox.control(.delete, "/faults")
        #expect(try await plans(try await bench.request(invoice: other).id, bench) == ["eligible: 3x"])
        let payment = try await bench.request(invoice: invoice)
        let asked = try await plans(payment.id, bench)
        #expect(asked.count == 3 && asked.last == "eligible: 3x", "\(asked)")
        #expect(asked.first?.hasPrefix("eligible: ") == true && asked.first?.contains("3x") == true, "\(asked)")
        #expect(asked.dropFirst().first?.hasPrefix("eligible") == false, "no answer is on it too")
        #expect(try await bench.call(.post, "/v1/payments/\(payment.id)/cancel").status == 200)
        #expect(try await plans(try await bench.request(invoice: invoice).id, bench) == ["eligible: 3x"], "once")
        #expect(try await askPlans(bench, #""invoiceID":"\#(invoice)","receivableID":"\#(other)""#) == 422)
    }

    @Test func `what a wizard asked is kept for a day, a hundred calls of a debt at most, and for its clinic alone`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let (full, elsewhere) = (try await bench.invoice(20_000), try await bench.invoice(20_000))
        let before: [(InvoiceID, ClinicID, String, age: Int64, count: Int)] = [
            (full, PaymentBench.clinic, "eligible: 2x", 0, 50), (full, PaymentBench.clinic, "eligible: none", 0, 9),
            (full, PaymentBench.clinic, "eligible: 2x", 0, 40), (full, PaymentBench.clinic, "yesterday", 86_401, 50),
            (full, ClinicID(0xCC), "elsewhere", 0, 50), (elsewhere, ClinicID(0xCC), "elsewhere", 0, 1),
        ]
        for (invoice, clinic, outcome, age, count) in before {
            let (organisation, at) = (PaymentBench.organisation, bench.clock.now.adding(.seconds(-age)))
            _ = try await bench.overseer.execute(
                """
                INSERT INTO asked_plans (organisation, clinic, debt, operation, outcome, at, milliseconds)
                SELECT \(organisation), \(clinic), \(invoice), 'plans at alma', \(outcome), \(at), 1
                FROM generate_series(1, \(count))
                """)
        }
        for _ in 0..<2 { #expect(try await askPlans(bench, #""invoiceID":"\#(full)""#) == 200) }
        #expect(try await kept(bench) == 201, "the second finds no room")
        let asked = try await planLines(try await bench.request(invoice: full).id, bench)
        #expect(asked.prefix(2).map { $0["outcome"]?.text } == ["eligible: 2x", "eligible: none"], "\(asked)")
        let times = asked.compactMap { $0["times"]?.integer }
        #expect(times.prefix(3) == [50, 9, 40] && times.reduce(0, +) == 101, "the same again is counted: \(asked)")
        #expect(asked.allSatisfy { $0["outcome"]?.text?.hasPrefix("eligible: ") == true }, "\(asked)")
        #expect(try await plans(try await bench.request(invoice: elsewhere).id, bench) == ["eligible: 3x"])
        let late = try await bench.invoice(20_000)
        #expect(try await askPlans(bench, #""invoiceID":"\#(late)""#) == 200)
        try await bench.run("forget-asked-plans")
        #expect(try await kept(bench) == 52, "what is of today: of another clinic, and of what nobody pays yet")
        bench.clock.move(.seconds(86_401))
        #expect(try await plans(try await bench.request(invoice: late).id, bench) == ["eligible: 3x"])
        try await bench.run("forget-asked-plans")
        #expect(try await kept(bench) == 0)
    }

    @Test func `what a wizard asked is answered though it cannot be kept, and the log says so`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        _ = try await bench.overseer.execute("ALTER TABLE asked_plans ADD CONSTRAINT no_room CHECK (false)")
        #expect(try await askPlans(bench, #""invoiceID":"\#(invoice)""#) == 200)
        #expect(bench.log.lines.contains { $0.contains("what a provider said of plans is not kept") })
        #expect(try await plans(try await bench.request(invoice: invoice).id, bench) == ["eligible: 3x"])
    }

    /// Asks which plans 200 euros of a debt may be paid by; answers the status.
    private func askPlans(_ bench: PaymentBench, _ debt: String) async throws -> Int {
        let amount = #""amount":{"minorUnits":20000,"currency":"EUR"}"#
        let question = #"{"clinicID":"\#(PaymentBench.clinic)",\#(debt),\#(amount)}"#
        return try await bench.call(.post, "/v1/eligibility", question).status
    }

    /// What came of the calls about plans that a payment's page has, oldest first.
    private func plans(_ payment: PaymentID, _ bench: PaymentBench) async throws -> [String] {
        try await planLines(payment, bench).compactMap { $0["outcome"]?.text }
    }

    private func planLines(_ payment: PaymentID, _ bench: PaymentBench) async throws -> [JSONValue] {
        try await bench.timeline(payment).filter { $0["operation"]?.text == "plans at alma" }
    }

    /// How many calls about plans wait for a payment.
    private func kept(_ bench: PaymentBench) async throws -> Int64 {
        try await bench.database.read(organisation: nil) { transaction in
            try transaction.one("SELECT count(*) AS count FROM asked_plans") { row in try row("count") }
        }
    }

    @Test func `of a provider that is asked about no plans the page has no such call`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, _) = try await story.connected()
        let payment = try await story.request(bench)
        let page = try await bench.timeline(payment.id)
        #expect(page.map { $0["kind"]?.text } == ["state"], "\(page)")
    }

    @Test func `the list is filtered by plan, provider, day, state and part of a name`() async throws {
        let bench = try await PaymentBench.start()
        let three = try await bench.request()
        let two = try await bench.request(plan: "2x", more: #""title":"Acompte","#)
        let cases: [(String, [PaymentID])] = [
            ("plan=2x", [two.id]), ("plan=4x", []), ("provider=alma", [two.id, three.id]), ("provider=stripe", []),
            ("search=aCOMpte", [two.id]), ("search=martin", [two.id, three.id]), ("search=%25", []),
            ("from=2020-01-01&to=2020-12-31", []), ("from=2020-01-01", [two.id, three.id]),
            ("state=requested&plan=3x", [three.id]),
        ]
        for (query, expected) in cases {
            let found = try await bench.call(.get, "/v1/payments?\(query)")
            let ids = found.json["items"]?.elements?.compactMap { $0["id"]?.text.flatMap { PaymentID($0) } }
            #expect(ids == expected, "\(query): \(found.text)")
        }
        #expect(try await bench.call(.get, "/v1/payments?plan=7").status == 422)
    }

    @Test func `GEN-5: a day of the list is from midnight to midnight where the clinic is`() async throws {
        let bench = try await PaymentBench.start()
        let paris = try await bench.request().id
        let volcano = """
            {"name":"Clinique du Volcan","ownPhones":[],"ownEmails":[],"ownAddresses":[],"timeZone":"Indian/Reunion"}
            """
        #expect(try await bench.call(.put, "/v1/clinics/\(PaymentBench.clinic)", volcano).status == 204)
        let reunion = try await bench.request().id
        // The first minutes of the same day there and there, in summer: two and four hours ahead of UTC.
        for (payment, text) in [(paris, "2026-06-30T22:00:00Z"), (reunion, "2026-06-30T20:00:00Z")] {
            let instant = try #require(Instant(text))
            _ = try await bench.overseer.execute("UPDATE payment SET created_at = \(instant) WHERE id = \(payment)")
        }
        let cases: [(String, [PaymentID])] = [
            ("from=2026-07-01&to=2026-07-01", [reunion, paris]), ("to=2026-06-30", []), ("from=2026-07-02", []),
        ]
        for (query, expected) in cases { #expect(try await bench.listed(query) == expected, "\(query)") }
        _ = try await bench.overseer.execute("UPDATE payment SET created_at = created_at - interval '1 second'")
        #expect(try await bench.listed("from=2026-07-01").isEmpty, "the last second of the day before")
        #expect(try await bench.listed("to=2026-06-30") == [reunion, paris])
    }
}
