import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import Testing

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
