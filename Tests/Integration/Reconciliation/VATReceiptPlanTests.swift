import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// How the database goes about what was received on a day, as it explains it itself.
@Suite struct `The plan of receipts by rate of VAT` {
    @Test func `REC-8 looks on for a day at what the day has, and not at all that was ever received`() async throws {
        try await BooksBench.with(explaining: true) { bench in
            let plan = try await bench.planOfReceipts(onEach: 100, of: 200)
            let found = plan.matches(of: /actual rows=(\d+)/).compactMap { Int($0.1) }
            #expect(!found.isEmpty, "nothing was explained")
            #expect(found.allSatisfy { $0 <= 1_000 } && !plan.contains("Seq Scan on vat_receipt"), "\(plan)")
            // Rows do not tell: an index that has the clinic before the day is walked from end to end.
            #expect(plan.contains("till_movement_taken_on"), "\(plan)")
        }
    }
}

extension BooksBench {
    /// How the receipts of one day were gone about where so many came on each of so many days, every other at a till.
    fileprivate func planOfReceipts(onEach receipts: Int, of days: Int) async throws -> String {
        let books = try Books()
        try await fill(Int32(receipts), Int32(days), of: books.organisation)
        let day = Books.day.adding(days: 50)
        let (rows, plans) = try await postgres.plans(with: "invoice_vat") {
            try await books.list("/v1/accounting/vat-receipts?from=\(day)&to=\(day)")
        }
        #expect(rows.map { $0["amount"]?.cents } == [Int64(receipts) * 1_200], "\(rows)")
        return plans.joined()
    }

    private func fill(_ receipts: Int32, _ days: Int32, of organisation: OrganisationID) async throws {
        let clinic: ClinicID = Books.newID()
        for statement: SQL in [
            "CREATE TABLE piece (id uuid, is_of_till boolean, day date)",
            """
            INSERT INTO piece SELECT gen_random_uuid(), n % 2 = 0, \(Books.day)::date + n / \(receipts)::int
            FROM generate_series(0, \(receipts)::int * \(days)::int - 1) AS n
            """,
            """
            INSERT INTO invoice_vat (organisation, invoice, rate, currency, part)
            SELECT \(organisation), id, 2000, 'EUR', 1200 FROM piece
            """,
            """
            INSERT INTO vat_receipt (id, organisation, payment, invoice, received_on, is_first, currency, amount)
            SELECT id, \(organisation), id, id, day, true, 'EUR', 1200 FROM piece
            """,
            """
            INSERT INTO till_movement (id, organisation, clinic, payment, act, day, method, tender, client,
                receipt_number, currency, amount)
            SELECT id, \(organisation), \(clinic), id, 'taken', day, 'cheque', 'cheque', id, id::text, 'EUR', 1200
            FROM piece WHERE is_of_till
            """,
            "ANALYZE invoice_vat", "ANALYZE vat_receipt", "ANALYZE till_movement",
        ] { try await superuser.execute(statement) }
    }
}
