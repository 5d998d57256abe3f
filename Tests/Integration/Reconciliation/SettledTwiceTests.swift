import HTTPServer
import PaymentModel
import Testing

extension `The books` {
    /// Reports that repeat, complete or contradict what others told.
    @Suite struct `A payout that was told in part` {
        private let payment = PaymentFacts("payment_one", 9_000)

        /// The provider's own row of the transfer, which announces what the payout is as a whole.
        private func transfer(_ payout: String, _ cents: Int64) -> ReportRow {
            ReportRow(
                payout: payout, transaction: "out_\(payout)", type: "from_payout", payment: "", amount: -cents, fee: 0)
        }

        @Test(arguments: [true, false], [true, false])
        func `REC-5 of nothing but lines of another payout is nothing, and its lines are duplicates`(
            isOneFile: Bool, isAnnounced: Bool
        ) async throws {
            let books = try Books()
            try await books.tell(payment)
            let first = [payment.line("payout_abc1")]
            let second = [payment.line("payout_abc2")] + (isAnnounced ? [transfer("payout_abc2", payment.net)] : [])
            for rows in isOneFile ? [first + second] : [first, second] {
                let answer = try await books.importReport(ReportFile(rows).text)
                #expect(answer.status == 201, "\(answer.text)")
            }
            #expect(try await books.payout("payout_abc1")["amount"]?["minorUnits"]?.integer == payment.net)
            #expect(try await books.payout("payout_abc2")["amount"]?["minorUnits"]?.integer == 0)
            #expect(try await books.discrepancies() == ["duplicate txn_payment_one \(payment.net)"])
            #expect(try await books.breaches() == [])
            let again = try await books.importReport(ReportFile(first + second).text)
            #expect(again.status == 201 && again.json["linesNew"]?.integer == 0, "\(again.text)")
        }

        @Test func `REC-2 REC-5 that comes to nothing is pointed until it is more, and a person may take that back`()
            async throws
        {
            let books = try Books()
            var given = PaymentFacts("payment_given", 5_000)
            (given.fee, given.vat) = (0, 0)
            let refund = RefundFacts(payment: given, amount: 5_000)
            for fact in [given, payment] { try await books.tell(fact) }
            try await books.tell(refund)
            let nothing = [given.line("payout_abc1"), refund.line("payout_abc1")]
            let told = try await books.importReport(ReportFile(nothing).text)
            #expect(told.json["payoutsPointed"]?.integer == 1, "\(told.text)")
            let pointed = try await books.payout("payout_abc1")
            #expect(pointed["rule"]?.text == "nothing" && pointed["isPointed"] == .bool(true))
            let because = try await books.explanation("payout_abc1")["because"]?.elements?.map { $0.text }
            #expect(because == ["It comes to nothing, so no transfer is made of it."])
            #expect(try await books.breaches() == [])

            _ = try await books.importReport(ReportFile(nothing + [payment.line("payout_abc1")]).text)
            #expect(try await books.payout("payout_abc1")["isPointed"] == .bool(false), "it is money now")
            let entry = StatementEntry(reference: "BK1", amount: payment.net, text: "ALMA payout_abc1")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            #expect(try await books.payout("payout_abc1")["rule"]?.text == "reference")

            _ = try await books.importReport(ReportFile([payment.line("payout_abc2")]).text)
            let other = try await books.payout("payout_abc2")
            #expect(other["rule"]?.text == "nothing", "its only line is another's")
            let path = "/v1/payouts/\(other["id"]?.text ?? "")/unpoint"
            #expect(try await books.post(path).status == 200)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc2")]).text)
            #expect(try await books.payout("payout_abc2")["isPointed"] == .bool(false), "undone stays undone")
            #expect(try await books.breaches() == [])
        }

        @Test(arguments: [true, false])
        func `REC-5 that comes to nothing is what the bank received of it all the same, whichever comes first`(
            isReportFirst: Bool
        ) async throws {
            let books = try Books()
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let report = ReportFile([payment.line("payout_abc2")]).text
            let entry = StatementEntry(reference: "BK1", amount: 500, text: "ALMA payout_abc2")
            if isReportFirst { _ = try await books.importReport(report) }
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            if !isReportFirst { _ = try await books.importReport(report) }
            #expect(try await books.payout("payout_abc2")["rule"]?.text == "reference")
            #expect(
                try await books.discrepancies() == [
                    "duplicate txn_payment_one \(payment.net)", "payout-amount payout_abc2 500",
                ])
            #expect(try await books.balances()["471000"] == -500)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 REC-5 that comes to nothing stays a person's when its bank line was taken back`() async throws
        {
            let books = try Books()
            try await books.tell(payment)
            for payout in ["payout_abc1", "payout_abc2"] {
                _ = try await books.importReport(ReportFile([payment.line(payout)]).text)
            }
            let entry = StatementEntry(reference: "BK1", amount: 500, text: "ALMA payout_abc2")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            let pointed = try await books.payout("payout_abc2")
            #expect(pointed["rule"]?.text == "reference")
            #expect(try await books.post("/v1/payouts/\(pointed["id"]?.text ?? "")/unpoint").status == 200)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc2")]).text)
            #expect(try await books.payout("payout_abc2")["isPointed"] == .bool(false))
            #expect(try await books.breaches() == [])
        }

        @Test func `C-26 of which another has a part is the rest; what lacks without a name is refused`() async throws {
            let books = try Books()
            let (second, third) = (PaymentFacts("payment_two", 12_000), PaymentFacts("payment_three", 700))
            for fact in [payment, second, third] { try await books.tell(fact) }
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let rows = [payment.line("payout_abc2"), second.line("payout_abc2")]
            let sum = payment.net + second.net
            let told = try await books.importReport(ReportFile(rows + [transfer("payout_abc2", sum)]).text)
            #expect(told.status == 201 && told.json["linesNew"]?.integer == 1, "\(told.text)")
            #expect(try await books.payout("payout_abc2")["amount"]?["minorUnits"]?.integer == second.net)
            #expect(try await books.discrepancies() == ["duplicate txn_payment_one \(payment.net)"])
            let other = [second.line("payout_abc2"), third.line("payout_abc2")]
            _ = try await books.importReport(ReportFile([third.line("payout_abc2")]).text)
            let more = try await books.importReport(
                ReportFile(other + [payment.line("payout_abc2"), transfer("payout_abc2", sum + third.net)]).text)
            #expect(more.status == 201, "\(more.text)")
            let fourth = PaymentFacts("payment_four", 800)
            let less = try await books.importReport(
                ReportFile([fourth.line("payout_abc2"), transfer("payout_abc2", fourth.net)]).text)
            #expect(less.status == 422 && less.text.contains("with what earlier reports told"), "\(less.text)")
            #expect(try await books.breaches() == [])
        }

        @Test(arguments: [true, false])
        func `C-26 without what another has is whole, and nothing more when its lines get other names`(
            hasOwn: Bool
        ) async throws {
            let books = try Books()
            let other = PaymentFacts("payment_two", 12_000)
            for fact in [payment, other] { try await books.tell(fact) }
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let own = hasOwn ? [other.line("payout_abc2")] : []
            let announced = transfer("payout_abc2", payment.net + (hasOwn ? other.net : 0))
            let told = [payment.line("payout_abc2")] + own
            let first = try await books.importReport(ReportFile(told + [announced]).text)
            #expect(first.json["linesNew"]?.integer == Int64(own.count), "\(first.text)")
            let renamed = told.map { row in
                var row = row
                row.transaction += "_named_anew"
                return row
            }
            let again = try await books.importReport(ReportFile(renamed + [announced]).text)
            #expect(again.status == 201 && again.json["linesNew"]?.integer == 0, "\(again.text)")
            #expect(try await books.payout("payout_abc2")["amount"]?["minorUnits"]?.integer == (hasOwn ? other.net : 0))
            #expect(try await books.count("settlement_line") == 1 + own.count)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-3 whole, takes what nets to nothing when it is told with the rest`() async throws {
            let books = try Books()
            var other = PaymentFacts("payment_two", 5_000)
            (other.fee, other.vat) = (0, 0)
            let refund = RefundFacts(payment: other, amount: 5_000)
            for fact in [payment, other] { try await books.tell(fact) }
            try await books.tell(refund)
            let known = [payment.line("payout_abc1"), transfer("payout_abc1", payment.net)]
            #expect(try await books.importReport(ReportFile(known).text).json["linesNew"]?.integer == 1)
            let all = known + [other.line("payout_abc1"), refund.line("payout_abc1")]
            let answer = try await books.importReport(ReportFile(all).text)
            #expect(answer.json["linesNew"]?.integer == 2, "\(answer.text)")
            #expect(try await books.count("settlement_line") == 3)
            #expect(try await books.discrepancies() == [])
            #expect(try await books.breaches() == [])
        }
    }

    @Suite struct `A file without measure` {
        @Test func `REC-3 of separators alone is refused before it fills the memory`() async throws {
            let books = try Books()
            let text = ReportFile([]).text + String(repeating: ",", count: 1_100)
            let answer = try await books.importReport(text)
            #expect(answer.status == 422 && answer.text.contains("more than 1000 columns"), "\(answer.text)")
        }

        @Test func `REC-3 of more payouts than are held in memory is refused`() async throws {
            let books = try Books()
            let header = ReportFile([]).text
            let rows = (0...100_000).map { "p\($0),2026-11-20,t\($0),from_transaction,,,EUR,1.00,0.00,1.00\n" }.joined()
            let answer = try await books.importReport(header + rows)
            #expect(answer.status == 422 && answer.text.contains("more than 100000 payouts"), "\(answer.text)")
        }
    }
}
