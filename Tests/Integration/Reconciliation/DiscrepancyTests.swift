import HTTPServer
import PaymentModel
import PostgresClient
import Testing

extension `The books` {
    @Suite struct `What people do about a discrepancy` {
        /// Books with one discrepancy: a report names a payment nobody knows.
        private func written(_ amount: Int64 = 5_000) async throws -> (books: Books, path: String) {
            let books = try Books()
            _ = try await books.importReport(ReportFile([stray(amount)]).text)
            let id = try #require(try await books.list("/v1/discrepancies").first?["id"]?.text)
            return (books, "/v1/discrepancies/\(id)")
        }

        private func stray(_ amount: Int64, _ reference: String = "payment_stray") -> ReportRow {
            PaymentFacts(reference, amount).line("payout_abc1")
        }

        private func tellBank(_ books: Books, of amount: Int64, _ number: Int) async throws {
            let entry = StatementEntry(reference: "BK\(number)", amount: amount, text: "ALMA payout_abc1")
            _ = try await books.importStatement(StatementFile(id: "S\(number)", entries: [entry]).text)
        }

        @Test func `REC-5 GEN-6 has an owner, comments and an end, each with its author`() async throws {
            let (books, path) = try await written()
            #expect(try await books.put("\(path)/owner", #"{"owner":"paul"}"#).status == 200)
            #expect(try await books.post("\(path)/comments", #"{"text":"I have asked Alma."}"#).status == 201)
            let closed = try await books.post("\(path)/close", #"{"reason":"of another shop"}"#, as: "boss").json
            let discrepancy = try #require(closed["discrepancy"])
            #expect(discrepancy["owner"]?.text == "paul" && discrepancy["closedBy"]?.text == "boss")
            #expect(discrepancy["closedBecause"]?.text == "of another shop")
            let notes = try await books.get(path).json["notes"]?.elements ?? []
            let told = notes.map { "\($0["act"]?.text ?? "") \($0["author"]?.text ?? "") \($0["words"]?.text ?? "")" }
            #expect(
                told == [
                    "assigned anna paul", "commented anna I have asked Alma.", "closed boss of another shop",
                ])
            #expect(try await books.discrepancies() == [])
            let listed = try await books.list("/v1/discrepancies?closed=true")
            #expect(listed.count == 1 && listed.first?["closedBy"]?.text == "boss")
            for path in ["/v1/discrepancies?open=true", "/v1/matching-rules?name=psp"] {
                #expect(try await books.get(path).status == 422, "\(path)")
            }
            #expect(try await books.announced("discrepancy-closed") == 1)
        }

        @Test func `REC-5 is closed once, and not without a reason`() async throws {
            let (books, path) = try await written()
            for body in ["{}", #"{"reason":""}"#, #"{"reason":"  "}"#, #"{"reason":7}"#, #"{"reason":"x","by":"y"}"#] {
                #expect(try await books.post("\(path)/close", body).status == 422, "\(body)")
            }
            #expect(try await books.post("\(path)/close", #"{"reason":"x"}"#).status == 200)
            #expect(try await books.post("\(path)/close", #"{"reason":"x"}"#).status == 409)
            #expect(try await books.put("\(path)/owner", #"{"owner":"paul"}"#).status == 409)
            #expect(try await books.post("\(path)/comments", #"{"text":"still"}"#).status == 201)
            let unknown = try await books.post("/v1/discrepancies/\(DiscrepancyID(9))/close", #"{"reason":"x"}"#)
            #expect(unknown.status == 404)
        }

        @Test func `REC-5 one that a person closed stays closed until it is about another amount`() async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let payout = try await books.payout("payout_abc1")["id"]?.text ?? ""
            try await tellBank(books, of: payment.net - 3, 1)
            let found = try await books.list("/v1/discrepancies").first { $0["kind"]?.text == "payout-amount" }
            let path = "/v1/discrepancies/\(found?["id"]?.text ?? "")"
            #expect(try await books.post("\(path)/close", #"{"reason":"fees of the bank"}"#).status == 200)
            let line = try await books.bankLine("BK1")
            #expect(try await books.post("/v1/payouts/\(payout)/unpoint").status == 200)
            let again = try await books.post("/v1/payouts/\(payout)/point", #"{"bankLineID":"\#(line)"}"#)
            #expect(again.status == 200)
            #expect(try await !books.discrepancies().contains { $0.hasPrefix("payout-amount") })

            #expect(try await books.post("/v1/payouts/\(payout)/unpoint").status == 200)
            try await tellBank(books, of: payment.net - 4, 2)
            #expect(try await books.discrepancies().contains("payout-amount payout_abc1 -4"))
            let reopened = try await books.get(path).json["discrepancy"]
            #expect(reopened?["closedBy"]?.text == nil && reopened?["closedAt"]?.text == nil)
        }

        @Test(arguments: ["payment", "payout"])
        func `REC-5 closed ones too are found by what they are about, without a look at all others`(
            column: String
        ) async throws {
            let books = try Books()
            try await books.bench.superuser.execute(
                """
                INSERT INTO discrepancy (id, organisation, kind, subject, payment, payout, closed_at)
                SELECT gen_random_uuid(), \(books.organisation), 'fee', n::text, gen_random_uuid(), gen_random_uuid(),
                    now()
                FROM generate_series(1, 2000) AS n
                """)
            try await books.bench.superuser.execute("ANALYZE discrepancy")
            let plan: [String] = try await books.bench.superuser.query(
                """
                EXPLAIN SELECT kind FROM discrepancy
                WHERE organisation = '\(unescaped: "\(books.organisation)")'
                    AND \(unescaped: column) = '\(unescaped: "\(PaymentID(9))")'
                """
            ) { row in try row(#""QUERY PLAN""#) }
            #expect(plan.contains { $0.contains("discrepancy_of_\(column)") }, "\(plan)")
        }

        @Test func `REC-5 one that is opened again is as old as it was`() async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            try await tellBank(books, of: payment.net - 3, 1)
            try await books.bench.superuser.execute(
                """
                UPDATE discrepancy SET opened_at = now() - interval '400 days' WHERE organisation = \(books.organisation)
                """)
            let first = try #require(try await books.list("/v1/discrepancies?kind=payout-amount").first)
            #expect(first["ageDays"]?.integer == 400)
            let payout = try await books.payout("payout_abc1")["id"]?.text ?? ""
            #expect(try await books.post("/v1/payouts/\(payout)/unpoint").status == 200)
            // By itself, with another amount.
            try await tellBank(books, of: payment.net - 4, 2)
            let again = try #require(try await books.list("/v1/discrepancies?kind=payout-amount").first)
            #expect(again["amount"]?["minorUnits"]?.integer == -4 && again["ageDays"]?.integer == 400)
            #expect(again["openedAt"]?.text == first["openedAt"]?.text)
            #expect(try await books.announced("discrepancy-opened") == 2, "it is told anew all the same")
        }

        @Test(arguments: [false, true])
        func `REC-5 each of more than a thousand is on a page, once and in order`(closed: Bool) async throws {
            let books = try Books()
            try await books.bench.superuser.execute(
                """
                INSERT INTO discrepancy (id, organisation, kind, subject, opened_at, closed_at)
                SELECT gen_random_uuid(), \(books.organisation), 'fee', 'txn_' || number,
                    timestamptz '2026-01-01' + number / 3 * interval '1 second',
                    CASE WHEN \(closed) THEN timestamptz '2026-02-01' + number / 3 * interval '1 second' END
                FROM generate_series(1, 1001) AS number
                """)
            let path = "/v1/discrepancies?closed=\(closed)&limit=200"
            let found = try await books.pages(path)
            #expect(found.count == 1_001 && Set(found.compactMap { $0["id"]?.text }).count == 1_001)
            #expect(try await books.get(path).json["inAll"]?.integer == 1_001)
            let moments = found.compactMap { $0[closed ? "closedAt" : "openedAt"]?.text }
            #expect(moments.count == 1_001 && moments == (closed ? moments.sorted(by: >) : moments.sorted()))
            #expect(try await books.list("/v1/discrepancies?closed=\(!closed)").isEmpty)
        }

        @Test func `REC-5 are listed by kind, owner, payment and payout`() async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            try await books.tell(payment)
            let lines = [payment.line("payout_abc1", fee: 1), stray(5_000)]
            _ = try await books.importReport(ReportFile(lines).text)
            let stranger = try #require(
                try await books.list("/v1/discrepancies?kind=unknown-payment").first?["id"]?.text)
            #expect(try await books.put("/v1/discrepancies/\(stranger)/owner", #"{"owner":"paul"}"#).status == 200)
            let payout = try await books.payout("payout_abc1")["id"]?.text ?? ""
            for (query, kinds) in [
                ("kind=fee", ["fee"]), ("owner=paul", ["unknown-payment"]), ("owner=anna", []),
                ("paymentID=\(payment.id)", ["fee"]), ("payoutID=\(payout)", ["fee", "unknown-payment"]),
                ("payoutID=\(payout)&kind=fee", ["fee"]), ("payoutID=\(PayoutID(9))", []), ("kind=late", []),
            ] as [(String, [String])] {
                let found = try await books.list("/v1/discrepancies?\(query)").compactMap { $0["kind"]?.text }
                #expect(found.sorted() == kinds, "\(query)")
            }
            for query in ["kind=small", "paymentID=7", "after=x"] {
                #expect(try await books.get("/v1/discrepancies?\(query)").status == 422, "\(query)")
            }
        }

        @Test(arguments: [
            "UPDATE discrepancy_note SET words = 'x'", "DELETE FROM discrepancy_note", "TRUNCATE discrepancy_note",
        ])
        func `GEN-6 the history is append-only in the database`(statement: String) async throws {
            let (books, path) = try await written()
            #expect(try await books.post("\(path)/comments", #"{"text":"kept"}"#).status == 201)
            let refusal = await books.refusal([SQL(unescaped: statement)])
            #expect(
                refusal?.contains("append-only") == true || refusal?.contains("permission denied") == true,
                "\(refusal ?? "it was done")")
        }
    }
}
