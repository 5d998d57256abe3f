import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

extension `The books` {
    @Suite struct `Grids as files` {
        private static let period = "from=\(Books.day.adding(days: -1))&to=\(Books.day.adding(days: 9))"
        private static let formats = ["csv", "txt", "xml", "xlsx"]
        private static let grids = [
            "fees", "payouts", "discrepancies", "entries", "bank-lines", "takings", "remittances", "cash-ups",
            "statistics", "vat-receipts",
        ]

        /// Books with something in every grid, and texts that are hard to write.
        private func written() async throws -> Books {
            let books = try Books()
            let invoice: InvoiceID = Books.newID()
            let number = #"=é€œ&<x>"1";'2'"#
            let issued = InvoiceIssuedV1(
                invoiceID: invoice, clientID: ClientID(7), number: number, issuedOn: Books.day, dueOn: Books.day,
                total: .euros(cents: 9_000), vat: [])
            try await books.tell(issued, about: invoice)
            var payment = PaymentFacts("payment_one", 1_234_567)
            payment.invoice = invoice
            try await books.tell(payment)
            try await books.tell(RefundFacts(payment: payment, amount: 250))
            let stray = PaymentFacts("payment_stray", 5_001).line("payout_abc1")
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1"), stray]).text)
            let transfer = payment.net + stray.trueNet
            _ = try await books.importStatement(
                StatementFile(
                    id: "S1",
                    entries: [
                        StatementEntry(reference: "BK1", amount: transfer, text: "ALMA payout_abc1"),
                        StatementEntry(reference: "BK2", amount: -990, text: "@SUM(A1) é"),
                    ]
                ).text)
            let received = PaymentOnAccountRecordedV1(
                paymentOnAccountID: Books.newID(), clientID: ClientID(7), amount: .euros(cents: 300), method: "card",
                paymentID: nil, allocations: [.init(invoiceID: invoice, amount: .euros(cents: 300))], receivables: [],
                unallocated: .zero(.eur))
            let noon = Instant(secondsSince1970: Int64(Books.day.daysSince1970) * 86_400 + 43_200)
            try await books.tell(received, about: received.paymentOnAccountID, at: noon)
            _ = try await books.fillTill(Books.newID())
            _ = try await books.post("/v1/statistics/refresh")
            return books
        }

        private func read(_ file: InProcessClient.Answer, _ format: String, _ books: Books) async throws -> String {
            let schema = try await books.get("/v1/exports/schema").text
            let check = try await PythonCheck.run(
                "read_grid.py", format == "xml" ? [schema] : [], file: file.bytes, named: "grid.\(format)")
            #expect(check.status == 0, "\(format): \(check.output)")
            return check.output
        }

        @Test(arguments: grids)
        func `REC-7 C-27 every format of a grid reads back the same, to the cent`(grid: String) async throws {
            let books = try await written()
            let wide = grid == "discrepancies" ? "from=2020-01-01&to=2099-12-31" : Self.period
            var outputs: [String] = []
            for format in Self.formats {
                for sign in ["comma", "point"] {
                    let path = "/v1/exports/grids/\(grid)?\(wide)&format=\(format)&decimalSeparator=\(sign)&language=en"
                    outputs.append(try await read(try await books.get(path), format, books))
                }
            }
            #expect(Set(outputs).count == 1, "\(outputs)")
            let expected = [
                "fees": "3 amount=1239568 fee_vat=8888 fee_without_vat=44660 net=1185770 refunded=250\n",
                "payouts": "1 amount=", "discrepancies": "1 amount=", "entries": "", "bank-lines": "2 amount=",
                "takings": "5 amount=26900\n", "remittances": "1 amount=12000\n", "cash-ups": "3 ",
                "statistics": "1 amount=1234567 fee_vat=8888 fee_without_vat=44444\n",
                "vat-receipts": "1 amount=300\n",
            ]
            #expect(outputs[0].hasPrefix(expected[grid] ?? "?"), "\(outputs[0])")
            if grid == "fees" { #expect(outputs[0].contains("é€œ&<x>"), "\(outputs[0])") }
            if grid == "entries" {
                let totals = outputs[0].prefix { $0 != "\n" }.split(separator: " ").dropFirst()
                let sides = totals.compactMap { $0.split(separator: "=").last }
                #expect(sides.count == 2 && sides[0] == sides[1], "\(outputs[0])")
            }
        }

        @Test(arguments: formats) func `REC-7 a grid without rows is a whole file`(format: String) async throws {
            let books = try Books()
            let file = try await books.get("/v1/exports/grids/fees?\(Self.period)&format=\(format)&language=en")
            #expect(try await read(file, format, books).trimmingPrefix(" ").hasPrefix("0"))
        }

        @Test(arguments: formats) func `REC-7 a file of many batches has every row once`(format: String) async throws {
            let books = try Books()
            try await books.fill(payments: 2_300)
            let file = try await books.get("/v1/fees/export?\(Self.period)&format=\(format)&language=en")
            let sum = 2_300 * 2_301 / 2
            let found = try await read(file, format, books)
            #expect(found.hasPrefix("2300 amount=\(sum) fee_vat=0 fee_without_vat=0 net=\(sum)"))
        }

        @Test(arguments: grids)
        func `REC-7 GEN-5 columns are named in the language asked for, or the organisation's, above the same figures`(
            grid: String
        ) async throws {
            let books = try await written()
            let path = "/v1/exports/grids/\(grid)?from=2020-01-01&to=2099-12-31"
            let french = try SemicolonFile(try await books.get("\(path)&language=fr").text).rows
            let english = try SemicolonFile(try await books.get("\(path)&language=en").text).rows
            #expect(Array(french.dropFirst()) == Array(english.dropFirst()) && french.count > 1)
            #expect(french[0].count == english[0].count && Set(french[0]).isDisjoint(with: english[0]), "\(french[0])")
            #expect(english[0].allSatisfy { $0.allSatisfy(\.isASCII) } && !french[0].contains { $0.contains("_") })
            #expect(try SemicolonFile(try await books.get(path).text).rows == french, "French unless it says otherwise")
            let chart = #"{"language":"en","accounts":[],"journals":[]}"#
            #expect(try await books.put("/v1/accounting/chart", chart).json["language"]?.text == "en")
            #expect(try SemicolonFile(try await books.get(path).text).rows == english)
            let xml = try await books.get("\(path)&format=xml&language=fr").text
            let other = try await books.get("\(path)&format=xml&language=en").text
            #expect(xml == other, "programs read XML")
            #expect(try await books.get("\(path)&language=de").status == 422)
        }

        @Test func `REC-7 refuses what is no grid, no format and no period`() async throws {
            let books = try Books()
            let unknown = try await books.get("/v1/exports/grids/clients?\(Self.period)")
            #expect(unknown.status == 404 && unknown.text.contains("bank-lines, takings"), "\(unknown.text)")
            #expect(try await books.get("/v1/exports/grids/fees?\(Self.period)&format=pdf").status == 422)
            #expect(try await books.get("/v1/exports/grids/fees").status == 422)
        }
    }
}
