import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing

/// PAY-11: what was asked for one debt, among all sales of an organisation.
@Suite struct `The sales of one debt` {
    @Test(arguments: [("invoiceID", "payment_by_invoice"), ("receivableID", "payment_by_receivable")])
    func `are found by an index of their own, however many others there are`(
        _ parameter: String, _ index: String
    ) async throws {
        let bench = try await PaymentBench.start()
        // A free amount, so that before the lists nobody looks for the payments of a debt.
        _ = try await bench.request()
        // Each of them pays another debt, every second one of which is on no invoice.
        try await bench.overseer.execute(
            """
            INSERT INTO payment
            SELECT made.* FROM payment, generate_series(1, 6000) AS n, jsonb_populate_record(payment,
                jsonb_build_object('id', md5('payment' || n)::uuid, 'token_hash', '\\x' || md5('token' || n),
                    'invoice', CASE WHEN n % 2 = 0 THEN md5('debt' || n)::uuid END,
                    'receivable', CASE WHEN n % 2 = 1 THEN md5('debt' || n)::uuid END)) AS made
            """)
        try await bench.overseer.execute("ANALYZE payment")
        let found: [(id: PaymentID, debt: InvoiceID)] = try await bench.overseer.query(
            """
            SELECT id, coalesce(invoice, receivable) AS debt FROM payment
            WHERE CASE WHEN \(index) = 'payment_by_invoice' THEN invoice IS NOT NULL ELSE receivable IS NOT NULL END
            ORDER BY id LIMIT 1
            """
        ) { row in (id: try row("id"), debt: try row("debt")) }
        let wanted = found[0]
        // The server counts scans a moment after they were made.
        try await waitUntil("the index was asked") {
            #expect(try await bench.listed("\(parameter)=\(wanted.debt)") == [wanted.id])
            let scans: [Int64] = try await bench.overseer.query(
                "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = \(index)"
            ) { row in try row("idx_scan") }
            return try #require(scans.first, "there is none") > 0
        }
    }
}
