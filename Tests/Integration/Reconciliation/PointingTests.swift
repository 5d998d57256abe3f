import HTTPServer
import PaymentModel
import PostgresClient
import Testing
import TransactionalMessaging

extension `The books` {
    @Suite struct `Pointing a payout` {
        private let payment = PaymentFacts("payment_one", 9_000)

        /// Books with one payout and these movements at the bank.
        private func books(_ entries: [StatementEntry]) async throws -> Books {
            let books = try Books()
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            _ = try await books.importStatement(StatementFile(id: "S1", entries: entries).text)
            return books
        }

        private func transfer(_ reference: String = "BK1", _ text: String = "ALMA payout_abc1") -> StatementEntry {
            StatementEntry(reference: reference, amount: payment.net, text: text)
        }

        @Test func `REC-2 undone stays undone, and a person may point again, each with the author`() async throws {
            let books = try await books([transfer()])
            let pointed = try await books.payout("payout_abc1")
            #expect(pointed["pointedBy"]?.text == "matching" && pointed["rule"]?.text == "reference")
            let (path, line) = ("/v1/payouts/\(pointed["id"]?.text ?? "")", pointed["bankLineID"]?.text ?? "")
            let booked = try await books.journal()

            #expect(try await books.post("\(path)/unpoint", as: "anna").status == 200)
            #expect(try await books.balances()["512000"] == nil)
            #expect(try await books.balances()["511500"] == payment.net)
            let next = StatementFile(id: "S2", entries: [StatementEntry(reference: "BK9", amount: 5, text: "VIR")])
            #expect(try await books.importStatement(next.text).json["payoutsPointed"]?.integer == 0)
            #expect(try await books.payout("payout_abc1")["isPointed"] == .bool(false))
            #expect(try await books.explanation("payout_abc1")["because"]?.elements?.isEmpty == true)

            let again = try await books.post("\(path)/point", #"{"bankLineID":"\#(line)"}"#, as: "bert")
            #expect(again.json["pointedBy"]?.text == "bert" && again.json["rule"]?.text == "by-hand")
            #expect(try await books.journal() == booked)
            #expect(
                try await books.events() == [
                    "matched reference", "payout-pointed matching", "payout-unpointed anna", "matched by-hand",
                    "payout-pointed bert",
                ])
            #expect(
                try await books.explanation("payout_abc1")["because"]?.elements?.compactMap(\.text) == [
                    "A person said so."
                ])
            try await books.expectBalanced()
        }

        @Test func `REC-2 undone and repeated many times books each once`() async throws {
            let books = try await books([transfer()])
            let path = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")"
            let line = try await books.payout("payout_abc1")["bankLineID"]?.text ?? ""
            for _ in 0..<3 {
                #expect(try await books.post("\(path)/unpoint").status == 200)
                #expect(try await books.post("\(path)/unpoint").status == 409)
                #expect(try await books.post("\(path)/point", #"{"bankLineID":"\#(line)"}"#).status == 200)
                #expect(try await books.post("\(path)/point", #"{"bankLineID":"\#(line)"}"#).status == 409)
            }
            #expect(try await books.balances()["512000"] == payment.net)
            #expect(try await books.balances()["511500"] == nil)
            #expect(try await books.count("ledger_entry") == 2 + 1 + 6)
        }

        @Test func `REC-2 takes a bank line once, in the payout's currency, and none that is not there`() async throws {
            let books = try await books([transfer()])
            let other = PaymentFacts("payment_two", 12_000)
            _ = try await books.importReport(ReportFile([other.line("payout_xyz2")]).text)
            let francs = try #require(Currency("CHF"))
            let entry = StatementEntry(reference: "CH1", amount: other.net, text: "VIR", currency: francs)
            let file = StatementFile(id: "S2", iban: "CH9300762011623852957", currency: francs, entries: [entry])
            try await books.own(file.iban, in: francs)
            #expect(try await books.importStatement(file.text).status == 201)
            let path = "/v1/payouts/\(try await books.payout("payout_xyz2")["id"]?.text ?? "")/point"
            let taken = try await books.payout("payout_abc1")["bankLineID"]?.text ?? ""
            let foreign = try await books.bankLine("CH1")
            for (line, status, problem) in [
                (taken, 409, "conflict"), (foreign, 422, "currency-mismatch"),
                ("\(BankLineID(1))", 404, "not-found"),
            ] {
                let answer = try await books.post(path, #"{"bankLineID":"\#(line)"}"#)
                #expect(answer.status == status && answer.problem == problem, "\(answer.text)")
            }
            #expect(try await books.post(path).json["pointedBy"]?.text == "anna", "without a line, on somebody's word")
            #expect(try await books.balances()["512000"] == payment.net + other.net)
        }

        @Test func `REC-5 a reference that begins another is not taken for it`() async throws {
            let books = try await books([])
            let other = PaymentFacts("payment_two", 9_000)
            _ = try await books.importReport(ReportFile([other.line("payout_abc12")]).text)
            let entries = [transfer("BK1", "ALMA payout_abc12"), transfer("BK2", "ALMA payout_abc1")]
            _ = try await books.importStatement(StatementFile(id: "S2", entries: entries).text)
            for (reference, text) in [("payout_abc1", "ALMA payout_abc1"), ("payout_abc12", "ALMA payout_abc12")] {
                #expect(try await books.explanation(reference)["bankLine"]?["text"]?.text == text)
            }
        }

        @Test func `C-25 a difference waits on its own account and closes with the undo`() async throws {
            var short = transfer()
            short.amount -= 3
            let books = try await books([short])
            #expect(try await books.discrepancies() == ["payout-amount payout_abc1 -3"])
            #expect(try await books.balances()["471000"] == 3)
            #expect(try await books.explanation("payout_abc1")["unexplained"]?["minorUnits"]?.integer == -3)
            #expect(
                try await books.explanation("payout_abc1")["because"]?.elements?.last?.text
                    == "The bank received 0.03 EUR less than was announced.")
            let path = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")"
            _ = try await books.post("\(path)/unpoint")
            #expect(try await books.discrepancies() == [])
            let line = try await books.bankLine("BK1")
            _ = try await books.post("\(path)/point", #"{"bankLineID":"\#(line)"}"#)
            #expect(try await books.discrepancies() == ["payout-amount payout_abc1 -3"], "opened again")
        }

        @Test func `REC-5 two imports at the same moment find each other`() async throws {
            for _ in 0..<5 {
                let books = try Books()
                try await books.tell(payment)
                async let report = books.importReport(ReportFile([payment.line("payout_abc1")]).text)
                async let statement = books.importStatement(StatementFile(id: "S1", entries: [transfer()]).text)
                #expect(try await [report.status, statement.status] == [201, 201])
                #expect(try await books.payout("payout_abc1")["isPointed"] == .bool(true))
            }
        }
    }
}

extension Books {
    /// The id of a bank line by the bank's reference.
    func bankLine(_ reference: String) async throws -> String {
        let found = try await bench.superuser.query(
            "SELECT id FROM bank_line WHERE organisation = \(organisation) AND reference = \(reference)"
        ) { row in try row("id") as BankLineID }
        return found.first?.description ?? ""
    }

    /// The events about payouts, with who did it or by which rule, in order.
    func events() async throws -> [String] {
        try await bench.superuser.query(
            """
            SELECT type, convert_from(value, 'UTF8') AS data FROM outbox
            WHERE headers @> ARRAY[\(organisation.description)] AND type ~ 'matched|pointed' ORDER BY position
            """
        ) { row in
            let name = (try row("type") as String).split(separator: ".").dropLast().last ?? ""
            let data = try JSONParser.parse(Array((try row("data") as String).utf8))
            return "\(name) \(data["by"]?.text ?? data["rule"]?.text ?? "")"
        }
    }
}
