import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import ReconciliationService
import ServiceRuntime
import TestSupport
import Testing

extension `The books` {
    @Suite struct `The doctor` {
        private static let unpointed =
            "UPDATE remittance SET bank_line = NULL, rule = NULL, pointed_by = NULL, pointed_at = NULL"

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
            ("UPDATE discrepancy SET closed_at = now() WHERE kind = 'payout-amount' AND", "the rows of a payout sum"),
            ("UPDATE bank_line SET amount = amount + 1 WHERE", "the rows of a payout sum"),
            ("UPDATE expectation SET has_arrived = false WHERE", "a payment has arrived"),
            ("UPDATE counted_refund SET refund = gen_random_uuid() WHERE", "every refund that was counted"),
            ("DELETE FROM ledger_line WHERE position = 1 AND", "every entry balances"),
            ("DELETE FROM ledger_line WHERE", "every entry has lines"),
            (
                "UPDATE ledger_line SET account = '445200' WHERE account = '445660' AND",
                "what the clinic owes for a fee"
            ),
            (moved("512000", to: "758000", of: "payout"), "the account of the bank holds"),
            (moved("411000", to: "419100", of: "payment"), "every payment that is expected"),
        ])
        func `names what somebody broke`(statement: String, invariant: String) async throws {
            try await expectNamed(invariant, of: try await written(), by: statement)
        }

        @Test(arguments: [
            ("settlement_line", ["every payout is the sum of its lines", "the rows of a payout sum"]),
            ("ledger_line", ["the rows of a payout sum"]),
        ])
        func `REC-5 adds up no currencies of what a payout consists of`(table: String, named: [String]) async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let entry = StatementEntry(reference: "BK1", amount: payment.net, text: "ALMA payout_abc1")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            #expect(try await books.payout("payout_abc1")["rule"]?.text == "reference")
            #expect(try await books.breaches() == [])
            try await books.breaking("UPDATE \(table) SET currency = 'CHF' WHERE")
            let found = try await books.breaches()
            for invariant in named { #expect(found.contains { $0.hasPrefix(invariant) }, "\(found)") }
        }

        @Test(arguments: [DisputeClosedV1.Outcome.won, .lost])
        func `REC-6 names a dispute whose end is on the wrong account`(outcome: DisputeClosedV1.Outcome) async throws {
            let story = try DisputeStory(outcome: outcome)
            for step in [DisputeStory.Step.accepted, .opened, .closed] { try await story.tell(step) }
            #expect(try await story.books.breaches() == [])
            let account = outcome == .won ? "511600" : "411000"
            let statement = Self.moved(account, to: "758000", of: "dispute-closed")
            try await expectNamed("a dispute that was closed", of: story.books, by: statement)
        }

        @Test func `REC-8 names a fee from abroad whose VAT is owed nowhere`() async throws {
            let books = try Books()
            var payment = PaymentFacts("cs_one", 20_000)
            (payment.provider, payment.fee, payment.vat) = (.stripe, 325, 0)
            try await books.tell(payment)
            #expect(try await books.breaches() == [])
            try await books.breaking("DELETE FROM ledger_line WHERE account IN ('445200', '445660') AND")
            let found = try await books.breaches()
            #expect(found.count == 1 && found[0].hasPrefix("the VAT that the clinic owes for a fee"), "\(found)")
        }

        @Test(arguments: [
            ("DELETE FROM validated_entry WHERE number = 1 AND", "numbers of validated entries"),
            ("DELETE FROM validated_entry WHERE", "every entry of a closed period"),
        ])
        func `names what somebody broke of a closed period`(statement: String, invariant: String) async throws {
            let books = try await written()
            let closed = try await books.post("/v1/accounting/periods", #"{"through":"\#(Books.day)"}"#)
            #expect(closed.status == 201, "\(closed.text)")
            #expect(try await books.breaches() == [])
            try await expectNamed(invariant, of: books, by: statement)
        }

        @Test(arguments: [
            ("UPDATE till_movement SET amount = amount + 1 WHERE", "every movement of a till"),
            ("UPDATE cash_up_line SET expected = expected + 1 WHERE counted <> expected AND", "what a cash-up expects"),
            (
                "UPDATE cash_up_line SET counted = counted + 1 WHERE counted <> expected AND",
                "every difference of a cash-up"
            ),
            ("UPDATE remittance SET amount = amount + 1 WHERE", "every remittance is the sum"),
            ("UPDATE remittance SET id = gen_random_uuid() WHERE", "a remittance is booked once"),
            ("\(unpointed) WHERE", "a remittance is booked as received"),
            ("UPDATE bank_line SET amount = amount + 1 WHERE", "what a bank line differs from its remittance"),
            ("UPDATE till_movement SET remittance = NULL WHERE", "the accounts of tills"),
            ("\(unpointed) WHERE", "what is under way"),
            (moved("512000", to: "758000", of: "deposit"), "the account of the bank holds"),
        ])
        func `REC-10 names what somebody broke of a till`(statement: String, invariant: String) async throws {
            let (books, clinic) = (try Books(), Books.newID() as ClinicID)
            try await books.tell(TakingFacts(clinic: clinic, amount: 5_000))
            try await books.tell(TakingFacts(clinic: clinic, amount: 3_000, kind: .card))
            let counts = [
                CountedMethod(kind: .cheque, amount: 5_000),
                CountedMethod(kind: .card, amount: 2_990, account: "658000"),
            ]
            #expect(try await books.count(counts, at: clinic).status == 201)
            #expect(try await books.remit(books.waiting(clinic), at: clinic, "BORD-0042").status == 201)
            let entry = StatementEntry(reference: "BK1", amount: 5_000, text: "REMISE CHEQUES BORD-0042")
            #expect(try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text).status == 201)
            #expect(try await books.breaches() == [])
            try await expectNamed(invariant, of: books, by: statement)
        }

        /// Books with something of all that is kept in two places, figures older than any change included.
        private func summedUp() async throws -> Books {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            let refund = RefundFacts(payment: payment, amount: 500)
            try await books.tell(payment)
            try await books.tell(refund)
            let bonus = ReportRow(
                payout: "payout_abc1", transaction: "txn_bonus", type: "from_adjustment", payment: "", amount: 700,
                fee: 0)
            let rows = [
                payment.line("payout_abc1", fee: payment.fee + payment.vat + 7), refund.line("payout_abc1", fee: 20),
                bonus,
            ]
            #expect(try await books.importReport(ReportFile(rows).text).status == 201)
            let received = rows.reduce(-3) { $0 + $1.trueNet }
            let entry = StatementEntry(reference: "BK1", amount: received, text: "ALMA payout_abc1")
            #expect(try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text).status == 201)
            let taking = TakingFacts(clinic: Books.newID(), amount: 5_000)
            try await books.tell(taking)
            let recorded = PaymentOnAccountRecordedV1(
                paymentOnAccountID: taking.id, clientID: ClientID(7), amount: .euros(cents: 5_000), method: "cheque",
                paymentID: nil, allocations: [.init(invoiceID: Books.newID(), amount: .euros(cents: 5_000))],
                receivables: [], unallocated: .zero(.eur))
            try await books.tell(recorded, about: taking.id, clinic: taking.clinic)
            #expect(try await books.post("/v1/statistics/refresh").status == 200)
            try await books.breaking("UPDATE sale SET changed_at = changed_at - interval '2 hours' WHERE")
            #expect(try await books.balances()["471000"] == -697, "the bonus, less what the bank lacks")
            #expect(try await books.close("payout-amount", "payout_abc1", into: "658000").status == 200)
            #expect(try await books.close("fee", "txn_payment_one").status == 200)
            #expect(try await books.breaches() == [])
            return books
        }

        @Test func `goes on after what it cannot look at in time, and says that it did not`() async throws {
            let doctor = Doctor(of: try Books().bench.database, within: .seconds(2))
            let nobody: SQL = "SELECT gen_random_uuid() AS organisation, 'something' AS breach"
            #expect(await doctor.look(for: Invariant("it holds", breaches: "\(nobody) WHERE false")) == .holds)
            let slow = await doctor.look(for: Invariant("it takes long", breaches: "\(nobody) FROM pg_sleep(600)"))
            guard case .notChecked = slow else { throw BenchFailure(text: "\(slow)") }
            guard case .broken(let named) = await doctor.look(for: Invariant("it is broken", breaches: nobody)),
                named.count == 1, named[0].hasSuffix(": something")
            else { throw BenchFailure(text: "nothing was found after it") }
        }

        /// By a scan of the whole ledger for each of them, books of some years would never be looked through.
        @Test func `finds entries of each thing by an index`() async throws {
            let books = try Books()
            let session = try await books.bench.superuser.session()
            var looked = 0
            for invariant in ReconciliationService.invariants {
                let plan: [String] = try await session.transaction { transaction in
                    try transaction.execute("SET LOCAL enable_seqscan = off")
                    return try transaction.query("EXPLAIN \(invariant.breaches)") { row in try row(#""QUERY PLAN""#) }
                }
                for start in plan.indices where plan[start].contains("  SubPlan ") {
                    let scan = plan[start...].prefix(6)
                    guard scan.contains(where: { $0.contains("on ledger_entry") }) else { continue }
                    looked += 1
                    #expect(
                        scan.contains { $0.contains("Index Cond: (") && $0.contains("kind ") },
                        "\(invariant.name): \(scan.joined(separator: "\n"))")
                }
            }
            #expect(looked > 0, "some look for an entry")
            await session.close()
        }

        private static func moved(_ account: String, to other: String, of kind: String) -> String {
            """
            UPDATE ledger_line SET account = '\(other)' WHERE account = '\(account)'
                AND entry IN (SELECT id FROM ledger_entry WHERE kind = '\(kind)') AND
            """
        }

        @Test(arguments: [
            (moved("627000", to: "445660", of: "fee"), "every fee that is expected"),
            (moved("627000", to: "445660", of: "fee-correction"), "what a provider keeps otherwise"),
            (moved("445660", to: "627000", of: "refund-fee"), "what a provider's line costs"),
            (moved("411000", to: "758000", of: "refund"), "every refund that was counted"),
            (moved("511500", to: "511600", of: "payment"), "the account of each provider"),
            (moved("511500", to: "758000", of: "adjustment"), "the account of each provider"),
            (moved("471000", to: "758000", of: "payout"), "what is on account 471"),
            (moved("471000", to: "758000", of: "adjustment"), "what is on account 471"),
            (moved("658000", to: "758000", of: "discrepancy-closed"), "what a closed discrepancy leaves"),
            ("UPDATE vat_receipt SET amount = amount + 1 WHERE", "what was counted for invoices"),
            ("UPDATE vat_receipt SET amount = -1 WHERE", "what was counted for invoices"),
            ("UPDATE sale SET fee = fee + 1, changed_at = now() WHERE", "statistics know a payment"),
            ("UPDATE statistic SET amount = amount + 1 WHERE", "statistics are the sums"),
            ("UPDATE statistic SET fee = fee - 1 WHERE", "statistics are the sums"),
            ("DELETE FROM statistic WHERE", "statistics are the sums"),
        ])
        func `REC-8, REC-9: names what is not the same in two places, and nothing else`(
            statement: String, invariant: String
        ) async throws {
            let books = try await summedUp()
            try await books.breaking(statement)
            let found = try await books.breaches()
            #expect(!found.isEmpty && found.allSatisfy { $0.hasPrefix(invariant) }, "\(found)")
        }

        @Test func `REC-9 figures that are older than a payment are no breach`() async throws {
            let books = try await summedUp()
            try await books.tell(PaymentFacts("payment_two", 4_000))
            #expect(try await books.breaches() == [])
        }

        /// An invoice of so much that is paid.
        private func paidInvoice(_ cents: Int64, in books: Books) async throws -> InvoiceID {
            let (invoice, total): (InvoiceID, Money) = (Books.newID(), .euros(cents: cents))
            try await books.tell(
                InvoiceIssuedV1(
                    invoiceID: invoice, clientID: ClientID(7), number: "F-\(cents)", issuedOn: Books.day,
                    dueOn: Books.day, total: total, vat: []), about: invoice)
            try await books.tell(
                InvoicePaidV1(invoiceID: invoice, clientID: ClientID(7), total: total, paidOn: Books.day),
                about: invoice)
            return invoice
        }

        /// An invoice that credit of some money pays.
        private func countCredit(_ cents: Int64, of money: PaymentOnAccountID, in books: Books) async throws {
            let invoice = try await paidInvoice(cents, in: books)
            try await books.tell(
                PaymentOnAccountAllocatedV1(
                    paymentOnAccountID: money, clientID: ClientID(7),
                    allocations: [.init(invoiceID: invoice, amount: .euros(cents: cents))], receivables: [],
                    unallocated: .zero(.eur)), about: money)
        }

        /// Nothing is broken, neither now nor two days later; what is planted then is named.
        private func expectOnlyPlantedNamed(of books: Books, by statement: String) async throws {
            #expect(try await books.breaches() == [])
            try await books.age()
            #expect(try await books.breaches() == [])
            try await expectNamed("what was counted for invoices", of: books, by: statement)
        }

        /// What credit was counted for, one cent more of it.
        private static let moreOfCredit = "UPDATE vat_receipt SET amount = amount + 1 WHERE NOT is_first AND"

        @Test func `INV-4, REC-8 what a credit note freed is counted for another invoice, and no more than that`()
            async throws
        {
            let books = try Books()
            let invoice = try await paidInvoice(10_000, in: books)
            let taking = TakingFacts(clinic: Books.newID(), amount: 10_000)
            try await books.tell(taking, for: invoice)
            try await books.age()
            // Before its credit note is told, which has a key of its own.
            try await countCredit(5_000, of: taking.id, in: books)
            #expect(try await books.breaches() == [])
            try await books.credit(5_000, of: invoice, freed: 5_000)
            try await expectOnlyPlantedNamed(of: books, by: Self.moreOfCredit)
        }

        @Test(arguments: [5_000, 10_000] as [Int64])
        func `INV-4, REC-8 a cheque that bounces takes back what a credit note left of it`(freed: Int64) async throws {
            let books = try Books()
            let invoice = try await paidInvoice(10_000, in: books)
            let taking = TakingFacts(clinic: Books.newID(), amount: 10_000)
            try await books.tell(taking, for: invoice)
            try await books.credit(freed, of: invoice, freed: freed)
            let (total, left) = (Money.euros(cents: 10_000), Money.euros(cents: 10_000 - freed))
            try await books.tell(
                PaymentOnAccountReversedV1(
                    paymentOnAccountID: taking.id, clientID: ClientID(7), amount: total, reason: .bounced,
                    reversedOn: Books.day,
                    allocations: left.isZero ? [] : [.init(invoiceID: invoice, amount: left)], receivables: []),
                about: taking.id, clinic: taking.clinic)
            if !left.isZero {
                try await books.tell(
                    InvoicePartPaidV1(
                        invoiceID: invoice, clientID: ClientID(7), total: total, paid: .zero(.eur), due: left),
                    about: invoice)
            }
            let more = "UPDATE vat_receipt SET amount = amount + 1 WHERE is_first AND"
            try await expectOnlyPlantedNamed(of: books, by: more)
        }

        @Test func `REC-6, REC-8 what came back of a refund is counted for another invoice, and no more than that`()
            async throws
        {
            let books = try Books()
            let invoice = try await paidInvoice(10_000, in: books)
            var payment = PaymentFacts("payment_one", 10_000)
            payment.invoice = invoice
            let (money, total): (PaymentOnAccountID, Money) = (Books.newID(), .euros(cents: 10_000))
            let refund = RefundFacts(payment: payment, amount: 5_000)
            try await books.tell(payment)
            try await books.tell(
                PaymentOnAccountRecordedV1(
                    paymentOnAccountID: money, clientID: ClientID(7), amount: total, method: "online",
                    paymentID: payment.id, allocations: [.init(invoiceID: invoice, amount: total)],
                    unallocated: .zero(.eur)), about: money)
            try await books.tell(refund)
            try await books.credit(5_000, of: invoice, freed: nil)
            try await books.tell(refund.returned, about: payment.id)
            try await countCredit(5_000, of: money, in: books)
            try await expectOnlyPlantedNamed(of: books, by: Self.moreOfCredit)
        }

        private func expectNamed(_ invariant: String, of books: Books, by statement: String) async throws {
            try await books.breaking(statement)
            let found = try await books.breaches()
            #expect(found.contains { $0.hasPrefix(invariant) }, "\(found)")
        }
    }
}

extension Books {
    /// Triggers and keys would refuse it: whoever breaks books does not ask them.
    func breaking(_ statement: String) async throws {
        try await bench.superuser.execute(
            """
            DO $$ BEGIN
                PERFORM set_config('session_replication_role', 'replica', true);
                \(unescaped: statement) organisation = '\(unescaped: "\(organisation)")';
            END $$
            """)
    }

    /// As if all that was told of invoices and of what pays them had been told two days before.
    func age() async throws {
        for column in ["invoice_number SET due_told_at", "vat_receipt SET told_at"] {
            try await breaking("UPDATE \(column) = now() - interval '2 days' WHERE")
        }
    }

    /// What breaks the service's invariants in these books, and what its explanations do not explain to the cent.
    func breaches() async throws -> [String] {
        try await ReconciliationService.breaches(of: organisation, bench.superuser) + explainedOtherwise()
    }
}

extension ReconciliationService {
    /// What breaks the invariants in an organisation's books.
    static func breaches(of organisation: OrganisationID, _ database: PostgresPool) async throws -> [String] {
        var found: [String] = []
        for invariant in invariants {
            found += try await database.query(
                "SELECT breach FROM (\(invariant.breaches)) AS broken WHERE organisation = \(organisation)"
            ) { row in "\(invariant.name): \(try row("breach") as String)" }
        }
        return found
    }
}
