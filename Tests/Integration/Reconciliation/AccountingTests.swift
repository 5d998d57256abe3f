import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

extension `The books` {
    @Suite struct `The accounts` {
        private static let siren = "732829320"
        /// A day long over, whatever day the tests run on.
        private static let past = LocalDate(year: 2025, month: 3, day: 14) ?? .earliest

        /// A payment of a day long over.
        private func old(_ reference: String, _ amount: Int64, after days: Int = 0) -> PaymentFacts {
            var payment = PaymentFacts(reference, amount)
            let day = Self.past.adding(days: days)
            payment.acceptedAt = Instant(secondsSince1970: Int64(day.daysSince1970) * 86_400 + 11 * 3_600)
            payment.expectedOn = .latest
            return payment
        }

        private func written(siren: String? = siren) async throws -> Books {
            let books = try Books()
            try await books.tell(old("payment_é’1", 9_000))
            try await books.tell(old("payment_2", 12_000, after: 1))
            if let siren {
                let label = "Frais d’Alma — œuvre 1\u{202F}000… Łódź"
                let chart = """
                    {"siren":"\(siren)","accounts":[{"account":"627000","number":"6278ALM","label":"\(label)"}],
                    "journals":[{"role":"receipts","code":"VT","label":"Ventes à crédit"}]}
                    """
                #expect(try await books.put("/v1/accounting/chart", chart).status == 200)
            }
            return books
        }

        private func close(_ books: Books, through day: LocalDate) async throws -> InProcessClient.Answer {
            try await books.post("/v1/accounting/periods", #"{"through":"\#(day)"}"#)
        }

        private static let endOfYear = LocalDate(year: 2025, month: 12, day: 31) ?? .earliest

        @Test func `REC-8 fees from abroad are under reverse charge until somebody says otherwise`() async throws {
            let books = try Books()
            var payment = PaymentFacts("cs_one", 20_000)
            (payment.provider, payment.fee, payment.vat) = (.stripe, 325, 0)
            try await books.tell(payment)
            let balances = try await books.balances()
            #expect(balances["445200"] == -65 && balances["445660"] == 65 && balances["627000"] == 325)
            #expect(try await books.breaches() == [])
            let listed = try await books.list("/v1/accounting/fee-taxes")
            #expect(listed.compactMap { $0["treatment"]?.text } == ["charged", "reverse-charge", "reverse-charge"])
            let exempt = #"{"provider":"stripe","treatment":"exempt","rate":2000}"#
            #expect(try await books.put("/v1/accounting/fee-taxes", exempt).status == 200)
            var second = PaymentFacts("cs_two", 20_000)
            (second.provider, second.fee, second.vat) = (.stripe, 325, 0)
            try await books.tell(second)
            #expect(try await books.balances()["445200"] == -65, "what was booked stays, what follows is exempt")
            let wrong = #"{"provider":"stripe","treatment":"sometimes","rate":20000}"#
            #expect(try await books.put("/v1/accounting/fee-taxes", wrong).status == 422)
            #expect(
                try await books.ofStranger().list("/v1/accounting/fee-taxes")[1]["treatment"]?.text == "reverse-charge")
            try await books.expectBalanced()
        }

        @Test func `REC-8 how the VAT on a fee is owed goes by the day of its entry, whatever is told first`()
            async throws
        {
            let books = try Books()
            func tell(_ reference: String, after days: Int) async throws {
                var payment = old(reference, 20_000, after: days)
                (payment.provider, payment.fee, payment.vat) = (.stripe, 325, 0)
                try await books.tell(payment)
            }
            let day = Self.past.adding(days: 2)
            let word = #"{"provider":"stripe","treatment":"exempt","rate":0,"from":"\#(day)"}"#
            #expect(try await books.put("/v1/accounting/fee-taxes", word).json["from"]?.text == "\(day)")
            try await tell("cs_day", after: 2)
            #expect(try await books.balances()["445200"] == nil)
            try await tell("cs_before", after: 1)
            #expect(try await books.balances()["445200"] == -65, "told later, of a day before")
            let listed = try await books.list("/v1/accounting/fee-taxes").filter { $0["provider"]?.text == "stripe" }
            #expect(listed.map { $0["treatment"]?.text } == ["reverse-charge", "exempt"])
            #expect(listed.map { $0["from"]?.text } == [nil, "\(day)"])
            let wrong = #"{"provider":"stripe","treatment":"exempt","rate":0,"from":"2025-02-30"}"#
            #expect(try await books.put("/v1/accounting/fee-taxes", wrong).status == 422)
            try await books.expectBalanced()
        }

        @Test func `REC-8 entries stand in their journals, commissions and their VAT apart, each balanced`()
            async throws
        {
            let books = try await written()
            let period = "from=\(Self.past)&to=\(Self.past.adding(days: 1))"
            let fees = try await books.list("/v1/accounting/entries?\(period)&journal=commissions")
            #expect(fees.count == 2)
            let lines = fees[0]["lines"]?.elements ?? []
            let sides = lines.map { line in
                "\(line["account"]?.text ?? "") \(line["debit"]?["minorUnits"]?.integer ?? -1) "
                    + "\(line["credit"]?["minorUnits"]?.integer ?? -1)"
            }
            #expect(sides == ["6278ALM 324 0", "445660 64 0", "511500 0 388"])
            let all = try await books.list("/v1/accounting/entries?\(period)&limit=3")
            #expect(all.count == 3 && all.allSatisfy { $0["number"]?.integer == nil })
            let next = try await books.get("/v1/accounting/entries?\(period)&limit=3").json["next"]?.text ?? ""
            #expect(try await books.list("/v1/accounting/entries?\(period)&limit=3&after=\(next)").count == 1)
            let sums = try await books.list("/v1/accounting/sums?\(period)")
            for side in ["debit", "credit"] {
                #expect(sums.reduce(0) { $0 + ($1[side]?["minorUnits"]?.integer ?? 0) } == 21_000 + 388 + 518)
            }
        }

        @Test func `REC-8 the file for the tax office keeps every published rule`() async throws {
            let books = try await written()
            let before = try await books.get("/v1/accounting/fec?year=2025")
            #expect(before.status == 409 && before.text.contains("nothing of it is validated yet"), "\(before.text)")
            let nothing = try await books.get("/v1/accounting/fec?year=2025&interim=true")
            #expect(nothing.status == 409 && nothing.text.contains("\(Self.past)"), "\(nothing.text)")
            let empty = try await books.get("/v1/accounting/fec?year=2024&interim=true")
            #expect(empty.status == 409 && empty.text.contains("2024"), "\(empty.text)")
            let open = try await books.get("/v1/accounting/fec?year=2024")
            #expect(open.status == 409 && open.text.contains("2024-12-31"), "more may be booked in it: \(open.text)")
            #expect(try await close(books, through: Self.past).json["entries"]?.integer == 2)
            let unbooked = try await books.get("/v1/accounting/fec?year=2024")
            #expect(unbooked.status == 409 && unbooked.text.contains("No entry was booked"), "\(unbooked.text)")
            let tooEarly = try await books.get("/v1/accounting/fec?year=2025")
            #expect(tooEarly.status == 409 && tooEarly.text.contains("2025-03-15"), "\(tooEarly.text)")
            #expect(tooEarly.text.contains("ask for an interim file"), "\(tooEarly.text)")
            let interim = try await books.get("/v1/accounting/fec?year=2025&interim=true")
            let named = #"attachment; filename="732829320FEC20250314.txt""#
            #expect(interim.headers["Content-Disposition"] == named, "not the name of the whole year's")
            #expect(try await close(books, through: Self.endOfYear).json["entries"]?.integer == 2)
            let file = try await books.get("/v1/accounting/fec?year=2025")
            #expect(file.headers["Content-Disposition"] == #"attachment; filename="732829320FEC20251231.txt""#)
            let check = try await PythonCheck.run(
                "check_fec.py", [], file: file.bytes, named: "732829320FEC20251231.txt")
            #expect(check.status == 0 && check.output == "4 entries 21906 cents\n", "\(check.output)")
            // œ and ó are bytes of ISO 8859-15, the others have something like them in it.
            let label: [UInt8] = [[0xBD], Array("uvre 1 000... L".utf8), [0xF3], Array("dz".utf8)]
                .reduce(Array("Frais d'Alma - ".utf8), +)
            #expect(file.bytes.split(separator: UInt8(ascii: "\t")).contains { Array($0) == label }, "\(file.text)")
            #expect(!file.bytes.contains(UInt8(ascii: "?")))
        }

        @Test func `REC-8 a letter whose accent comes apart is one letter in the file for the tax office`()
            async throws
        {
            let books = try await written()
            try await books.tell(old("cle\u{301}_1", 5_000))
            _ = try await close(books, through: Self.endOfYear)
            let file = try await books.get("/v1/accounting/fec?year=2025")
            let scalars = file.bytes.map { Unicode.Scalar($0) }
            #expect(scalars.split(separator: "\t").contains(Array("cl\u{E9}_1".unicodeScalars)[...]), "\(file.text)")
        }

        @Test func `REC-8 what is called otherwise between two closings has one name in the file, the last`()
            async throws
        {
            let books = try await written()
            #expect(try await close(books, through: Self.past).status == 201)
            let chart = """
                {"accounts":[{"account":"627000","number":"6278ALM","label":"Commissions"}],
                "journals":[{"role":"receipts","code":"VT","label":"Paiements en ligne"}]}
                """
            #expect(try await books.put("/v1/accounting/chart", chart).status == 200)
            let before = try await books.get("/v1/accounting/fec?year=2025&interim=true").text
            #expect(before.contains("\tFrais d") && !before.contains("\tCommissions\t"), "nothing has that name yet")
            #expect(try await close(books, through: Self.endOfYear).status == 201)
            let file = try await books.get("/v1/accounting/fec?year=2025")
            let check = try await PythonCheck.run(
                "check_fec.py", [], file: file.bytes, named: "732829320FEC20251231.txt")
            #expect(check.status == 0 && check.output == "4 entries 21906 cents\n", "\(check.output)")
            let rows = file.text.split(separator: "\r\n").map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false)
            }
            #expect(Set(rows.filter { $0[0] == "VT" }.map { $0[1] }) == ["Paiements en ligne"])
            #expect(rows.filter { $0[4] == "6278ALM" }.map { $0[5] } == ["Commissions", "Commissions"])
        }

        @Test func `REC-8 a number that closed books have for one account is no other's in the same year`() async throws
        {
            let books = try await written()
            #expect(try await close(books, through: Self.past).status == 201)
            func call(_ accounts: [(account: String, number: String)]) async throws -> InProcessClient.Answer {
                let list = accounts.map { #"{"account":"\#($0)","number":"\#($1)","label":"Frais"}"# }
                let chart = #"{"accounts":[\#(list.joined(separator: ","))],"journals":[]}"#
                return try await books.put("/v1/accounting/chart", chart)
            }
            let swap = [(account: "627000", number: "6279"), (account: "658000", number: "6278ALM")]
            let refused = try await call(swap)
            #expect(refused.status == 422 && refused.text.contains("6278ALM"), "\(refused.text)")
            // It may have its own back, and numbers under which nothing is written are free.
            #expect(try await call([(account: "627000", number: "6279")]).status == 200)
            #expect(try await call([(account: "627000", number: "6278ALM")]).status == 200)
            #expect(try await call([(account: "658000", number: "6580")]).status == 200)
            #expect(try await close(books, through: Self.endOfYear).status == 201)
            #expect(try await call(swap).status == 422, "the year may be opened again")
            #expect(try await close(books, through: Self.endOfYear.adding(days: 31)).status == 201)
            #expect(try await call(swap).status == 200)
        }

        @Test func `REC-8 the check finds each broken rule, so that it can fail`() async throws {
            let books = try await written()
            _ = try await close(books, through: Self.endOfYear)
            let whole = try await books.get("/v1/accounting/fec?year=2025").bytes
            let text = String(decoding: whole.map { $0 < 128 ? $0 : 63 }, as: UTF8.self)
            for (found, planted, name) in [
                ("Idevise", "IDevise", "732829320FEC20251231.txt"), ("3,24", "3.24", "732829320FEC20251231.txt"),
                ("3,24", "3,25", "732829320FEC20251231.txt"), ("\t4\t", "\t5\t", "732829320FEC20251231.txt"),
                ("20250314", "14032025", "732829320FEC20251231.txt"), ("Clients", "", "732829320FEC20251231.txt"),
                ("20250314", "20240314", "732829320FEC20251231.txt"), ("Clients", "Clients", "export.txt"),
                ("Clients", "Clients", "732829320FEC20250314.txt"), ("\r\n", "\n", "732829320FEC20251231.txt"),
                ("en cours\t\t", "en cours\t9ALMA\t", "732829320FEC20251231.txt"),
            ] {
                let broken = Array(text.replacing(found, with: planted).utf8)
                let check = try await PythonCheck.run("check_fec.py", [], file: broken, named: name)
                #expect(check.status == 1, "\(found) → \(planted) in \(name)")
            }
            let head = Array("\(text.split(separator: "\r\n")[0])\r\n".utf8)
            let empty = try await PythonCheck.run("check_fec.py", [], file: head, named: "732829320FEC20251231.txt")
            #expect(empty.status == 1, "it has no entry")
        }

        @Test func `REC-8 a closed day takes no entry, and what is told of it is written on the first open day`()
            async throws
        {
            let books = try await written()
            _ = try await close(books, through: Self.past)
            let before = try await books.get("/v1/accounting/entries?from=2025-01-01&to=\(Self.past)").text
            try await books.tell(old("payment_late", 5_000))
            #expect(try await books.get("/v1/accounting/entries?from=2025-01-01&to=\(Self.past)").text == before)
            let next = Self.past.adding(days: 1)
            let moved = try await books.list("/v1/accounting/entries?from=\(next)&to=\(next)")
                .filter { $0["piece"]?.text == "payment_late" }
            #expect(moved.count == 2 && moved.allSatisfy { $0["happenedOn"]?.text == "\(Self.past)" })

            let entry: UInt128 = (Books.newID() as PaymentID).value
            let refusal = await books.refusal([
                """
                INSERT INTO ledger_entry (id, organisation, kind, subject, booked_on)
                VALUES (\(entry), \(books.organisation), 'payment', \(entry), \(Self.past))
                """
            ])
            #expect(refusal?.contains("the books are closed") == true, "\(refusal ?? "it was done")")
        }

        @Test(arguments: [
            "UPDATE accounting_period SET to_day = to_day - 1", "DELETE FROM accounting_period",
            "TRUNCATE accounting_period CASCADE", "UPDATE validated_entry SET number = number + 1",
            "DELETE FROM validated_entry", "UPDATE period_account SET label = 'x'",
            "UPDATE accounting_period SET reopened_at = now()",
        ])
        func `REC-8 what is closed is frozen in the database`(statement: String) async throws {
            let books = try await written()
            _ = try await close(books, through: Self.past)
            #expect(await books.refusal([SQL(unescaped: statement)]) != nil, "\(statement) was done")
        }

        @Test func `REC-8 GEN-6 only a manager opens a period again, and numbers that were given stay`() async throws {
            let books = try await written()
            _ = try await close(books, through: Self.past)
            let reason = #"{"reason":"a payment was forgotten"}"#
            #expect(try await books.post("/v1/accounting/periods/reopen", reason).status == 403)
            let opened = try await books.post("/v1/accounting/periods/reopen", reason, as: "boss", role: .manager)
            #expect(opened.status == 200, "\(opened.text)")
            try await books.tell(old("payment_forgotten", 5_000))
            #expect(try await close(books, through: Self.endOfYear).json["entries"]?.integer == 4)
            let periods = try await books.list("/v1/accounting/periods")
            #expect(periods.count == 2 && periods[1]["reopenedBy"]?.text == "boss")
            #expect(periods[1]["reopenedBecause"]?.text == "a payment was forgotten")
            let entries = try await books.list("/v1/accounting/entries?from=\(Self.past)&to=\(Self.endOfYear)")
            let numbers = entries.compactMap { $0["number"]?.integer }
            #expect(numbers.sorted() == [1, 2, 3, 4, 5, 6])
            let first = entries.filter { $0["piece"]?.text == "payment_é’1" }.compactMap { $0["number"]?.integer }
            #expect(first.sorted() == [1, 2])
            let file = try await books.get("/v1/accounting/fec?year=2025")
            let check = try await PythonCheck.run(
                "check_fec.py", [], file: file.bytes, named: "732829320FEC20251231.txt")
            #expect(check.status == 0, "\(check.output)")
            #expect(try await books.announced("period-closed") == 2)
            #expect(try await books.announced("period-reopened") == 1)
        }

        @Test func `REC-8 GEN-6 there is no interim file while its days are open again, since more may be booked`()
            async throws
        {
            let books = try await written()
            func interim() async throws -> InProcessClient.Answer {
                try await books.get("/v1/accounting/fec?year=2025&interim=true")
            }
            _ = try await close(books, through: Self.past)
            _ = try await close(books, through: Self.past.adding(days: 1))
            #expect(try await interim().status == 200)
            let reason = #"{"reason":"a payment was forgotten"}"#
            _ = try await books.post("/v1/accounting/periods/reopen", reason, as: "boss", role: .manager)
            let open = try await interim()
            #expect(open.status == 409 && open.text.contains("2025-03-15"), "\(open.text)")
            try await books.tell(old("payment_forgotten", 5_000, after: 1))
            #expect(try await interim().status == 409)
            #expect(try await close(books, through: Self.past.adding(days: 1)).status == 201)
            let file = try await interim()
            #expect(file.status == 200 && file.text.contains("payment_forgotten"), "\(file.text)")
            #expect(file.headers["Content-Disposition"]?.contains("FEC20250315") == true)
        }

        @Test func `REC-8 GEN-6 days that were opened again are in the period that is closed next`() async throws {
            let books = try Books()
            #expect(try await close(books, through: Self.past).status == 201)
            let reason = #"{"reason":"closed too early"}"#
            let opened = try await books.post("/v1/accounting/periods/reopen", reason, as: "boss", role: .manager)
            #expect(opened.status == 200, "\(opened.text)")
            try await books.tell(old("payment_1", 9_000, after: 2))
            let closed = try await close(books, through: Self.past.adding(days: 2))
            #expect(closed.json["from"]?.text == "\(Self.past)", "\(closed.text)")
        }

        @Test func `REC-8 refuses days that are not over, closed twice, and a file without a SIREN or in francs`()
            async throws
        {
            let books = try await written(siren: nil)
            #expect(try await close(books, through: .latest).status == 422)
            #expect(try await close(books, through: Self.past).status == 201)
            #expect(try await close(books, through: Self.past).status == 409)
            #expect(try await books.get("/v1/accounting/fec?year=2025&interim=true").status == 409)
            for chart in [
                #"{"siren":"732829321","accounts":[],"journals":[]}"#, #"{"accounts":[]}"#,
                #"{"accounts":[{"account":"627000","number":"4","label":"x"}],"journals":[]}"#,
                #"{"accounts":[{"account":"999","number":"999","label":"x"}],"journals":[]}"#,
                #"{"yearEndMonth":6,"accounts":[],"journals":[]}"#,
            ] {
                #expect(try await books.put("/v1/accounting/chart", chart).status == 422, "\(chart)")
            }
            let chart = #"{"siren":"732829320","accounts":[],"journals":[]}"#
            #expect(try await books.put("/v1/accounting/chart", chart).status == 200)
            #expect(try await books.get("/v1/accounting/fec?year=2025&interim=true").status == 200)
            var francs = old("payment_francs", 500)
            francs.currency = try #require(Currency("CHF"))
            try await books.tell(francs)
            #expect(try await books.get("/v1/accounting/fec?year=2025&interim=true").problem == "currency-mismatch")
        }

        @Test func `REC-8 a financial year may end in June`() async throws {
            let books = try Books()
            let chart = #"{"siren":"732829320","yearEndMonth":6,"accounts":[],"journals":[]}"#
            #expect(try await books.put("/v1/accounting/chart", chart).status == 200)
            try await books.tell(old("payment_march", 9_000))
            try await books.tell(old("payment_july", 7_000, after: 120))
            #expect(try await close(books, through: Self.endOfYear).status == 201)
            let notOver = try await books.get("/v1/accounting/fec?year=2026")
            #expect(notOver.status == 409 && notOver.text.contains("2026-06-30"), "\(notOver.text)")
            for (year, name) in [
                ("2025", "732829320FEC20250630.txt"), ("2026&interim=true", "732829320FEC20250712.txt"),
            ] {
                let file = try await books.get("/v1/accounting/fec?year=\(year)")
                let check = try await PythonCheck.run("check_fec.py", [], file: file.bytes, named: name)
                #expect(check.status == 0 && check.output.hasPrefix("2 entries"), "\(check.output)")
            }
        }

        @Test func `REC-8 entries that are written while the books close are in the period or after it, never lost`()
            async throws
        {
            let books = try await written()
            try await withThrowingTaskGroup { tasks in
                for number in 0..<10 {
                    tasks.addTask { try await books.tell(old("payment_race_\(number)", 1_000)) }
                }
                tasks.addTask { _ = try await close(books, through: Self.past) }
                try await tasks.waitForAll()
            }
            #expect(try await close(books, through: Self.endOfYear).status == 201)
            let file = try await books.get("/v1/accounting/fec?year=2025")
            let check = try await PythonCheck.run(
                "check_fec.py", [], file: file.bytes, named: "732829320FEC20251231.txt")
            #expect(check.status == 0 && check.output.hasPrefix("24 entries"), "\(check.output)")
            #expect(try await books.parked() == [])
        }
    }
}
