import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing

extension `The books` {
    /// One to many and many to one.
    @Suite struct `Pointing together` {
        private let payments = [PaymentFacts("payment_one", 9_000), PaymentFacts("payment_two", 12_000)]

        private var sum: Int64 { payments.reduce(0) { $0 + $1.net } }

        /// Two payouts, and what the bank has.
        private func books(_ entries: [StatementEntry], payouts: Int = 2) async throws -> Books {
            let books = try Books()
            for payment in payments { try await books.tell(payment) }
            let names = payouts == 2 ? ["payout_abc1", "payout_abc2"] : ["payout_abc1", "payout_abc1"]
            for (payment, name) in zip(payments, names) {
                _ = try await books.importReport(ReportFile([payment.line(name)]).text)
            }
            _ = try await books.importStatement(StatementFile(id: "S1", entries: entries).text)
            return books
        }

        private func wish(_ books: Books, payouts: [String], lines: [String], _ more: String = "") async throws
            -> String
        {
            var (payoutIDs, lineIDs): ([String], [String]) = ([], [])
            for name in payouts { payoutIDs.append(try await books.payout(name)["id"]?.text ?? "") }
            for name in lines { lineIDs.append("\(try await books.bankLine(name))") }
            func list(_ ids: [String]) -> String { ids.map { "\"\($0)\"" }.joined(separator: ",") }
            return "{\"payoutIDs\":[\(list(payoutIDs))],\"bankLineIDs\":[\(list(lineIDs))]\(more)}"
        }

        @Test func `REC-2 REC-5 several payouts are one bank line, undone as a whole, and again`() async throws {
            let books = try await books([StatementEntry(reference: "BK1", amount: sum, text: "VIR RECU")])
            #expect(try await books.payout("payout_abc1")["isPointed"] == .bool(false))
            let body = try await wish(books, payouts: ["payout_abc1", "payout_abc2"], lines: ["BK1"])
            for _ in 0..<2 {
                let made = try await books.post("/v1/joint-pointings", body)
                #expect(made.status == 201 && made.json["madeBy"]?.text == "anna", "\(made.text)")
                let balances = try await books.balances()
                #expect(balances["512000"] == sum && balances["511500"] == nil && balances["471000"] == nil)
                #expect(try await books.discrepancies() == [])
                #expect(try await books.breaches() == [])
                let explained = try await books.explanation("payout_abc1")
                #expect(explained["unexplained"]?["minorUnits"]?.integer == 0)
                #expect(explained["because"]?.elements?.compactMap(\.text) == ["A person said what belongs together."])
                #expect(explained["bankLine"]?["amount"]?["minorUnits"]?.integer == sum)
                #expect(try await books.list("/v1/bank-lines?matched=false") == [])
                let single = try await books.payout("payout_abc1")["id"]?.text ?? ""
                #expect(try await books.post("/v1/payouts/\(single)/unpoint").status == 409, "only as a whole")
                let path = "/v1/joint-pointings/\(made.json["id"]?.text ?? "")"
                let undone = try await books.post("\(path)/undo", as: "bert")
                #expect(undone.json["undoneBy"]?.text == "bert", "\(undone.text)")
                #expect(try await books.post("\(path)/undo").status == 409)
                #expect(try await books.balances()["512000"] == nil)
                #expect(try await books.list("/v1/bank-lines?matched=false").count == 1)
                #expect(try await books.breaches() == [])
            }
            try await books.expectBalanced()
        }

        @Test func `REC-5 one payout comes in several lines, with a reason for what is missing`() async throws {
            let entries = [
                StatementEntry(reference: "BK1", amount: sum - 5_000, text: "VIR"),
                StatementEntry(reference: "BK2", amount: 4_990, text: "VIR"),
            ]
            let books = try await books(entries, payouts: 1)
            let silent = try await wish(books, payouts: ["payout_abc1"], lines: ["BK1", "BK2"])
            let refused = try await books.post("/v1/joint-pointings", silent)
            #expect(refused.status == 422 && refused.text.contains("-0.10 EUR"), "\(refused.text)")
            let said = #","difference":{"account":"627000","reason":"frais de la banque"}"#
            let body = try await wish(books, payouts: ["payout_abc1"], lines: ["BK1", "BK2"], said)
            #expect(try await books.post("/v1/joint-pointings", body).status == 201)
            let fees = payments.reduce(0) { $0 + $1.fee }
            let balances = try await books.balances()
            #expect(balances["512000"] == sum - 10 && balances["627000"] == fees + 10 && balances["511500"] == nil)
            let explained = try await books.explanation("payout_abc1")
            #expect(explained["unexplained"]?["minorUnits"]?.integer == 0, "what is missing has a name")
            #expect(explained["because"]?.elements?.last?.text == "-0.10 EUR is on 627000: frais de la banque")
            let grid = try await books.get(
                "/v1/exports/grids/payouts?from=2020-01-01&to=2099-12-31&format=csv&language=en")
            #expect(grid.text.contains("frais de la banque"), "\(grid.text)")
            for line in ["BK1", "BK2"] {
                let id = try await books.bankLine(line)
                #expect(grid.text.contains("\(id)"), "\(grid.text)")
            }
            #expect(try await books.discrepancies() == [])
            #expect(try await books.breaches() == [])
            let rows = try await books.list(
                "/v1/fees?from=\(Books.day.adding(days: -5))&to=\(Books.day.adding(days: 5))")
            #expect(rows.reduce(0) { $0 + ($1["net"]?["minorUnits"]?.integer ?? 0) } == sum - 10)
        }

        @Test func `REC-5 refuses what is pointed, strange, several to several or taken`() async throws {
            let books = try await books([
                StatementEntry(reference: "BK1", amount: sum, text: "VIR"),
                StatementEntry(reference: "BK2", amount: 5, text: "VIR"),
            ])
            let several = try await wish(books, payouts: ["payout_abc1", "payout_abc2"], lines: ["BK1", "BK2"])
            #expect(try await books.post("/v1/joint-pointings", several).status == 422)
            let body = try await wish(books, payouts: ["payout_abc1", "payout_abc2"], lines: ["BK1"])
            #expect(try await books.ofStranger().post("/v1/joint-pointings", body).status == 404)
            let id = try await books.payout("payout_abc1")["id"]?.text ?? ""
            let line = try await books.bankLine("BK1")
            #expect(try await books.post("/v1/payouts/\(id)/point", #"{"bankLineID":"\#(line)"}"#).status == 200)
            #expect(try await books.post("/v1/joint-pointings", body).status == 409)
            let other = PaymentFacts("payment_three", 5_000)
            _ = try await books.importReport(ReportFile([other.line("payout_abc3")]).text)
            let taken = try await wish(
                books, payouts: ["payout_abc2", "payout_abc3"], lines: ["BK1"],
                #","difference":{"account":"471000","reason":"?"}"#)
            #expect(try await books.post("/v1/joint-pointings", taken).status == 409)
            let nobody = "/v1/joint-pointings/\(Books.newID() as RefundID)"
            #expect(try await books.get(nobody).status == 404)
        }

        @Test func `REC-5 matching joins what a text names, whichever comes first`() async throws {
            for isReportFirst in [true, false] {
                let books = try Books()
                let entry = StatementEntry(reference: "BK1", amount: sum, text: "ALMA payout_abc1 payout_abc2")
                let statement = StatementFile(id: "S1", entries: [entry]).text
                if !isReportFirst { _ = try await books.importStatement(statement) }
                for payment in payments { try await books.tell(payment) }
                let report = ReportFile(zip(payments, ["payout_abc1", "payout_abc2"]).map { $0.line($1) }).text
                _ = try await books.importReport(report)
                if isReportFirst { _ = try await books.importStatement(statement) }
                #expect(try await books.balances()["512000"] == sum)
                #expect(try await books.payout("payout_abc2")["rule"]?.text == "reference")
                #expect(try await books.breaches() == [])
            }
        }

        @Test(arguments: 1...12 as ClosedRange<UInt64>)
        func `REC-5 joins what references name, in any order of arrival`(seed: UInt64) async throws {
            let books = try Books()
            let payments = (1...4).map { PaymentFacts("payment_\($0)", Int64($0) * 5_000) }
            let payouts = ["payout_abc1", "payout_abc2", "payout_xyz3", "payout_xyz3"]
            let sums = [payments[0].net + payments[1].net, payments[2].net + payments[3].net]
            let lines = [
                StatementEntry(reference: "BK1", amount: sums[0], text: "ALMA payout_abc1 payout_abc2"),
                StatementEntry(reference: "BK2", amount: 6_000, text: "ALMA payout_xyz3 1/2"),
                StatementEntry(reference: "BK3", amount: sums[1] - 6_000, text: "ALMA payout_xyz3 2/2"),
            ]
            for payment in payments { try await books.tell(payment) }
            var random = SeededGenerator(seed: seed)
            for step in Array(0..<7).shuffled(using: &random) {
                let answer =
                    step < 4
                    ? try await books.importReport(ReportFile([payments[step].line(payouts[step])]).text)
                    : try await books.importStatement(
                        StatementFile(id: "S\(step)", entries: [lines[step - 4]]).text)
                #expect(answer.status == 201, "seed \(seed): \(answer.text)")
            }
            #expect(try await books.payouts().allSatisfy { $0["isPointed"] == .bool(true) }, "seed \(seed)")
            #expect(try await books.discrepancies() == [], "seed \(seed)")
            let balances = try await books.balances()
            #expect(balances["512000"] == sums[0] + sums[1] && balances["511500"] == nil && balances["471000"] == nil)
            #expect(try await books.list("/v1/bank-lines?matched=false") == [])
            #expect(try await books.breaches() == [], "seed \(seed)")
        }

        @Test func `REC-5 what only the sum says is proposed, and pointed once a person confirms it`() async throws {
            let books = try await books([StatementEntry(reference: "BK1", amount: sum, text: "VIR ALMA")])
            #expect(try await books.payout("payout_abc1")["isPointed"] == .bool(false))
            let proposed = try await books.list("/v1/joint-pointing-proposals")
            #expect(proposed.count == 1 && proposed.first?["amount"]?["minorUnits"]?.integer == sum)
            let body = try await wish(books, payouts: ["payout_abc1", "payout_abc2"], lines: ["BK1"])
            #expect(try await books.post("/v1/joint-pointings", body).status == 201)
            #expect(try await books.list("/v1/joint-pointing-proposals") == [])
        }

        @Test(arguments: [
            ("UPDATE joint_pointing_payout SET received = received + 1 WHERE", "what was pointed together is the same"),
            (
                "UPDATE joint_pointing SET undone_by = 'x', undone_at = now() WHERE",
                "what was pointed together is pointed"
            ),
            ("UPDATE bank_line SET amount = amount + 1 WHERE", "what was pointed together is the same"),
        ])
        func `REC-5 the doctor names what somebody broke`(statement: String, invariant: String) async throws {
            let books = try await books([StatementEntry(reference: "BK1", amount: sum, text: "VIR RECU")])
            let body = try await wish(books, payouts: ["payout_abc1", "payout_abc2"], lines: ["BK1"])
            #expect(try await books.post("/v1/joint-pointings", body).status == 201)
            try await books.bench.superuser.execute("\(unescaped: statement) organisation = \(books.organisation)")
            let found = try await books.breaches()
            #expect(found.contains { $0.hasPrefix(invariant) }, "\(found)")
        }
    }
}
