import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

extension `The books` {
    @Suite struct `Grids as files` {
        private static let period = "from=\(Books.day.adding(days: -1))&to=\(Books.day.adding(days: 9))"
        private static let formats = ["csv", "txt", "xml", "xlsx"]
        private static let grids = [
            "fees", "payouts", "discrepancies", "entries", "bank-lines", "takings", "remittances", "cash-ups",
            "statistics", "vat-receipts", "expected-payouts", "baskets", "account-sums", "held-differences",
            "clearings",
        ]
        /// Which grid each list of money is a file as.
        private static let gridOfList = [
            "/v1/fees": "fees", "/v1/payouts": "payouts", "/v1/discrepancies": "discrepancies",
            "/v1/accounting/entries": "entries", "/v1/bank-lines": "bank-lines", "/v1/takings": "takings",
            "/v1/remittances": "remittances", "/v1/cash-ups": "cash-ups", "/v1/statistics": "statistics",
            "/v1/accounting/vat-receipts": "vat-receipts", "/v1/expected-payouts": "expected-payouts",
            "/v1/statistics/baskets": "baskets", "/v1/accounting/sums": "account-sums", "/v1/balances": "account-sums",
            "/v1/held-differences": "held-differences", "/v1/held-differences/clearings": "clearings",
        ]
        /// Columns of codes of ours, which people read in their language.
        private static let words: Set = ["kind", "provider", "rule", "paid", "pointed_by", "undone_by"]
        /// Who acts by name.
        private static let people: Set = ["anna"]
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
            try await holdAndClear(in: books)
            _ = try await books.post("/v1/statistics/refresh")
            return books
        }

        /// What two tills had too much, put on 471; a manager has cleared the first.
        private func holdAndClear(in books: Books) async throws {
            for amount: Int64 in [20, 30] {
                let counts = [CountedMethod(kind: .cash, amount: amount, account: "471000")]
                #expect(try await books.count(counts, at: Books.newID()).status == 201)
            }
            let held = try await books.list("/v1/held-differences")
            let first = try #require(held.first { $0["amount"]?["minorUnits"]?.integer == -20 })
            let wish = #"""
                {"kind":"cash-up","id":"\#(first["id"]?.text ?? "")","position":\#(first["position"]?.integer ?? 0),\#
                "account":"758000","reason":"Agreed","on":"\#(Books.day)"}
                """#
            let cleared = try await books.post("/v1/held-differences/clearings", wish, as: "boss", role: .manager)
            #expect(cleared.status == 201, "\(cleared.text)")
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
                "takings": "5 amount=26900\n", "remittances": "1 amount=12000\n", "cash-ups": "5 ",
                "statistics": "1 amount=1234567 average_basket=1234567 fee_vat=8888 fee_without_vat=44444\n",
                "vat-receipts": "1 amount=300 base=300 vat=0\n", "expected-payouts": "2 net=-1207\n",
                "baskets": "1 amount=1234567 basket=500000\n", "account-sums": "",
                "held-differences": "2 amount=-50\n", "clearings": "1 amount=-20\n",
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
            #expect(french.count == english.count && french.count > 1)
            for (frenchRow, englishRow) in zip(french, english).dropFirst() {
                for ((name, code), text) in zip(zip(english[0], englishRow), frenchRow) {
                    let isWord = Self.words.contains(name) && !code.isEmpty && !Self.people.contains(code)
                    #expect((text == code) != isWord, "\(name) is \(text), \(code)")
                }
            }
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

        @Test func `REC-7 REC-8 entries have their journal and names before books are closed, and the same after`()
            async throws
        {
            let books = try await written()
            let (first, last) = (Books.day.adding(days: -1), Books.day.adding(days: 1))
            let path = "/v1/exports/grids/entries?from=\(first)&to=\(last)"
            func entries() async throws -> [[String: String]] {
                let rows = try SemicolonFile(try await books.get("\(path)&language=en").text).rows
                return rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(rows[0], $0)) }
            }
            let before = try await entries()
            #expect(Set(before.compactMap { $0["journal"] }).isSuperset(of: ["ENC", "COM", "BQ", "CAI"]))
            for row in before {
                for name in ["entry", "journal", "label", "account", "account_label"] {
                    #expect(row[name]?.isEmpty == false, "\(name) of \(row)")
                }
            }
            #expect(before.contains { $0["account"] == "627000" && $0["label"] == "Commission" })
            for (entry, lines) in Dictionary(grouping: before, by: { "\($0["entry"] ?? "") \($0["currency"] ?? "")" }) {
                let sums = ["debit", "credit"].map { side in
                    lines.compactMap { Int64(($0[side] ?? "").replacing(",", with: "")) }.reduce(0, +)
                }
                #expect(sums[0] == sums[1] && lines.count > 1, "\(entry)")
            }
            #expect(try await books.post("/v1/accounting/periods", #"{"through":"\#(last)"}"#).status == 201)
            let after = try await entries()
            #expect(after.allSatisfy { $0["number"]?.isEmpty == false })
            func named(_ rows: [[String: String]]) -> [[String?]] {
                rows.map { row in ["entry", "journal", "label", "account", "account_label"].map { row[$0] } }
            }
            #expect(named(after) == named(before))
        }

        @Test func `REC-7 GEN-5 people read kinds in French, and programs their codes`() async throws {
            let books = try await written()
            let entries = try await books.get("/v1/exports/grids/entries?\(Self.period)").text
            #expect(entries.contains(";Encaissement;") && !entries.contains(";payment;"), "\(entries)")
            let xml = try await books.get("/v1/exports/grids/entries?\(Self.period)&format=xml").text
            #expect(xml.contains(#"<text column="kind">payment</text>"#) && !xml.contains("kind\">Encaissement"))
            let fees = try await books.get("/v1/fees/export?\(Self.period)").text
            #expect(fees.contains(";oui;paiement;") && fees.contains(";remboursement;"), "\(fees)")
            let wide = "from=2020-01-01&to=2099-12-31"
            let wrong = try await books.get("/v1/exports/grids/discrepancies?\(wide)").text
            #expect(wrong.contains(";paiement inconnu;") && !wrong.contains("unknown-payment"), "\(wrong)")
            let payouts = try await books.get("/v1/exports/grids/payouts?\(Self.period)").text
            #expect(payouts.contains(";rapprochement;référence;"), "\(payouts)")
        }

        @Test func `REC-7 a file takes the filters of its list, and no others`() async throws {
            let books = try await written()
            let (wide, other) = ("from=2020-01-01&to=2099-12-31", Books.newID() as ClinicID)
            for (grid, query, count) in [
                ("fees", "provider=stripe", 0), ("fees", "provider=alma", 4), ("payouts", "pointed=true", 1),
                ("payouts", "pointed=false", 0), ("payouts", "provider=paypal", 0), ("discrepancies", "kind=late", 0),
                ("discrepancies", "kind=unknown-payment&closed=false", 1), ("discrepancies", "closed=true", 0),
                ("discrepancies", "owner=paul", 0), ("bank-lines", "matched=false", 1),
                ("bank-lines", "matched=true", 1), ("bank-lines", "minorUnits=-990", 1),
                ("bank-lines", "iban=CH9300762011623852957", 0), ("takings", "kind=card", 1),
                ("takings", "waiting=true", 2), ("takings", "clinicID=\(other)", 0),
                ("cash-ups", "clinicID=\(other)", 0), ("expected-payouts", "provider=stripe", 0),
                ("statistics", "clinicID=\(other)", 0), ("baskets", "clinicID=\(other)", 0),
                ("held-differences", "cleared=true", 1), ("held-differences", "cleared=false", 1),
            ] {
                let file = try await books.get("/v1/exports/grids/\(grid)?\(wide)&\(query)")
                #expect(try SemicolonFile(file.text).rows.count == count + 1, "\(grid) \(query): \(file.text)")
            }
            let bank = try await books.get("/v1/exports/grids/entries?\(wide)&journal=bank&language=en")
            let entries = try SemicolonFile(bank.text).rows
            #expect(entries.count > 2 && entries.dropFirst().allSatisfy { $0[3] == "BQ" }, "\(bank.text)")
            for (grid, query) in [
                ("takings", "provider=alma"), ("entries", "matched=true"), ("vat-receipts", "journal=bank"),
                ("payouts", "kind=fee"), ("baskets", "by=week"), ("discrepancies", "kind=cash"),
                ("clearings", "cleared=true"),
            ] {
                #expect(try await books.get("/v1/exports/grids/\(grid)?\(wide)&\(query)").status == 422, "\(query)")
            }
        }

        @Test func `REC-7 REC-9 statistics of weeks begin on Mondays, and are those of the list`() async throws {
            let books = try await written()
            let path = "?\(Self.period)&by=week"
            let weeks = try SemicolonFile(
                try await books.get("/v1/exports/grids/statistics\(path)&language=en").text
            ).rows
            let place = try #require(weeks[0].firstIndex(of: "begins_on"))
            #expect(weeks.dropFirst().map { $0[place] } == ["2026-11-16"], "\(weeks)")
            let listed = try await books.get("/v1/statistics\(path)").json
            let basket = try #require(weeks[0].firstIndex(of: "average_basket"))
            let average = listed["spans"]?.elements?.first?["averageBasket"]?["minorUnits"]?.integer
            #expect(listed["spans"]?.elements?.first?["from"]?.text == "2026-11-16" && average == 1_234_567)
            #expect(weeks[1][basket] == "12345,67" && weeks[1].suffix(2) == ["1", "10000"], "\(weeks)")
        }

        @Test func `REC-7 C-09 days of files are the organisation's and the clinic's, not the server's`() async throws {
            let (books, island) = (try Books(), Books.newID() as ClinicID)
            let zone = #"{"timeZone":"Indian/Reunion"}"#
            #expect(try await books.put("/v1/clinics/\(island)", zone).status == 200)
            // Half past midnight in Paris, and one in the morning on the island.
            try await books.bench.superuser.execute(
                """
                INSERT INTO discrepancy (id, organisation, kind, subject, opened_at)
                VALUES (gen_random_uuid(), \(books.organisation), 'fee', 'txn_1', '2026-01-31T23:30:00Z')
                """)
            try await books.bench.superuser.execute(
                """
                WITH counted AS (
                    INSERT INTO cash_up (id, organisation, clinic, day, closed_by, closed_at)
                    VALUES (gen_random_uuid(), \(books.organisation), \(island), '2026-01-31', 'anna',
                        '2026-01-31T21:00:00Z') RETURNING id)
                INSERT INTO cash_up_line (cash_up, position, organisation, method, tender, currency, expected, counted)
                SELECT id, 1, \(books.organisation), 'cash', 'cash', 'EUR', 0, 0 FROM counted
                """)
            let grid = "/v1/exports/grids/discrepancies"
            let january = try await books.get("\(grid)?from=2026-01-01&to=2026-01-31").text
            #expect(try SemicolonFile(january).rows.count == 1, "\(january)")
            let february = try await books.get("\(grid)?from=2026-02-01&to=2026-02-28").text
            #expect(february.contains(";2026-02-01;") && february.contains("txn_1"), "\(february)")
            let tills = try await books.get("/v1/exports/grids/cash-ups?from=2026-01-31&to=2026-01-31").text
            #expect(tills.contains(";anna;2026-02-01"), "\(tills)")
        }

        @Test(arguments: formats)
        func `REC-7 REC-10 a till that was counted with nothing in it is in the file too`(format: String) async throws {
            let (books, clinic) = (try Books(), Books.newID() as ClinicID)
            #expect(try await books.count([], at: clinic).status == 201)
            let day = Books.day
            let path = "/v1/exports/grids/cash-ups?from=\(day)&to=\(day)&language=en"
            let found = try await read(try await books.get("\(path)&format=\(format)"), format, books)
            #expect(found.hasPrefix("1 "), "\(found)")
            let rows = try SemicolonFile(try await books.get(path).text).rows
            #expect(rows.count == 2 && rows[1].count == rows[0].count && rows[1][0] == "\(clinic)", "\(rows)")
            #expect(rows[1][2...9].allSatisfy(\.isEmpty) && rows[1][10] == "anna", "\(rows)")
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
