import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

extension `The books` {
    @Suite struct `Whoever is alone in the books` {
        /// The payment of a line of a large file, as it is expected.
        private static func paid(_ number: Int) -> PaymentFacts {
            var payment = PaymentFacts("payment_\(number)", Int64(LargeFile.cents(number, signed: false)))
            (payment.fee, payment.vat) = (40, 10)
            return payment
        }

        @Test func `REC-3 C-22 an import lets facts wait that are about its lines, and none of others`() async throws {
            let (books, others) = (try Books(), try Books())
            let (known, late) = (Self.paid(3), Self.paid(7))
            try await books.tell(known)
            let (gate, holder) = try await books.hold(known)
            async let answer = books.send(LargeFile(.alma, lines: 20))
            try await waitUntil("it is alone in the books") { try await books.isSomebodyAlone() }
            let event = try await books.publish(late.accepted, about: late.id)
            for number in 1...3 { try await others.tell(PaymentFacts("payment_\(number)", 5_000)) }
            #expect(try await !books.isSettled(event))
            #expect(try await books.isSomebodyAlone(), "it waits for the payment of one of its lines")
            await gate.close()
            try await holder.value
            #expect(try await answer.status == 201)
            try await waitUntil("what waited is read") { try await books.isSettled(event) }
            #expect(try await books.parked() == [])
            let open = try await books.bench.superuser.query(
                """
                SELECT count(*) AS count FROM discrepancy
                WHERE organisation = \(books.organisation) AND closed_at IS NULL
                """
            ) { row in try row("count") as Int }
            #expect(open == [18], "both payments have settled their lines")
            #expect(try await books.breaches() == [])
        }

        @Test func `C-22 lets the facts of its own organisation wait in their order, and nobody else's`() async throws {
            let payment = PaymentFacts("payment_one", 9_000)
            let (books, others) = (try Books(), try Books())
            let refund = RefundFacts(payment: payment, amount: 9_000)
            let alone = try await books.alone()
            var events = [try await books.publish(payment.accepted, about: payment.id)]
            try await others.tell(PaymentFacts("payment_free", 5_000))
            events.append(try await books.publish(refund.completed, about: payment.id))
            try await others.tell(PaymentFacts("payment_free_too", 5_000))
            // Longer than all tries of a message take.
            try await Task.sleep(for: .seconds(1))
            for event in events { #expect(try await !books.isSettled(event)) }
            #expect(
                try await books.get("/v1/joint-pointing-proposals").status == 200, "who only looks waits for nobody")
            await alone.close()
            for event in events {
                try await waitUntil("what waited is read") { try await books.isSettled(event) }
            }
            #expect(try await books.parked() == [])
            #expect(try await books.balances()["411000"] == nil)
            #expect(try await books.count("counted_refund") == 1)
        }
    }
}

extension Books {
    /// Alone in the books, as an import is, until the session is closed.
    func alone() async throws -> PostgresSession {
        let session = try await bench.superuser.session()
        try await session.transaction { transaction in
            try transaction.execute(
                "SELECT pg_advisory_lock(hashtextextended('books of ' || \(organisation.description)::text, 0))")
        }
        return session
    }

    /// Whoever would change what the books have of a payment waits, until the session is closed.
    fileprivate func hold(
        _ payment: PaymentFacts
    ) async throws -> (gate: PostgresSession, holder: Task<Void, any Error>) {
        let superuser = bench.superuser
        let key: SQL = "hashtextextended('gate of ' || \(organisation.description)::text, 0)"
        let row: SQL = "SELECT payment FROM expectation WHERE payment = \(payment.id) FOR UPDATE"
        let gate = try await superuser.session()
        try await gate.transaction { transaction in try transaction.execute("SELECT pg_advisory_lock(\(key))") }
        let holder = Task {
            try await superuser.transaction { transaction in
                try transaction.execute(row)
                try transaction.execute("SELECT pg_advisory_xact_lock(\(key))")
                return
            }
        }
        try await waitUntil("its row is held") {
            try await superuser.transaction { transaction in
                try transaction.first("\(row) SKIP LOCKED") { _ in true } == nil
            }
        }
        return (gate, holder)
    }

    fileprivate func isSomebodyAlone() async throws -> Bool {
        let free = try await bench.superuser.query(
            """
            SELECT pg_try_advisory_xact_lock_shared(
                hashtextextended('books of ' || \(organisation.description)::text, 0)) AS free
            """
        ) { row in try row("free") as Bool }
        return free == [false]
    }
}
