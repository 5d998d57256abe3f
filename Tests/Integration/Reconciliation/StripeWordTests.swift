import HTTPServer
import PaymentModel
import PostgresClient
import Testing

extension `The books` {
    @Suite struct `Stripe's report` {
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
            let header =
                "automatic_payout_id,automatic_payout_effective_at,currency,payment_metadata[quittance_payment],"
                + "balance_transaction_id,reporting_category,gross,fee,net,payment_intent_id\n"
            let rows = words.keys.sorted().map { word in
                "po_1,\(Books.day) 00:00:00,eur,,txn_\(word),\(word),5.00,0.00,5.00,\n"
            }
            let answer = try await books.importReport(header + rows.joined(), of: .stripe)
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
