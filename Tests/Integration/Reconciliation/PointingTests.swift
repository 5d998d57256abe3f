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
            let french = try await books.bench.http.call(
                .get, "\(path)/explanation", as: books.principal(), headers: ["Accept-Language": "fr"])
            #expect(french.json["because"]?.elements?.compactMap(\.text) == ["Une personne l'a dit."], "GEN-5")
            try await books.expectBalanced()
        }

        @Test func `REC-2 who took a pointing back, and when, stays with how it was pointed, whatever comes after`()
            async throws
        {
            let books = try await books([transfer()])
            let pointed = try await books.payout("payout_abc1")
            let (path, line) = ("/v1/payouts/\(pointed["id"]?.text ?? "")", pointed["bankLineID"]?.text ?? "")
            #expect(try await books.explanation("payout_abc1")["undone"]?.elements == [])
            #expect(try await books.post("\(path)/unpoint", as: "carla").status == 200)
            let word = #"{"noBankLineBecause":"Set off"}"#
            #expect(try await books.post("\(path)/point", word, as: "bert").status == 200)
            #expect(try await books.post("\(path)/unpoint", as: "anna").status == 200)
            #expect(try await books.post("\(path)/point", #"{"bankLineID":"\#(line)"}"#, as: "bert").status == 200)
            for answer in [
                try await books.explanation("payout_abc1"),
                try #require(
                    try await books.get("/v1/explain/payouts/\(pointed["id"]?.text ?? "")").json["explanation"]),
            ] {
                let undone = answer["undone"]?.elements ?? []
                #expect(undone.map { $0["undoneBy"]?.text } == ["anna", "carla"])
                #expect(undone.map { $0["pointedBy"]?.text } == ["bert", "matching"])
                #expect(undone.map { $0["rule"]?.text } == ["by-hand", "reference"])
                #expect(undone.first?["noBankLineBecause"]?.text == "Set off")
                #expect(undone.last?["bankLineID"]?.text == line)
                #expect(undone.allSatisfy { ($0["undoneAt"]?.text ?? "") >= ($0["pointedAt"]?.text ?? "-") })
            }
            let period = "from=\(Books.day)&to=\(Books.day)"
            let grid = try await books.get("/v1/exports/grids/payouts?\(period)&format=csv&language=en").text
            #expect(grid.contains("undone_by") && grid.contains("anna"), "\(grid)")
            #expect(!grid.contains("carla"), "the last of them: \(grid)")
            await #expect(throws: PostgresError.self, "append-only, whoever asks") {
                try await books.bench.superuser.execute(
                    "UPDATE pointing_undone SET undone_by = 'x' WHERE organisation = \(books.organisation)")
            }
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
            let word = try await books.post(path, #"{"noBankLineBecause":"Paid in cash"}"#)
            #expect(word.json["pointedBy"]?.text == "anna", "without a line, on somebody's word")
            let balances = try await books.balances()
            #expect(balances["512000"] == payment.net, "what the bank has, and no more")
            #expect(balances["471000"] == other.net)
            #expect(balances["511500"] == -other.net, "nobody has told of its payment")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 REC-8 what never came to the bank is on the account a person names, until it is taken back`()
            async throws
        {
            let books = try await books([])
            let path = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")"
            for (body, place) in [
                (#"{"noBankLineBecause":"Set off","noBankLineAccount":"512000"}"#, "/noBankLineAccount"),
                (#"{"noBankLineBecause":"Set off","noBankLineAccount":"530000"}"#, "/noBankLineAccount"),
                (#"{"bankLineID":"\#(BankLineID(1))","noBankLineAccount":"467000"}"#, "/noBankLineAccount"),
            ] {
                let answer = try await books.post("\(path)/point", body)
                let error = answer.json["errors"]?.elements?.first
                #expect(answer.status == 422 && error?["pointer"]?.text == place, "\(answer.text)")
            }
            let word = #"{"noBankLineBecause":"Set off against a claim","noBankLineAccount":"467000"}"#
            #expect(try await books.post("\(path)/point", word).json["noBankLineAccount"]?.text == "467000")
            let balances = try await books.balances()
            #expect(balances["467000"] == payment.net && balances["512000"] == nil && balances["511500"] == nil)
            let grid = "/v1/exports/grids/payouts?from=\(Books.day)&to=\(Books.day)"
            #expect(try await books.get(grid).text.contains("467000"))
            #expect(try await books.breaches() == [])
            // Another report that changes the payout keeps the account.
            let more = PaymentFacts("payment_late", 1_000).line("payout_abc1")
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1"), more]).text)
            #expect(try await books.balances()["467000"] == payment.net + more.trueNet)
            #expect(try await books.breaches() == [])
            #expect(try await books.post("\(path)/unpoint").json["noBankLineAccount"] == nil)
            #expect(try await books.balances()["467000"] == nil)
            let undone = try await books.explanation("payout_abc1")["undone"]?.elements ?? []
            #expect(undone.first?["noBankLineAccount"]?.text == "467000")
        }

        @Test func `REC-2 by hand names a bank line, or says why there is none, and that is seen everywhere`()
            async throws
        {
            let books = try await books([])
            let path = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")"
            for body in ["{}", #"{"bankLineID":"\#(BankLineID(1))","noBankLineBecause":"both"}"#] {
                let answer = try await books.post("\(path)/point", body)
                let error = answer.json["errors"]?.elements?.first
                #expect(answer.status == 422 && error?["pointer"]?.text == "/bankLineID", "\(answer.text)")
                #expect(error?["remedy"]?.text?.contains("/v1/bank-lines") == true)
            }
            #expect(try await books.payout("payout_abc1")["isPointed"] == .bool(false))
            let reason = "Set off against a claim"
            let pointed = try await books.post("\(path)/point", #"{"noBankLineBecause":"\#(reason)"}"#)
            #expect(pointed.json["noBankLineBecause"]?.text == reason && pointed.json["bankLineID"] == nil)
            #expect(try await books.payout("payout_abc1")["noBankLineBecause"]?.text == reason)
            let because = try await books.explanation("payout_abc1")["because"]?.elements?.compactMap(\.text)
            #expect(because == ["A person said so, without a bank line.", reason])
            let day = Books.day
            let export = try await books.get("/v1/exports/grids/payouts?from=\(day)&to=\(day)").text
            #expect(export.contains(reason))
            // Another report that changes the payout keeps it; taking it back forgets it.
            let more = PaymentFacts("payment_late", 1_000).line("payout_abc1")
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1"), more]).text)
            #expect(try await books.payout("payout_abc1")["noBankLineBecause"]?.text == reason)
            #expect(try await books.post("\(path)/unpoint").json["noBankLineBecause"] == nil)
        }

        @Test func `REC-2 C-25 by hand to another amount has a reason and an account, when they are given`()
            async throws
        {
            var short = transfer("BK1", "VIR SEPA PSP")
            short.amount -= 15
            let books = try await books([short, transfer("BK2", "VIR SEPA PSP")])
            let path = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")"
            let (line, whole) = (try await books.bankLine("BK1"), try await books.bankLine("BK2"))
            func word(_ line: String, _ account: String) -> String {
                #"{"bankLineID":"\#(line)","difference":{"account":"\#(account)","reason":"The bank kept it"}}"#
            }
            for (body, why) in [
                (word(line, "758000"), "it would be a surplus"), (word(whole, "658000"), "nothing is different"),
                (word(line, "512000"), "no account for it"),
                (
                    word(line, "627000").replacing(#""bankLineID":"\#(line)""#, with: #""noBankLineBecause":"x""#),
                    "no line"
                ),
            ] {
                #expect(try await books.post("\(path)/point", body).status == 422, "\(why)")
            }
            #expect(try await books.post("\(path)/point", word(line, "627000")).status == 200)
            let balances = try await books.balances()
            #expect(balances["627000"] == payment.fee + 15 && balances["512000"] == payment.net - 15)
            #expect(balances["471000"] == nil && balances["511500"] == nil)
            #expect(try await books.discrepancies() == [])
            let difference = try await books.explanation("payout_abc1")["difference"]
            #expect(difference?["account"]?.text == "627000" && difference?["amount"]?.cents == -15)
            #expect(difference?["reason"]?.text == "The bank kept it")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 bank lines are listed by account, days, amount and whether they are matched`() async throws {
            let books = try Books()
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let later = StatementEntry(reference: "BK2", amount: 4_200, text: "REMISE", day: Books.day.adding(days: 5))
            let fees = StatementEntry(reference: "BK3", amount: -990, text: "FRAIS")
            let file = StatementFile(id: "S1", entries: [transfer(), later, fees])
            #expect(try await books.importStatement(file.text).status == 201)
            let francs = try #require(Currency("CHF"))
            let other = "CH9300762011623852957"
            try await books.own(other, in: francs)
            let foreign = StatementEntry(reference: "CH1", amount: 4_200, text: "VIR", currency: francs)
            let swiss = StatementFile(id: "S2", iban: other, currency: francs, entries: [foreign])
            #expect(try await books.importStatement(swiss.text).status == 201)
            for (query, references) in [
                ("", ["BK1", "BK2", "BK3", "CH1"]), ("iban=CH93%200076%202011%206238%205295%207", ["CH1"]),
                ("matched=true", ["BK1"]), ("matched=false", ["BK2", "BK3", "CH1"]),
                ("minorUnits=4200", ["BK2", "CH1"]),
                ("minorUnits=-990", ["BK3"]), ("from=\(later.day)", ["BK2"]),
                ("to=\(Books.day.adding(days: 1))&matched=false", ["BK3", "CH1"]),
            ] as [(String, [String])] {
                let found = try await books.list("/v1/bank-lines?\(query)").compactMap { $0["reference"]?.text }
                #expect(found.sorted() == references, "\(query)")
            }
            let matched = try await books.list("/v1/bank-lines?matched=true").first
            #expect(matched?["payoutReference"]?.text == "payout_abc1" && matched?["iban"]?.text == StatementFile.iban)
            let first = try await books.get("/v1/bank-lines?limit=3").json
            let next = try await books.list("/v1/bank-lines?limit=3&after=\(first["next"]?.text ?? "")")
            #expect(first["items"]?.elements?.count == 3 && next.count == 1)
            #expect(try await books.get("/v1/bank-lines?from=2026-11-21&to=2026-11-20").status == 422)
            #expect(try await Books().list("/v1/bank-lines").isEmpty)
        }

        @Test func `REC-8 balances are those of a period, or of all days`() async throws {
            let books = try await books([transfer()])
            let booked = Books.day.adding(days: 1)
            for (query, bank) in [
                ("", payment.net), ("?to=\(Books.day)", nil), ("?to=\(booked)", payment.net),
                ("?from=\(booked)", payment.net), ("?from=\(booked.adding(days: 1))", nil),
                ("?from=\(booked)&to=\(booked)", payment.net),
            ] as [(String, Int64?)] {
                let found = try await books.list("/v1/balances\(query)")
                let item = found.first { $0["account"]?.text == "512000" }
                #expect(item?["balance"]?["minorUnits"]?.integer == bank, "\(query)")
                #expect(found.reduce(0) { $0 + ($1["balance"]?["minorUnits"]?.integer ?? 0) } == 0, "\(query)")
            }
            #expect(try await books.get("/v1/balances?from=2026-11-21&to=2026-11-20").status == 422)
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
