import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// What an accountant asks first: what was issued in November, and what was paid at a clinic this week.
@Suite struct `A period of invoicing` {
    private static let days = ["2026-09-30", "2026-10-05", "2026-10-20", "2026-11-02"]
    private static let october = ["2026-10-20", "2026-10-05"]

    @Test func `INV-3, INV-4: invoices, credit notes and quotes of some days, latest first, of all clinics and one`()
        async throws
    {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        // Those of later days are written first: ids say nothing of days.
        for day in Self.days.reversed() { _ = try await chain.quote(for: client, issuedOn: day) }
        for day in Self.days {
            let invoice = try await chain.invoice(1_000, for: client, issuedOn: day)
            _ = try await chain.invoice(1_000, for: client, clinic: other, issuedOn: day)
            let json = #"{"issuedOn":"\#(day)","reason":"Geste"}"#
            let path = "/v1/invoices/\(invoice)/credit-notes"
            #expect(try await chain.call(.post, path, json, headers: Chain.seen(2)).status == 201)
        }
        _ = try await chain.invoice(1_000, for: client, issuedOn: nil)
        let desk = chain.principal(role: .frontDesk, clinics: .some([chain.clinic]))
        for list in ["invoices", "credit-notes", "quotes"] {
            for (query, expected) in [
                ("issuedFrom=2026-10-01&issuedTo=2026-10-31", Self.october), ("issuedFrom=2026-11-02", ["2026-11-02"]),
                ("issuedTo=2026-09-30", ["2026-09-30"]), ("issuedTo=2026-09-29", []),
                ("issuedFrom=2026-10-05&issuedTo=2026-10-05", ["2026-10-05"]),
                ("clientID=\(client)&issuedFrom=2026-10-05&issuedTo=2026-10-05", ["2026-10-05"]),
                ("clientID=\(ClientID(1))&issuedTo=2026-10-05", []),
            ] as [(String, [String])] {
                let both = list == "invoices" ? expected.flatMap { [$0, $0] } : expected
                #expect(try await chain.days("issuedOn", of: "\(list)?\(query)") == both, "\(list) \(query)")
                #expect(try await chain.days("issuedOn", of: "\(list)?\(query)", as: desk) == expected, "\(list)")
                let asked = "\(list)?\(query)&clinicID=\(chain.clinic)"
                #expect(try await chain.days("issuedOn", of: asked) == expected, "\(asked)")
            }
            let paged = try await chain.days("issuedOn", of: "\(list)?issuedTo=2026-10-31", limit: 1)
            let all = Self.october + ["2026-09-30"]
            #expect(paged == (list == "invoices" ? all.flatMap { [$0, $0] } : all), "\(list)")
            let wrong = try await chain.call(.get, "/v1/\(list)?issuedFrom=2026-10-02&issuedTo=2026-10-01")
            #expect(wrong.json["errors"]?.elements?.first?["pointer"]?.text == "?issuedTo", "\(wrong.text)")
        }
    }

    @Test func `INV-8, INV-9: what was recorded and received on some days, of one clinic, by one method`() async throws
    {
        let chain = try await Chain.open()
        let other = try await chain.anotherClinic("PANTIN")
        let client = try await chain.client()
        for day in Self.days {
            for (clinic, method) in [(chain.clinic, "card"), (other, "cash")] {
                let there = Chain(bench: chain.bench, organisation: chain.organisation, clinic: clinic)
                let kept = """
                    {"clientID":"\(client)","clinicID":"\(clinic)","method":"\(method)","collectedOn":"\(day)",
                     "allocate":"keep","amount":{"minorUnits":500,"currency":"EUR"}}
                    """
                #expect(try await chain.call(.post, "/v1/collections", kept).status == 201)
                _ = try await there.receivable(100, for: client, recordedOn: day)
            }
        }
        let october = "from=2026-10-01&to=2026-10-31"
        for (list, day) in [("payments-on-account", "receivedOn"), ("receivables", "recordedOn")] {
            let both = Self.october.flatMap { [$0, $0] }
            #expect(try await chain.days(day, of: "\(list)?\(october)") == both, "\(list)")
            #expect(try await chain.days(day, of: "\(list)?\(october)", limit: 1) == both, "\(list)")
            #expect(try await chain.days(day, of: "\(list)?\(october)&clinicID=\(other)") == Self.october, "\(list)")
            #expect(try await chain.days(day, of: "\(list)?clinicID=\(other)") == Self.days.reversed(), "\(list)")
            let desk = chain.principal(role: .frontDesk, clinics: .some([other]))
            #expect(try await chain.days(day, of: "\(list)?from=2026-11-01", as: desk) == ["2026-11-02"], "\(list)")
            let foreign = "\(list)?\(october)&clinicID=\(chain.clinic)"
            #expect(try await chain.days(day, of: foreign, as: desk) == [], "not of a clinic one does not act for")
            let sheet = try await chain.call(.get, "/v1/\(list)/csv?\(october)&clinicID=\(other)").text
            #expect(sheet.split(separator: "\r\n").count == 3, "INV-10: \(sheet)")
        }
        let payments = "payments-on-account?method=cash"
        #expect(try await chain.days("receivedOn", of: "\(payments)&\(october)") == Self.october)
        #expect(try await chain.days("receivedOn", of: "\(payments)&clientID=\(client)") == Self.days.reversed())
        #expect(try await chain.days("receivedOn", of: "payments-on-account?method=cheque&\(october)") == [])
        #expect(try await chain.call(.get, "/v1/\(payments)").status == 422, "all of them would be read for it")
        #expect(try await chain.call(.get, "/v1/receivables?method=cash&\(october)").status == 422)
    }

    @Test func `INV-4, INV-9: has no other days read, however many there are`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let quiet = try await chain.anotherClinic("CALME")
        let client = try await chain.client()
        try await bench.overseer.transaction { transaction in
            // What checks of foreign keys look up would be counted as well.
            try transaction.execute("SET LOCAL session_replication_role = replica")
            for rows in Self.years(chain, client) { try transaction.execute(rows) }
        }
        try await bench.overseer.execute("VACUUM ANALYZE")
        let desk = chain.principal(role: .frontDesk, clinics: .some([quiet]))
        for (list, from, to) in [
            ("invoices", "issuedFrom", "issuedTo"), ("quotes", "issuedFrom", "issuedTo"),
            ("credit-notes", "issuedFrom", "issuedTo"), ("payments-on-account", "from", "to"),
            ("receivables", "from", "to"),
        ] {
            let march = "/v1/\(list)?limit=5&\(from)=2022-03-01&\(to)=2022-03-31"
            // More often than it takes the database to settle for one plan.
            for _ in 0..<7 {
                let page = try await chain.call(.get, march).json
                #expect(page["items"]?.elements?.count == 5, "\(list)")
                let next = try await chain.call(.get, "\(march)&after=\(page["next"]?.text ?? "")").json
                #expect(next["items"]?.elements?.count == 5, "\(list)")
                let early = try await chain.call(.get, "/v1/\(list)?limit=5&\(to)=2022-03-31").json
                #expect(early["items"] == page["items"], "\(list)")
                #expect(try await chain.call(.get, march, as: desk).json["items"]?.elements?.isEmpty == true)
            }
        }
        // Some 1,300 are of March; 7 times 4 pages of 6 rows, each with the day of the row before it, are 200.
        let walked = try await bench.listsReadAtLength()
        #expect(walked == [], "so many rows were read for pages of five")
        await bench.close()
    }

    /// Of each kind 16,000 rows, forty of each day.
    private static func years(_ chain: Chain, _ client: ClientID) -> [SQL] {
        let (organisation, clinic) = (chain.organisation, chain.clinic)
        let made: SQL = """
            (SELECT gen_random_uuid() AS id, n, date '2022-01-01' + n / 40 AS day FROM generate_series(1, 16000) AS n)
            """
        return [
            """
            INSERT INTO invoice (id, organisation, clinic, client, currency, total, paid, due_on, number, issued_on)
            SELECT id, \(organisation), \(clinic), \(client), 'EUR', 1200, 1200, day, 'F-' || n, day
            FROM \(made) AS made
            """,
            """
            INSERT INTO payment_on_account (id, organisation, clinic, client, method, currency, amount, allocated,
                unallocated, received_on)
            SELECT id, \(organisation), \(clinic), \(client), 'card', 'EUR', 1200, 0, 1200, day FROM \(made) AS made
            """,
            """
            WITH written AS (
                INSERT INTO quote (id, organisation, clinic, client, number, issued_on, valid_until, currency, total)
                SELECT id, \(organisation), \(clinic), \(client), 'D-' || n, day, day, 'EUR', 1200 FROM \(made) AS made
                RETURNING id
            ), billed AS (
                INSERT INTO quote_line (quote, position, organisation, label, quantity_thousandths,
                    unit_price_ten_thousandths, vat_basis_points)
                SELECT id, 0, \(organisation), 'Soin', 1000, 100000, 2000 FROM written
            )
            INSERT INTO quote_vat (quote, vat_basis_points, organisation, base, vat)
            SELECT id, 2000, \(organisation), 1000, 200 FROM written
            """,
            """
            INSERT INTO credit_note (id, organisation, invoice, client, number, issued_on, currency, total, reason,
                clinic, sequence, hash)
            SELECT id, \(organisation), id, \(client), 'A-' || n, day, 'EUR', 1, 'Geste', \(clinic), n, 'none'
            FROM \(made) AS made
            """,
            """
            INSERT INTO receivable (id, organisation, clinic, client, label, currency, amount, recorded_on, due_on)
            SELECT id, \(organisation), \(clinic), \(client), 'Soin', 'EUR', 1200, day, day FROM \(made) AS made
            """,
        ]
    }
}

extension Chain {
    /// The days of a list's rows in its order, page by page where a limit is given.
    fileprivate func days(
        _ field: String, of list: String, limit: Int? = nil, as principal: Principal? = nil
    ) async throws -> [String] {
        var (days, next): ([String], String?) = ([], nil)
        repeat {
            let path = "/v1/\(list)" + (limit.map { "&limit=\($0)" } ?? "") + (next.map { "&after=\($0)" } ?? "")
            let page = try await call(.get, path, as: principal)
            guard page.status == 200 else { throw InvoicingBenchFailure(description: "\(list): \(page.text)") }
            days += page.json["items"]?.elements?.compactMap { $0[field]?.text } ?? []
            next = page.json["next"]?.text
        } while next != nil && days.count < 100
        return days
    }
}
