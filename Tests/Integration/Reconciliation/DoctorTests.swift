import HTTPServer
import PaymentModel
import PostgresClient
import ReconciliationService
import ServiceRuntime
import Testing

extension `The books` {
    @Suite struct `The doctor` {
        private func written() async throws -> Books {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            try await books.tell(payment)
            try await books.tell(RefundFacts(payment: payment, amount: 500))
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let entry = StatementEntry(reference: "BK1", amount: payment.net - 3, text: "ALMA payout_abc1")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            let payout = try await books.payout("payout_abc1")["id"]?.text ?? ""
            #expect(try await books.post("/v1/payouts/\(payout)/unpoint").status == 200)
            let line = try await books.bankLine("BK1")
            _ = try await books.post("/v1/payouts/\(payout)/point", #"{"bankLineID":"\#(line)"}"#)
            return books
        }

        @Test func `finds nothing in books that were kept by the service alone`() async throws {
            let books = try await written()
            #expect(ReconciliationService.invariants.count > 10)
            #expect(try await books.breaches() == [])
        }

        @Test(arguments: [
            ("UPDATE expectation SET refunded = refunded + 1 WHERE", "what was given back"),
            ("UPDATE expectation SET amount = amount + 1 WHERE", "every payment that is expected"),
            ("UPDATE payout SET amount = amount + 1 WHERE", "every payout is the sum"),
            ("UPDATE payout SET pointed_at = NULL, pointed_by = NULL WHERE", "a payout is booked as received"),
            ("UPDATE discrepancy SET closed_at = now() WHERE kind = 'payout-amount' AND", "what a bank line differs"),
            ("UPDATE expectation SET has_arrived = false WHERE", "a payment has arrived"),
            ("UPDATE counted_refund SET refund = gen_random_uuid() WHERE", "every refund that was counted"),
        ])
        func `names what somebody broke`(statement: String, invariant: String) async throws {
            let books = try await written()
            try await books.bench.superuser.execute(
                "\(unescaped: statement) organisation = \(books.organisation)")
            let found = try await books.breaches()
            #expect(found.contains { $0.hasPrefix(invariant) }, "\(found)")
        }
    }
}

extension Books {
    /// What breaks the service's invariants in these books.
    func breaches() async throws -> [String] {
        var found: [String] = []
        for invariant in ReconciliationService.invariants {
            found += try await bench.superuser.query(
                "SELECT breach FROM (\(invariant.breaches)) AS broken WHERE organisation = \(organisation)"
            ) { row in "\(invariant.name): \(try row("breach") as String)" }
        }
        return found
    }
}
