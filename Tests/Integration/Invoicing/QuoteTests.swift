import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `INV-3: quotes in invoicing` {
    @Test func `INV-3: a quote, two deposits and the final invoice are together what was quoted, to the cent`()
        async throws
    {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        let read = try await chain.call(.get, "/v1/quotes/\(quote)").json
        #expect(read["number"]?.text == "D-LILAS-2026-000001" && read.cents("total") == 12_000 + 5_275)
        let first = try await chain.deposit(5_000, on: quote, online: true)
        #expect(first.status == 201 && first.json["number"]?.text == "F-LILAS-2026-000001", "\(first.text)")
        #expect(first.json.cents("total") == 5_000 && first.json["isDeposit"] == .bool(true))
        let second = try await chain.deposit(3_333, on: quote, seen: 2)
        #expect(second.json["payableOnline"] == .bool(false))
        #expect(try await chain.collect(5_000, for: client, by: "card").status == 201)
        let json = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let final = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", json, headers: Chain.seen(3))
        #expect(final.status == 201 && final.json.cents("total") == 17_275 - 8_333, "\(final.text)")
        #expect(final.json["deductions"]?.elements?.count == 2)
        let id: InvoiceID = try final.id()
        #expect(try await chain.invoice(id)["vat"] == final.json["vat"])
        #expect(try await chain.total("billed") == 17_275)
        #expect(try await chain.events(about: quote) == ["quote-issued", "deposit-requested", "deposit-requested"])
        let ended = try await chain.call(.get, "/v1/quotes/\(quote)").json
        #expect(ended["status"]?.text == "invoiced" && ended["invoiceID"]?.text == "\(id)")
        let verification = try #require(InvoicingService.verification)
        let outcome = try await verification.run(bench.context)
        #expect(outcome.lines == ["F-LILAS-2026: 3 documents, whole", "R-LILAS-2026: 1 documents, whole"])
        try await chain.expectBalance(of: [client])
        await bench.close()
    }

    @Test func `INV-3: what deposits billed in full leaves nothing to pay`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        let deposit: InvoiceID = try await chain.deposit(17_275, on: quote).id()
        let json = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let final = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", json, headers: Chain.seen(2))
        #expect(final.status == 201 && final.json["status"]?.text == "paid", "\(final.text)")
        #expect(try await chain.events(about: final.id() as InvoiceID) == ["invoice-issued", "invoice-paid"])
        #expect(try await chain.standing(of: deposit) == "issued 0 0 17275")
    }

    @Test func `INV-3: a deposit that was credited is billed by the final invoice again`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        let deposit: InvoiceID = try await chain.deposit(6_000, on: quote).id()
        #expect(try await chain.credit(deposit, 1_000, seen: 2).status == 201)
        let json = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let final = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", json, headers: Chain.seen(2))
        #expect(final.json.cents("total") == 12_275)
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-3, INV-4: a credit note of a deposit leaves its quote what has the VAT of its base`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote: QuoteID = try await chain.call(
            .post, "/v1/quotes",
            """
            {"clientID":"\(client)","clinicID":"\(chain.clinic)","issuedOn":"2026-11-20","validUntil":"2026-12-21",
             "lines":[{"label":"Chirurgie","unitPriceTenThousandths":13000300,"vatBasisPoints":2000},
                      {"label":"Croquettes","unitPriceTenThousandths":3015000,"vatBasisPoints":1000}]}
            """
        ).id()
        let first: InvoiceID = try await chain.deposit(49_410, on: quote).id()
        #expect(try await chain.deposit(40_904, on: quote, seen: 2).status == 201)
        let note = try await chain.credit(first, 19_799, seen: 2)
        let deposit = try await chain.deposit(3_715, on: quote, seen: 3)
        let json = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let final = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", json, headers: Chain.seen(4))
        let expected: [(InProcessClient.Answer, [Int64])] = [
            (note, [2_721, 315]), (deposit, [511, 59]), (final, [15_798, 1_832]),
        ]
        for (answer, vat) in expected {
            #expect(answer.json["vat"]?.elements?.compactMap { $0.cents("vat") } == vat, "\(answer.text)")
        }
    }

    @Test func `INV-3: after a wrong deposit was credited in full the right one is asked for, online too`() async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        let wrong: InvoiceID = try await chain.deposit(17_000, on: quote, online: true).id()
        let over = try await chain.deposit(6_000, on: quote, seen: 2)
        #expect(over.status == 422 && over.text.contains("Only 2.75"), "\(over.text)")
        #expect(try await chain.credit(wrong, seen: 2).status == 201)
        let right = try await chain.deposit(6_000, on: quote, online: true, seen: 2)
        #expect(right.status == 201, "\(right.text)")
        #expect(try await chain.deposit(11_276, on: quote, seen: 3).status == 422)
        let json = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let final = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", json, headers: Chain.seen(3))
        #expect(final.json.cents("total") == 11_275, "\(final.text)")
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-3: one deposit is payable online unless the rules let several be`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        #expect(try await chain.deposit(1_000, on: quote, online: true).status == 201)
        let refused = try await chain.deposit(1_000, on: quote, online: true, seen: 2)
        #expect(refused.json["errors"]?.elements?.first?["pointer"]?.text == "/online")
        let rules = """
            {"cashCeiling":{"minorUnits":100000,"currency":"EUR"},"onlineAcceptance":"automatic",
             "severalOnlineDeposits":true}
            """
        #expect(try await chain.call(.put, "/v1/collecting-rules", rules, headers: Chain.seen(0)).status == 200)
        #expect(try await chain.deposit(1_000, on: quote, online: true, seen: 2).status == 201)
    }

    @Test func `INV-3: many who ask for deposits and the invoice at once do it in some order`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        let json = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<12 {
                group.addTask {
                    let version = try await chain.call(.get, "/v1/quotes/\(quote)").json["version"]?.integer ?? 0
                    if number % 4 == 3 {
                        return try await chain.call(
                            .post, "/v1/quotes/\(quote)/invoice", json, headers: Chain.seen(Int(version))
                        ).status
                    }
                    return try await chain.deposit(700, on: quote, seen: Int(version)).status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { [201, 409, 412].contains($0) }, "\(statuses)")
        let version = try await chain.call(.get, "/v1/quotes/\(quote)").json["version"]?.integer ?? 0
        _ = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", json, headers: Chain.seen(Int(version)))
        #expect(try await chain.total("billed") == 17_275, "\(statuses)")
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-3, INV-7: deposits and the final invoice of one quote share the ceiling of cash`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        try await chain.takeCash(upTo: 10_000)
        #expect(try await chain.deposit(6_000, on: quote).status == 201)
        #expect(try await chain.deposit(5_000, on: quote, seen: 2).status == 201)
        let keep = #","allocate":"keep""#
        let credit: PaymentOnAccountID = try await chain.collect(5_000, for: client, more: keep).id()
        #expect(try await chain.collect(6_000, for: client).status == 201)
        let much = try await chain.collect(4_001, for: client)
        #expect(much.status == 422 && much.problem == "cash-ceiling", "\(much.text)")
        #expect(much.text.contains("one quote"), "\(much.text)")
        let applied = try await chain.call(
            .post, "/v1/payments-on-account/\(credit)/allocations", #"{"on":"2026-11-25"}"#, headers: Chain.seen())
        #expect(applied.problem == "cash-ceiling", "\(applied.text)")
        #expect(try await chain.collect(4_000, for: client).status == 201)
        #expect(try await chain.collect(1_000, for: client, by: "card").status == 201)
        let json = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let final = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", json, headers: Chain.seen(3))
        #expect(final.status == 201, "\(final.text)")
        #expect(try await chain.collect(1, for: client).problem == "cash-ceiling")
        // Another sale has a ceiling of its own.
        let other = try await chain.invoice(9_000, for: client, issuedOn: "2026-11-25")
        let told = #","allocate":"as-told","allocations":[{"invoiceID":"\#(other)"}]"#
        #expect(try await chain.collect(9_000, for: client, more: told).status == 201)
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-3, INV-7: cash for two deposits at once, while their quote is invoiced, stays under the ceiling`()
        async throws
    {
        for _ in 0..<4 {
            let chain = try await Chain.open()
            try await chain.takeCash(upTo: 10_000)
            let client = try await chain.client()
            let quote = try await chain.quote(for: client)
            let deposits: [InvoiceID] = [
                try await chain.deposit(6_000, on: quote).id(), try await chain.deposit(6_000, on: quote, seen: 2).id(),
            ]
            let json = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
            let (cash, invoiced) = try await withThrowingTaskGroup(of: Int.self) { group in
                for deposit in deposits {
                    group.addTask {
                        let told = #","allocate":"as-told","allocations":[{"invoiceID":"\#(deposit)"}]"#
                        return try await chain.collect(6_000, for: client, more: told).status
                    }
                }
                let final = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", json, headers: Chain.seen(3))
                let statuses = try await group.reduce(into: [Int]()) { $0.append($1) }
                return (statuses.sorted(), final.status)
            }
            #expect(cash == [201, 422] && invoiced == 201)
            try await chain.expectBalance(of: [client])
        }
    }

    @Test func `INV-3: a quote that was accepted by a deposit becomes its invoice after its last day`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let (accepted, expired) = try await (
            chain.quote(for: client, validUntil: "2026-11-22"), chain.quote(for: client, validUntil: "2026-11-22")
        )
        #expect(try await chain.deposit(6_000, on: accepted).status == 201)
        let withdrawn: InvoiceID = try await chain.deposit(500, on: expired).id()
        #expect(try await chain.credit(withdrawn, seen: 2).status == 201)
        let refused = try await chain.deposit(1_000, on: expired, seen: 2, day: "2026-11-24")
        #expect(refused.status == 409 && refused.text.contains("2026-11-22"), "\(refused.text)")
        #expect(try await chain.deposit(1_000, on: accepted, seen: 2, day: "2026-11-24").status == 201)
        let json = #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#
        let final = try await chain.call(.post, "/v1/quotes/\(accepted)/invoice", json, headers: Chain.seen(3))
        #expect(final.status == 201 && final.json.cents("total") == 17_275 - 7_000, "\(final.text)")
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-3: a quote with a deposit is not declined until the deposit was credited in full`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        let deposit: InvoiceID = try await chain.deposit(7_000, on: quote).id()
        #expect(try await chain.collect(7_000, for: client, by: "card").status == 201)
        let decline = "/v1/quotes/\(quote)/decline"
        let refused = try await chain.call(.post, decline, headers: Chain.seen(2))
        #expect(refused.status == 409 && refused.text.contains("it is accepted"), "\(refused.text)")
        #expect(refused.json["remedy"]?.text?.contains("Credit them in full first") == true)
        let french: Headers = ["If-Match": "\"v2\"", "Accept-Language": "fr"]
        #expect(try await chain.call(.post, decline, headers: french).text.contains("il est accepté"), "GEN-5")
        #expect(try await chain.call(.get, "/v1/quotes/\(quote)").json["status"]?.text == "open")
        #expect(try await chain.credit(deposit, seen: 3).status == 201)
        let declined = try await chain.call(.post, decline, headers: Chain.seen(2))
        #expect(declined.status == 200 && declined.json["status"]?.text == "declined", "\(declined.text)")
        #expect(try await chain.payments(of: client) == ["7000 0 7000 0"], "what was paid is the client's credit")
        try await chain.expectBalance(of: [client])
    }

    @Test func `INV-3: what has expired says so and is found by it, unless a deposit on it stands`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let open = try await chain.quote(for: client, validUntil: "2999-12-31")
        let expired = try await chain.quote(for: client, validUntil: "2026-11-21")
        let accepted = try await chain.quote(for: client, validUntil: "2026-11-21")
        #expect(try await chain.deposit(500, on: accepted).status == 201)
        let withdrawn = try await chain.quote(for: client, validUntil: "2026-11-21")
        let deposit: InvoiceID = try await chain.deposit(500, on: withdrawn).id()
        #expect(try await chain.status(of: withdrawn) == "open")
        #expect(try await chain.credit(deposit, seen: 2).status == 201)
        let declined = try await chain.quote(for: client, validUntil: "2026-11-21")
        #expect(try await chain.call(.post, "/v1/quotes/\(declined)/decline", headers: Chain.seen()).status == 200)
        let invoiced = try await chain.quote(for: client, validUntil: "2026-11-21")
        let days = #"{"issuedOn":"2026-11-20","dueOn":"2026-12-20"}"#
        let path = "/v1/quotes/\(invoiced)/invoice"
        #expect(try await chain.call(.post, path, days, headers: Chain.seen()).status == 201)
        let all = [
            ("open", [open, accepted]), ("expired", [expired, withdrawn]), ("declined", [declined]),
            ("invoiced", [invoiced]),
        ]
        for (status, quotes) in all {
            for quote in quotes { #expect(try await chain.status(of: quote) == status, "\(status)") }
            for query in ["", "&clinicID=\(chain.clinic)", "&issuedFrom=2026-11-20&issuedTo=2026-11-20"] {
                let items = try await chain.call(.get, "/v1/quotes?status=\(status)\(query)").json["items"]?.elements
                let found = items?.compactMap { $0["id"]?.text }
                #expect(found == quotes.reversed().map { "\($0)" }, "\(status) \(query)")
                #expect(items?.allSatisfy { $0["status"]?.text == status } == true, "\(status) \(query)")
            }
        }
        #expect(try await chain.call(.get, "/v1/quotes?status=lost").status == 422)
    }

    @Test func `INV-3: a quote expires by the day of its clinic`() async throws {
        // On the one island it is always a later day than on the other.
        let early = try await Chain.open(timeZone: "Pacific/Kiritimati")
        let json = #"{"code":"PAGO","name":"Clinique","timeZone":"Pacific/Pago_Pago"}"#
        let other: ClinicID = try await early.call(.post, "/v1/clinics", json).id()
        let late = Chain(bench: early.bench, organisation: early.organisation, clinic: other)
        let last: LocalDate = try await early.bench.ask("SELECT (now() AT TIME ZONE 'Pacific/Kiritimati')::date - 1")
        let client = try await early.client()
        let gone = try await early.quote(for: client, validUntil: "\(last)")
        let binding = try await late.quote(for: client, validUntil: "\(last)")
        for (quote, status) in [(gone, "expired"), (binding, "open")] {
            #expect(try await early.status(of: quote) == status)
            let items = try await early.call(.get, "/v1/quotes?status=\(status)").json["items"]?.elements
            #expect(items?.compactMap { $0["id"]?.text } == ["\(quote)"], "\(status)")
        }
    }

    @Test func `INV-3: a declined or expired quote becomes nothing, and a quote is never changed by SQL`() async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let (declined, expired) = try await (chain.quote(for: client), chain.quote(for: client))
        let gone = try await chain.call(.post, "/v1/quotes/\(declined)/decline", headers: Chain.seen())
        #expect(gone.status == 200 && gone.json["status"]?.text == "declined")
        #expect(try await chain.deposit(1_000, on: declined, seen: 2).status == 409)
        let late = #"{"issuedOn":"2026-12-22","dueOn":"2026-12-25"}"#
        let answer = try await chain.call(.post, "/v1/quotes/\(expired)/invoice", late, headers: Chain.seen())
        #expect(answer.status == 409 && answer.text.contains("2026-12-21"))
        for statement in ["UPDATE quote SET total = 1", "DELETE FROM quote", "UPDATE quote_line SET label = 'X'"] {
            await #expect(throws: (any Error).self) {
                try await chain.bench.overseer.transaction { transaction in
                    try transaction.execute("\(unescaped: statement) WHERE organisation = \(chain.organisation)")
                }
            }
        }
        await #expect(throws: (any Error).self) {
            try await chain.bench.overseer.transaction { transaction in
                try transaction.execute("UPDATE quote SET delivery_address = '{}' WHERE id = \(expired)")
            }
        }
    }
}

extension Chain {
    /// 100.00 at 20 % and 50.00 at 5.5 %.
    func quote(
        for client: ClientID, issuedOn: String = "2026-11-20", validUntil day: String = "2026-12-21"
    ) async throws -> QuoteID {
        try await call(
            .post, "/v1/quotes",
            """
            {"clientID":"\(client)","clinicID":"\(clinic)","issuedOn":"\(issuedOn)","validUntil":"\(day)",
             "lines":[{"label":"Chirurgie","unitPriceTenThousandths":1000000,"vatBasisPoints":2000},
                      {"label":"Croquettes","unitPriceTenThousandths":500000,"vatBasisPoints":550}]}
            """
        ).id()
    }

    fileprivate func status(of quote: QuoteID) async throws -> String? {
        try await call(.get, "/v1/quotes/\(quote)").json["status"]?.text
    }

    fileprivate func takeCash(upTo cents: Int64) async throws {
        let rules = """
            {"cashCeiling":{"minorUnits":\(cents),"currency":"EUR"},"onlineAcceptance":"automatic"}
            """
        let answer = try await call(.put, "/v1/collecting-rules", rules, headers: Chain.seen(0))
        guard answer.status == 200 else { throw InvoicingBenchFailure(description: answer.text) }
    }

    func deposit(
        _ cents: Int64, on quote: QuoteID, online: Bool = false, seen version: Int = 1, day: String = "2026-11-20"
    ) async throws -> InProcessClient.Answer {
        try await call(
            .post, "/v1/quotes/\(quote)/deposits",
            """
            {"amount":{"minorUnits":\(cents),"currency":"EUR"},"issuedOn":"\(day)","dueOn":"2026-11-30",
             "online":\(online)}
            """, headers: Chain.seen(version))
    }
}
