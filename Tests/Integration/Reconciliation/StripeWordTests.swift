import HTTPServer
import PaymentModel
import PostgresClient
import Testing

extension `The books` {
    @Suite struct `Stripe's report` {
        private static let header =
            "automatic_payout_id,automatic_payout_effective_at,currency,payment_metadata[quittance_payment],"
            + "balance_transaction_id,reporting_category,gross,fee,net,payment_intent_id\n"

        @Test func `REC-8 of a fee from abroad that was another the clinic owes the VAT of what is kept`() async throws
        {
            let books = try Books()
            var payment = PaymentFacts("pi_one", 20_000)
            (payment.provider, payment.fee, payment.vat) = (.stripe, 325, 0)
            try await books.tell(payment)
            func report(_ payout: String, _ line: String, _ fee: String, _ net: String) async throws {
                let row = "\(payout),\(Books.day) 00:00:00,eur,,\(line),charge,200.00,\(fee),\(net),pi_one\n"
                let answer = try await books.importReport(Self.header + row, of: .stripe)
                #expect(answer.status == 201, "\(answer.text)")
            }
            try await report("po_1", "txn_2", "3.61", "196.39")
            let corrected = try await books.balances()
            #expect(corrected["627000"] == 361 && corrected["445200"] == -72 && corrected["445660"] == 72)
            #expect(try await books.breaches() == [])
            // The first line by its reference settles the payment, and keeps what was told: nothing is corrected.
            try await report("po_2", "txn_1", "3.25", "196.75")
            let told = try await books.balances()
            #expect(told["627000"] == 325 && told["445200"] == -65 && told["445660"] == 65)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-8 the doctor names a correction whose VAT is owed nowhere`() async throws {
            let books = try Books()
            var payment = PaymentFacts("pi_one", 20_000)
            (payment.provider, payment.fee, payment.vat) = (.stripe, 325, 0)
            try await books.tell(payment)
            let row = "po_1,\(Books.day) 00:00:00,eur,,txn_2,charge,200.00,3.61,196.39,pi_one\n"
            #expect(try await books.importReport(Self.header + row, of: .stripe).status == 201)
            try await books.breaking(
                """
                UPDATE ledger_line SET account = '445660' WHERE account = '445200'
                    AND entry IN (SELECT id FROM ledger_entry WHERE kind = 'fee-correction') AND
                """)
            let found = try await books.breaches()
            #expect(found.count == 1 && found[0].hasPrefix("the VAT that the clinic owes for a fee"), "\(found)")
        }

        /// The words of which payment-orchestrator's conformance tests say what the API's movements are.
        @Test func `REC-3 calls a movement what Stripe's API calls it`() async throws {
            let books = try Books()
            let words = [
                "charge": "payment", "refund": "refund", "refund_failure": "refund", "charge_failure": "refund",
                "partial_capture_reversal": "refund", "dispute": "dispute", "dispute_reversal": "dispute", "fee": "fee",
                "tax": "fee", "network_cost": "fee", "payout_reversal": "carried",
                "payout_minimum_balance_hold": "carried", "payout_minimum_balance_release": "carried",
                "other_adjustment": "adjustment",
            ]
            let rows = words.keys.sorted().map { word in
                "po_1,\(Books.day) 00:00:00,eur,,txn_\(word),\(word),5.00,0.00,5.00,\n"
            }
            let answer = try await books.importReport(Self.header + rows.joined(), of: .stripe)
            #expect(answer.status == 201, "\(answer.text)")
            let kinds = try await books.bench.superuser.query(
                "SELECT reference, kind FROM settlement_line WHERE organisation = \(books.organisation)"
            ) { row in (try row("reference") as String, try row("kind") as String) }
            for (reference, kind) in kinds {
                #expect(words[String(reference.dropFirst("txn_".count))] == kind, "\(reference)")
            }
            #expect(kinds.count == words.count)
        }
    }
}
