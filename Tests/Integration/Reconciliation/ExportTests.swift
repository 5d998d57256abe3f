import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import ServiceRuntime
import TestSupport
import Testing

extension `The books` {
    @Suite struct `Grids as files` {
        private static let period = "from=\(Books.day.adding(days: -1))&to=\(Books.day.adding(days: 9))"
        private static let formats = ["csv", "txt", "xml", "xlsx"]
        private static let grids = [
            "fees", "payouts", "discrepancies", "entries", "bank-lines", "takings", "remittances", "cash-ups",
            "statistics", "vat-receipts", "expected-payouts", "baskets", "account-sums",
        ]
        /// Which grid each list of money is a file as.
        private static let gridOfList = [
            "/v1/fees": "fees", "/v1/payouts": "payouts", "/v1/discrepancies": "discrepancies",
            "/v1/accounting/entries": "entries", "/v1/bank-lines": "bank-lines", "/v1/takings": "takings",
            "/v1/remittances": "remittances", "/v1/cash-ups": "cash-ups", "/v1/statistics": "statistics",
            "/v1/accounting/vat-receipts": "vat-receipts", "/v1/expected-payouts": "expected-payouts",
            "/v1/statistics/baskets": "baskets", "/v1/accounting/sums": "account-sums", "/v1/balances": "account-sums",
        ]
        /// Lists that are of no period: what people have set, and what runs.
        private static let lists: Set = [
            "/v1/payout-sources", "/v1/file-imports", "/v1/bank-accounts", "/v1/accounting/periods",
            "/v1/csv-mappings", "/v1/matching-rules", "/v1/joint-pointing-proposals", "/v1/accounting/fee-taxes",
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
            // Weeks before the period, and not at the bank for long: only what is expected has it.
            var owed = PaymentFacts("payment_owed", 4_000)
            owed.acceptedAt = Instant(secondsSince1970: Int64(Books.day.daysSince1970 - 60) * 86_400 + 39_600)
            owed.expectedOn = Books.day.adding(days: 20_000)
            try await books.tell(owed)
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

        private func read(
            _ file: InProcessClient.Answer, _ format: String, _ books: Books, decimals sign: String = "comma"
        ) async throws -> String {
            let check = try await reread(file.bytes, format, books, decimals: sign)
            #expect(check.status == 0, "\(format): \(check.output)")
            return check.output
        }

        private func reread(
            _ bytes: [UInt8], _ format: String, _ books: Books, decimals sign: String = "comma"
        ) async throws -> PythonScript.Run {
            let schema = try await books.get("/v1/exports/schema").text
            return try await PythonCheck.run(
                "read_grid.py", [sign == "comma" ? "," : ".", schema], file: bytes, named: "grid.\(format)")
        }

        @Test(arguments: grids)
        func `REC-7 C-27 every format of a grid reads back the same, to the cent`(grid: String) async throws {
            let books = try await written()
            let isWide = ["discrepancies", "expected-payouts"].contains(grid)
            let wide = isWide ? "from=2020-01-01&to=2099-12-31" : Self.period
            var outputs: [String] = []
            for format in Self.formats {
                for sign in ["comma", "point"] {
                    let path = "/v1/exports/grids/\(grid)?\(wide)&format=\(format)&decimalSeparator=\(sign)&language=en"
                    outputs.append(try await read(try await books.get(path), format, books, decimals: sign))
                }
            }
            #expect(Set(outputs).count == 1, "\(outputs)")
            let expected = [
                "fees": "3 amount=1239568 fee_vat=8888 fee_without_vat=44660 net=1185770 refunded=250\n",
                "payouts": "1 amount=", "discrepancies": "1 amount=", "entries": "", "bank-lines": "2 amount=",
                "takings": "5 amount=26900\n", "remittances": "1 amount=12000\n", "cash-ups": "3 ",
                "statistics": "1 amount=1234567 average_basket=1234567 fee_vat=8888 fee_without_vat=44444\n",
                "vat-receipts": "1 amount=300 base=300 vat=0\n", "expected-payouts": "2 net=-1207\n",
                "baskets": "1 amount=1234567 basket=500000\n", "account-sums": "",
            ]
            #expect(outputs[0].hasPrefix(expected[grid] ?? "?"), "\(outputs[0])")
            if grid == "fees" { #expect(outputs[0].contains("é€œ&<x>"), "\(outputs[0])") }
            if ["entries", "account-sums"].contains(grid) {
                let totals = outputs[0].prefix { $0 != "\n" }.split(separator: " ").dropFirst()
                let sides = totals.filter { !$0.hasPrefix("balance=") }.compactMap { $0.split(separator: "=").last }
                #expect(sides.count == 2 && sides[0] == sides[1], "\(outputs[0])")
                #expect(grid == "entries" || totals.contains("balance=0"), "\(outputs[0])")
            }
        }

        @Test func `REC-7 every list of money that is served is a file too, and every file a list`() async throws {
            let books = try Books()
            let document = try JSONParser.parse(Array(books.bench.assembly.openAPI.utf8))
            let paths = try #require(document["paths"]?.members)
            let served = paths.names.filter { path in
                let answer = paths[path]?["get"]?["responses"]?["200"]?["content"]?["application/json"]?["schema"]
                let name = answer?["$ref"]?.text?.split(separator: "/").last.map { String($0) }
                let schema = name.flatMap { document["components"]?["schemas"]?[$0] } ?? answer
                return schema?["properties"]?["items"] != nil && !path.contains("{")
            }
            #expect(Set(served) == Set(Self.gridOfList.keys).union(Self.lists), "a list was added: is it a grid?")
            let parameters = paths["/v1/exports/grids/{grid}"]?["get"]?["parameters"]?.elements ?? []
            let named = parameters.first { $0["name"]?.text == "grid" }?["schema"]?["enum"]?.elements ?? []
            #expect(Set(named.compactMap(\.text)) == Set(Self.gridOfList.values))
            #expect(Set(Self.grids) == Set(Self.gridOfList.values), "each is read back")
        }

        @Test func `REC-7 the check finds what a spreadsheet would misread, so that it can fail`() async throws {
            let books = try await written()
            for (format, found, planted) in [
                ("csv", "\u{FEFF}", ""), ("csv", ";", ","), ("csv", "12345,67", "12345.67"),
                ("csv", "\(Books.day)", "20/11/2026"), ("txt", "\u{FEFF}", ""), ("txt", "\t", ";"),
                ("txt", "12345,67", "12 345,67"), ("txt", "\r\n", "\n"),
                ("xml", "<amount column=\"net\"", "<amount column=\"text\""),
                ("xml", "<day column=\"day\">\(Books.day)</day>", "<text column=\"day\">\(Books.day)</text>"),
            ] as [(String, String, String)] {
                let path = "/v1/exports/grids/fees?\(Self.period)&format=\(format)&language=en"
                let whole = try await books.get(path).text
                let broken = whole.replacing(found, with: planted)
                #expect(Array(broken.utf8) != Array(whole.utf8), "\(found) is in it")
                #expect(try await reread(Array(broken.utf8), format, books).status != 0, "\(format): \(found)")
            }
            let point = try await books.get("/v1/exports/grids/fees?\(Self.period)&decimalSeparator=point&language=en")
            #expect(try await reread(point.bytes, "csv", books).status != 0)
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
