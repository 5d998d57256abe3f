import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import Testing

extension `The books` {
    @Suite struct `The fee screen` {
        private static let period = "from=\(Books.day)&to=\(Books.day)"

        /// Two euro payments, one of which is paid out, and one in francs.
        private func written(number: String = "F-1") async throws -> Books {
            let books = try Books()
            let invoice: InvoiceID = Books.newID()
            let issued = InvoiceIssuedV1(
                invoiceID: invoice, clientID: ClientID(7), number: number, issuedOn: Books.day, dueOn: Books.day,
                total: .euros(cents: 9_000), vat: [])
            try await books.tell(issued, about: invoice)
            var first = PaymentFacts("payment_one", 9_000)
            first.invoice = invoice
            var franc = PaymentFacts("payment_franc", 5_001)
            franc.currency = try #require(Currency("CHF"))
            for payment in [first, PaymentFacts("payment_two", 1_234_567), franc] { try await books.tell(payment) }
            try await books.tell(RefundFacts(payment: first, amount: 250))
            _ = try await books.importReport(ReportFile([first.line("+payout_abc1")]).text)
            let path = "/v1/payouts/\(try await books.payout("+payout_abc1")["id"]?.text ?? "")/point"
            #expect(try await books.post(path, #"{"noBankLineBecause":"as the test wants"}"#).status == 200)
            return books
        }

        @Test func `REC-1 sums up by currency, all or those not yet paid, of all providers or of one`() async throws {
            let books = try await written()
            let all = try await books.get("/v1/fees?\(Self.period)").json
            #expect(sums(all) == ["CHF 1 5001 0 180 36 4785", "EUR 2 1243567 250 44768 8952 1189597"])
            #expect(all["items"]?.elements?.count == 4, "the refund is a row of its own")
            let open = try await books.get("/v1/fees?\(Self.period)&paid=not-yet").json
            #expect(sums(open) == ["CHF 1 5001 0 180 36 4785", "EUR 1 1234567 250 44444 8888 1180985"])
            let page = try await books.get("/v1/fees?\(Self.period)&limit=1").json
            #expect(page["items"]?.elements?.count == 1 && sums(page) == sums(all), "of all rows, not of the page")
            let alma = try await books.get("/v1/fees?\(Self.period)&provider=alma").json
            #expect(sums(alma) == sums(all) && alma["items"]?.elements?.count == 4)
            let stripe = try await books.get("/v1/fees?\(Self.period)&provider=stripe").json
            #expect(stripe["totals"]?.elements == [] && stripe["items"]?.elements == [])
            let file = try await books.get("/v1/fees/export?\(Self.period)&provider=stripe").text
            #expect(try SemicolonFile(file).rows.count == 1)
            #expect(try await books.get("/v1/fees?\(Self.period)&provider=bank").status == 422)
            let none = try await books.get("/v1/fees?from=2020-01-01&to=2020-01-02").json
            #expect(none["totals"]?.elements == [] && none["items"]?.elements == [])
        }

        @Test(arguments: [true, false])
        func `REC-1 names who asked for the payment, in the list and in the file`(isRequestFirst: Bool) async throws {
            let books = try Books()
            let payment = PaymentFacts("payment_one", 9_000)
            let requested = PaymentRequestedV1(
                paymentID: payment.id, clientID: ClientID(7), amount: .euros(cents: 9_000), provider: .alma,
                plan: .inInstalments(3), channel: .browser, expiresAt: payment.acceptedAt, requestedBy: "dr-martin")
            if isRequestFirst { try await books.tell(requested, about: payment.id) }
            try await books.tell(payment)
            if !isRequestFirst { try await books.tell(requested, about: payment.id) }
            try await books.tell(RefundFacts(payment: payment, amount: 250))
            let rows = try await books.list("/v1/fees?\(Self.period)")
            #expect(rows.map { $0["clinician"]?.text } == ["dr-martin", "dr-martin"])
            let file = try SemicolonFile(try await books.get("/v1/fees/export?\(Self.period)").text).rows
            let place = try #require(file[0].firstIndex(of: "Praticien"))
            #expect(file.dropFirst().map { $0[place] } == ["dr-martin", "dr-martin"])
        }

        @Test func `REC-7 C-27 the export reads back to the cent, with decimal commas and its mark`() async throws {
            let books = try await written()
            let answer = try await books.get("/v1/fees/export?\(Self.period)")
            #expect(answer.headers["Content-Type"] == "text/csv; charset=utf-8")
            #expect(Array(answer.bytes.prefix(3)) == [0xEF, 0xBB, 0xBF] && !answer.text.contains("sep="))
            let rows = try SemicolonFile(answer.text).rows
            #expect(rows.allSatisfy { $0.count == rows[0].count } && rows.count == 5)
            #expect(answer.text.contains("12345,67"))
            var sums: [String: [Int64]] = [:]
            for row in rows.dropFirst() {
                let cents = try (6...10).map { try #require(Int64(row[$0].replacing(",", with: ""))) }
                sums[row[5], default: [0, 0, 0, 0, 0]] = zip(sums[row[5]] ?? [0, 0, 0, 0, 0], cents).map { $0 + $1 }
            }
            #expect(sums == ["CHF": [5_001, 0, 180, 36, 4_785], "EUR": [1_243_567, 250, 44_768, 8_952, 1_189_597]])
            let pointed = try await books.get("/v1/fees/export?\(Self.period)&decimalSeparator=point").text
            #expect(pointed.contains(";12345.67;") && !pointed.contains("12345,67"))
        }

        @Test func `REC-7 the export has every row once, however many batches they come in`() async throws {
            let books = try Books()
            try await books.fill(payments: 2_501)
            let rows = try SemicolonFile(try await books.get("/v1/fees/export?\(Self.period)").text).rows
            #expect(rows.count == 2_502 && Set(rows.map { $0[0] }).count == 2_502)
            let cents = rows.dropFirst().compactMap { Int64($0[6].replacing(",", with: "")) }.reduce(0, +)
            #expect(cents == 2_501 * 2_502 / 2)
        }

        @Test func `REC-7 only so many files are written at once, and a reader that leaves gives its place back`()
            async throws
        {
            let books = try Books()
            let export = "/v1/fees/export?\(Self.period)"
            let answers = try await withThrowingTaskGroup { tasks in
                for _ in 0..<12 { tasks.addTask { try await books.get(export).status } }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers).isSubset(of: [200, 503]) && answers.contains(200))
            for _ in 0..<6 { #expect(try await books.get(export).status == 200) }
        }

        @Test(arguments: [
            "=HYPERLINK(\"http://evil\";\"x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-5-5", "--5",
        ])
        func `REC-7 a text that would run as a formula is disarmed`(number: String) async throws {
            let books = try await written(number: number)
            let rows = try SemicolonFile(try await books.get("/v1/fees/export?\(Self.period)").text).rows
            #expect(rows.contains { $0[1] == "'" + number }, "\(rows)")
            #expect(rows.contains { $0[12] == "'+payout_abc1" })
            for cell in rows.joined() where "=+-@\t\r\n".unicodeScalars.contains(cell.unicodeScalars.first ?? "a") {
                #expect(Int64(cell.replacing(",", with: "")) != nil, "\(cell) would run")
            }
        }

        @Test(arguments: ["a;b", "a\"b", "a\"\u{301};=1", "a\r\nb;c", "a\nb", "F-1'"])
        func `REC-7 a text with separators, quotes or line breaks stays one cell`(number: String) async throws {
            let books = try await written(number: number)
            let rows = try SemicolonFile(try await books.get("/v1/fees/export?\(Self.period)").text).rows
            #expect(rows.count == 5 && rows.contains { $0[1] == number }, "\(rows)")
        }

        @Test func `REC-1 REC-7 a refund after the payout is a row of its own, and what was exported stays as it was`()
            async throws
        {
            let books = try Books()
            let (payment, next) = (PaymentFacts("payment_one", 9_000), PaymentFacts("payment_two", 20_000))
            try await books.tell(payment)
            try await books.pay([payment.line("payout_abc1")], bank: "BK1")
            let exported = try await books.get("/v1/fees/export?\(Self.period)").text
            let refund = RefundFacts(payment: payment, amount: 2_500, daysLater: 10)
            try await books.tell(refund)
            let later = Books.day.adding(days: 10)
            let row = try #require(try await books.list("/v1/fees?from=\(later)&to=\(later)").first)
            #expect(row["kind"]?.text == "refund" && row["day"]?.text == "\(later)")
            #expect(row["refunded"]?["minorUnits"]?.integer == 2_500 && row["net"]?["minorUnits"]?.integer == -2_500)
            #expect(row["payoutReference"]?.text == nil && row["isPaid"] == .bool(false))
            #expect(try await books.get("/v1/fees/export?\(Self.period)").text == exported)
            // The next payout has it, with a part of the fee given back, the day it is paid.
            try await books.tell(next)
            let shown = try await books.get("/v1/fees/export?\(Self.period)").text
            var lines = [next.line("payout_xyz2"), refund.line("payout_xyz2", fee: -36)]
            for index in lines.indices { lines[index].day = later }
            try await books.pay(lines, bank: "BK2")
            let paid = try await books.get("/v1/fees/export?\(Self.period)").text
            #expect(
                try Self.figures(paid) == Self.figures(shown),
                "the day keeps its rows and figures; only the payout and the paid mark of the second payment are new")
            try await books.expectRowsArePayouts([("payout_abc1", payment.net), ("payout_xyz2", next.net - 2_464)])
        }

        /// What no later event may change: all but the payout, whether it is paid and by which rule, and what was
        /// cleared.
        private static func figures(_ export: String) throws -> [[String]] {
            try SemicolonFile(export).rows.map { Array($0.prefix(12)) + $0[14...18] }
        }

        @Test func `C-26 rows of a payout sum to its bank line, whatever the provider settled and the bank received`()
            async throws
        {
            let books = try Books()
            let payments = [PaymentFacts("payment_one", 9_000), PaymentFacts("payment_two", 20_000)]
            for payment in payments { try await books.tell(payment) }
            let refunds = [1, 2].map { _ in RefundFacts(payment: payments[0], amount: 700) }
            for refund in refunds { try await books.tell(refund) }
            var second = refunds[1].line("payout_xyz2")
            second.transaction += "_again"
            let adjustment = ReportRow(
                payout: "payout_abc1", transaction: "adj_1", type: "from_adjustment", payment: "", amount: -150, fee: 0)
            let untold = ReportRow(
                payout: "payout_abc1", transaction: "rfd_untold", type: "from_refund", payment: "payment_two",
                amount: -90, fee: 3)
            let first = [
                payments[0].line("payout_abc1", fee: payments[0].fee + payments[0].vat + 7),
                refunds[0].line("payout_abc1", fee: -12), adjustment, untold,
                PaymentFacts("payment_stray", 5_000).line("payout_abc1"),
                payments[0].line("payout_abc1", reference: "txn_twice"),
            ]
            try await books.pay(first, bank: "BK1", less: 3)
            try await books.pay([payments[1].line("payout_xyz2"), second], bank: "BK2")
            let sum = first.reduce(0) { $0 + $1.trueNet } - 3
            try await books.expectRowsArePayouts([("payout_abc1", sum), ("payout_xyz2", payments[1].net - 700)])
            let kinds = try await books.list("/v1/fees?from=2020-01-01&to=2099-12-31").compactMap { $0["kind"]?.text }
            #expect(Set(kinds) == ["payment", "refund", "correction", "unexplained"])
            let pages = try await books.feesPageByPage()
            #expect(pages.count == kinds.count && Set(pages).count == pages.count, "every row once, page by page")
        }

        @Test func `REC-1 REC-7 names the account and the reason of a difference, and the clinic of a payment`()
            async throws
        {
            let (books, clinic) = (try Books(), Books.newID() as ClinicID)
            var (payment, other) = (PaymentFacts("payment_one", 9_000), PaymentFacts("payment_two", 5_000))
            (payment.clinic, other.clinic) = (clinic, Books.newID())
            for fact in [payment, other] { try await books.tell(fact) }
            try await books.tell(RefundFacts(payment: payment, amount: 250))
            let tolerance = #"{"most":\#(Books.euros(10)),"account":"627000","reason":"The bank's fee"}"#
            let rules = #"{"rules":[{"name":"psp","provider":"alma","words":["PSP"],"tolerance":\#(tolerance)}]}"#
            #expect(try await books.put("/v1/matching-rules", rules).status == 200)
            #expect(try await books.importReport(ReportFile([payment.line("payout_abc1")]).text).status == 201)
            let entry = StatementEntry(reference: "BK1", amount: payment.net - 3, text: "VIR PSP")
            #expect(try await books.importStatement(StatementFile(id: "BK1", entries: [entry]).text).status == 201)
            try await books.pay([other.line("payout_xyz2")], bank: "BK2", less: 5)
            let wide = "from=2020-01-01&to=2099-12-31"
            let rows = try await books.list("/v1/fees?\(wide)&limit=200")
            let named = rows.filter { $0["kind"]?.text == "difference" }
            #expect(named.map { $0["net"]?["minorUnits"]?.integer } == [-3])
            #expect(named.first?["account"]?.text == "627000" && named.first?["reason"]?.text == "The bank's fee")
            let unexplained = rows.filter { $0["kind"]?.text == "unexplained" }
            #expect(unexplained.map { $0["net"]?["minorUnits"]?.integer } == [-5])
            #expect(unexplained.first?["account"] == nil && unexplained.first?["reason"] == nil)
            let own = try await books.get("/v1/fees?\(wide)&clinicID=\(clinic)").json
            let kinds = own["items"]?.elements?.compactMap { $0["kind"]?.text }.sorted()
            #expect(kinds == ["payment", "refund"] && sums(own) == ["EUR 1 9000 250 324 64 8362"], "\(own)")
            #expect(own["items"]?.elements?.allSatisfy { $0["clinicID"]?.text == "\(clinic)" } == true)
            let file = try SemicolonFile(try await books.get("/v1/fees/export?\(wide)").text).rows
            #expect(file[0][16...18] == ["Clinique", "Compte", "Motif"])
            let last = ["627000", "The bank's fee"]
            #expect(file.contains { $0[17...18] == last[...] && $0[14] == "différence" }, "\(file)")
            #expect(file.contains { $0[15...17] == ["", "\(clinic)", ""] && $0[14] == "paiement" }, "\(file)")
            for path in ["/v1/fees/export?", "/v1/exports/grids/fees?"] {
                let ofClinic = try await books.get("\(path)\(wide)&clinicID=\(clinic)").text
                #expect(try SemicolonFile(ofClinic).rows.count == 3, "\(ofClinic)")
            }
        }

        private func sums(_ screen: JSONValue) -> [String] {
            (screen["totals"]?.elements ?? []).map { total in
                let cents = ["amount", "refunded", "fee", "feeVAT", "net"].map {
                    "\(total[$0]?["minorUnits"]?.integer ?? -1)"
                }
                let currency = total["amount"]?["currency"]?.text ?? ""
                return ([currency, "\(total["payments"]?.integer ?? -1)"] + cents).joined(separator: " ")
            }
        }
    }
}

extension Books {
    /// The provider pays these lines out and the bank books their sum, less so many cents.
    func pay(_ lines: [ReportRow], bank: String, less: Int64 = 0) async throws {
        #expect(try await importReport(ReportFile(lines).text).status == 201)
        let sum = lines.reduce(0) { $0 + $1.trueNet } - less
        let entry = StatementEntry(reference: bank, amount: sum, text: "ALMA \(lines[0].payout)")
        #expect(try await importStatement(StatementFile(id: bank, entries: [entry]).text).status == 201)
    }

    /// The rows of each payout are what the bank received, to the cent.
    func expectRowsArePayouts(_ sums: [(reference: String, cents: Int64)]) async throws {
        let rows = try await list("/v1/fees?from=2020-01-01&to=2099-12-31&limit=200")
        for (reference, cents) in sums {
            let own = rows.filter { $0["payoutReference"]?.text == reference }
            #expect(own.reduce(0) { $0 + ($1["net"]?["minorUnits"]?.integer ?? 0) } == cents, "\(reference): \(own)")
            #expect(try await explanation(reference)["bankLine"]?["amount"]?["minorUnits"]?.integer == cents)
        }
    }

    /// The ids of the fee screen's rows, two at a time.
    func feesPageByPage() async throws -> [String] {
        var (ids, after): ([String], String?) = ([], nil)
        repeat {
            let more = after.map { "&after=\($0)" } ?? ""
            let page = try await get("/v1/fees?from=2020-01-01&to=2099-12-31&limit=2\(more)").json
            ids += page["items"]?.elements?.compactMap { $0["id"]?.text } ?? []
            after = page["next"]?.text
        } while after != nil
        return ids
    }

    /// Writes so many payments of 1, 2, 3 … cents behind the service's back.
    func fill(payments count: Int) async throws {
        try await bench.superuser.execute(
            """
            INSERT INTO expectation (payment, organisation, client, provider, provider_reference, currency, amount,
                fee, fee_vat, is_held, accepted_on, expected_on)
            SELECT gen_random_uuid(), \(organisation), gen_random_uuid(), 'alma', 'filled_' || n, 'EUR', n, 0, 0, false,
                \(Books.day), \(Books.day.adding(days: 36_500))
            FROM generate_series(1, \(Int64(count))) AS n
            """)
    }
}

/// A file as a spreadsheet reads it: semicolons, quotes, CR LF.
struct SemicolonFile {
    /// The file ends inside of quotes.
    struct Unclosed: Error {}

    private(set) var rows: [[String]] = [[]]

    init(_ text: String) throws {
        var cell = ""
        var isQuoted = false
        var scalars = Array(text.unicodeScalars.drop { $0 == "\u{FEFF}" })[...]
        while let scalar = scalars.popFirst() {
            switch (scalar, isQuoted) {
            case ("\"", true) where scalars.first == "\"": cell.unicodeScalars.append(scalars.removeFirst())
            case ("\"", _): isQuoted.toggle()
            case (";", false):
                rows[rows.count - 1].append(cell)
                cell = ""
            case ("\r", false) where scalars.first == "\n":
                scalars.removeFirst()
                rows[rows.count - 1].append(cell)
                cell = ""
                rows.append([])
            default: cell.unicodeScalars.append(scalar)
            }
        }
        guard !isQuoted else { throw Unclosed() }
        rows.removeLast()
    }
}
