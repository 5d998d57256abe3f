import HTTPServer
import PaymentModel
import PostgresClient
import Testing

extension `The books` {
    @Suite struct `Rules of an organisation` {
        private let payment = PaymentFacts("payment_one", 9_000)
        private static let rules =
            #"{"rules":[{"name":"psp","provider":"alma","words":["PSP EUROPE"],"tolerance":"#
            + #"{"most":\#(Books.euros(10)),"account":"627000","reason":"The bank's fee"}}]}"#

        /// Books with a payout and a movement that only a rule takes for it, a little short.
        private func books(short: Int64 = 3) async throws -> Books {
            let books = try Books()
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let entry = StatementEntry(reference: "BK1", amount: payment.net - short, text: "VIR PSP EUROPE")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            return books
        }

        @Test func `REC-5 a dry run says what would match and why, and changes nothing`() async throws {
            let books = try await books()
            let journal = try await books.journal()
            let tried = try await books.post("/v1/matching-rules/dry-run", Self.rules).json
            let match = tried["items"]?.elements?.first
            #expect(match?["payoutReference"]?.text == "payout_abc1" && match?["rule"]?.text == "organisation-rule")
            #expect(match?["difference"]?["minorUnits"]?.integer == -3 && match?["account"]?.text == "627000")
            #expect(match?["because"]?.elements?.first?.text == "The rule psp fits.")
            #expect(tried["payoutsLeft"]?.integer == 0 && tried["bankLinesLeft"]?.integer == 0)
            let none = try await books.post("/v1/matching-rules/dry-run").json
            #expect(none["items"]?.elements == [] && none["payoutsLeft"]?.integer == 1)
            #expect(try await books.payout("payout_abc1")["isPointed"] == .bool(false))
            #expect(try await books.journal() == journal)
            #expect(try await books.count("matching_rules") == 0)
            #expect(try await books.events() == [])
        }

        @Test func `REC-5 C-25 saved rules point at once, the difference on their account with their reason`()
            async throws
        {
            let books = try await books()
            let saved = try await books.put("/v1/matching-rules", Self.rules)
            #expect(saved.status == 200 && saved.json["payoutsPointed"]?.integer == 1, "\(saved.text)")
            #expect(try await books.list("/v1/matching-rules").first?["name"]?.text == "psp")
            let payout = try await books.payout("payout_abc1")
            #expect(payout["ruleName"]?.text == "psp" && payout["pointedBy"]?.text == "matching")
            #expect(
                try await books.explanation("payout_abc1")["because"]?.elements?.last?.text
                    == "The rule takes that on 627000: The bank's fee")
            #expect(try await books.discrepancies() == [])
            #expect(try await books.balances()["627000"] == payment.fee + 3)
            #expect(try await books.balances()["471000"] == nil)
            #expect(try await books.breaches() == [])

            // The rule of then holds, whatever becomes of it: what it does not take waits for a person.
            #expect(try await books.put("/v1/matching-rules", #"{"rules":[]}"#).status == 200)
            #expect(try await books.count("matching_rules") == 2, "every change stays")
            let more = PaymentFacts("payment_more", 1_000)
            try await books.tell(more)
            _ = try await books.importReport(
                ReportFile([payment.line("payout_abc1"), more.line("payout_abc1")]).text)
            #expect(try await books.discrepancies() == ["payout-amount payout_abc1 \(-3 - more.net)"])
            #expect(try await books.balances()["471000"] == 3 + more.net)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 what a person took apart no rule puts together again`() async throws {
            let books = try await books()
            #expect(try await books.put("/v1/matching-rules", Self.rules).status == 200)
            let path = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")"
            #expect(try await books.post("\(path)/unpoint").json["ruleName"]?.text == nil)
            let again = try await books.put("/v1/matching-rules", Self.rules)
            #expect(again.json["payoutsPointed"]?.integer == 0, "\(again.text)")
            #expect(try await books.balances()["627000"] == payment.fee)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 more than the tolerance is no match`() async throws {
            let books = try await books(short: 11)
            let saved = try await books.put("/v1/matching-rules", Self.rules)
            #expect(saved.json["payoutsPointed"]?.integer == 0, "\(saved.text)")
        }

        @Test(arguments: [
            #"[{"name":"a"}]"#, #"[{"name":"a","words":["-"]}]"#,
            #"[{"name":"a","words":["x"]},{"name":"a","words":["y"]}]"#,
            #"[{"name":"a","words":["x"],"daysMin":3,"daysMax":2}]"#,
            #"[{"name":"a","words":["x"],"amountMin":\#(Books.euros(2)),"amountMax":\#(Books.euros(1))}]"#,
            #"[{"name":"a","words":["x"],"tolerance":{"most":\#(Books.euros(1)),"account":"411000","reason":"r"}}]"#,
            #"[{"name":"a","iban":"F","tolerance":{"most":\#(Books.euros(10_001)),"account":"471000","reason":"r"}}]"#,
            #"[{"name":"a","words":["x"],"colour":"red"}]"#,
        ])
        func `REC-5 a wrong rule is refused with its field, and none of them is kept`(rules: String) async throws {
            let books = try Books()
            for answer in [
                try await books.put("/v1/matching-rules", #"{"rules":\#(rules)}"#),
                try await books.post("/v1/matching-rules/dry-run", #"{"rules":\#(rules)}"#),
            ] {
                let error = answer.json["errors"]?.elements?.first
                #expect(answer.status == 422 && error?["remedy"]?.text?.isEmpty == false, "\(answer.text)")
                #expect(error?["pointer"]?.text?.hasPrefix("/rules") == true, "\(answer.text)")
            }
            #expect(try await books.count("matching_rules") == 0)
        }
    }
}
