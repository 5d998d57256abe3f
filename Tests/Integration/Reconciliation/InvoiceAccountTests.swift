import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import Testing
import TransactionalMessaging

extension `The books` {
    @Suite struct `The account of an invoice` {
        private let clinic: ClinicID = Books.newID()

        /// What remains by name, after what each way paid.
        private func account(_ invoice: InvoiceID, in books: Books) async throws -> [String] {
            let account = try await books.get("/v1/explain/invoices/\(invoice)").json["account"] ?? .null
            func list(_ name: String, _ key: String) -> [String] {
                (account[name]?.elements ?? []).map { "\($0[key]?.text ?? "") \($0["amount"]?.cents ?? 0)" }
            }
            return list("paid", "way") + ["| \(account["remainder"]?.cents ?? -1)"] + list("open", "because")
        }

        /// As invoicing tells that a part was paid.
        private func tell(due: Int64, of invoice: InvoiceID, paid: Int64, in books: Books) async throws {
            guard due > 0 else {
                let paid = InvoicePaidV1(
                    invoiceID: invoice, clientID: ClientID(7), total: .euros(cents: 10_000), paidOn: Books.day)
                return try await books.tell(paid, about: invoice)
            }
            try await books.tell(
                InvoicePartPaidV1(
                    invoiceID: invoice, clientID: ClientID(7), total: .euros(cents: 10_000), paid: .euros(cents: paid),
                    due: .euros(cents: due)), about: invoice)
        }

        private func count(_ payment: PaymentFacts, for invoice: InvoiceID, in books: Books) async throws {
            try await count(payment, for: [.init(invoiceID: invoice, amount: .euros(cents: payment.amount))], in: books)
        }

        /// What is counted for none is kept for its client.
        @discardableResult
        private func count(
            _ payment: PaymentFacts, for parts: [PaymentOnAccountRecordedV1.Allocation], in books: Books
        ) async throws -> PaymentOnAccountID {
            let money: PaymentOnAccountID = Books.newID()
            let left = parts.reduce(payment.amount) { $0 - $1.amount.minorUnits }
            try await books.tell(
                PaymentOnAccountRecordedV1(
                    paymentOnAccountID: money, clientID: ClientID(7), amount: .euros(cents: payment.amount),
                    method: "online", paymentID: payment.id, allocations: parts, unallocated: .euros(cents: left)),
                about: money)
            return money
        }

        @Test func `REC-5 what is due, paid by each way and on its way has its name until nothing remains`()
            async throws
        {
            let books = try Books()
            let invoice = try await books.invoice(10_000)
            #expect(try await account(invoice, in: books) == ["| 10000", "open 10000"])
            var payment = PaymentFacts("payment_one", 6_000)
            payment.invoice = invoice
            try await books.tell(payment)
            #expect(try await account(invoice, in: books) == ["| 10000", "held 6000", "open 4000"])
            try await count(payment, for: invoice, in: books)
            try await tell(due: 4_000, of: invoice, paid: 6_000, in: books)
            #expect(
                try await account(invoice, in: books) == ["online 6000", "| 10000", "not-settled 6000", "open 4000"])
            try await books.tell(TakingFacts(clinic: clinic, amount: 4_000), for: invoice)
            try await tell(due: 0, of: invoice, paid: 10_000, in: books)
            let paid = ["online 6000", "cheque 4000"]
            #expect(
                try await account(invoice, in: books) == paid + ["| 10000", "at-the-till 4000", "not-settled 6000"])
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            _ = try await books.remit(books.waiting(clinic), at: clinic, "BORD-0042")
            #expect(try await account(invoice, in: books) == paid + ["| 10000", "under-way 10000"])
            #expect(try await books.breaches() == [])
            try await books.receive(payment.net, "ALMA payout_abc1")
            #expect(try await account(invoice, in: books) == paid + ["| 4000", "under-way 4000"])
            try await books.receive(4_000, "BORD-0042")
            #expect(try await account(invoice, in: books) == paid + ["| 0"])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 REC-5 what a payout brought without a bank line is not called money at the bank`()
            async throws
        {
            let books = try Books()
            let invoice = try await books.invoice(10_000)
            var payment = PaymentFacts("payment_one", 10_000)
            payment.invoice = invoice
            try await books.tell(payment)
            try await count(payment, for: invoice, in: books)
            try await tell(due: 0, of: invoice, paid: 10_000, in: books)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let path = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")/point"
            #expect(try await books.post(path, #"{"noBankLineBecause":"Set off"}"#).status == 200)
            #expect(try await account(invoice, in: books) == ["online 10000", "| 10000", "without-a-bank-line 10000"])
            let trail = try #require(
                try await books.get("/v1/explain/invoices/\(invoice)").json["payments"]?.elements?.first)
            #expect(trail["because"]?.text == "without-a-bank-line")
            #expect(trail["arrived"]?.cents == 0 && trail["remainder"]?.cents == payment.net)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 what is credited, freed, given back and written off is taken off the invoice`() async throws {
            let books = try Books()
            let invoice = try await books.invoice(10_000)
            var payment = PaymentFacts("payment_one", 6_000)
            payment.invoice = invoice
            try await books.tell(payment)
            try await count(payment, for: invoice, in: books)
            try await tell(due: 4_000, of: invoice, paid: 6_000, in: books)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            try await books.receive(payment.net, "ALMA payout_abc1")

            // A person's note of 55.00: the 40.00 that were due, and 15.00 that had been paid.
            try await books.credit(5_500, of: invoice, freed: 1_500)
            #expect(try await account(invoice, in: books) == ["online 4500", "| 0"])
            // A refund's: nothing was due, and nothing is.
            try await books.tell(RefundFacts(payment: payment, amount: 1_000))
            try await books.credit(1_000, of: invoice, freed: nil)
            var now = try await books.get("/v1/explain/invoices/\(invoice)").json["account"] ?? .null
            #expect(now["credited"]?.cents == 6_500 && now["freed"]?.cents == 1_500 && now["refunded"]?.cents == 1_000)
            #expect(try await account(invoice, in: books) == ["online 3500", "| 0"])
            #expect(try await books.breaches() == [])

            let other = try await books.invoice(10_000)
            try await books.tell(
                ReceivableSettledV1(
                    invoiceID: other, clientID: ClientID(7), by: .writeOff, writtenOff: .euros(cents: 10_000),
                    settledOn: Books.day), about: other)
            now = try await books.get("/v1/explain/invoices/\(other)").json["account"] ?? .null
            #expect(now["writtenOff"]?.cents == 10_000 && now["remainder"]?.cents == 0)
            try await books.tell(
                ReceivableReopenedV1(
                    invoiceID: other, clientID: ClientID(7), due: .euros(cents: 10_000), reason: .writeOffUndone),
                about: other)
            #expect(try await account(other, in: books) == ["| 10000", "open 10000"])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 credit that an online payment left shows the payment, and where the money is`() async throws {
            let books = try Books()
            let (first, second) = try await (books.invoice(10_000), books.invoice(10_000))
            var payment = PaymentFacts("payment_one", 12_000)
            payment.invoice = first
            try await books.tell(payment)
            let money = try await count(
                payment, for: [.init(invoiceID: first, amount: .euros(cents: 10_000))], in: books)
            try await tell(due: 0, of: first, paid: 10_000, in: books)
            try await books.tell(
                PaymentOnAccountAllocatedV1(
                    paymentOnAccountID: money, clientID: ClientID(7),
                    allocations: [.init(invoiceID: second, amount: .euros(cents: 2_000))], receivables: [],
                    unallocated: .zero(.eur)), about: money)
            try await tell(due: 8_000, of: second, paid: 2_000, in: books)
            let shown = try await books.get("/v1/explain/invoices/\(second)").json
            #expect(shown["payments"]?.elements?.map { $0["paymentID"]?.text } == ["\(payment.id)"])
            #expect(shown["paymentsInAll"]?.integer == 1)
            #expect(
                try await account(second, in: books) == ["online 2000", "| 10000", "not-settled 2000", "open 8000"])
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            try await books.receive(payment.net, "ALMA payout_abc1")
            #expect(try await account(second, in: books) == ["online 2000", "| 8000", "open 8000"])
            #expect(try await account(first, in: books) == ["online 10000", "| 0"])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 what was counted online came online before its payment is told, and is nowhere yet`()
            async throws
        {
            let books = try Books()
            let invoice = try await books.invoice(10_000)
            var payment = PaymentFacts("payment_one", 10_000)
            payment.invoice = invoice
            try await count(payment, for: invoice, in: books)
            try await tell(due: 0, of: invoice, paid: 10_000, in: books)
            #expect(try await account(invoice, in: books) == ["online 10000", "| 10000", "not-traced 10000"])
            try await books.tell(payment)
            #expect(try await account(invoice, in: books) == ["online 10000", "| 10000", "not-settled 10000"])
        }

        @Test func `REC-5 what a dispute withholds is disputed, and due again once it is lost`() async throws {
            let books = try Books()
            let invoice = try await books.invoice(10_000)
            var payment = PaymentFacts("payment_one", 10_000)
            payment.invoice = invoice
            try await books.tell(payment)
            try await count(payment, for: invoice, in: books)
            try await tell(due: 0, of: invoice, paid: 10_000, in: books)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            try await books.receive(payment.net, "ALMA payout_abc1")
            try await books.tell(
                DisputeOpenedV1(
                    paymentID: payment.id, clientID: ClientID(7), provider: .alma, disputeReference: "dp_1",
                    amount: .euros(cents: 10_000), reason: "fraudulent", openedOn: Books.day), about: payment.id)
            #expect(try await account(invoice, in: books) == ["online 10000", "| 10000", "disputed 10000"])
            try await books.tell(
                DisputeClosedV1(
                    paymentID: payment.id, clientID: ClientID(7), provider: .alma, disputeReference: "dp_1",
                    amount: .euros(cents: 10_000), outcome: .lost, closedOn: Books.day), about: payment.id)
            try await tell(due: 10_000, of: invoice, paid: 0, in: books)
            #expect(try await account(invoice, in: books) == ["| 10000", "open 10000"])
            let now = try await books.get("/v1/explain/invoices/\(invoice)").json["account"]
            #expect(now?["chargedBack"]?.cents == 10_000)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 what is disputed of a payment is split by what it was counted for, to the cent`() async throws
        {
            let books = try Books()
            let (first, second) = try await (books.invoice(10_000), books.invoice(10_000))
            var payment = PaymentFacts("payment_one", 12_000)
            payment.invoice = first
            try await books.tell(payment)
            try await count(
                payment,
                for: [
                    .init(invoiceID: first, amount: .euros(cents: 6_000)),
                    .init(invoiceID: second, amount: .euros(cents: 4_000)),
                ], in: books)
            try await tell(due: 4_000, of: first, paid: 6_000, in: books)
            try await tell(due: 6_000, of: second, paid: 4_000, in: books)
            try await books.tell(
                DisputeOpenedV1(
                    paymentID: payment.id, clientID: ClientID(7), provider: .alma, disputeReference: "dp_1",
                    amount: .euros(cents: 3_001), reason: "fraudulent", openedOn: Books.day), about: payment.id)
            // 30.01 of 120.00: 15.00 or 15.01 of the 60.00, 10.00 or 10.01 of the 40.00, and 5.00 of what is left.
            let open = try await (account(first, in: books), account(second, in: books))
            let either = [
                ["not-settled 4500", "not-settled 2999", "disputed 1500", "disputed 1001"],
                ["not-settled 4499", "not-settled 3000", "disputed 1501", "disputed 1000"],
            ]
            #expect(open.0.count == 5 && open.1.count == 5, "\(open)")
            #expect(either.contains([open.0[2], open.1[2], open.0[3], open.1[3]]), "\(open)")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 what does not add up says so, and the doctor names it the day after`() async throws {
            let books = try Books()
            let invoice = try await books.invoice(10_000)
            try await books.tell(TakingFacts(clinic: clinic, amount: 4_000), for: invoice)
            try await tell(due: 6_000, of: invoice, paid: 4_000, in: books)
            try await books.age()
            #expect(try await books.breaches() == [])
            try await books.breaking("UPDATE invoice_number SET due = due - 100 WHERE")
            #expect(
                try await account(invoice, in: books) == [
                    "cheque 4000", "| 10000", "at-the-till 4000", "open 5900", "unexplained 100",
                ])
            let found = try await books.breaches()
            #expect(found.count == 1 && found[0].hasPrefix("what an invoice is paid by"), "\(found)")
            try await books.breaking("UPDATE invoice_number SET credited = -1 WHERE")
            let below = try await books.breaches()
            #expect(below.contains { $0.hasPrefix("what is due on an invoice") }, "\(below)")
        }

        @Test func `REC-5 what is told of one act is no breach until all of it is a day old, whatever its day`()
            async throws
        {
            let books = try Books()
            let invoice = try await books.invoice(10_000)
            let taking = TakingFacts(clinic: clinic, amount: 10_000)
            try await books.tell(taking, for: invoice)
            try await tell(due: 0, of: invoice, paid: 10_000, in: books)
            try await books.age()
            // Bounced on a day that is over; that the invoice is due again comes later.
            try await books.tell(reversalOf: taking, for: invoice)
            #expect(try await books.breaches() == [])
            try await books.age()
            let found = try await books.breaches()
            #expect(found.count == 1 && found[0].hasPrefix("what an invoice is paid by"), "\(found)")
            try await tell(due: 10_000, of: invoice, paid: 0, in: books)
            #expect(try await books.breaches() == [])
            try await books.age()
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 an invoice of which an earlier version was told has no account, and stays so`() async throws {
            let books = try Books()
            let invoice = try await books.invoice(10_000)
            try await books.breaking("UPDATE invoice_number SET due = NULL, due_told_at = NULL WHERE")
            try await tell(due: 0, of: invoice, paid: 10_000, in: books)
            let shown = try await books.get("/v1/explain/invoices/\(invoice)").json
            #expect(shown["account"] == nil && shown["total"]?.cents == 10_000)
            #expect(try await books.breaches() == [])
        }
    }
}

extension Books {
    /// After which nothing is due; without what it `freed` it took off what was due, or is a refund's.
    func credit(_ cents: Int64, of invoice: InvoiceID, freed: Int64?) async throws {
        try await tell(
            CreditNoteIssuedV1(
                creditNoteID: Books.newID(), invoiceID: invoice, clientID: ClientID(7), number: "AV-1",
                total: .euros(cents: cents), reason: "erreur", due: .zero(.eur),
                freed: freed.map { Money.euros(cents: $0) }), about: invoice)
    }
}
