import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// How the database goes about the references that bank lines have, as it explains it itself.
@Suite struct `The plan of references` {
    @Test func `REC-5 finds a longer reference of a text by its words, and not among all payouts there ever were`()
        async throws
    {
        try await BooksBench.with(explaining: true) { bench in
            let plan = try await bench.planOfReferences(among: 5_000)
            #expect(plan.contains("payout_by_words") && !plan.contains("Seq Scan on payout"), "\(plan)")
        }
    }
}

extension BooksBench {
    /// How a reference was looked for that a line has, beside so many payouts that a person pointed.
    fileprivate func planOfReferences(among payouts: Int32) async throws -> String {
        let books = try Books()
        try await superuser.execute(
            """
            INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on, rule, pointed_by,
                pointed_at)
            SELECT gen_random_uuid(), \(books.organisation), 'alma', 'payout_' || n || '_2', 'EUR', 100, \(Books.day),
                'by-hand', 'anna', now()
            FROM generate_series(1, \(payouts)::int) AS n
            """)
        try await superuser.execute(
            """
            INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on)
            VALUES (gen_random_uuid(), \(books.organisation), 'alma', 'payout_7', 'EUR', 100, \(Books.day))
            """)
        try await superuser.execute("ANALYZE payout")
        let entry = StatementEntry(reference: "BK1", amount: 500, text: "VIR ALMA payout_7_2")
        let (answer, plans) = try await postgres.plans(with: "reference_words") {
            try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
        }
        #expect(answer.json["payoutsPointed"]?.integer == 0, "\(answer.text)")
        return plans.joined()
    }
}
