import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import Testing
import TransactionalMessaging

extension `The books` {
    @Suite struct `Explaining` {
        private func cents(_ value: JSONValue?) -> Int64 { value?["minorUnits"]?.integer ?? -1 }

        private func trail(of invoice: InvoiceID, in books: Books) async throws -> JSONValue {
            let answer = try await books.get("/v1/explain/invoices/\(invoice)").json
            #expect(answer["number"]?.text == "F-1")
            return try #require(answer["payments"]?.elements?.first)
        }

        @Test func `REC-5 an invoice shows where its money is at every step, until nothing remains`() async throws {
            let books = try Books()
            let invoice: InvoiceID = Books.newID()
            let issued = InvoiceIssuedV1(
                invoiceID: invoice, clientID: ClientID(7), number: "F-1", issuedOn: Books.day, dueOn: Books.day,
                total: .euros(cents: 9_000), vat: [])
            try await books.tell(issued, about: invoice)
            var payment = PaymentFacts("payment_one", 9_000)
            payment.invoice = invoice
            try await books.tell(payment)
            var now = try await trail(of: invoice, in: books)
            #expect(now["because"]?.text == "not-settled" && cents(now["remainder"]) == payment.net)
            #expect(now["entries"]?.elements?.count == 2)

            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            now = try await trail(of: invoice, in: books)
            #expect(now["because"]?.text == "under-way" && cents(now["remainder"]) == payment.net)
            #expect(now["payout"]?["reference"]?.text == "payout_abc1")

            let entry = StatementEntry(reference: "BK1", amount: payment.net, text: "ALMA payout_abc1")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            now = try await trail(of: invoice, in: books)
            #expect(now["because"]?.text == "none" && cents(now["remainder"]) == 0)
            #expect(cents(now["bankLine"]?["amount"]) == payment.net && cents(now["settled"]) == payment.net)

            let id = try await books.payout("payout_abc1")["id"]?.text ?? ""
            let payout = try await books.get("/v1/explain/payouts/\(id)").json
            #expect(cents(payout["explanation"]?["unexplained"]) == 0)
            #expect(payout["payments"]?.elements?.first?["invoiceID"]?.text == "\(invoice)")
            let trail = payout["payments"]?.elements?.first
            #expect(trail?["invoiceNumber"]?.text == "F-1" && trail?["clientID"]?.text == "\(ClientID(7))")
            let line = payout["explanation"]?["lines"]?.elements?.first
            #expect(line?["invoiceNumber"]?.text == "F-1" && line?["clientID"]?.text == "\(ClientID(7))")
            let explained = try await books.explanation("payout_abc1")["lines"]?.elements?.first
            #expect(explained?["invoiceNumber"]?.text == "F-1" && explained?["clientID"]?.text == "\(ClientID(7))")
            let lines = payout["entries"]?.elements?.first?["lines"]?.elements ?? []
            #expect(lines.map { $0["account"]?.text } == ["512000", "511500"])
        }

        @Test(arguments: [true, false])
        func `REC-5 trails of an invoice and of a payout begin with the quote, its deposit and every attempt`(
            isQuoteFirst: Bool
        ) async throws {
            let books = try Books()
            let (quote, deposit, invoice): (QuoteID, InvoiceID, InvoiceID) = (
                Books.newID(), Books.newID(), Books.newID()
            )
            let quoted = QuoteIssuedV1(
                quoteID: quote, clientID: ClientID(7), number: "D-1", issuedOn: Books.day, validUntil: Books.day,
                total: .euros(cents: 12_000))
            let asked = DepositRequestedV1(
                quoteID: quote, invoiceID: deposit, clientID: ClientID(7), amount: .euros(cents: 3_000),
                dueOn: Books.day, payableOnline: true)
            if isQuoteFirst { try await books.tell(quoted, about: quote) }
            try await books.tell(asked, about: quote)
            try await books.tell(issued("A-1", deposit, 3_000, of: quote), about: deposit)
            try await books.tell(issued("F-1", invoice, 9_000, of: quote), about: invoice)
            let refused = try await attempt(at: deposit, 3_000, in: books)
            var payment = PaymentFacts("payment_one", 3_000)
            payment.invoice = deposit
            try await books.tell(payment)
            let counted = PaymentOnAccountRecordedV1(
                paymentOnAccountID: Books.newID(), clientID: ClientID(7), amount: .euros(cents: 3_000),
                method: "online", paymentID: payment.id,
                allocations: [.init(invoiceID: deposit, amount: .euros(cents: 3_000))], unallocated: .zero(.eur))
            try await books.tell(counted, about: counted.paymentOnAccountID)
            if !isQuoteFirst { try await books.tell(quoted, about: quote) }
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)

            let shown = try await books.get("/v1/explain/invoices/\(deposit)").json
            #expect(cents(shown["total"]) == 3_000 && shown["origin"]?["isDeposit"] == .bool(true))
            #expect(shown["received"]?.elements?.map { cents($0["amount"]) } == [3_000])
            #expect(shown["received"]?.elements?.map { $0["paymentID"]?.text } == ["\(payment.id)"], "it is there once")
            let id = try await books.payout("payout_abc1")["id"]?.text ?? ""
            let payout = try await books.get("/v1/explain/payouts/\(id)").json
            for origin in [shown["origin"], payout["payments"]?.elements?.first?["origin"]] {
                #expect(origin?["quote"]?["number"]?.text == "D-1" && cents(origin?["quote"]?["total"]) == 12_000)
                let deposits = origin?["quote"]?["deposits"]?.elements ?? []
                #expect(deposits.map { $0["invoiceNumber"]?.text } == ["A-1"] && cents(deposits[0]["amount"]) == 3_000)
                let attempts = origin?["attempts"]?.elements ?? []
                let ends = attempts.map { "\($0["paymentID"]?.text ?? "") \($0["outcome"]?.text ?? "")" }
                #expect(Set(ends) == ["\(refused) refused", "\(payment.id) accepted"])
            }
            let other = try await books.get("/v1/explain/invoices/\(invoice)").json
            #expect(other["origin"]?["quote"]?["id"]?.text == "\(quote)" && cents(other["total"]) == 9_000)
            #expect(other["origin"]?["isDeposit"] == .bool(false) && other["origin"]?["attempts"]?.elements == [])
        }

        @Test(arguments: [true, false])
        func `REC-5 what was received for an invoice names the online payment that brought it, also as credit`(
            isOnline: Bool
        ) async throws {
            let books = try Books()
            let (invoice, payment): (InvoiceID, PaymentID) = (Books.newID(), Books.newID())
            let money: PaymentOnAccountID = Books.newID()
            try await books.tell(issued("F-1", invoice, 9_000, of: Books.newID()), about: invoice)
            try await books.tell(
                PaymentOnAccountRecordedV1(
                    paymentOnAccountID: money, clientID: ClientID(7), amount: .euros(cents: 2_000),
                    method: isOnline ? "online" : "cash", paymentID: isOnline ? payment : nil, allocations: [],
                    unallocated: .euros(cents: 2_000)), about: money)
            // Only later, and without a word of where it came from.
            try await books.tell(
                PaymentOnAccountAllocatedV1(
                    paymentOnAccountID: money, clientID: ClientID(7),
                    allocations: [.init(invoiceID: invoice, amount: .euros(cents: 2_000))], receivables: [],
                    unallocated: .zero(.eur)), about: money)
            let shown = try await books.get("/v1/explain/invoices/\(invoice)").json
            let received = try #require(shown["received"]?.elements)
            #expect(received.map { cents($0["amount"]) } == [2_000])
            #expect(received.map { $0["paymentID"]?.text } == [isOnline ? "\(payment)" : nil])
        }

        @Test func `REC-5 more payments of an invoice or a payout than a page holds are all shown, page by page`()
            async throws
        {
            let books = try Books()
            let invoice: InvoiceID = Books.newID()
            let payments = (0..<205).map { number in
                var payment = PaymentFacts("payment_\(number)", 5_000)
                payment.invoice = number < 7 ? invoice : nil
                return payment
            }
            _ = try await books.tellTogether(payments)
            let imported = try await books.importReport(ReportFile(payments.map { $0.line("payout_abc1") }).text)
            #expect(imported.status == 201, "\(imported.text)")
            let id = try await books.payout("payout_abc1")["id"]?.text ?? ""
            for (path, limit, paid) in [
                ("/v1/explain/invoices/\(invoice)", 4, payments[..<7]),
                ("/v1/explain/payouts/\(id)", 200, payments[...]),
            ] {
                let first = try await books.get("\(path)?limit=\(limit)").json
                #expect(first["payments"]?.elements?.count == limit)
                let last = try await books.get("\(path)?limit=\(limit)&after=\(first["next"]?.text ?? "")").json
                #expect(last["next"] == nil)
                if path.contains("/payouts/") { #expect(first["explanation"] != nil) }
                for page in [first, last] {
                    #expect(page["paymentsInAll"]?.integer == Int64(paid.count), "\(path)")
                    guard let explanation = page["explanation"] else { continue }
                    #expect(explanation["lines"]?.elements?.count == 205 && cents(explanation["unexplained"]) == 0)
                }
                let trails = [first, last].flatMap { $0["payments"]?.elements ?? [] }
                let shown = trails.compactMap { $0["paymentID"]?.text }
                #expect(shown.count == paid.count && Set(shown) == Set(paid.map { "\($0.id)" }), "\(path)")
            }
            let refused = try await books.get("/v1/explain/payouts/\(id)?after=nowhere")
            #expect(refused.status == 422, "it must not read as the beginning: \(refused.text)")
        }

        @Test func `REC-5 a payout with more entries and discrepancies than are shown says how many there are`()
            async throws
        {
            let books = try Books()
            _ = try await books.importReport(ReportFile([PaymentFacts("payment_one", 9_000).line("payout_abc1")]).text)
            let id = try #require(PayoutID(try await books.payout("payout_abc1")["id"]?.text ?? ""))
            let before = try await books.get("/v1/explain/payouts/\(id)").json
            #expect(before["entriesInAll"] == nil && before["discrepanciesInAll"] == nil, "all are shown")
            let count = try #require(before["discrepancies"]?.elements?.count)
            let listed = try await books.get("/v1/discrepancies").json
            let open = try #require(listed["items"]?.elements?.count)
            #expect(listed["inAll"]?.integer == Int64(open) && listed["next"] == nil, "all are listed")
            try await books.bench.superuser.execute(
                """
                INSERT INTO ledger_entry (id, organisation, kind, subject, run, booked_on)
                SELECT gen_random_uuid(), \(books.organisation), 'payout', \(id), run, \(Books.day)
                FROM generate_series(1, 1001) AS run
                """)
            try await books.bench.superuser.execute(
                """
                INSERT INTO discrepancy (id, organisation, kind, subject, payout)
                SELECT gen_random_uuid(), \(books.organisation), 'fee', 'txn_' || number, \(id)
                FROM generate_series(1, 1001) AS number
                """)
            let shown = try await books.get("/v1/explain/payouts/\(id)").json
            #expect(shown["entries"]?.elements?.count == 1_000 && shown["entriesInAll"]?.integer == 1_001)
            #expect(shown["discrepancies"]?.elements?.count == 1_000)
            #expect(shown["discrepanciesInAll"]?.integer == Int64(1_001 + count))
        }

        private func issued(_ number: String, _ id: InvoiceID, _ cents: Int64, of quote: QuoteID) -> InvoiceIssuedV1 {
            InvoiceIssuedV1(
                invoiceID: id, clientID: ClientID(7), number: number, issuedOn: Books.day, dueOn: Books.day,
                total: .euros(cents: cents), vat: [], quoteID: quote)
        }

        /// One that ends without money.
        private func attempt(at invoice: InvoiceID, _ cents: Int64, in books: Books) async throws -> PaymentID {
            let id: PaymentID = Books.newID()
            let requested = PaymentRequestedV1(
                paymentID: id, invoiceID: invoice, clientID: ClientID(7), amount: .euros(cents: cents),
                provider: .alma, plan: .inInstalments(3), channel: .browser, expiresAt: TimeSource.system.now())
            try await books.tell(requested, about: id)
            try await books.tell(
                PaymentRefusedV1(
                    paymentID: id, invoiceID: invoice, clientID: ClientID(7), amount: .euros(cents: cents),
                    provider: .alma, reason: "declined"), about: id)
            return id
        }

        @Test func `REC-5 what the provider settled otherwise has its name and its discrepancy`() async throws {
            let books = try Books()
            let invoice: InvoiceID = Books.newID()
            var payment = PaymentFacts("payment_one", 9_000)
            payment.invoice = invoice
            try await books.tell(payment)
            _ = try await books.importReport(
                ReportFile([payment.line("payout_abc1", fee: payment.fee + payment.vat + 7)]).text)
            let answer = try await books.get("/v1/explain/invoices/\(invoice)").json
            let trail = try #require(answer["payments"]?.elements?.first)
            #expect(trail["because"]?.text == "settled-otherwise")
            #expect(trail["discrepancies"]?.elements?.map { $0["kind"]?.text } == ["fee"])
        }
    }
}
