import HTTPServer
import PaymentModel
import PaymentWorld
import Testing

extension `The books` {
    @Suite struct `Explaining every leg` {
        private func trail(_ invoice: InvoiceID, in books: Books) async throws -> JSONValue {
            try #require(try await books.get("/v1/explain/invoices/\(invoice)").json["payments"]?.elements?.first)
        }

        private func parts(_ trail: JSONValue) -> [String] {
            (trail["open"]?.elements ?? []).map {
                "\($0["leg"]?.text ?? "") \($0["because"]?.text ?? "") \($0["amount"]?.cents ?? 0)"
            }
        }

        @Test func `REC-5 a refund that another payout takes is open by its name until that one is at the bank`()
            async throws
        {
            let books = try Books()
            let invoice: InvoiceID = Books.newID()
            var payment = PaymentFacts("payment_one", 9_000)
            payment.invoice = invoice
            let other = PaymentFacts("payment_two", 5_000)
            for told in [payment, other] { try await books.tell(told) }
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            try await books.receive(payment.net, "ALMA payout_abc1")
            #expect(try await parts(trail(invoice, in: books)) == [])

            let refund = RefundFacts(payment: payment, amount: 500)
            try await books.tell(refund)
            var now = try await trail(invoice, in: books)
            #expect(parts(now) == ["refund not-settled -500"] && now["because"]?.text == "not-settled")
            #expect(now["remainder"]?.cents == -500 && now["arrived"]?.cents == payment.net)

            let report = ReportFile([other.line("payout_xyz2"), refund.line("payout_xyz2")]).text
            #expect(try await books.importReport(report).status == 201)
            now = try await trail(invoice, in: books)
            #expect(parts(now) == ["refund under-way -500"] && now["because"]?.text == "under-way")
            let id = try await books.payout("payout_xyz2")["id"]?.text ?? ""
            let payout = try await books.get("/v1/explain/payouts/\(id)").json
            #expect(payout["paymentsInAll"]?.integer == 2, "also the payment of which only the refund is in it")
            let named = payout["payments"]?.elements?.compactMap { $0["paymentID"]?.text } ?? []
            #expect(Set(named) == ["\(payment.id)", "\(other.id)"])
            #expect(try await books.breaches() == [])

            try await books.receive(other.net - 500, "ALMA payout_xyz2")
            now = try await trail(invoice, in: books)
            #expect(parts(now) == [] && now["because"]?.text == "none" && now["remainder"]?.cents == 0)
            let payouts = now["payouts"]?.elements ?? []
            #expect(Set(payouts.compactMap { $0["payout"]?["reference"]?.text }) == ["payout_abc1", "payout_xyz2"])
            #expect(payouts.allSatisfy { $0["bankLines"]?.elements?.count == 1 })
            #expect(now["payout"]?["reference"]?.text == "payout_abc1", "that of what was paid")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 a fee that a refund gives back is charged, and nothing remains`() async throws {
            let books = try Books()
            let invoice: InvoiceID = Books.newID()
            var payment = PaymentFacts("payment_one", 9_000)
            payment.invoice = invoice
            let refund = RefundFacts(payment: payment, amount: 500)
            try await books.tell(payment)
            try await books.tell(refund)
            _ = try await books.importReport(
                ReportFile([payment.line("payout_abc1"), refund.line("payout_abc1", fee: -18)]).text)
            try await books.receive(payment.net - 500 + 18, "ALMA payout_abc1")
            let now = try await trail(invoice, in: books)
            #expect(parts(now) == [] && now["charged"]?.cents == -18 && now["remainder"]?.cents == 0, "\(now)")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 a payout that came as several bank lines shows them all, and what was kept of it`()
            async throws
        {
            let books = try Books()
            let invoice: InvoiceID = Books.newID()
            var payment = PaymentFacts("payment_one", 9_000)
            payment.invoice = invoice
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let entries = [
                StatementEntry(reference: "BK1", amount: payment.net - 5_000, text: "VIR"),
                StatementEntry(reference: "BK2", amount: 4_990, text: "VIR"),
            ]
            _ = try await books.importStatement(StatementFile(id: "S1", entries: entries).text)
            let id = try await books.payout("payout_abc1")["id"]?.text ?? ""
            let lines = try await [books.bankLine("BK1"), books.bankLine("BK2")]
            let said = #""difference":{"account":"627000","reason":"frais de la banque"}"#
            let body = #"{"payoutIDs":["\#(id)"],"bankLineIDs":["\#(lines[0])","\#(lines[1])"],\#(said)}"#
            #expect(try await books.post("/v1/joint-pointings", body).status == 201)

            let payout = try await books.get("/v1/explain/payouts/\(id)").json["explanation"] ?? .null
            for shown in [payout, try await books.explanation("payout_abc1")] {
                #expect(shown["bankLine"] == nil && shown["bankLines"]?.elements?.count == 2)
                #expect((shown["bankLines"] ?? .null).sum("amount") == payment.net - 10)
                #expect(shown["received"]?.cents == payment.net - 10 && shown["unexplained"]?.cents == 0)
                #expect(shown["difference"]?["amount"]?.cents == -10)
                #expect(shown["difference"]?["account"]?.text == "627000")
            }
            let settled = try await trail(invoice, in: books)["payouts"]?.elements?.first
            #expect(Set(settled?["bankLines"]?.elements?.compactMap { $0["id"]?.text } ?? []) == Set(lines))
            #expect(try await books.breaches() == [])
        }
    }
}
