import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// How the database goes about what is held on account 471, as it explains it itself.
@Suite struct `The plan of held differences` {
    @Test func `REC-8 looks for the discrepancies of each payout, and not through all of them for each`() async throws {
        try await BooksBench.with(explaining: true) { bench in
            let plan = try await bench.planOfHeld(500)
            let read = plan.matches(of: /Rows Removed by (?:Join )?Filter: (\d+)/).compactMap { Int($0.1) }
            #expect(plan.contains("discrepancy_of_payout on discrepancy"), "\(plan)")
            #expect(read.allSatisfy { $0 <= 1_000 }, "\(plan)")
        }
    }
}

extension BooksBench {
    /// How a list was made where so many payouts came 2 cents short, of which a person closed every other.
    fileprivate func planOfHeld(_ payouts: Int32) async throws -> String {
        let books = try Books()
        try await fill(payouts, of: books.organisation)
        let (held, plans) = try await postgres.plans(with: "held_clearing") {
            try await books.list("/v1/held-differences")
        }
        #expect(!held.isEmpty && held.allSatisfy { $0["amount"]?.cents == 2 }, "\(held)")
        return plans.joined()
    }

    private func fill(_ payouts: Int32, of organisation: OrganisationID) async throws {
        let told: StatementID = Books.newID()
        for statement: SQL in [
            "CREATE TABLE piece (id uuid, n int)",
            "INSERT INTO piece SELECT gen_random_uuid(), n FROM generate_series(1, \(payouts)::int) AS n",
            """
            INSERT INTO bank_statement (id, organisation, iban, reference, format, currency, opening, closing)
            VALUES (\(told), \(organisation), 'FR00', 'S1', 'camt053', 'EUR', 0, 0)
            """,
            """
            INSERT INTO bank_line (id, organisation, statement, iban, reference, currency, amount, booked_on,
                description)
            SELECT id, \(organisation), \(told), 'FR00', id::text, 'EUR', 998, \(Books.day), '' FROM piece
            """,
            """
            INSERT INTO payout (id, organisation, provider, reference, currency, amount, paid_on, bank_line, rule,
                pointed_by, pointed_at, tolerance, tolerance_currency, tolerance_account, tolerance_because)
            SELECT id, \(organisation), 'alma', id::text, 'EUR', 1000, \(Books.day), id, 'hand', 'anna', now(), 2,
                'EUR', '471000', 'We shall see'
            FROM piece
            """,
            """
            INSERT INTO settlement_line (organisation, provider, reference, kind, payout, currency, gross, fee)
            SELECT \(organisation), 'alma', id::text, 'payment', id, 'EUR', 1000, 0 FROM piece
            """,
            """
            INSERT INTO ledger_entry (id, organisation, kind, subject, booked_on)
            SELECT id, \(organisation), 'payout', id, \(Books.day) FROM piece
            """,
            """
            INSERT INTO discrepancy (id, organisation, kind, subject, payout, currency, amount, closed_at, closed_by,
                closed_because, closed_into)
            SELECT id, \(organisation), 'payout-amount', id::text, id, 'EUR', 2, now(), 'anna', 'A fee', '627000'
            FROM piece WHERE n % 2 = 0
            """,
            "ANALYZE bank_line", "ANALYZE payout", "ANALYZE settlement_line", "ANALYZE ledger_entry",
            "ANALYZE discrepancy",
        ] { try await superuser.execute(statement) }
    }
}
