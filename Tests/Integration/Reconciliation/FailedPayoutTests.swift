import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

extension `The books` {
    /// Payouts of Stripe's that never arrived, by its reports.
    @Suite struct `A payout that failed` {
        private let reports = [
            "po_1": ["txn_one,charge,90.00,3.88,86.12"], "po_2": [Self.back, Self.other],
            "po_3": ["txn_again,payout_reversal,134.12,0.00,134.12"],
            "po_even": [Self.back, "txn_charged,fee,-86.12,0.00,-86.12"],
            "po_released": ["txn_back_kept,payout_minimum_balance_release,10.00,0.00,10.00", Self.other],
            "po_itself": ["txn_itself,payout_reversal,10.00,0.00,10.00", Self.other],
        ]
        private static let back = "txn_back,payout_reversal,86.12,0.00,86.12"
        private static let other = "txn_two,charge,50.00,2.00,48.00"

        private func paid(_ reference: String, _ cents: Int64, fee: Int64) -> PaymentFacts {
            var payment = PaymentFacts(reference, cents)
            (payment.provider, payment.fee, payment.vat) = (.stripe, fee, 0)
            return payment
        }

        /// Books that were told of two payments.
        private func told() async throws -> (books: Books, payments: [PaymentFacts]) {
            let books = try Books()
            // What VAT abroad is owed by the clinic itself is another test's.
            _ = try await books.put(
                "/v1/accounting/fee-taxes", #"{"provider":"stripe","treatment":"exempt","rate":0}"#)
            let payments = [paid("pi_one", 9_000, fee: 388), paid("pi_two", 5_000, fee: 200)]
            for payment in payments { try await books.tell(payment) }
            return (books, payments)
        }

        private func report(_ payout: String, to books: Books) async throws {
            let header =
                "automatic_payout_id,automatic_payout_effective_at,currency,payment_metadata[quittance_payment],"
                + "balance_transaction_id,reporting_category,gross,fee,net,payment_intent_id,source_id\n"
            let rows = (reports[payout] ?? []).map { row in
                let intent = row.hasPrefix("txn_one") ? "pi_one" : row.hasPrefix("txn_two") ? "pi_two" : ""
                let sources = ["txn_back": "po_1", "txn_again": "po_2", "txn_itself": payout]
                let source = sources.first { row.hasPrefix($0.key) }?.value ?? "ch_\(intent)"
                return "\(payout),\(Books.day) 00:00:00,eur,,\(row),\(intent),\(source)\n"
            }
            let answer = try await books.importReport(header + rows.joined(), of: .stripe)
            #expect(answer.status == 201, "\(answer.text)")
        }

        private func receive(_ cents: Int64, _ text: String, in books: Books) async throws {
            let entry = StatementEntry(reference: "BK_\(text)", amount: cents, text: text)
            #expect(try await books.importStatement(StatementFile(id: text, entries: [entry]).text).status == 201)
        }

        @Test(arguments: [["po_1", "po_2"], ["po_2", "po_1"], ["po_1", "po_2", "po_1", "po_2"]])
        func `REC-5 is nothing once another brought its money, whichever is told first`(order: [String]) async throws {
            let (books, payments) = try await told()
            for payout in order { try await report(payout, to: books) }
            try await books.expectBroughtBack("po_1", payments[0], by: "po_2", with: payments[1].net)
            #expect(try await books.payout("po_1")["isPointed"] == .bool(false), "nobody has its money yet")
            try await receive(13_412, "STRIPE po_2", in: books)
            #expect(try await books.payout("po_2")["isPointed"] == .bool(true))
            #expect(try await books.explanation("po_2")["unexplained"]?["minorUnits"]?.integer == 0)
            #expect(try await books.balances()["511600"] == nil)
            #expect(try await books.discrepancies() == [])
            // It needs no money.
            let failed = try await books.payout("po_1")
            #expect(failed["rule"]?.text == "nothing" && failed["pointedBy"]?.text == "matching")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 REC-5 waits again when a person takes back what brought its money, and follows it once more`()
            async throws
        {
            let (books, payments) = try await told()
            for payout in ["po_1", "po_2"] { try await report(payout, to: books) }
            try await receive(13_412, "STRIPE po_2", in: books)
            #expect(try await books.payout("po_1")["rule"]?.text == "nothing")
            #expect(try await books.hasArrived(payments[0]))
            let line = try #require(try await books.list("/v1/bank-lines").first?["id"]?.text)
            let path = "/v1/payouts/\(try await books.payout("po_2")["id"]?.text ?? "")"
            #expect(try await books.post("\(path)/unpoint").status == 200)
            #expect(try await books.payout("po_1")["isPointed"] == .bool(false), "its money is nowhere known")
            #expect(try await !books.hasArrived(payments[0]))
            #expect(try await books.announced("payout-unpointed") == 2)
            #expect(try await books.breaches() == [])
            // Nobody said of it that it needs a line.
            #expect(try await books.post("\(path)/point", #"{"bankLineID":"\#(line)"}"#).status == 200)
            try await report("po_2", to: books)
            #expect(try await books.payout("po_1")["rule"]?.text == "nothing")
            #expect(try await books.hasArrived(payments[0]))
            #expect(try await books.breaches() == [])
            try await books.breaking(
                "UPDATE payout SET pointed_at = NULL, pointed_by = NULL WHERE reference = 'po_2' AND")
            let named =
                "a payout that failed is pointed as nothing while one that brought its money is pointed: payout po_1"
            #expect(try await books.breaches().contains(named))
        }

        @Test(arguments: [["po_1", "po_2", "po_3"], ["po_3", "po_2", "po_1"]])
        func `REC-5 is nothing with the one that failed after it, once a third brought the money of both`(
            order: [String]
        ) async throws {
            let (books, payments) = try await told()
            for payout in order { try await report(payout, to: books) }
            try await receive(13_412, "STRIPE po_3", in: books)
            let rules = try await books.payouts().map { "\($0["reference"]?.text ?? "") \($0["rule"]?.text ?? "")" }
            #expect(rules.sorted() == ["po_1 nothing", "po_2 nothing", "po_3 amount-and-date"])
            #expect(try await books.balances()["511600"] == nil)
            #expect(try await books.discrepancies() == [])
            let last = try await books.payout("po_3")["id"]?.text ?? ""
            #expect(try await books.post("/v1/payouts/\(last)/unpoint").status == 200)
            let pointed = try await books.payouts().filter { $0["isPointed"] != .bool(false) }
            #expect(pointed == [])
            for payment in payments { #expect(try await !books.hasArrived(payment)) }
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 is nothing with what brought its money, where charges have eaten that up`() async throws {
            let (books, _) = try await told()
            for payout in ["po_1", "po_even"] { try await report(payout, to: books) }
            for payout in ["po_even", "po_1"] {
                #expect(try await books.payout(payout)["rule"]?.text == "nothing", "\(payout)")
            }
            #expect(try await books.breaches() == [])
        }

        @Test(arguments: ["po_released", "po_itself"])
        func `REC-5 is not what anything else carries, whatever that names`(other: String) async throws {
            let (books, payments) = try await told()
            try await report("po_1", to: books)
            try await report(other, to: books)
            for (payout, amount) in [("po_1", payments[0].net), (other, payments[1].net + 1_000)] {
                #expect(try await books.payout(payout)["amount"]?["minorUnits"]?.integer == amount, "\(payout)")
            }
            #expect(try await books.count("settlement_line") == 3)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 C-26 that the bank had received is a difference with a name`() async throws {
            let (books, payments) = try await told()
            try await report("po_1", to: books)
            try await receive(8_612, "STRIPE po_1", in: books)
            #expect(try await books.payout("po_1")["isPointed"] == .bool(true))
            try await report("po_2", to: books)
            try await books.expectBroughtBack("po_1", payments[0], by: "po_2", with: payments[1].net)
            #expect(try await books.discrepancies() == ["payout-amount po_1 8612"])
            #expect(try await books.balances()["471000"] == -8_612)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-6 is not missing any more`() async throws {
            let (books, _) = try await told()
            try await report("po_1", to: books)
            try await books.breaking("UPDATE payout SET paid_on = paid_on - 100 WHERE reference = 'po_1' AND")
            try await books.runJob("open-missing-payouts")
            let missing = "missing-payout po_1 8612"
            #expect(try await books.discrepancies().contains(missing))
            try await report("po_2", to: books)
            try await books.runJob("open-missing-payouts")
            #expect(try await !books.discrepancies().contains(missing))
        }
    }
}

extension Books {
    /// Whether the books say that the money of a payment is at the bank.
    func hasArrived(_ payment: PaymentFacts) async throws -> Bool {
        try await bench.superuser.query("SELECT has_arrived FROM expectation WHERE payment = \(payment.id)") { row in
            try row("has_arrived") as Bool
        } == [true]
    }

    /// One payout has given its money to another, and both say so.
    func expectBroughtBack(
        _ failed: String, _ payment: PaymentFacts, by other: String, with cents: Int64,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        for (payout, amount) in [(failed, 0), (other, payment.net + cents)] {
            let known = try await self.payout(payout)["amount"]?["minorUnits"]?.integer
            #expect(known == amount, "\(payout)", sourceLocation: location)
        }
        let carried = try await bench.superuser.query(
            """
            SELECT gross FROM settlement_line WHERE organisation = \(organisation) AND kind = 'carried' ORDER BY gross
            """
        ) { row in try row("gross") as Int64 }
        #expect(carried == [-payment.net, payment.net], sourceLocation: location)
        #expect(try await count("settlement_line") == 4, sourceLocation: location)
    }
}
