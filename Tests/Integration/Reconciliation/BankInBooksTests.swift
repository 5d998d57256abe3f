import HTTPServer
import PaymentModel
import TestSupport
import Testing

extension `The books` {
    /// Two accounts of the bank, each with an account and a journal of its own in the books.
    @Suite struct `Accounts of the bank in the books` {
        private static let other = "FR1420041010050500013M02606"
        private static let period = "from=\(Books.day)&to=\(Books.day.adding(days: 2))"

        private func name(
            _ iban: String, _ number: String, _ journal: String, in books: Books
        ) async throws -> InProcessClient.Answer {
            let own = #"{"number":"\#(number)","label":"Banque \#(journal)","journal":"\#(journal)"}"#
            return try await books.put("/v1/bank-accounts/\(iban)", #"{"currency":"EUR","books":\#(own)}"#)
        }

        /// Books with a payout at each of two accounts.
        private func written() async throws -> (books: Books, nets: [Int64]) {
            let books = try Books()
            let payments = [PaymentFacts("payment_one", 9_000), PaymentFacts("payment_two", 12_000)]
            for payment in payments { try await books.tell(payment) }
            let lines = [payments[0].line("payout_abc1"), payments[1].line("payout_xyz2")]
            _ = try await books.importReport(ReportFile(lines).text)
            #expect(try await name(StatementFile.iban, "512100", "BQ1", in: books).status == 200)
            #expect(try await name(Self.other, "512200", "BQ2", in: books).status == 200)
            for (iban, line) in zip([StatementFile.iban, Self.other], lines) {
                let entry = StatementEntry(reference: "BK", amount: line.trueNet, text: "ALMA \(line.payout)")
                let file = StatementFile(id: "S1", iban: iban, entries: [entry])
                #expect(try await books.importStatement(file.text).status == 201)
            }
            return (books, payments.map(\.net))
        }

        /// Journal, account and sum of each entry at the bank.
        private func atTheBank(_ books: Books) async throws -> [String] {
            try await books.list("/v1/accounting/entries?\(Self.period)&journal=bank&limit=200").map { entry in
                let line = entry["lines"]?.elements?.first { $0["account"]?.text?.hasPrefix("512") == true }
                let sum = (line?["debit"]?.cents ?? 0) - (line?["credit"]?.cents ?? 0)
                return "\(entry["journal"]?.text ?? "") \(line?["account"]?.text ?? "") \(sum)"
            }.sorted()
        }

        private func sums(_ books: Books) async throws -> [String: Int64] {
            let found = try await books.list("/v1/accounting/sums?\(Self.period)").map { item in
                (item["account"]?.text ?? "", (item["debit"]?.cents ?? 0) - (item["credit"]?.cents ?? 0))
            }
            return Dictionary(uniqueKeysWithValues: found).filter { $0.key.hasPrefix("512") }
        }

        @Test func `REC-8 have each its number and its journal, in lists, sums, files and that for the tax office`()
            async throws
        {
            let (books, nets) = try await written()
            let named = ["BQ1 512100 \(nets[0])", "BQ2 512200 \(nets[1])"]
            #expect(try await atTheBank(books) == named)
            #expect(try await sums(books) == ["512100": nets[0], "512200": nets[1]])
            #expect(try await books.balances()["512000"] == nets[0] + nets[1], "the ledger has one account")
            let grid = "/v1/exports/grids/entries?\(Self.period)&format=csv"
            #expect(try await books.get(grid).text.contains("512200"))
            #expect(try await books.breaches() == [])

            let through = Books.day.adding(days: 2)
            let closed = try await books.post("/v1/accounting/periods", #"{"through":"\#(through)"}"#)
            #expect(closed.status == 201, "\(closed.text)")
            // Closed books keep what it was called then.
            #expect(try await name(Self.other, "512900", "BQ9", in: books).status == 200)
            #expect(try await atTheBank(books) == named)
            let chart = #"{"siren":"732829320","accounts":[],"journals":[]}"#
            #expect(try await books.put("/v1/accounting/chart", chart).status == 200)
            let file = try await books.get("/v1/accounting/fec?year=\(Books.day.year)&interim=true")
            let day = "\(Books.day.adding(days: 1))".replacing("-", with: "")
            let check = try await PythonCheck.run(
                "check_fec.py", [], file: file.bytes, named: "732829320FEC\(day).txt")
            #expect(check.status == 0, "\(check.output)")
            let rows = file.text.split(separator: "\r\n").map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false)
            }
            #expect(rows.filter { $0[4] == "512200" }.map { $0[0] } == ["BQ2"])
            #expect(rows.filter { $0[4] == "512200" }.map { $0[5] } == ["Banque BQ2"])
            #expect(rows.filter { $0[0] == "BQ1" }.map { $0[4] } == ["512100", "511500"])
        }

        @Test func `REC-2 REC-8 what is taken back is taken back where it was, and one payout may be on two accounts`()
            async throws
        {
            let (books, nets) = try await written()
            let path = "/v1/payouts/\(try await books.payout("payout_xyz2")["id"]?.text ?? "")"
            #expect(try await books.post("\(path)/unpoint").status == 200)
            #expect(try await sums(books) == ["512100": nets[0], "512200": 0])
            let halves = [nets[1] / 2, nets[1] - nets[1] / 2]
            for (iban, half) in zip([StatementFile.iban, Self.other], halves) {
                let entry = StatementEntry(reference: "HALF", amount: half, text: "VIR")
                let file = StatementFile(id: "S2", iban: iban, entries: [entry])
                #expect(try await books.importStatement(file.text).status == 201)
            }
            let lines = try await books.list("/v1/bank-lines?matched=false&limit=200")
                .filter { $0["reference"]?.text == "HALF" }.compactMap { $0["id"]?.text.map { "\"\($0)\"" } }
            let payout = try await books.payout("payout_xyz2")["id"]?.text ?? ""
            let wish = #"{"payoutIDs":["\#(payout)"],"bankLineIDs":[\#(lines.joined(separator: ","))]}"#
            let joint = try await books.post("/v1/joint-pointings", wish)
            #expect(joint.status == 201, "\(joint.text)")
            #expect(try await sums(books) == ["512100": nets[0] + halves[0], "512200": halves[1]])
            #expect(try await books.breaches() == [])
            let moved = "UPDATE ledger_line SET bank = '\(Self.other)' WHERE bank = '\(StatementFile.iban)' AND"
            try await books.breaking(moved)
            let found = try await books.breaches()
            #expect(found.contains { $0.hasPrefix("what is booked at the bank") }, "\(found)")
        }

        @Test func `REC-8 two accounts or journals are never one, and what is said stays until something else is`()
            async throws
        {
            let (books, _) = try await written()
            for (number, journal, place) in [
                ("512100", "BQ2", "/books/number"), ("512000", "BQ2", "/books/number"),
                ("612200", "BQ2", "/books/number"), ("512200", "BQ1", "/books/journal"),
                ("512200", "ENC", "/books/journal"),
            ] {
                let refused = try await name(Self.other, number, journal, in: books)
                #expect(refused.status == 422, "\(refused.text)")
                #expect(refused.json["errors"]?.elements?.first?["pointer"]?.text == place, "\(refused.text)")
            }
            let chart = #"{"accounts":[{"account":"530000","number":"512100","label":"Caisse"}],"journals":[]}"#
            #expect(try await books.put("/v1/accounting/chart", chart).status == 422)
            let again = try await books.put("/v1/bank-accounts/\(Self.other)", #"{"currency":"EUR"}"#)
            #expect(again.json["books"]?["number"]?.text == "512200", "\(again.text)")
        }
    }
}
