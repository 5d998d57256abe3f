import HTTPClient
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

extension `The books` {
    /// Payouts that their providers confirm before the bank does.
    @Suite struct `A payout on the provider's word` {
        private func overdue() -> PaymentFacts {
            var payment = PaymentFacts("payment_word", 9_000)
            payment.expectedOn = LocalDate(year: 2026, month: 1, day: 9) ?? .earliest
            return payment
        }

        private func receive(_ payment: PaymentFacts, _ text: String, in books: Books) async throws {
            let entry = StatementEntry(reference: "BK_\(text)", amount: payment.net, text: text)
            #expect(try await books.importStatement(StatementFile(id: text, entries: [entry]).text).status == 201)
        }

        @Test func `REC-2 REC-6 is pointed and late still, and nothing of it is booked`() async throws {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            try await books.lookForLatePayouts()
            try await books.takeWord()
            let imported = try await books.importReport(ReportFile([payment.line("payout_word1")]).text)
            #expect(imported.json["payoutsPointed"]?.integer == 1)
            let payout = try await books.payout("payout_word1")
            #expect(payout["rule"]?.text == "provider" && payout["pointedBy"]?.text == "matching")
            #expect(payout["bankLineID"] == nil && payout["noBankLineAccount"] == nil)
            let balances = try await books.balances()
            #expect(balances["511500"] == payment.net && balances["512000"] == nil && balances["471000"] == nil)
            #expect(try await !books.hasArrived(payment))
            let owed = try await books.list("/v1/expected-payouts?from=2026-01-01&to=2026-01-31")
            #expect(owed.map { $0["net"]?["minorUnits"]?.integer } == [payment.net] && owed[0]["late"]?.integer == 1)
            try await books.breaking("UPDATE payout SET paid_on = paid_on - 100 WHERE")
            try await books.runJob("open-missing-payouts")
            #expect(
                try await books.discrepancies() == [
                    "late \(payment.id) \(payment.net)", "missing-payout payout_word1 \(payment.net)",
                ])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-1 REC-2 says what is true of it, in its explanations, on the fee screen, in lists and files`()
            async throws
        {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            try await books.takeWord()
            _ = try await books.importReport(ReportFile([payment.line("payout_word1")]).text)
            let id = try await books.payout("payout_word1")["id"]?.text ?? ""
            #expect(
                try await books.explanation("payout_word1")["because"]?.elements?.compactMap(\.text) == [
                    "The provider says that it paid it on \(Books.day).",
                    "Its bank line has not been seen yet, and nothing is booked.",
                ])
            let french = try await books.bench.http.call(
                .get, "/v1/payouts/\(id)/explanation", as: books.principal(), headers: ["Accept-Language": "fr"])
            #expect(french.json["because"]?.elements?.first?.text?.hasPrefix("Le prestataire dit") == true, "GEN-5")
            let trail = try await books.get("/v1/explain/payouts/\(id)").json
            #expect(trail["payments"]?.elements?.first?["because"]?.text == "under-way")
            #expect(trail["entries"]?.elements == [])
            for (query, count) in [("rule=provider", 1), ("rule=reference", 0), ("rule=provider&paid=not-yet", 0)] {
                let rows = try await books.list("/v1/fees?from=\(Books.day)&to=\(Books.day)&\(query)")
                #expect(rows.count == count, "\(query)")
                #expect(rows.allSatisfy { $0["isPaid"] == .bool(true) && $0["rule"]?.text == "provider" })
            }
            for (query, count) in [("rule=provider", 1), ("rule=by-hand", 0), ("pointed=false", 0)] {
                #expect(try await books.list("/v1/payouts?\(query)").count == count, "\(query)")
            }
            let period = "from=\(Books.day)&to=\(Books.day)&rule=provider"
            for (grid, name) in [("fees", "Règle"), ("payouts", "Règle")] {
                let file = try SemicolonFile(try await books.get("/v1/exports/grids/\(grid)?\(period)").text).rows
                let place = try #require(file[0].firstIndex(of: name), "\(grid)")
                #expect(file.dropFirst().map { $0[place] } == ["parole du prestataire"], "\(grid)")
            }
        }

        @Test(arguments: [true, false])
        func `REC-2 REC-5 is the bank's once its line comes, whichever of the two comes first`(
            isBankFirst: Bool
        ) async throws {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            try await books.lookForLatePayouts()
            try await books.takeWord()
            if isBankFirst { try await receive(payment, "ALMA payout_word1", in: books) }
            _ = try await books.importReport(ReportFile([payment.line("payout_word1")]).text)
            if !isBankFirst { try await receive(payment, "ALMA payout_word1", in: books) }
            let explained = try await books.explanation("payout_word1")
            #expect(explained["payout"]?["rule"]?.text == "reference")
            #expect(
                explained["because"]?.elements?.compactMap(\.text)
                    == ["The bank's text has the reference payout_word1."])
            let undone = explained["undone"]?.elements ?? []
            #expect(undone.map { $0["rule"]?.text } == (isBankFirst ? [] : ["provider"]))
            #expect(undone.allSatisfy { $0["undoneBy"]?.text == "matching" })
            let pointed = ["matched reference", "payout-pointed matching"]
            let before = ["payout-pointed matching", "payout-unpointed matching"]
            #expect(try await books.events() == (isBankFirst ? pointed : before + pointed))
            let rules = try await books.rulesTold()
            #expect(rules == (isBankFirst ? ["reference"] : ["provider", "reference"]), "EVT-1 told apart")
            let balances = try await books.balances()
            #expect(balances["512000"] == payment.net && balances["511500"] == nil)
            #expect(try await books.hasArrived(payment))
            #expect(try await books.discrepancies() == [])
            #expect(try await books.count("ledger_entry") == 3, "payment, fee, payout")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 points nothing until the organisation takes it, and nothing once it does no more`()
            async throws
        {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            let unsaid = try await books.get("/v1/providers-word").json
            #expect(unsaid["isTaken"] == .bool(false) && unsaid["changedBy"] == nil)
            _ = try await books.importReport(ReportFile([payment.line("payout_word1")]).text)
            #expect(try await books.payout("payout_word1")["isPointed"] == .bool(false))
            try await books.takeWord()
            #expect(try await books.payout("payout_word1")["rule"]?.text == "provider")
            let said = try await books.get("/v1/providers-word").json
            #expect(said["isTaken"] == .bool(true) && said["changedBy"]?.text == "anna")
            try await books.takeWord(false)
            #expect(try await books.payout("payout_word1")["isPointed"] == .bool(false))
            let undone = try await books.explanation("payout_word1")["undone"]?.elements ?? []
            #expect(undone.map { $0["undoneBy"]?.text } == ["anna"])
            #expect(try await books.count("providers_word") == 2, "every change stays, with its author")
            #expect(try await books.put("/v1/providers-word", #"{"isTaken":"yes"}"#).status == 422)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 undone by a person stays undone, until the bank or a person says otherwise`() async throws {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            try await books.takeWord()
            _ = try await books.importReport(ReportFile([payment.line("payout_word1")]).text)
            let path = "/v1/payouts/\(try await books.payout("payout_word1")["id"]?.text ?? "")"
            #expect(try await books.post("\(path)/unpoint", as: "bert").status == 200)
            try await receive(PaymentFacts("payment_other", 4_200), "VIR", in: books)
            try await books.takeWord()
            #expect(try await books.payout("payout_word1")["isPointed"] == .bool(false))
            let undone = try await books.explanation("payout_word1")["undone"]?.elements ?? []
            #expect(undone.map { $0["undoneBy"]?.text } == ["bert"])
            try await receive(payment, "ALMA payout_word1", in: books)
            #expect(try await books.payout("payout_word1")["rule"]?.text == "reference")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 is not refused by a person who takes a bank line apart from its payout`() async throws {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            try await books.takeWord()
            _ = try await books.importReport(ReportFile([payment.line("payout_word1")]).text)
            try await receive(payment, "ALMA payout_word1", in: books)
            let payout = try await books.payout("payout_word1")
            #expect(payout["rule"]?.text == "reference")
            #expect(try await books.post("/v1/payouts/\(payout["id"]?.text ?? "")/unpoint", as: "bert").status == 200)
            try await receive(PaymentFacts("payment_other", 4_200), "VIR", in: books)
            #expect(try await books.payout("payout_word1")["rule"]?.text == "provider")
            #expect(try await books.balances()["512000"] == nil)
            #expect(try await books.breaches() == [])
        }

        @Test(arguments: [true, false])
        func `REC-2 gives way to a person who points by hand, in one act`(isJoint: Bool) async throws {
            let books = try Books()
            let payments = [PaymentFacts("payment_a", 9_000), PaymentFacts("payment_b", 5_000)]
            for payment in payments { try await books.tell(payment) }
            try await books.takeWord()
            for (place, payment) in payments.enumerated() {
                _ = try await books.importReport(ReportFile([payment.line("payout_word\(place)")]).text)
            }
            let sum = isJoint ? payments[0].net + payments[1].net : payments[0].net
            let entry = StatementEntry(reference: "BK1", amount: sum, text: "VIR INCONNU")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            let ids = [
                try await books.payout("payout_word0")["id"]?.text ?? "",
                try await books.payout("payout_word1")["id"]?.text ?? "",
            ]
            let line = try await books.bankLine("BK1")
            let answer =
                try await isJoint
                ? books.post(
                    "/v1/joint-pointings",
                    #"{"payoutIDs":["\#(ids[0])","\#(ids[1])"],"bankLineIDs":["\#(line)"]}"#, as: "bert")
                : books.post("/v1/payouts/\(ids[0])/point", #"{"bankLineID":"\#(line)"}"#, as: "bert")
            #expect(answer.status == (isJoint ? 201 : 200), "\(answer.text)")
            #expect(try await books.payout("payout_word0")["rule"]?.text == "by-hand")
            #expect(try await books.payout("payout_word1")["rule"]?.text == (isJoint ? "by-hand" : "provider"))
            let undone = try await books.explanation("payout_word0")["undone"]?.elements ?? []
            #expect(undone.map { $0["undoneBy"]?.text } == ["bert"])
            #expect(try await books.balances()["512000"] == sum)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 is not in a report of Stripe's, which has also what may fail`() async throws {
            let books = try Books()
            var payment = PaymentFacts("pi_one", 9_000)
            (payment.provider, payment.fee, payment.vat) = (.stripe, 388, 0)
            try await books.tell(payment)
            try await books.takeWord()
            let header =
                "automatic_payout_id,automatic_payout_effective_at,currency,payment_metadata[quittance_payment],"
                + "balance_transaction_id,reporting_category,gross,fee,net,payment_intent_id\n"
            let row = "po_1,\(Books.day) 00:00:00,eur,,txn_one,charge,90.00,3.88,86.12,pi_one\n"
            #expect(try await books.importReport(header + row, of: .stripe).status == 201)
            #expect(try await books.payout("po_1")["isPointed"] == .bool(false))
        }

        @Test(arguments: Provider.allCases)
        func `REC-2 REC-3 is told by the provider's API`(provider: Provider) async throws {
            try await PayoutWorld.run(provider) { world in
                let books = world.books
                try await books.tell(try await world.paid(20_000))
                _ = try await world.closeDay()
                try await books.takeWord()
                #expect(try await world.fetch().json["trouble"] == nil)
                let payout = try #require(try await books.payouts().first)
                #expect(payout["rule"]?.text == "provider" && payout["bankLineID"] == nil)
                #expect(try await books.balances()["512000"] == nil)
                #expect(try await books.breaches() == [])
            }
        }

        @Test func `REC-2 is heard later of what was under way when it was told, and taken back with it`()
            async throws
        {
            try await PayoutWorld.run(.stripe) { world in
                let books = world.books
                let first = try await world.paid(20_000)
                try await books.tell(first)
                let failed = try await world.closeDay(faults: #"{"kind":"never-arrives"}"#)["payouts"][0]["id"].string
                #expect(try await world.fetch().json["trouble"] == nil)
                // As if it had been on its way then.
                try await books.breaking("UPDATE payout SET provider_says = NULL WHERE")
                try await books.takeWord()
                #expect(try await books.payout(failed)["isPointed"] == .bool(false))
                #expect(try await world.fetch().json["trouble"] == nil)
                #expect(try await books.payout(failed)["rule"]?.text == "provider")

                try await world.sandbox.control(.post, "/stripe/payouts/\(failed)/fail")
                #expect(try await world.fetch().json["trouble"] == nil)
                #expect(try await books.payout(failed)["isPointed"] == .bool(false), "Stripe says so no more")
                #expect(try await books.events().last == "payout-unpointed matching")
                #expect(try await books.breaches() == [])

                let second = try await world.paid(9_000)
                try await books.tell(second)
                let closed = try await world.closeDay("\(TimeSource.system.now().utcDate.adding(days: 1))")
                #expect(try await world.fetch().json["trouble"] == nil)
                let brought = closed["payouts"][0]["id"].string
                try await books.expectBroughtBack(failed, first, by: brought, with: second.net)
                #expect(try await books.payout(brought)["rule"]?.text == "provider")
                #expect(try await books.payout(failed)["isPointed"] == .bool(false), "its money is nowhere at the bank")
                #expect(try await books.breaches() == [])

                let file = try await world.sandbox.call(
                    .get, "/control/bank/statements/\(closed["statements"][0]["id"].string)"
                ).text
                _ = try await books.put("/v1/bank-accounts/\(Merchant.iban)", #"{"currency":"EUR"}"#)
                #expect(try await books.importStatement(file).status == 201)
                #expect(try await books.payout(brought)["bankLineID"] != nil)
                #expect(try await books.payout(failed)["rule"]?.text == "nothing")
                #expect(try await books.balances()[world.clearing] == nil)
                #expect(try await books.discrepancies() == [])
                #expect(try await books.breaches() == [])
            }
        }

        @Test func `REC-2 is no old word of Stripe's, which may have been taken back since`() async throws {
            try await PayoutWorld.run(.stripe) { world in
                let books = world.books
                try await books.tell(try await world.paid(20_000))
                let failed = try await world.closeDay(faults: #"{"kind":"never-arrives"}"#)["payouts"][0]["id"].string
                try await books.tell(try await world.paid(9_000))
                let closed = try await world.closeDay("\(TimeSource.system.now().utcDate.adding(days: 1))")
                let good = closed["payouts"][0]["id"].string
                #expect(try await world.fetch().json["trouble"] == nil)
                // Older than what is asked again of words that are taken.
                try await books.breaking("UPDATE payout SET paid_on = paid_on - 100 WHERE")
                try await world.sandbox.control(.post, "/stripe/payouts/\(failed)/fail")
                try await books.takeWord()
                #expect(try await books.payout(failed)["isPointed"] == .bool(false))
                #expect(try await world.fetch().json["trouble"] == nil)
                #expect(try await books.payout(failed)["isPointed"] == .bool(false))
                #expect(try await books.payout(good)["rule"]?.text == "provider", "Stripe says so still")
                #expect(try await books.events() == ["payout-pointed matching"])
                try await books.takeWord()
                #expect(try await books.payout(good)["rule"]?.text == "provider", "said once more, it stays")
                #expect(try await books.breaches() == [])
            }
        }

        @Test func `REC-2 REC-3 is taken back though new payouts are in trouble`() async throws {
            try await PayoutWorld.run(.stripe) { world in
                let books = world.books
                try await books.tell(try await world.paid(20_000))
                let failed = try await world.closeDay(faults: #"{"kind":"never-arrives"}"#)["payouts"][0]["id"].string
                try await books.takeWord()
                #expect(try await world.fetch().json["trouble"] == nil)
                #expect(try await books.payout(failed)["rule"]?.text == "provider")

                try await books.tell(try await world.paid(9_000))
                _ = try await world.closeDay("\(TimeSource.system.now().utcDate.adding(days: 1))")
                try await world.sandbox.control(.post, "/stripe/payouts/\(failed)/fail")
                let fault = #"{"operation":"stripe.balance-transactions","kind":"status","status":503,"times":0}"#
                try await world.sandbox.control(.post, "/faults", fault)
                let troubled = try await world.fetch()
                #expect(troubled.json["trouble"]?.text?.contains("503") == true, "\(troubled.text)")
                #expect(try await books.payouts().count == 1, "the new one is not there yet")
                #expect(try await books.payout(failed)["isPointed"] == .bool(false))
                #expect(try await books.events() == ["payout-pointed matching", "payout-unpointed matching"])
            }
        }

        @Test func `REC-2 that nobody said is named by the doctor`() async throws {
            let books = try Books()
            let payment = overdue()
            try await books.tell(payment)
            try await books.takeWord()
            _ = try await books.importReport(ReportFile([payment.line("payout_word1")]).text)
            #expect(try await books.breaches() == [])
            try await books.breaking("UPDATE payout SET provider_says = 'failed' WHERE")
            #expect(
                try await books.breaches() == [
                    "a payout that is pointed on the provider's word is one the provider says it paid, and something: "
                        + "payout payout_word1 of \(payment.net)"
                ])
        }
    }
}

extension Books {
    /// The organisation takes its providers' word, or does so no more.
    fileprivate func takeWord(_ isTaken: Bool = true) async throws {
        let answer = try await put("/v1/providers-word", #"{"isTaken":\#(isTaken)}"#)
        guard answer.status == 200 else { throw BenchFailure(text: answer.text) }
    }

    /// By which rules payouts were told of as pointed, in order.
    fileprivate func rulesTold() async throws -> [String?] {
        try await bench.superuser.query(
            """
            SELECT convert_from(value, 'UTF8')::jsonb ->> 'rule' AS rule FROM outbox
            WHERE headers @> ARRAY[\(organisation.description)] AND type ~ 'payout-pointed' ORDER BY position
            """
        ) { row in try row("rule") }
    }
}
