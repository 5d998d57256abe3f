import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `INV-14: what is late in invoicing` {
    @Test func `INV-14: each level is announced once, also when it is looked for by several at once`() async throws {
        let (bench, chain, today) = try await lateChain()
        let client = try await chain.client()
        let late = try await chain.invoice(
            5_000, for: client, issuedOn: "\(today.adding(days: -60))", dueOn: "\(today.adding(days: -22))")
        let receivable = try await chain.receivable(
            700, for: client, recordedOn: "2026-01-02", dueOn: "\(today.adding(days: -8))")
        let early = try await chain.invoice(
            900, for: client, issuedOn: "\(today.adding(days: -60))", dueOn: "\(today.adding(days: -3))")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await find(bench) } }
            try await group.waitForAll()
        }
        try await find(bench)
        #expect(try await chain.levels(of: late) == [1])
        #expect(try await chain.levels(of: receivable) == [1])
        #expect(try await chain.levels(of: early).isEmpty)
        #expect(try await chain.events(about: late) == ["invoice-issued", "invoice-overdue"])
        let listed = try await chain.call(.get, "/v1/overdue?on=\(today)").json["items"]?.elements ?? []
        #expect(listed.map { $0["level"]?.integer } == [1, 1, 0])
        #expect(listed.map { $0["daysLate"]?.integer } == [22, 8, 3])
        await bench.close()
    }

    /// As what comes in by a file; the first word to a client is never the last one.
    @Test func `INV-14: what is 60 days late when it comes in reaches one level after the other`() async throws {
        let (bench, chain, today) = try await lateChain()
        let late = try await chain.receivable(
            700, for: chain.client(), recordedOn: "2026-01-02", dueOn: "\(today.adding(days: -60))")
        for (days, levels) in [(0, [1]), (13, [1]), (14, [1, 2]), (37, [1, 2]), (38, [1, 2, 3]), (300, [1, 2, 3])] {
            let noon = try #require(Instant("\(today.adding(days: days))T12:00:00Z"))
            let job = try await findOverdue(bench, at: noon)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await job.run() } }
                try await group.waitForAll()
            }
            #expect(try await chain.levels(of: late) == levels, "\(days) days on")
        }
        await bench.close()
    }

    @Test func `INV-14: nobody is asked while the client is paused, nor for what was paid`() async throws {
        let (bench, chain, today) = try await lateChain()
        let (paused, paying) = try await (chain.client(), chain.client())
        let path = "/v1/clients/\(paused)/dunning-pause"
        let until = #"{"until":"\#(today.adding(days: 3))"}"#
        #expect(try await chain.call(.put, path, until, headers: Chain.seen()).status == 200)
        let held = try await chain.invoice(
            5_000, for: paused, issuedOn: "\(today.adding(days: -60))", dueOn: "\(today.adding(days: -30))")
        let paid = try await chain.invoice(
            5_000, for: paying, issuedOn: "\(today.adding(days: -60))", dueOn: "\(today.adding(days: -30))")
        #expect(try await chain.collect(5_000, for: paying, by: "card").status == 201)
        try await find(bench)
        #expect(try await chain.levels(of: held).isEmpty)
        #expect(try await chain.levels(of: paid).isEmpty)
        #expect(try await chain.call(.put, path, "{}", headers: Chain.seen(2)).status == 200)
        try await find(bench)
        #expect(try await chain.levels(of: held) == [1])
        await bench.close()
    }

    @Test func `INV-14: what was paid and is due again is asked for anew, once at each level`() async throws {
        let (bench, chain, today) = try await lateChain()
        let steps = #"{"levels":[{"daysLate":1,"label":"A"},{"daysLate":3,"label":"B"}]}"#
        #expect(try await chain.call(.put, "/v1/dunning-levels", steps, headers: Chain.seen(0)).status == 200)
        let (paying, paysPart) = try await (chain.client(), chain.client())
        let due = "\(today.adding(days: -30))"
        let late = try await chain.invoice(5_000, for: paying, issuedOn: "\(today.adding(days: -60))", dueOn: due)
        let part = try await chain.invoice(5_000, for: paysPart, issuedOn: "\(today.adding(days: -60))", dueOn: due)
        try await find(bench)
        #expect(try await chain.reached(by: late) == ["0/1"])
        try await chain.takeBack(1_000, of: paysPart, on: today.adding(days: -1))
        try await chain.takeBack(5_000, of: paying, on: today.adding(days: -5), as: "mistake")
        try await find(bench)
        #expect(try await chain.reached(by: late) == ["0/1"], "what a slip of the desk had paid was due all along")
        try await chain.takeBack(5_000, of: paying, on: today)
        try await find(bench)
        #expect(try await chain.reached(by: late) == ["0/1"], "nobody is asked on the day it came back")
        let listed = try await chain.call(.get, "/v1/overdue?on=\(today)").json["items"]?.elements ?? []
        let mine = listed.first { $0["invoiceID"]?.text == "\(late)" }
        #expect(mine?["level"]?.integer == 0 && mine?["daysLate"]?.integer == 30)
        for (days, reached) in [(-1, ["0/1", "2/1"]), (-3, ["0/1", "2/1", "3/1"])] {
            try await chain.takeBack(5_000, of: paying, on: today.adding(days: days))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await find(bench) } }
                try await group.waitForAll()
            }
            #expect(try await chain.reached(by: late) == reached)
        }
        #expect(try await chain.events(about: late).count { $0 == "invoice-overdue" } == 3)
        #expect(try await chain.reached(by: part) == ["0/1"], "it was never paid in full")
        await bench.close()
    }

    @Test func `INV-11, INV-14: what was given up and is asked for again is asked for anew`() async throws {
        let (bench, chain, today) = try await lateChain()
        let client = try await chain.client()
        let receivable = try await chain.receivable(
            700, for: client, recordedOn: "2026-01-02", dueOn: "\(today.adding(days: -30))")
        try await find(bench)
        let wish = #"{"from":"2026-01-01","to":"2026-12-31","reason":"geste","on":"\#(today.adding(days: -9))"}"#
        let settlement: SettlementID = try await chain.call(.post, "/v1/clients/\(client)/settlements", wish).id()
        let undone = try await chain.call(
            .post, "/v1/settlements/\(settlement)/undo", #"{"on":"\#(today.adding(days: -8))"}"#,
            headers: Chain.seen())
        #expect(undone.status == 200, "\(undone.text)")
        try await find(bench)
        try await find(bench)
        #expect(try await chain.reached(by: receivable) == ["0/1", "1/1"])
        await bench.close()
    }

    @Test func `INV-14: an organisation sets its levels, and what is late is summed for each clinic`() async throws {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        for (cents, due) in [(100, "2026-11-20"), (200, "2026-11-19"), (400, "2026-10-21"), (800, "2026-10-20")] {
            _ = try await chain.invoice(Int64(cents), for: client, issuedOn: "2026-08-20", dueOn: due)
        }
        _ = try await chain.invoice(1_600, for: client, clinic: other, issuedOn: "2026-08-20", dueOn: "2026-08-20")
        let items = try await chain.call(.get, "/v1/ageing?on=2026-11-20").json["items"]?.elements ?? []
        let mine = items.first { $0["clinicID"]?.text == "\(chain.clinic)" }
        #expect(["notDue", "upTo30", "upTo60", "upTo90", "over90"].map { mine?.cents($0) } == [100, 600, 800, 0, 0])
        let desk = chain.principal(role: .frontDesk, clinics: .some([other]))
        let theirs = try await chain.call(.get, "/v1/ageing?on=2026-11-20", as: desk).json["items"]?.elements
        #expect(theirs?.map { $0.cents("over90") } == [1_600])
        let standard = try await chain.call(.get, "/v1/dunning-levels").json["levels"]?.elements
        #expect(standard?.map { $0["daysLate"]?.integer } == [7, 21, 45])
        let wrong = #"{"levels":[{"daysLate":9,"label":"A"},{"daysLate":8,"label":"B"}]}"#
        #expect(try await chain.call(.put, "/v1/dunning-levels", wrong, headers: Chain.seen(0)).status == 422)
        let unknown = #"{"levels":[{"daysLate":3,"label":"A","text":"Merci.\nSolde : {{montant}}"}]}"#
        let refused = try await chain.call(.put, "/v1/dunning-levels", unknown, headers: Chain.seen(0))
        let problem = refused.json["errors"]?.elements?.first
        #expect(problem?["pointer"]?.text == "/levels/0/text", "\(refused.text)")
        #expect(problem?["reason"]?.text == "Line 2, column 9: there is no field {{montant}} here.")
        let right = #"{"levels":[{"daysLate":3,"label":"A","text":"Merci de régler."}]}"#
        #expect(try await chain.call(.put, "/v1/dunning-levels", right, headers: Chain.seen(0)).status == 200)
        #expect(try await chain.call(.put, "/v1/dunning-levels", right, headers: Chain.seen(0)).status == 412)
        let kept = try await chain.call(.get, "/v1/dunning-levels").json["levels"]?.elements
        #expect(kept?.map { $0["text"]?.text } == ["Merci de régler."])
        let first = try await chain.call(.get, "/v1/overdue?on=2026-11-20&limit=2").json
        let next = try #require(first["next"]?.text)
        let rest = try await chain.call(.get, "/v1/overdue?on=2026-11-20&limit=2&after=\(next)").json
        let dues = [first, rest].flatMap { $0["items"]?.elements ?? [] }.map { $0.cents("due") }
        #expect(dues == [1_600, 800, 400, 200])
        #expect(first["items"]?.elements?.first?["limitationOn"]?.text == "2028-08-20")
        let foreign = Cursor(["2026-11-20", "nobody"]).text
        for list in ["/v1/overdue?on=2026-11-20&", "/v1/clients/\(client)/debts?"] {
            let refused = try await chain.call(.get, "\(list)after=\(foreign)")
            #expect(refused.status == 422, "it must not read as the beginning: \(refused.text)")
            #expect(refused.json["errors"]?.elements?.first?["pointer"]?.text == "?after")
        }
    }

    @Test func `INV-14: limitation comes after two years where a consumer owes, after five where a business does`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        _ = try await chain.invoice(100, for: client, issuedOn: "2026-08-01", dueOn: "2026-08-01")
        _ = try await chain.receivable(200, for: chain.client(), recordedOn: "2026-01-02", dueOn: "2026-08-02")
        let path = "/v1/clients/\(client)/billing-details"
        for (version, details) in [#"{"siren":"552100554"}"#, #"{"vatNumber":"FR96552100554"}"#].enumerated() {
            #expect(try await chain.call(.put, path, details, headers: Chain.seen(version)).status == 200)
            let day = version + 3
            _ = try await chain.invoice(300, for: client, issuedOn: "2026-08-01", dueOn: "2026-08-0\(day)")
        }
        _ = try await chain.receivable(400, for: client, recordedOn: "2026-01-02", dueOn: "2026-08-05")
        for scope in [ClinicAccess.all, .some([chain.clinic])] {
            let asked = chain.principal(clinics: scope)
            let late = try await chain.call(.get, "/v1/overdue?on=2026-11-20", as: asked).json["items"]?.elements
            // The first invoice names a consumer, whatever its client became.
            #expect(
                late?.map { $0["limitationOn"]?.text } == [
                    "2028-08-01", "2028-08-02", "2031-08-03", "2031-08-04", "2031-08-05",
                ])
        }
    }

    @Test func `INV-14: a part the client pays begins limitation anew, what comes back or somebody else pays does not`()
        async throws
    {
        let chain = try await Chain.open()
        let clients = try await [chain.client(), chain.client(), chain.client(), chain.client()]
        for client in clients.dropLast() {
            _ = try await chain.invoice(5_000, for: client, issuedOn: "2026-08-01", dueOn: "2026-08-01")
        }
        _ = try await chain.receivable(5_000, for: clients[3], recordedOn: "2026-08-01", dueOn: "2026-08-02")
        #expect(try await chain.collect(2_000, for: clients[0], by: "card").status == 201)
        let neighbour = #","payer":{"name":"Voisin"}"#
        #expect(try await chain.collect(2_000, for: clients[1], by: "card", more: neighbour).status == 201)
        try await chain.takeBack(2_000, of: clients[2], on: try #require(LocalDate("2026-11-21")))
        #expect(try await chain.collect(2_000, for: clients[3], by: "card").status == 201)
        let late = try await chain.call(.get, "/v1/overdue?on=2026-11-25").json["items"]?.elements ?? []
        let ends = clients.map { client in
            late.first { $0["clientID"]?.text == "\(client)" }?["limitationOn"]?.text
        }
        #expect(ends == ["2028-11-20", "2028-08-01", "2028-08-01", "2028-11-20"])
    }

    @Test func `INV-10: a client's account sums what was bought, paid, given up and is due`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(5_000, for: client)
        _ = try await chain.receivable(1_000, for: client)
        #expect(try await chain.credit(invoice, 500, seen: 2).status == 201)
        #expect(try await chain.collect(4_600, for: client, by: "card").status == 201)
        let account = try await chain.call(.get, "/v1/clients/\(client)/account").json
        let amounts = ["bought", "paid", "credited", "writtenOff", "due", "held"].map { account.cents($0) }
        #expect(amounts == [6_000, 4_600, 500, 0, 900, 0])
    }

    /// On a database of its own, since the job looks after all organisations.
    private func lateChain() async throws -> (InvoicingBench, Chain, LocalDate) {
        let bench = try await InvoicingBench.start()
        let today: LocalDate = try await bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date")
        return (bench, try await Chain.open(on: bench), today)
    }

    /// The job of a process whose clock stands there.
    private func findOverdue(_ bench: InvoicingBench, at instant: Instant) async throws -> Job {
        let context = ServiceContext(
            settings: bench.context.settings, database: bench.database, time: TimeSource { instant }, ids: .system,
            logger: InvoicingBench.logger)
        let jobs = try await InvoicingService.assemble(context).jobs
        return try #require(jobs.first { $0.name == "find-overdue" })
    }

    private func find(_ bench: InvoicingBench) async throws {
        let job = try #require(bench.assembly.jobs.first { $0.name == "find-overdue" })
        try await job.run()
    }
}

extension Chain {
    /// A client pays by a cheque that bounces, or was never handed over.
    fileprivate func takeBack(
        _ cents: Int64, of client: ClientID, on day: LocalDate, as reason: String = "bounced"
    ) async throws {
        let payment: PaymentOnAccountID = try await collect(
            cents, for: client, by: "cheque", more: #","cheque":{"number":"7"}"#
        ).id()
        let answer = try await call(
            .post, "/v1/payments-on-account/\(payment)/reversal", #"{"on":"\#(day)","reason":"\#(reason)"}"#,
            headers: Chain.seen())
        guard answer.status == 200 else { throw InvoicingBenchFailure(description: answer.text) }
    }

    /// How often it had been due again by then, and the level.
    fileprivate func reached(by debt: some Identifier) async throws -> [String] {
        try await bench.askAll(
            """
            SELECT time_due_again || '/' || level FROM dunning
            WHERE invoice = \(debt.value) OR receivable = \(debt.value) ORDER BY time_due_again, level
            """)
    }

    fileprivate func levels(of debt: some Identifier) async throws -> [Int] {
        let found: [Int64] = try await bench.askAll(
            """
            SELECT level::bigint FROM dunning
            WHERE invoice = \(debt.value) OR receivable = \(debt.value) ORDER BY level
            """)
        return found.map(Int.init)
    }
}
