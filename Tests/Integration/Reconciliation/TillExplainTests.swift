import EventContract
import HTTPServer
import PaymentModel
import Testing

extension `The books` {
    @Suite struct `Explaining money of the till` {
        private let clinic: ClinicID = Books.newID()

        private func takings(_ invoice: InvoiceID, in books: Books) async throws -> [JSONValue] {
            try #require(try await books.get("/v1/explain/invoices/\(invoice)").json["takings"]?.elements)
        }

        private func places(_ taking: JSONValue) -> [String] {
            (taking["places"]?.elements ?? []).map { place in
                let slip = place["remittance"]?["reference"]?.text.map { " \($0)" } ?? ""
                return "\(place["place"]?.text ?? "") \(place["amount"]?.cents ?? 0)\(slip)"
            }
        }

        @Test(arguments: [CashCollectedV1.Kind.cheque, .card])
        func `REC-5 REC-10 what was taken for an invoice is followed from the till to the bank line and its entries`(
            kind: CashCollectedV1.Kind
        ) async throws {
            let books = try Books()
            let invoice = try await books.invoice(12_000)
            let taking = TakingFacts(clinic: clinic, amount: 5_000, kind: kind)
            try await books.tell(taking, for: invoice)
            try await books.tell(TakingFacts(clinic: clinic, amount: 2_000, kind: kind))
            var now = try #require(try await takings(invoice, in: books).first)
            #expect(places(now) == ["at-the-till 5000"] && now["countedOn"] == nil)
            #expect(now["entries"]?.elements?.count == 1)

            #expect(try await books.count([CountedMethod(kind: kind, amount: 7_000)], at: clinic).status == 201)
            #expect(try await books.remit(books.waiting(clinic, kind), at: clinic, "BORD-0042", kind).status == 201)
            now = try #require(try await takings(invoice, in: books).first)
            #expect(places(now) == ["under-way 5000 BORD-0042"] && now["countedOn"]?.text == "\(Books.day)")

            try await books.receive(7_000, "REMISE BORD-0042")
            let all = try await takings(invoice, in: books)
            now = try #require(all.first)
            #expect(all.count == 1, "the other is for no invoice")
            #expect(places(now) == ["at-the-bank 5000 BORD-0042"])
            #expect(now["places"]?.elements?.first?["bankLine"]?["amount"]?.cents == 7_000)
            #expect(now["taking"]?["paymentOnAccountID"]?.text == "\(taking.id)")
            #expect(now["entries"]?.elements?.count == 3, "taken, brought to the bank, there")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 REC-10 cash goes with the slips that bring it in its order, and what is missing is named`()
            async throws
        {
            let books = try Books()
            let invoice = try await books.invoice(20_000)
            let dayBefore = Books.day.adding(days: -1)
            for (amount, day) in [(10_000, dayBefore), (2_550, Books.day)] as [(Int64, LocalDate)] {
                try await books.tell(
                    TakingFacts(clinic: clinic, amount: amount, kind: .cash, day: day), for: invoice)
            }
            let short = CountedMethod(kind: .cash, amount: 9_950, account: "658000")
            let counted = try await books.count([short], at: clinic, on: dayBefore)
            #expect(counted.status == 201, "\(counted.text)")
            let coins = #""cash":[{"value":\#(Books.euros(100)),"pieces":120}]"#
            #expect(try await books.remit(coins, at: clinic, "ESP-0001", .cash).status == 201)
            var now = try await takings(invoice, in: books)
            #expect(places(now[0]) == ["missing-at-the-till 50", "under-way 9950 ESP-0001"])
            #expect(places(now[1]) == ["under-way 2050 ESP-0001", "at-the-till 500"])
            try await books.receive(12_000, "VERSEMENT ESPECES ESP-0001")
            now = try await takings(invoice, in: books)
            #expect(places(now[0]) == ["missing-at-the-till 50", "at-the-bank 9950 ESP-0001"])
            #expect(places(now[1]) == ["at-the-bank 2050 ESP-0001", "at-the-till 500"])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 REC-10 a cheque that came back shows both ways it went`() async throws {
            let books = try Books()
            let invoice = try await books.invoice(5_000)
            let cheque = TakingFacts(clinic: clinic, amount: 5_000)
            try await books.tell(cheque, for: invoice)
            _ = try await books.remit(books.waiting(clinic), at: clinic, "BORD-1")
            try await books.receive(5_000, "BORD-1")
            try await books.tell(reversalOf: cheque, for: invoice)
            var now = try await takings(invoice, in: books)
            #expect(now.map(places) == [["at-the-bank 5000 BORD-1"], ["at-the-till -5000"]])
            _ = try await books.remit(books.waiting(clinic), at: clinic, "IMPAYE-9")
            try await books.receive(-5_000, "IMPAYE-9")
            now = try await takings(invoice, in: books)
            #expect(now.map(places) == [["at-the-bank 5000 BORD-1"], ["at-the-bank -5000 IMPAYE-9"]])
            let breaches = try await books.breaches()
            #expect(breaches == [])
        }
    }
}
