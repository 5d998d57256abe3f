import HTTPServer
import PaymentModel
import PostgresClient
import Testing

extension `The books` {
    @Suite struct `The list of payouts` {
        /// Payouts of three days, imported in another order; the one of the bank line is pointed.
        private func written() async throws -> Books {
            let books = try Books()
            for (name, days) in [("middle", 1), ("late", 5), ("early", -3)] {
                var row = PaymentFacts("payment_\(name)", 9_000).line("payout_\(name)")
                row.day = Books.day.adding(days: days)
                _ = try await books.importReport(ReportFile([row]).text)
            }
            let amount = PaymentFacts("payment_middle", 9_000).net
            let entry = StatementEntry(reference: "BK1", amount: amount, text: "ALMA payout_middle")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            return books
        }

        private func references(_ books: Books, _ query: String) async throws -> [String] {
            try await books.list("/v1/payouts\(query)").compactMap { $0["reference"]?.text }
        }

        @Test func `REC-2 is by day, and of a period, a provider, and what is not pointed`() async throws {
            let books = try await written()
            let (day, all) = (Books.day, ["payout_late", "payout_middle", "payout_early"])
            #expect(try await references(books, "") == all, "whatever came in first")
            #expect(try await references(books, "?pointed=false") == ["payout_late", "payout_early"])
            #expect(try await references(books, "?pointed=true") == ["payout_middle"])
            #expect(try await references(books, "?from=\(day)") == ["payout_late", "payout_middle"])
            #expect(try await references(books, "?to=\(day.adding(days: 1))") == ["payout_middle", "payout_early"])
            let both = "?from=\(day)&to=\(day.adding(days: 4))&provider=alma"
            #expect(try await references(books, both) == ["payout_middle"])
            #expect(try await references(books, "?provider=stripe") == [])
            let backwards = "?from=\(day)&to=\(day.adding(days: -1))"
            for query in [backwards, "?pointed=maybe", "?provider=bank", "?paid=true"] {
                #expect(try await books.get("/v1/payouts\(query)").status == 422, "\(query)")
            }
        }

        @Test func `REC-2 has every payout once over all pages, also many of a day`() async throws {
            let books = try await written()
            try await books.bench.superuser.execute(
                """
                INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on)
                SELECT gen_random_uuid(), \(books.organisation), 'alma', 'payout_' || number, 'EUR', 100,
                    \(Books.day)::date + (number % 2)
                FROM generate_series(1, 30) AS number
                """)
            let found = try await books.pages("/v1/payouts?limit=7")
            #expect(found.count == 33 && Set(found.compactMap { $0["id"]?.text }).count == 33)
            let days = found.compactMap { $0["paidOn"]?.text }
            #expect(days == days.sorted(by: >))
            #expect(try await books.pages("/v1/payouts?limit=7&pointed=false").count == 32)
        }

        @Test
        func `REC-2, REC-5, REC-7, REC-8: a cursor of another list is refused, and does not read as the beginning`()
            async throws
        {
            let books = try await written()
            let payout = try await books.payout("payout_late")["id"]?.text ?? ""
            let (foreign, day) = (Cursor(["nowhere", "\(PayoutID(7))"]).text, Cursor(["\(Books.day)", "seven"]).text)
            let period = "?from=\(Books.day)&to=\(Books.day)"
            for path in [
                "/v1/payouts\(period)", "/v1/fees\(period)", "/v1/accounting/entries\(period)",
                "/v1/discrepancies?limit=9", "/v1/explain/payouts/\(payout)?limit=9",
            ] {
                #expect(try await books.get(path).status == 200, "\(path)")
                for cursor in [foreign, day] {
                    let refused = try await books.get("\(path)&after=\(cursor)")
                    #expect(refused.status == 422, "\(path): \(refused.text)")
                    #expect(refused.json["errors"]?.elements?.first?["pointer"]?.text == "?after", "\(refused.text)")
                }
            }
        }
    }
}
