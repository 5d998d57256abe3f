import HTTPServer
import InvoicingService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `INV-7: the chain of receipts in invoicing` {
    @Test func `INV-7: is whole after thirty took money at once, at two clinics, whatever became of it`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let other = try await chain.anotherClinic("PANTIN")
        let (client, double) = try await (chain.client(), chain.client())
        _ = try await chain.invoice(5_000, for: client)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<30 {
                group.addTask {
                    let clinic = number.isMultiple(of: 2) ? chain.clinic : other
                    let whose = number.isMultiple(of: 3) ? double : client
                    let taken = try await chain.take(Int64(1_000 + number), for: whose, at: clinic)
                    #expect(taken.status == 201)
                }
            }
            try await group.waitForAll()
        }
        let payment: PaymentOnAccountID = try await chain.take(700, for: double, at: chain.clinic).id()
        let reversal = #"{"on":"2026-11-21","reason":"bounced"}"#
        let path = "/v1/payments-on-account/\(payment)/reversal"
        #expect(try await chain.call(.post, path, reversal, headers: Chain.seen()).status == 200)
        #expect(try await chain.merge(double, into: client).status == 200, "a receipt names whom it was made out to")
        #expect(
            try await bench.proof().lines == [
                "F-LILAS-2026: 1 documents, whole", "R-LILAS-2026: 16 documents, whole",
                "R-PANTIN-2026: 15 documents, whole",
            ])
        await bench.close()
    }

    @Test(
        arguments: [
            ("UPDATE payment_on_account SET amount = 899, unallocated = 899", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET received_on = received_on - 1", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET client = gen_random_uuid()", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET method = 'card'", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET kind = 'card'", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET collected_by = 'nobody'", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET tendered = amount", 1, "000001: it is not"),
            ("UPDATE payment_on_account SET cheque_number = '8'", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET cheque_bank = 'Autre'", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET payer_name = 'Autre'", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET notes = 'Payé'", 1, "000001: it is not"),
            ("UPDATE payment_on_account SET words_salt = NULL", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET words_salt = NULL, words_digest = NULL", 2, "000002: it is not"),
            ("UPDATE payment_on_account SET cheque_number = NULL", 2, "000002: it is not"),
            (
                """
                UPDATE payment_on_account SET cheque_number = NULL, cheque_bank = NULL, payer_name = NULL,
                    words_salt = NULL
                """, 2, "000002: it is not"
            ),
            ("UPDATE payment_on_account SET hash = repeat('0', 64)", 1, "000001: it is not"),
            ("UPDATE payment_on_account SET sequence = NULL, hash = NULL", 2, "000003: the one before it is missing"),
            ("DELETE FROM payment_on_account", 2, "000003: the one before it is missing"),
            ("DELETE FROM payment_on_account", 1, "000002: it is not"),
            ("DELETE FROM payment_on_account", 3, "the end is missing: 3 numbers were given"),
        ] as [(String, Int, String)])
    func `INV-7: names the first receipt that is not what was given`(
        forgery: String, place: Int, found: String
    ) async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        try await chain.takeThree(for: try await chain.client())
        #expect(try await bench.proof().lines == ["R-LILAS-2026: 3 documents, whole"])
        try await bench.forge("\(forgery) WHERE receipt_number = 'R-LILAS-2026-00000\(place)'")
        let proof = try await bench.proof()
        #expect(proof.lines.count == 1 && proof.lines[0].contains(found) && !proof.holds, "\(proof.lines)")
        await bench.close()
    }

    @Test func `INV-7: names one that was put beside the chain, and a series without its end`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        try await chain.takeThree(for: try await chain.client())
        try await bench.forge(
            """
            INSERT INTO payment_on_account (id, organisation, clinic, client, method, currency, amount, allocated,
                unallocated, received_on, kind, receipt_number, collected_by)
            SELECT gen_random_uuid(), organisation, clinic, client, method, currency, amount, allocated, unallocated,
                received_on, kind, 'R-LILAS-2026-000004', collected_by
            FROM payment_on_account LIMIT 1
            """)
        #expect(try await bench.proof().lines[0].contains("000004: it is in no chain"))
        try await bench.forge("DELETE FROM document_series")
        #expect(try await bench.proof().lines[0].contains("what says where it ends is missing"))
        await bench.close()
    }

    @Test func `INV-7: says where the chain begins behind receipts of before`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        try await chain.takeThree(for: client)
        try await bench.forge(
            """
            DO $$ BEGIN
                UPDATE payment_on_account SET sequence = NULL, hash = NULL, words_digest = NULL, words_salt = NULL,
                    created_at = created_at - interval '1 year';
                UPDATE document_series SET hash = NULL;
            END $$
            """)
        #expect(
            try await bench.proof().lines == ["R-LILAS-2026: 0 documents, all were issued before there were chains"])
        #expect(try await chain.collect(100, for: client).status == 201)
        let proof = try await bench.proof()
        #expect(
            proof.holds
                && proof.lines == [
                    "R-LILAS-2026: 1 documents, whole from number 4 on, before which there were no chains"
                ], "\(proof.lines)")
        await bench.close()
    }

    @Test func `GEN-7, INV-7: is whole when words were forgotten, and no others take their place`() async throws {
        let bench = try await InvoicingBench.start()
        let chain = try await Chain.open(on: bench)
        let client = try await chain.client()
        _ = try await chain.invoice(5_000, for: client)
        let cheque = """
            ,"cheque":{"number":"4711","bank":"BNP","drawer":"Luc"},"notes":"Pour Rex","payer":{"name":"Luc"}
            """
        #expect(try await chain.collect(5_000, for: client, by: "cheque", more: cheque).status == 201)
        #expect(try await chain.erase(client).status == 200)
        let left: [String] = try await bench.askAll(
            """
            SELECT concat_ws(' ', payer_name, cheque_number, cheque_bank, cheque_drawer, notes, words_salt)
            FROM payment_on_account
            """)
        #expect(left == [""], "nobody can try what they were either")
        #expect(try await bench.proof().holds)
        try await bench.forge("UPDATE payment_on_account SET cheque_number = '4711'")
        let proof = try await bench.proof()
        #expect(!proof.holds && proof.lines.last?.contains("000001: it is not") == true, "\(proof.lines)")
        await bench.close()
    }
}

@Suite struct `INV-9: what was noted of money in invoicing` {
    @Test func `INV-9: cannot be changed or removed by SQL`() async throws {
        let chain = try await Chain.open()
        try await chain.noteMoneyOfEveryKind()
        let before = try await chain.noted()
        for statement in Self.forgeries + Self.deletions {
            let error = await #expect(throws: PostgresError.self, "\(statement)") {
                try await chain.asService(statement)
            }
            #expect(error?.sqlState?.rawValue.hasPrefix("23") == true, "\(statement): \(error?.description ?? "-")")
        }
        #expect(try await chain.noted() == before)
    }

    private static let forgeries: [SQL] = [
        "UPDATE payment_on_account SET amount = amount - 1, unallocated = unallocated - 1 WHERE unallocated > 0",
        "UPDATE payment_on_account SET received_on = received_on - 1",
        "UPDATE payment_on_account SET method = 'card' WHERE method = 'cheque'",
        "UPDATE payment_on_account SET kind = 'card' WHERE kind = 'cheque'",
        "UPDATE payment_on_account SET receipt_number = 'R-LILAS-2026-000009' WHERE receipt_number IS NOT NULL",
        "UPDATE payment_on_account SET collected_by = 'nobody' WHERE collected_by IS NOT NULL",
        "UPDATE payment_on_account SET cheque_number = '8' WHERE cheque_number IS NOT NULL",
        "UPDATE payment_on_account SET payer_name = 'Autre' WHERE receipt_number IS NOT NULL",
        "UPDATE payment_on_account SET hash = repeat('0', 64) WHERE hash IS NOT NULL",
        "UPDATE payment_on_account SET payment = gen_random_uuid() WHERE payment IS NOT NULL",
        """
        UPDATE payment_on_account SET client = (SELECT id FROM client WHERE id <> payment_on_account.client LIMIT 1)
        """,
        "UPDATE allocation SET payment_on_account = gen_random_uuid()",
        "UPDATE allocation SET invoice = gen_random_uuid() WHERE invoice IS NOT NULL",
        "UPDATE refund SET amount = amount + 1", "UPDATE refund SET refunded_on = refunded_on - 1",
        "UPDATE refund SET client = (SELECT id FROM client WHERE id <> refund.client LIMIT 1)",
        "UPDATE receivable SET recorded_on = recorded_on - 1",
        "UPDATE receivable SET client = (SELECT id FROM client WHERE id <> receivable.client LIMIT 1)",
        "UPDATE receivable_credit SET amount = amount + 1",
        "UPDATE settlement SET author = 'nobody'", "UPDATE settlement SET settled_on = settled_on - 1",
        "UPDATE settlement_part SET amount = amount + 1",
        "UPDATE credit_archive SET amount = amount + 1", "UPDATE dispute SET amount = amount + 1",
        "UPDATE waiting_payment SET amount = amount + 1", "UPDATE waiting_payment SET paid_on = paid_on - 1",
        "UPDATE waiting_payment SET receivable = gen_random_uuid()",
    ]

    private static let tables = [
        "payment_on_account", "allocation", "refund", "receivable", "receivable_credit", "settlement",
        "settlement_part", "credit_archive", "dispute", "waiting_payment",
    ]

    private static let deletions: [SQL] = tables.map { "DELETE FROM \(unescaped: $0)" }
}

extension Chain {
    /// Credit of the client's, taken at a clinic.
    fileprivate func take(
        _ cents: Int64, for client: ClientID, at clinic: ClinicID
    ) async throws -> InProcessClient.Answer {
        try await call(
            .post, "/v1/collections",
            """
            {"clinicID":"\(clinic)","method":"card","collectedOn":"2026-11-20","clientID":"\(client)",
             "amount":{"minorUnits":\(cents),"currency":"EUR"}}
            """)
    }

    /// Cash with change, a cheque of somebody else's, a card.
    fileprivate func takeThree(for client: ClientID) async throws {
        let tendered = #","tendered":{"minorUnits":1000,"currency":"EUR"}"#
        let cheque = #","cheque":{"number":"7","bank":"BNP"},"payer":{"name":"Luc"}"#
        for (method, more) in [("cash", tendered), ("cheque", cheque), ("card", "")] {
            let taken = try await collect(900, for: client, by: method, more: more)
            #expect(taken.status == 201, "\(taken.text)")
        }
    }

    /// One row at least in every table that holds what was noted of money.
    fileprivate func noteMoneyOfEveryKind() async throws {
        let (client, other) = try await (self.client(), self.client())
        let (invoice, receivable) = try await (invoice(10_000, for: client), receivable(500, for: other))
        let payment: PaymentID = IdentifierSource.system.make()
        let refund: RefundID = IdentifierSource.system.make()
        try await Delivery.with { delivery in
            try await delivery.deliver([
                accepted(10_000, by: client, for: invoice, payment: payment),
                refunded(3_000, as: refund, of: payment, to: client),
            ])
        }
        try await takeThree(for: client)
        let period = #"{"from":"2026-11-01","to":"2026-11-30","on":"2026-11-24","reason":"prescription"}"#
        #expect(try await call(.post, "/v1/clients/\(other)/settlements", period).status == 201)
        for statement in [
            """
            INSERT INTO receivable_credit (receivable, refund, organisation, amount, credited_on)
            VALUES (\(receivable), \(refund), \(organisation), 100, '2026-11-24')
            """,
            """
            INSERT INTO credit_archive (payment_on_account, organisation, amount, archived_on, archived_by)
            SELECT id, organisation, 100, '2026-11-24', 'tester' FROM payment_on_account LIMIT 1
            """,
            """
            INSERT INTO dispute (payment, reference, organisation, currency, amount, reason, opened_on)
            VALUES (\(payment), 'D-1', \(organisation), 'EUR', 100, 'fraud', '2026-11-24')
            """,
            """
            INSERT INTO waiting_payment (payment, organisation, client, method, currency, amount, paid_on, held)
            VALUES (gen_random_uuid(), \(organisation), \(client), 'alma', 'EUR', 100, '2026-11-24', false)
            """,
        ] as [SQL] {
            try await asService(statement)
        }
    }

    /// Under the role and the fence of the service, as a mistake of ours or a thief would try.
    fileprivate func asService(_ statement: SQL) async throws {
        let options = TransactionOptions.readWrite.setting("quittance.organisation", to: "\(organisation)")
        _ = try await bench.database.pool.transaction(options) { transaction in try transaction.execute(statement) }
    }

    /// All that was noted of money.
    fileprivate func noted() async throws -> [String] {
        try await bench.askAll(
            """
            SELECT payment_on_account::text FROM payment_on_account WHERE organisation = \(organisation)
            UNION ALL SELECT allocation::text FROM allocation WHERE organisation = \(organisation)
            UNION ALL SELECT refund::text FROM refund WHERE organisation = \(organisation)
            UNION ALL SELECT receivable::text FROM receivable WHERE organisation = \(organisation)
            UNION ALL SELECT receivable_credit::text FROM receivable_credit WHERE organisation = \(organisation)
            UNION ALL SELECT settlement::text FROM settlement WHERE organisation = \(organisation)
            UNION ALL SELECT settlement_part::text FROM settlement_part WHERE organisation = \(organisation)
            UNION ALL SELECT credit_archive::text FROM credit_archive WHERE organisation = \(organisation)
            UNION ALL SELECT dispute::text FROM dispute WHERE organisation = \(organisation)
            UNION ALL SELECT waiting_payment::text FROM waiting_payment WHERE organisation = \(organisation)
            ORDER BY 1
            """)
    }
}
