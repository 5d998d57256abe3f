import HTTPServer
import PaymentModel
import Testing

extension `The books` {
    @Suite struct `A provider's report` {
        private let payment = PaymentFacts("payment_one", 9_000)

        @Test func `REC-3 imported twice changes nothing, by a retry as by a second upload`() async throws {
            let books = try Books()
            try await books.tell(payment)
            let file = ReportFile([payment.line("payout_abc1")]).text
            let first = try await books.importReport(file, key: "monday")
            let retried = try await books.importReport(file, key: "monday")
            #expect(first.status == 201 && first.text == retried.text)
            let again = try await books.importReport(file)
            #expect(again.json["linesNew"]?.integer == 0 && again.json["linesKnown"]?.integer == 1)
            #expect(try await books.count("settlement_line") == 1)
            #expect(try await books.payouts().count == 1)
            #expect(try await books.discrepancies() == [])
        }

        @Test func `REC-3 that overlaps another adds what is new, and the payout is the sum of all`() async throws {
            let books = try Books()
            let other = PaymentFacts("payment_two", 12_000)
            let lines = [payment.line("payout_abc1"), other.line("payout_abc1")]
            #expect(try await books.importReport(ReportFile([lines[0]]).text).json["linesNew"]?.integer == 1)
            #expect(try await books.payout("payout_abc1")["amount"]?["minorUnits"]?.integer == payment.net)
            #expect(try await books.importReport(ReportFile(lines).text).json["linesNew"]?.integer == 1)
            #expect(try await books.payout("payout_abc1")["amount"]?["minorUnits"]?.integer == payment.net + other.net)
        }

        @Test func `REC-3 with a header and nothing else is refused, since there is nothing in it`() async throws {
            let books = try Books()
            let answer = try await books.importReport(ReportFile([]).text)
            #expect(answer.status == 422 && answer.problem == "unreadable-file", "\(answer.text)")
            let error = answer.json["errors"]?.elements?.first
            #expect(error?["reason"]?.text?.contains("only a header") == true && error?["pointer"]?.text == "line 1")
            #expect(error?["remedy"]?.text?.isEmpty == false)
            let empty = try await books.importReport("")
            #expect(empty.status == 422 && empty.text.contains("The file is empty."), "\(empty.text)")
        }

        @Test func `C-26 that adds lines to a pointed payout is booked anew, and what was wrong is closed`()
            async throws
        {
            let books = try Books()
            let other = PaymentFacts("payment_two", 12_000)
            for fact in [payment, other] { try await books.tell(fact) }
            let lines = [payment.line("payout_abc1"), other.line("payout_abc1")]
            let sum = payment.net + other.net
            let entry = StatementEntry(reference: "BK1", amount: sum, text: "ALMA payout_abc1")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            _ = try await books.importReport(ReportFile([lines[0]]).text)
            #expect(try await books.discrepancies() == ["payout-amount payout_abc1 \(other.net)"])
            #expect(try await books.balances()["471000"] == -other.net)
            _ = try await books.importReport(ReportFile(lines).text)
            #expect(try await books.discrepancies() == [])
            let balances = try await books.balances()
            #expect(balances["471000"] == nil && balances["511500"] == nil && balances["512000"] == sum)
            try await books.expectBalanced()
        }

        @Test func `REC-3 with a wrong sum is refused with its line, and nothing of it is stored`() async throws {
            let books = try Books()
            var wrong = PaymentFacts("payment_two", 12_000).line("payout_abc1")
            wrong.net = wrong.trueNet + 1
            let answer = try await books.importReport(ReportFile([payment.line("payout_abc1"), wrong]).text)
            #expect(answer.status == 422 && answer.problem == "unreadable-file")
            #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == "line 3")
            #expect(answer.text.contains("120.00 EUR less 5.18 EUR is not 114.83 EUR."), "\(answer.text)")
            try await expectNothing(books)
        }

        @Test func `C-26 whose payout is not the sum of its lines is refused`() async throws {
            let books = try Books()
            var transfer = payment.line("payout_abc1", fee: 0)
            (transfer.type, transfer.transaction, transfer.payment) = ("from_payout", "txn_payout", "")
            transfer.amount = -payment.net
            let right = try await books.importReport(ReportFile([payment.line("payout_abc1"), transfer]).text)
            #expect(right.status == 201 && right.json["linesNew"]?.integer == 1, "\(right.text)")
            transfer.amount -= 1
            transfer.payout = "payout_abc2"
            let wrong = try await Books().importReport(ReportFile([payment.line("payout_abc2"), transfer]).text)
            #expect(wrong.status == 422 && wrong.text.contains("its lines sum to"))
        }

        @Test(arguments: [
            ("merchant_fee,", "", "line 1", "The header lacks merchant_fee."),
            ("2026-11-20", "20/11/2026", "line 2", "is not a day"),
            ("EUR,90.00", "EUR,\"90,00\"", "line 2", "is not an amount"),
            ("EUR,90.00", "EUR,90.00,", "line 2", "It has 11 columns"),
            ("EUR", "EURO", "line 2", "The currency \"EURO\" is not known."),
            ("\"F-1, ", "F-1, ", "line 2", "columns"), ("Rex\"\"\"", "Rex\"\"", "line 2", "not closed"),
            ("txn_payment_one", "", "line 2", "transaction_id has no reference"),
        ])
        func `REC-3 that is broken is refused whole`(
            good: String, bad: String, pointer: String, reason: String
        ) async throws {
            let books = try Books()
            let text = ReportFile([payment.line("payout_abc1")]).text
            let answer = try await books.importReport(text.replacing(good, with: bad))
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == pointer, "\(answer.text)")
            #expect(answer.json["errors"]?.elements?.first?["reason"]?.text?.contains(reason) == true, "\(answer.text)")
            try await expectNothing(books)
        }

        @Test func `REC-3 is read with a mark of UTF-8 and line breaks in quotes`() async throws {
            let books = try Books()
            let text = "\u{FEFF}" + ReportFile([payment.line("payout_abc1")]).text.replacing("F-1, ", with: "F-1\n")
            #expect(try await books.importReport(text).json["linesNew"]?.integer == 1)
        }

        @Test func `REC-3 in two currencies for one payout, or another than before, is refused`() async throws {
            let books = try Books()
            var franc = PaymentFacts("payment_two", 12_000)
            franc.currency = try #require(Currency("CHF"))
            let mixed = ReportFile([payment.line("payout_abc1"), franc.line("payout_abc1")]).text
            let refused = try await books.importReport(mixed)
            #expect(refused.status == 422 && refused.text.contains("It is in CHF, its payout in EUR."))
            try await expectNothing(books)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let later = try await books.importReport(ReportFile([franc.line("payout_abc1")]).text)
            #expect(later.status == 422 && later.text.contains("was EUR before"))
            #expect(try await books.count("settlement_line") == 1)
        }

        @Test func `REC-3 that tells a known line otherwise is refused`() async throws {
            let books = try Books()
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let answer = try await books.importReport(ReportFile([payment.line("payout_abc1", fee: 1)]).text)
            #expect(answer.status == 422 && answer.text.contains("89.99 EUR here and was 86.12 EUR before"))
            let twice = [
                payment.line("payout_abc2", reference: "x"), payment.line("payout_abc2", fee: 1, reference: "x"),
            ]
            let inFile = try await books.importReport(ReportFile(twice).text)
            #expect(inFile.status == 422 && inFile.text.contains("told before with another content"))
        }

        @Test func `REC-5 opens what is wrong with its kind`() async throws {
            let books = try Books()
            let (second, third) = (PaymentFacts("payment_two", 12_000), PaymentFacts("payment_three", 5_000))
            for fact in [payment, second, third] { try await books.tell(fact) }
            var short = second.line("payout_abc1")
            short.amount -= 100
            let stray = PaymentFacts("payment_stray", 7_500).line("payout_abc1")
            let refund = RefundFacts(payment: third, amount: 300).line("payout_abc1")
            let rows = [
                payment.line("payout_abc1", fee: 389), short, stray, third.line("payout_abc1"),
                third.line("payout_abc1", reference: "zzz_again"), refund, refund,
            ]
            #expect(try await books.importReport(ReportFile(rows).text).status == 201)
            #expect(
                try await books.discrepancies() == [
                    "amount rfd_payment_three_300 -300", "amount txn_payment_two -100",
                    "duplicate rfd_payment_three_300 0", "duplicate zzz_again 5000", "fee txn_payment_one 1",
                    "unknown-payment txn_payment_stray \(stray.trueNet)",
                ])
            try await books.tell(RefundFacts(payment: third, amount: 300))
            #expect(try await books.discrepancies().contains("amount rfd_payment_three_300 -300") == false)
        }

        @Test(arguments: [true, false])
        func `REC-5 REC-8 what it keeps otherwise than was told is booked, and the provider owes nothing more`(
            isToldFirst: Bool
        ) async throws {
            let books = try Books()
            if isToldFirst { try await books.tell(payment) }
            try await books.pay([payment.line("payout_abc1", fee: payment.fee + payment.vat + 7)], bank: "BK1")
            if !isToldFirst { try await books.tell(payment, times: 2) }
            // Of 3.95 in proportion to 3.24 and 0.64.
            #expect(
                try await books.balances() == [
                    "411000": -9_000, "512000": payment.net - 7, "627000": 330, "445660": 65,
                ])
            let screen = try await books.get("/v1/fees?from=2020-01-01&to=2099-12-31").json
            let totals = try #require(screen["totals"]?.elements?.first)
            #expect(totals["fee"]?.cents == 330 && totals["feeVAT"]?.cents == 65)
            #expect(try await books.discrepancies() == ["fee txn_payment_one 7"], "a person looks all the same")
            #expect(try await books.breaches() == [])
        }

        @Test(arguments: [true, false])
        func `REC-5 REC-8 keeps of a payment what its first line says, whichever report came first`(
            isFirstLast: Bool
        ) async throws {
            let books = try Books()
            let reports = [
                ReportFile([payment.line("payout_abc1", reference: "txn_a")]).text,
                ReportFile([payment.line("payout_abc2", fee: 395, reference: "txn_b")]).text,
            ]
            try await books.tell(payment)
            for report in isFirstLast ? reports.reversed() : reports {
                #expect(try await books.importReport(report).status == 201)
            }
            let balances = try await books.balances()
            #expect(balances["627000"] == payment.fee && balances["445660"] == payment.vat)
            #expect(balances["511500"] == payment.net)
            #expect(try await books.discrepancies() == ["duplicate txn_b 9000"])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 a line of two payouts counts once and is a duplicate`() async throws {
            let books = try Books()
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let other = PaymentFacts("payment_two", 12_000)
            try await books.tell(other)
            let again = ReportFile([payment.line("payout_abc2"), other.line("payout_abc2")]).text
            #expect(try await books.importReport(again).json["linesNew"]?.integer == 1)
            #expect(try await books.discrepancies() == ["duplicate txn_payment_one \(payment.net)"])
            #expect(try await books.payout("payout_abc2")["amount"]?["minorUnits"]?.integer == other.net)
        }

        @Test func `C-26 an adjustment has its own name in the books`() async throws {
            let books = try Books()
            try await books.tell(payment)
            var bonus = payment.line("payout_abc1", fee: 0, reference: "txn_bonus")
            (bonus.type, bonus.payment, bonus.amount) = ("from_adjustment", "", 250)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1"), bonus]).text)
            let sum = payment.net + 250
            let entry = StatementEntry(reference: "BK1", amount: sum, text: "ALMA payout_abc1")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            let balances = try await books.balances()
            #expect(balances["511500"] == nil && balances["471000"] == -250 && balances["512000"] == sum)
            #expect(try await books.discrepancies() == ["unexplained txn_bonus 250"])
        }

        @Test func `REC-3 REC-8 a fee that Alma waives is a commission given back`() async throws {
            let books = try Books()
            try await books.tell(payment)
            var waiver = payment.line("payout_abc1", fee: 0, reference: "txn_waiver")
            (waiver.type, waiver.amount) = ("from_fee_waiver", 250)
            try await books.pay([payment.line("payout_abc1"), waiver], bank: "BK1")
            #expect(
                try await books.balances() == [
                    "411000": -9_000, "512000": payment.net + 250, "627000": payment.fee - 250, "445660": payment.vat,
                ])
            #expect(try await books.discrepancies() == [])
            #expect(try await books.breaches() == [])
        }

        private func expectNothing(_ books: Books) async throws {
            #expect(try await books.count("payout") == 0)
            #expect(try await books.count("settlement_line") == 0)
        }
    }
}
