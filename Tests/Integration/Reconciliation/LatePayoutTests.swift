import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import Testing

extension `The books` {
    @Suite struct `Money that does not come` {
        /// A payment whose money was due long ago.
        private func overdue(_ reference: String = "payment_late", _ amount: Int64 = 9_000) -> PaymentFacts {
            var payment = PaymentFacts(reference, amount)
            payment.expectedOn = LocalDate(year: 2026, month: 1, day: 9) ?? .earliest
            return payment
        }

        @Test func `REC-6 is told once and is a discrepancy until the payout is pointed`() async throws {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            var later = PaymentFacts("payment_in_time", 5_000)
            later.expectedOn = LocalDate(year: 2099, month: 1, day: 1) ?? .latest
            try await books.tell(later)
            for _ in 0..<2 { try await books.lookForLatePayouts() }
            #expect(try await books.discrepancies() == ["late \(payment.id) \(payment.net)"])
            #expect(try await books.announced("payout-late") == 1)

            _ = try await books.importReport(ReportFile([payment.line("payout_late1")]).text)
            #expect(try await books.discrepancies().count == 1, "it is on its way, not there")
            let payout = try await books.payout("payout_late1")["id"]?.text ?? ""
            let word = #"{"noBankLineBecause":"as the test wants"}"#
            #expect(try await books.post("/v1/payouts/\(payout)/point", word).status == 200)
            #expect(try await books.discrepancies() == [])

            #expect(try await books.post("/v1/payouts/\(payout)/unpoint").status == 200)
            #expect(try await books.discrepancies() == ["late \(payment.id) \(payment.net)"])
            try await books.lookForLatePayouts()
            #expect(try await books.announced("payout-late") == 1)
        }

        @Test func `REC-6 is expected by day and provider, on days on which banks work, until it is there`()
            async throws
        {
            let books = try Books()
            var (saturday, monday) = (PaymentFacts("payment_a", 9_000), PaymentFacts("payment_b", 7_000))
            (saturday.expectedOn, monday.expectedOn) = (day("2098-04-19"), day("2098-04-22"))
            var (other, given) = (PaymentFacts("payment_c", 5_000), PaymentFacts("payment_d", 4_000))
            (other.provider, other.expectedOn, given.expectedOn) = (.stripe, day("2098-04-17"), day("2098-04-17"))
            let late = overdue()
            for payment in [saturday, monday, other, given, late] { try await books.tell(payment) }
            try await books.tell(RefundFacts(payment: given, amount: 4_000))
            try await books.lookForLatePayouts()
            let period = "from=2026-01-01&to=2098-12-31"
            // Easter of 2098 is on 20 April: banks work on the Tuesday after it.
            let alma = ["2026-01-09 alma 1 1 \(late.net)", "2098-04-22 alma 2 0 \(saturday.net + monday.net)"]
            let stripe = "2098-04-17 stripe 1 0 \(other.net)"
            // Given back whole: its fee is taken from what comes next.
            let fee = " alma 0 0 \(given.net - given.amount)"
            #expect(try await expected(books, period) == [alma[0], stripe, alma[1], fee])
            #expect(try await expected(books, "\(period)&provider=alma") == alma + [fee])
            #expect(try await expected(books, "from=2098-04-23&to=2098-12-31") == [fee])
            #expect(try await expected(books, "\(period)&provider=paypal") == [])
            let lines = [saturday.line("payout_abc1"), monday.line("payout_abc1")]
            try await books.pay(lines, bank: "BK1")
            #expect(try await expected(books, period) == [alma[0], stripe, fee])
        }

        @Test func `REC-6 what will be taken is expected too, so that all of it is what the provider owes`()
            async throws
        {
            let books = try Books()
            let (paid, owed) = (PaymentFacts("payment_paid", 30_000), PaymentFacts("payment_owed", 70_000))
            for payment in [paid, owed] { try await books.tell(payment) }
            try await books.pay([paid.line("payout_april")], bank: "BK1")
            let refund = RefundFacts(payment: paid, amount: 20_000)
            try await books.tell(refund)
            func expectOwed(_ nets: [Int64]) async throws {
                let rows = try await books.list("/v1/expected-payouts?from=2026-01-01&to=2199-12-31")
                #expect(rows.map { $0["net"]?["minorUnits"]?.integer } == nets)
                #expect(try await books.balances()["511500"] == nets.reduce(0, +))
                #expect(try await books.breaches() == [])
            }
            try await expectOwed([owed.net, -20_000])
            // Announced and not at the bank yet: a charge of the provider's own will be less of it.
            let charge = ReportRow(
                payout: "payout_may", transaction: "txn_charge", type: "from_adjustment", payment: "", amount: -500,
                fee: 0)
            let lines = [owed.line("payout_may"), refund.line("payout_may"), charge]
            _ = try await books.importReport(ReportFile(lines).text)
            try await expectOwed([owed.net, -20_500])
            let transfer = StatementEntry(reference: "BK2", amount: owed.net - 20_500, text: "ALMA payout_may")
            _ = try await books.importStatement(StatementFile(id: "S2", entries: [transfer]).text)
            #expect(try await books.list("/v1/expected-payouts?from=2026-01-01&to=2199-12-31") == [])
            #expect(try await books.balances()["511500"] == nil)
        }

        private func day(_ text: String) -> LocalDate { LocalDate(text) ?? .earliest }

        private func expected(_ books: Books, _ query: String) async throws -> [String] {
            try await books.list("/v1/expected-payouts?\(query)").map { item in
                "\(item["expectedOn"]?.text ?? "") \(item["provider"]?.text ?? "") "
                    + "\(item["payments"]?.integer ?? -1) \(item["late"]?.integer ?? -1) "
                    + "\(item["net"]?["minorUnits"]?.integer ?? -1)"
            }
        }

        @Test func `REC-6 is not late when the statement came before the payment was told of`() async throws {
            let books = try Books()
            let payment = overdue()
            _ = try await books.importReport(ReportFile([payment.line("payout_early1")]).text)
            let entry = StatementEntry(reference: "BK1", amount: payment.net, text: "ALMA payout_early1")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            try await books.tell(payment)
            try await books.lookForLatePayouts()
            #expect(try await books.discrepancies() == [])
            #expect(try await books.announced("payout-late") == 0)
        }

        @Test func `REC-6 what was given back whole is not late`() async throws {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            try await books.tell(RefundFacts(payment: payment, amount: 9_000))
            try await books.lookForLatePayouts()
            #expect(try await books.discrepancies() == [])
        }

        @Test func `REC-6 what was given back whole is not late again when its payout is unpointed`() async throws {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            try await books.lookForLatePayouts()
            #expect(try await books.discrepancies().count == 1)
            _ = try await books.importReport(ReportFile([payment.line("payout_back1")]).text)
            let payout = try await books.payout("payout_back1")["id"]?.text ?? ""
            let word = #"{"noBankLineBecause":"as the test wants"}"#
            #expect(try await books.post("/v1/payouts/\(payout)/point", word).status == 200)
            try await books.tell(RefundFacts(payment: payment, amount: 9_000))
            #expect(try await books.post("/v1/payouts/\(payout)/unpoint").status == 200)
            #expect(try await !books.discrepancies().contains { $0.hasPrefix("late") })
        }

        @Test(arguments: [DisputeClosedV1.Outcome.lost, .won])
        func `REC-6 what is disputed is not late, and late again only when it is won`(
            outcome: DisputeClosedV1.Outcome
        ) async throws {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            try await books.lookForLatePayouts()
            let amount = Money.euros(cents: payment.amount)
            try await books.tell(
                DisputeOpenedV1(
                    paymentID: payment.id, clientID: ClientID(7), provider: .alma, disputeReference: "dp_late",
                    amount: amount, reason: "fraudulent", openedOn: Books.day), about: payment.id)
            try await books.lookForLatePayouts()
            #expect(try await books.discrepancies() == ["dispute dp_late \(payment.amount)"])
            try await books.tell(
                DisputeClosedV1(
                    paymentID: payment.id, clientID: ClientID(7), provider: .alma, disputeReference: "dp_late",
                    amount: amount, outcome: outcome, closedOn: Books.day), about: payment.id)
            try await books.lookForLatePayouts()
            let late = "late \(payment.id) \(payment.net)"
            #expect(try await books.discrepancies() == (outcome == .won ? [late] : []))
        }

        @Test func `REC-6 C-22 is told also while many of other books wait for an import to end`() async throws {
            let (importing, books) = (try Books(), try Books())
            let payment = overdue()
            try await importing.tell(PaymentFacts("payment_in_time", 5_000))
            try await books.tell(payment)
            let alone = try await importing.alone()
            try await importing.bench.superuser.execute(
                """
                INSERT INTO expectation (payment, organisation, client, provider, provider_reference, currency, amount,
                    fee, fee_vat, is_held, accepted_on, expected_on)
                SELECT gen_random_uuid(), organisation, client, provider, 'payment_' || number, currency, amount,
                    fee, fee_vat, is_held, accepted_on, date '2026-01-08'
                FROM expectation, generate_series(1, 600) AS number WHERE organisation = \(importing.organisation)
                """)
            try await books.lookForLatePayouts()
            let (told, untold) = (try await books.discrepancies(), try await importing.discrepancies())
            // Others' runs are not to tell six hundred of them.
            try await importing.breaking("UPDATE expectation SET late_since = expected_on WHERE")
            await alone.close()
            #expect(told == ["late \(payment.id) \(payment.net)"])
            #expect(untold == [])
        }

        @Test func `REC-6 a report that names the payment after its payout was pointed closes it`() async throws {
            let books = try Books()
            let (first, second) = (overdue("payment_a", 9_000), overdue("payment_b", 7_000))
            try await books.tell(first)
            try await books.tell(second)
            try await books.lookForLatePayouts()
            #expect(try await books.discrepancies().count == 2)
            _ = try await books.importReport(ReportFile([first.line("payout_two1")]).text)
            let payout = try await books.payout("payout_two1")["id"]?.text ?? ""
            let word = #"{"noBankLineBecause":"as the test wants"}"#
            #expect(try await books.post("/v1/payouts/\(payout)/point", word).status == 200)
            #expect(try await books.discrepancies() == ["late \(second.id) \(second.net)"])
            _ = try await books.importReport(
                ReportFile([first.line("payout_two1"), second.line("payout_two1")]).text)
            #expect(try await !books.discrepancies().contains { $0.hasPrefix("late") })
        }
    }
}

extension `The books` {
    @Suite struct `A payout that does not come` {
        @Test func `REC-5 is a discrepancy until its bank line comes, and again when the two are taken apart`()
            async throws
        {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            try await books.tell(payment)
            var row = payment.line("payout_gone1")
            row.day = Books.day.adding(days: -400)
            _ = try await books.importReport(ReportFile([row]).text)
            #expect(try await books.discrepancies() == [])
            for _ in 0..<2 { try await books.runJob("open-missing-payouts") }
            #expect(try await books.discrepancies() == ["missing-payout payout_gone1 \(payment.net)"])
            #expect(try await books.announced("discrepancy-opened") == 1)
            let entry = StatementEntry(reference: "BK1", amount: payment.net, text: "ALMA payout_gone1")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            #expect(try await books.discrepancies() == [])
            let payout = try await books.payout("payout_gone1")["id"]?.text ?? ""
            #expect(try await books.post("/v1/payouts/\(payout)/unpoint").status == 200)
            try await books.runJob("open-missing-payouts")
            #expect(try await books.discrepancies().count == 1)
        }

        @Test func `REC-5 C-22 is a discrepancy also while many of other books wait for an import to end`() async throws
        {
            let (importing, books) = (try Books(), try Books())
            let payment = PaymentFacts("payment_one", 9_000)
            var row = payment.line("payout_gone1")
            row.day = Books.day.adding(days: -400)
            _ = try await books.importReport(ReportFile([row]).text)
            let alone = try await importing.alone()
            // Earlier ones of other books, more than are looked at together.
            try await importing.bench.superuser.execute(
                """
                INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on)
                SELECT gen_random_uuid(), \(importing.organisation), 'alma', 'payout_' || number, 'EUR', 100,
                    date '2020-01-08'
                FROM generate_series(1, 600) AS number
                """)
            try await books.runJob("open-missing-payouts")
            let (told, untold) = (try await books.discrepancies(), try await importing.discrepancies())
            // Others' runs are not to open six hundred of them.
            try await importing.breaking("UPDATE payout SET pointed_at = now(), pointed_by = 'nobody' WHERE")
            await alone.close()
            #expect(told.contains("missing-payout payout_gone1 \(payment.net)"))
            #expect(untold == [])
        }

        @Test(arguments: ["PRLV ALMA payout_back1", "PRLV ALMA SAS"])
        func `REC-2 REC-5 below nothing is what the bank took, and a discrepancy until it has`(text: String)
            async throws
        {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            let refund = RefundFacts(payment: payment, amount: 3_000)
            try await books.tell(payment)
            try await books.pay([payment.line("payout_abc1")], bank: "BK1")
            try await books.tell(refund)
            var row = refund.line("payout_back1")
            row.day = Books.day.adding(days: -400)
            _ = try await books.importReport(ReportFile([row]).text)
            try await books.runJob("open-missing-payouts")
            #expect(try await books.discrepancies() == ["missing-payout payout_back1 -3000"])
            let entry = StatementEntry(reference: "BK2", amount: -3_000, text: text, day: row.day.adding(days: 1))
            _ = try await books.importStatement(StatementFile(id: "S2", entries: [entry]).text)
            #expect(try await books.discrepancies() == [])
            let pointed = try await books.payout("payout_back1")
            #expect(pointed["rule"]?.text == (text.contains("payout") ? "reference" : "amount-and-date"))
            let balances = try await books.balances()
            #expect(balances["511500"] == nil && balances["512000"] == payment.net - 3_000, "\(balances)")
            #expect(try await books.breaches() == [])
        }
    }
}

extension Books {
    /// One run of the service's own job.
    func lookForLatePayouts() async throws { try await runJob("announce-late-payouts") }

    func runJob(_ name: String) async throws {
        let job = try #require(bench.assembly.jobs.first { $0.name == name })
        try await job.run()
    }

    /// How many events of a type wait to be published for this organisation.
    func announced(_ type: String) async throws -> Int { try await toldOf(type).events }
}
