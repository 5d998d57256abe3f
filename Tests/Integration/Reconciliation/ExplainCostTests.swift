import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// What explanations ask of the database, as it counts it itself.
@Suite struct `What an explanation asks` {
    @Test func `REC-5 REC-10 follows many takings of an invoice with as many statements as a few`() async throws {
        try await BooksBench.with(explaining: true) { bench in
            let few = try await bench.statements(following: 1)
            let many = try await bench.statements(following: 40)
            #expect(!few.isEmpty, "nothing was counted")
            #expect(many == few)
        }
    }
}

extension BooksBench {
    /// What explains an invoice for which so many cheques and so much cash were taken, each on a slip at the bank.
    fileprivate func statements(following takings: Int) async throws -> [String] {
        let books = try Books()
        let invoice: InvoiceID = Books.newID()
        try await fill(invoice, takings, of: books.organisation)
        // What a connection asks once is no part of it.
        _ = try await books.get("/v1/explain/invoices/\(invoice)")
        // What jobs ask at the same moment is no part of it either.
        var asked: [[String]] = []
        for _ in 1...3 { asked.append(try await statements(explaining: invoice, of: takings, to: books)) }
        return asked.min { $0.count < $1.count } ?? []
    }

    private func statements(explaining invoice: InvoiceID, of takings: Int, to books: Books) async throws -> [String] {
        // The last one it asks.
        let last = "SELECT receipt.payment, online.payment AS online, receipt.currency"
        let (answer, plans) = try await postgres.plans(untilOneWith: last) {
            try await books.get("/v1/explain/invoices/\(invoice)")
        }
        let places = (answer.json["takings"]?.elements ?? []).flatMap { $0["places"]?.elements ?? [] }
        #expect(places.count == 2 * takings, "\(answer.text)")
        #expect(places.allSatisfy { $0["place"]?.text == "at-the-bank" && $0["bankLine"] != nil }, "\(answer.text)")
        // The first line of each, which says enough to tell which one came or went.
        return plans.joined().components(separatedBy: "Query Text: ").dropFirst().map { text in
            String(text.prefix { $0 != "\n" })
        }.sorted()
    }

    private func fill(_ invoice: InvoiceID, _ takings: Int, of organisation: OrganisationID) async throws {
        let (clinic, statement): (ClinicID, StatementID) = (Books.newID(), Books.newID())
        for insert: SQL in [
            """
            INSERT INTO invoice_number (invoice, organisation, number) VALUES (\(invoice), \(organisation), 'F-1')
            """,
            """
            INSERT INTO bank_statement (id, organisation, iban, reference, format, currency, opening, closing)
            VALUES (\(statement), \(organisation), 'FR00', 'S', 'camt053', 'EUR', 0, 0)
            """,
            """
            CREATE TABLE IF NOT EXISTS piece (id uuid, tender text, n int)
            """,
            "TRUNCATE piece",
            """
            INSERT INTO piece SELECT gen_random_uuid(), tender, n
            FROM generate_series(1, \(Int32(takings))) AS n, unnest(ARRAY['cheque', 'cash']) AS tender
            """,
            """
            INSERT INTO bank_line (id, organisation, statement, iban, reference, currency, amount, booked_on,
                description)
            SELECT id, \(organisation), \(statement), 'FR00', tender || n, 'EUR', 100, \(Books.day), '' FROM piece
            """,
            """
            INSERT INTO remittance (id, organisation, clinic, tender, reference, currency, amount, made_on, made_by,
                bank_line, rule, pointed_by, pointed_at)
            SELECT id, \(organisation), \(clinic), tender, 'B-' || n, 'EUR', 100, \(Books.day), 'anna', id, 'reference',
                'anna', now()
            FROM piece
            """,
            """
            INSERT INTO till_movement (id, organisation, clinic, payment, act, day, method, tender, client,
                receipt_number, currency, amount, remittance)
            SELECT id, \(organisation), \(clinic), id, 'taken', \(Books.day), tender, tender, id, 'R-' || n, 'EUR', 100,
                CASE WHEN tender = 'cheque' THEN id END
            FROM piece
            """,
            """
            INSERT INTO vat_receipt (id, organisation, payment, invoice, received_on, is_first, currency, amount)
            SELECT id, \(organisation), id, \(invoice), \(Books.day), true, 'EUR', 100 FROM piece
            """,
        ] { try await superuser.execute(insert) }
    }
}
