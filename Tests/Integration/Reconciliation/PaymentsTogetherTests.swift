import EventContract
import HTTPServer
import KafkaClient
import PaymentModel
import PostgresClient
import TestSupport
import Testing

extension `The books` {
    @Suite struct `Payments that are told of together` {
        @Test func `REC-1 REC-8 C-08 are booked as one by one, with fewer statements, each because of its own fact`()
            async throws
        {
            let (together, apart) = (try await TwoDozen(), try await TwoDozen())
            let events = try await together.books.tellTogether(together.told)
            for payment in apart.told { try await apart.books.tell(payment) }
            let (journal, expected) = (try await together.books.journal(), try await apart.books.journal())
            #expect(journal == expected)
            #expect(journal.contains { $0.contains(" 445200 ") }, "VAT that the clinics owe themselves: \(journal)")
            for table in ["sale", "expectation", "ledger_entry", "ledger_line", "counted_refund", "discrepancy"] {
                let (count, expected) = (try await together.books.count(table), try await apart.books.count(table))
                #expect(count == expected, "\(table)")
            }
            #expect(try await together.books.discrepancies() == ["dispute dp_1 1000"])
            #expect(try await together.books.count("waiting_refund") == 0)
            #expect(try await together.books.parked() == [])
            #expect(try await together.books.breaches() == [])
            #expect(try await apart.books.bookings() == 24, "as many statements as payments")
            #expect(try await together.books.bookings() <= 12, "of which each booked several payments")
            let causes = Dictionary(zip(together.told.map(\.id), events.map(\.description))) { first, _ in first }
            #expect(try await together.books.causesOfFees() == causes)
        }

        @Test func `C-22 are booked without the one that cannot be, which is parked alone`() async throws {
            let books = try Books()
            var payments = (0..<20).map { PaymentFacts("payment_\($0)", Int64(5_000 + $0)) }
            payments[10].reference = "payment_9"
            _ = try await books.tellTogether(payments)
            let parked = try await books.parked()
            #expect(parked.count == 1, "\(parked)")
            #expect(try await books.count("expectation") == 19)
            #expect(try await books.count("sale") == 19)
            #expect(try await books.count("ledger_entry") == 38)
            try await books.expectBalanced()
            #expect(try await books.breaches() == [])
        }
    }
}

/// Payments of three providers, some told of twice under two ids; of some of them something is told before.
private struct TwoDozen {
    let books: Books
    let told: [PaymentFacts]

    init() async throws {
        books = try Books()
        let payments = (0..<24).map { number -> PaymentFacts in
            var payment = PaymentFacts("payment_\(number)", Int64(5_000 + 10 * number))
            payment.provider = Provider.allCases[number % 3]
            // Of a provider abroad the clinic owes it itself.
            if payment.provider != .alma { payment.vat = 0 }
            payment.isHeld = number == 5
            return payment
        }
        told = payments + payments[6..<9]
        let report = ReportFile([payments[0].line("payout_1"), payments[3].line("payout_1")])
        let imported = try await books.importReport(report.text)
        guard imported.status == 201 else { throw BenchFailure(text: imported.text) }
        try await books.tell(RefundFacts(payment: payments[1], amount: 500))
        let disputed = payments[4]
        try await books.tell(
            DisputeOpenedV1(
                paymentID: disputed.id, clientID: ClientID(7), provider: disputed.provider, disputeReference: "dp_1",
                amount: .euros(cents: 1_000), reason: "fraudulent", openedOn: Books.day),
            about: disputed.id)
    }
}

extension Books {
    /// Tells of all of them in one go; answers the ids of the events.
    func tellTogether(_ payments: [PaymentFacts]) async throws -> [EventID] {
        let events = try payments.map { try record($0.accepted, about: $0.id, clinic: $0.clinic) }
        guard try await bench.producer.send(events.map(\.record)).areDelivered else {
            throw TestSupportError("an event was not delivered")
        }
        for event in events {
            try await waitUntil("the books have read all of them") { try await isSettled(event.id) }
        }
        return events.map(\.id)
    }

    /// With how many statements the payments were booked.
    fileprivate func bookings() async throws -> Int {
        try await count(
            """
            (SELECT DISTINCT organisation, xmin::text AS transaction, cmin::text AS command
            FROM ledger_entry WHERE kind = 'payment') AS made
            """)
    }

    /// Which event led to the fact of each payment's fee.
    fileprivate func causesOfFees() async throws -> [PaymentID: String] {
        let causes = try await bench.superuser.query(
            """
            SELECT payment, headers[array_position(headers, 'ce_causationid') + 1] AS cause
            FROM outbox JOIN expectation ON expectation.payment = outbox.subject
            WHERE organisation = \(organisation) AND type = 'org.quittance.reconciliation.fee-recorded.v1'
            """
        ) { row in (try row("payment") as PaymentID, try row("cause") as String) }
        return Dictionary(causes) { first, _ in "\(first), and once more" }
    }
}
