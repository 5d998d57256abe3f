import EventContract
import PaymentModel
import TestSupport
import Testing

extension `The books` {
    /// Money that was paid for a client whose invoice did not wait for it any more, and what became of it.
    @Suite struct `Money that is held` {
        private let payment: PaymentFacts
        private let money: PaymentOnAccountID = Books.newID()
        private let invoice: InvoiceID = Books.newID()

        init() {
            var payment = PaymentFacts("payment_late", 8_000)
            payment.isHeld = true
            self.payment = payment
        }

        private func recorded(for invoice: InvoiceID? = nil) -> PaymentOnAccountRecordedV1 {
            let amount = Money.euros(cents: payment.amount)
            return PaymentOnAccountRecordedV1(
                paymentOnAccountID: money, clientID: ClientID(7), amount: amount, method: "online",
                paymentID: payment.id, allocations: invoice.map { [.init(invoiceID: $0, amount: amount)] } ?? [],
                unallocated: invoice == nil ? amount : .zero(.eur))
        }

        private func allocated(_ cents: Int64) -> PaymentOnAccountAllocatedV1 {
            PaymentOnAccountAllocatedV1(
                paymentOnAccountID: money, clientID: ClientID(7),
                allocations: [.init(invoiceID: invoice, amount: .euros(cents: cents))], receivables: [],
                unallocated: .euros(cents: payment.amount - cents))
        }

        private func dispute(_ cents: Int64) -> DisputeClosedV1 {
            DisputeClosedV1(
                paymentID: payment.id, clientID: ClientID(7), provider: payment.provider, disputeReference: "dp_1",
                amount: .euros(cents: cents), outcome: .lost, closedOn: Books.day.adding(days: 9))
        }

        /// What is held, and what the client's account has; below nothing is a credit.
        private func accounts(of books: Books) async throws -> [Int64] {
            let balances = try await books.balances()
            return [balances["419100"] ?? 0, balances["411000"] ?? 0]
        }

        private enum Step: CaseIterable { case accepted, counted, refunded, credited }

        private func tell(_ step: Step, in books: Books) async throws {
            switch step {
            case .accepted: try await books.tell(payment)
            case .counted:
                try await books.tell(recorded(), about: money)
                try await books.tell(allocated(5_000), about: money, times: 2)
            case .refunded: try await books.tell(RefundFacts(payment: payment, amount: 6_000))
            case .credited:
                let note = CreditNoteIssuedV1(
                    creditNoteID: Books.newID(), invoiceID: invoice, clientID: ClientID(7), number: "AV-1",
                    total: .euros(cents: 3_000), reason: "refunded", due: .zero(.eur),
                    takenFrom: [.init(paymentOnAccountID: money, amount: .euros(cents: 3_000))])
                try await books.tell(note, about: invoice)
            }
        }

        @Test func `REC-8 is held no more once it is counted for an invoice, part by part`() async throws {
            let books = try Books()
            try await books.tell(payment)
            try await books.tell(recorded(), about: money)
            #expect(try await accounts(of: books) == [-8_000, 0])
            try await books.tell(allocated(5_000), about: money)
            #expect(try await accounts(of: books) == [-3_000, -5_000])
            try await books.tell(allocated(3_000), about: money)
            #expect(try await accounts(of: books) == [0, -8_000])
            #expect(try await books.breaches() == [])
            let refund = RefundFacts(payment: payment, amount: 8_000)
            try await books.tell(refund)
            #expect(try await accounts(of: books) == [0, 0])
            try await books.tell(refund.returned, about: payment.id)
            #expect(try await accounts(of: books) == [0, -8_000])
            #expect(try await books.breaches() == [])
            try await books.expectBalanced()
        }

        @Test(arguments: 1...8 as ClosedRange<UInt64>)
        func `REC-5 REC-8 counted, credited and given back is the same, whatever is told first`(
            seed: UInt64
        ) async throws {
            let books = try Books()
            var order = SeededGenerator(seed: seed)
            let steps = Step.allCases.shuffled(using: &order)
            for step in steps {
                try await tell(step, in: books)
                #expect(try await books.breaches() == [], "seed \(seed): after \(step) of \(steps)")
            }
            // 50.00 counted less 30.00 that were credited; of the 60.00 that went back 30.00 had been held.
            #expect(try await accounts(of: books) == [0, -2_000], "seed \(seed): \(steps)")
            #expect(try await books.parked() == [])
        }

        @Test(arguments: 1...6 as ClosedRange<UInt64>)
        func `REC-5 REC-8 what went back of a debt on no invoice is held again once it returns, whatever is told first`(
            seed: UInt64
        ) async throws {
            let books = try Books()
            let refund = RefundFacts(payment: payment, amount: 6_000)
            let (debt, day) = (Books.newID() as ReceivableID, Books.day)
            var order = SeededGenerator(seed: seed)
            let steps = (0..<4).shuffled(using: &order)
            for step in steps {
                switch step {
                case 0: try await books.tell(payment)
                case 1:
                    try await books.tell(recorded(), about: money)
                    let counted = PaymentOnAccountAllocatedV1(
                        paymentOnAccountID: money, clientID: ClientID(7), allocations: [],
                        receivables: [.init(receivableID: debt, amount: .euros(cents: 5_000))],
                        unallocated: .euros(cents: 3_000), on: day)
                    try await books.tell(counted, about: money)
                case 2: try await books.tell(refund)
                default:
                    let back = PaymentOnAccountRefundedV1(
                        paymentOnAccountID: money, clientID: ClientID(7), refundID: refund.id, refundedOn: day,
                        receivables: [.init(receivableID: debt, amount: .euros(cents: 3_000))])
                    try await books.tell(back, about: money, times: 2)
                }
                #expect(try await books.breaches() == [], "seed \(seed): after \(step) of \(steps)")
            }
            // Of the 60.00 that went back 30.00 had been held, and 30.00 of 50.00 counted.
            #expect(try await accounts(of: books) == [0, -2_000], "seed \(seed): \(steps)")
            try await books.tell(refund.returned, about: payment.id)
            // All that returned is credit, and is counted for nothing.
            #expect(try await accounts(of: books) == [-6_000, -2_000], "seed \(seed): \(steps)")
            #expect(try await books.breaches() == [])
            #expect(try await books.parked() == [])
        }

        @Test(arguments: [true, false])
        func `REC-8 a lost dispute takes what is still held first, then what was counted`(
            isCountedFirst: Bool
        ) async throws {
            let books = try Books()
            try await books.tell(payment)
            if isCountedFirst { try await tell(.counted, in: books) }
            try await books.tell(dispute(4_000), about: payment.id)
            if !isCountedFirst { try await tell(.counted, in: books) }
            #expect(try await accounts(of: books) == [0, -4_000])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-8 sees what is told at the same moment`() async throws {
            for number in 1...6 {
                let (books, story) = (try Books(), Self())
                async let paid: Void = books.tell(story.payment)
                async let counted: Void = books.tell(story.recorded(for: story.invoice), about: story.money)
                _ = try await (paid, counted)
                #expect(try await story.accounts(of: books) == [0, -8_000], "round \(number)")
            }
        }

        @Test func `the doctor names what is on the account of held money and is not held`() async throws {
            let books = try Books()
            try await books.tell(payment)
            try await tell(.counted, in: books)
            #expect(try await books.breaches() == [])
            let moved = """
                UPDATE ledger_line SET account = '411000' WHERE account = '419100'
                    AND entry IN (SELECT id FROM ledger_entry WHERE kind = 'held-counted') AND
                """
            try await books.breaking(moved)
            let found = try await books.breaches()
            #expect(found.contains { $0.hasPrefix("account 4191 holds") }, "\(found)")
        }
    }
}
