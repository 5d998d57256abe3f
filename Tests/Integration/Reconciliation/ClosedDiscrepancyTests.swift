import HTTPServer
import PaymentModel
import Testing

extension `The books` {
    @Suite struct `A discrepancy closed with an account` {
        private let payment = PaymentFacts("payment_one", 9_000)
        private let stray = PaymentFacts("payment_stray", 5_000)

        /// Books in which everything is wrong once that leaves something on an account.
        private func written() async throws -> (books: Books, left: Int64) {
            let books = try Books()
            let others = [PaymentFacts("payment_two", 20_000), PaymentFacts("payment_three", 7_000)]
            for fact in [payment] + others { try await books.tell(fact) }
            var short = payment.line("payout_abc1")
            short.amount -= 100
            let twice = others[0].line("payout_abc1", reference: "txn_zzz_twice")
            let untold = RefundFacts(payment: others[1], amount: 90).line("payout_abc1", fee: 3)
            var charge = payment.line("payout_abc1", fee: 0, reference: "txn_charge")
            (charge.type, charge.payment, charge.amount) = ("from_adjustment", "", -150)
            let rows = [
                short, others[0].line("payout_abc1"), twice, others[1].line("payout_abc1"), untold, charge,
                stray.line("payout_abc1"),
            ]
            try await books.pay(rows, bank: "BK1", less: 3)
            return (books, stray.net + twice.trueNet - 100 - 90 - 150 - 3)
        }

        @Test func `REC-5 REC-8 leaves nothing on the provider's account and on 471, whatever kind it is of`()
            async throws
        {
            let (books, left) = try await written()
            let before = try await books.balances()
            #expect(before["511500"] != nil && before["471000"] == 153)
            for (kind, subject) in [
                ("amount", "txn_payment_one"), ("duplicate", "txn_zzz_twice"), ("amount", "rfd_payment_three_90"),
                ("unexplained", "txn_charge"), ("unknown-payment", "txn_payment_stray"),
                ("payout-amount", "payout_abc1"),
            ] {
                let closed = try await books.close(kind, subject, into: "658000")
                #expect(closed.status == 200, "\(closed.text)")
                #expect(closed.json["discrepancy"]?["closedInto"]?.text == "658000")
            }
            let after = try await books.balances()
            #expect(after["511500"] == nil && after["471000"] == nil && after["658000"] == -left, "\(after)")
            #expect(try await books.discrepancies() == [])
            #expect(try await books.breaches() == [])
            try await books.expectBalanced()
        }

        @Test func `REC-5 REC-8 closed without an account is given one later, and then is told and booked no more`()
            async throws
        {
            let books = try Books()
            try await books.tell(payment)
            try await books.importReport(ReportFile([stray.line("payout_abc1")]).text)
            let closed = try await books.close("unknown-payment", "txn_payment_stray")
            #expect(closed.status == 200, "\(closed.text)")
            let before = try await books.balances()
            let path = "/v1/discrepancies/\(closed.json["discrepancy"]?["id"]?.text ?? "")/close"
            #expect(try await books.post(path, #"{"reason":"again"}"#).status == 409)
            let given = try await books.post(path, #"{"reason":"a loss","account":"658000"}"#)
            #expect(given.status == 200 && given.json["discrepancy"]?["closedInto"]?.text == "658000", "\(given.text)")
            #expect(given.json["discrepancy"]?["closedAt"]?.text == closed.json["discrepancy"]?["closedAt"]?.text)
            #expect(given.json["notes"]?.elements?.count == 2, "both words stay")
            let grid = "/v1/exports/grids/discrepancies?from=2020-01-01&to=2099-12-31&closed=true"
            let file = try await books.get(grid).text
            #expect(file.contains(";a loss;658000"), "\(file)")
            let after = try await books.balances()
            #expect(after["658000"] == -stray.net && after["511500"] == (before["511500"] ?? 0) + stray.net)
            #expect(try await books.post(path, #"{"reason":"again","account":"627000"}"#).status == 409)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 REC-8 the payment that comes after all takes the entry back`() async throws {
            let (books, _) = try await written()
            #expect(try await books.close("unknown-payment", "txn_payment_stray", into: "467000").status == 200)
            #expect(try await books.balances()["467000"] == -stray.net)
            try await books.tell(stray, times: 2)
            #expect(try await books.balances()["467000"] == nil)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 REC-8 the refund that is told after all takes the entry back`() async throws {
            let (books, payment) = (try Books(), self.payment)
            let refund = RefundFacts(payment: payment, amount: 300)
            try await books.tell(payment)
            try await books.pay([payment.line("payout_abc1"), refund.line("payout_abc1")], bank: "BK1")
            #expect(try await books.close("amount", "rfd_payment_one_300", into: "658000").status == 200)
            #expect(try await books.balances()["658000"] == 300)
            try await books.tell(refund)
            let balances = try await books.balances()
            #expect(balances["658000"] == nil && balances["511500"] == nil && balances["411000"] == -8_700)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 REC-8 follows the pointing of its payout, and another amount opens it again`() async throws {
            let books = try Books()
            try await books.tell(payment)
            try await books.pay([payment.line("payout_abc1")], bank: "BK1", less: 15)
            #expect(try await books.close("payout-amount", "payout_abc1", into: "627000").status == 200)
            let commissions = try await books.balances()["627000"]
            #expect(commissions == payment.fee + 15)
            let payout = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")"
            #expect(try await books.post("\(payout)/unpoint").status == 200)
            #expect(try await books.balances()["627000"] == payment.fee)
            let line = try await books.bankLine("BK1")
            #expect(try await books.post("\(payout)/point", #"{"bankLineID":"\#(line)"}"#).status == 200)
            #expect(try await books.balances()["627000"] == commissions)
            #expect(try await books.balances()["471000"] == nil)
            #expect(try await books.breaches() == [])

            #expect(try await books.post("\(payout)/unpoint").status == 200)
            let entry = StatementEntry(reference: "BK2", amount: payment.net - 20, text: "ALMA payout_abc1")
            _ = try await books.importStatement(StatementFile(id: "S2", entries: [entry]).text)
            #expect(try await books.discrepancies() == ["payout-amount payout_abc1 -20"])
            let balances = try await books.balances()
            #expect(balances["627000"] == payment.fee && balances["471000"] == 20)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-8 is booked on the first open day where the books of its own are closed`() async throws {
            let books = try Books()
            try await books.tell(payment)
            try await books.importReport(ReportFile([stray.line("payout_abc1")]).text)
            let closed = try await books.post("/v1/accounting/periods", #"{"through":"\#(Books.day)"}"#)
            #expect(closed.status == 201, "\(closed.text)")
            #expect(try await books.close("unknown-payment", "txn_payment_stray", into: "467000").status == 200)
            #expect(try await books.journal().contains("\(Books.day.adding(days: 1)) 467000 \(-stray.net) EUR"))
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 takes no account that cannot have it, and none where nothing is left`() async throws {
            let books = try Books()
            try await books.tell(payment)
            let other = payment.line("payout_abc1", fee: 395)
            try await books.importReport(ReportFile([other, stray.line("payout_abc1")]).text)
            for account in ["512000", "445660", "511500", "123456"] {
                let refused = try await books.close("unknown-payment", "txn_payment_stray", into: account)
                #expect(refused.status == 422, "\(account): \(refused.text)")
            }
            let nothing = try await books.close("fee", "txn_payment_one", into: "627000")
            #expect(nothing.status == 422 && nothing.text.contains("hold nothing"), "it was corrected by itself")
            #expect(try await books.discrepancies().count == 2)
            #expect(try await books.close("fee", "txn_payment_one").status == 200)
        }
    }
}

extension Books {
    /// Closes what is open of a kind about something, with the account that takes what it leaves.
    func close(_ kind: String, _ subject: String, into account: String? = nil) async throws -> InProcessClient.Answer {
        let found = try await list("/v1/discrepancies").first {
            $0["kind"]?.text == kind && $0["subject"]?.text == subject
        }
        let id = try #require(found?["id"]?.text, "no \(kind) of \(subject)")
        let into = account.map { #","account":"\#($0)""# } ?? ""
        return try await post("/v1/discrepancies/\(id)/close", #"{"reason":"agreed with the accountant"\#(into)}"#)
    }
}
