import EventContract
import HTTPServer
import PaymentModel
import Testing

extension `The books` {
    /// Differences that a person put on account 471, and that a manager books from there.
    @Suite struct `A difference that is held` {
        private let payment = PaymentFacts("payment_one", 9_000)

        /// Books whose payout came 15 cents short, which a person put on 471; with the path of the payout.
        private func short() async throws -> (books: Books, payout: String) {
            let books = try Books()
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let entry = StatementEntry(reference: "BK1", amount: payment.net - 15, text: "VIR SEPA PSP")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            let path = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")"
            let line = try await books.bankLine("BK1")
            let said = #""difference":{"account":"471000","reason":"We shall see"}"#
            #expect(try await books.post("\(path)/point", #"{"bankLineID":"\#(line)",\#(said)}"#).status == 200)
            return (books, path)
        }

        /// What pages, lists and files say of where a payout's difference is.
        private func expectShown(of path: String, in books: Books, clearedInto account: String?) async throws {
            let why = account == nil ? nil : "Agreed with the accountant"
            let explained = try await books.get("\(path)/explanation")
            if let account {
                let sentence = "What waited on 471000 was cleared to \(account): Agreed with the accountant"
                #expect(explained.json["because"]?.elements?.last?.text == sentence)
            }
            #expect(explained.text.contains("was cleared to") == (account != nil), "\(explained.text)")
            let difference = explained.json["difference"]
            #expect(difference?["account"]?.text == "471000" && difference?["clearedInto"]?.text == account)
            #expect(difference?["clearedBecause"]?.text == why)
            #expect(try await books.payout("payout_abc1")["clearedInto"]?.text == account)
            let period = "from=\(Books.day.adding(days: -1))&to=\(Books.day.adding(days: 9))"
            let fees = try await books.list("/v1/fees?\(period)")
            #expect(fees.count > 1)
            for row in fees {
                #expect(row["clearedInto"]?.text == (row["kind"]?.text == "difference" ? account : nil), "\(row)")
            }
            for grid in ["fees", "payouts"] {
                let rows = try SemicolonFile(
                    try await books.get("/v1/exports/grids/\(grid)?\(period)&language=en").text
                ).rows
                let place = try #require(rows[0].firstIndex(of: "cleared_into"))
                let found = rows.dropFirst().map { $0[place] }.filter { !$0.isEmpty }
                #expect(found == (account.map { [$0] } ?? []), "\(grid)")
            }
        }

        @Test func `REC-8 is booked to an account by a manager with a reason, and held again when that is undone`()
            async throws
        {
            let (books, path) = try await short()
            #expect(try await books.balances()["471000"] == 15)
            let held = try #require(try await books.held().first)
            #expect(held["kind"]?.text == "payout" && held["amount"]?.cents == 15)
            #expect(held["reason"]?.text == "We shall see" && held["heldBy"]?.text == "anna")
            #expect(held["bookedOn"]?.text == "\(Books.day.adding(days: 1))", "the day of the bank line")
            #expect(try await books.clear(held, into: "658000", role: .accountant).status == 403)
            let cleared = try await books.clear(held, into: "658000")
            #expect(cleared.status == 201 && cleared.json["clearedBy"]?.text == "boss", "\(cleared.text)")
            var balances = try await books.balances()
            #expect(balances["471000"] == nil && balances["658000"] == 15)
            #expect(try await books.held() == [])
            #expect(try await books.list("/v1/held-differences?cleared=true").first?["clearedInto"]?.text == "658000")
            #expect(try await books.clear(held, into: "627000").status == 409)
            try await expectShown(of: path, in: books, clearedInto: "658000")
            let entries = try await books.get("\(path.replacing("/v1/", with: "/v1/explain/"))").json["entries"]
            #expect(entries?.elements?.contains { $0["label"]?.text == "Compte d'attente soldé" } == true)
            #expect(try await books.breaches() == [])

            let undo = "/v1/held-differences/clearings/\(cleared.json["id"]?.text ?? "")/undo"
            let reason = #"{"reason":"It was the bank's fee"}"#
            #expect(try await books.post(undo, reason).status == 403)
            let undone = try await books.post(undo, reason, as: "chief", role: .manager)
            #expect(undone.status == 200 && undone.json["undoneBy"]?.text == "chief", "\(undone.text)")
            #expect(try await books.post(undo, reason, as: "chief", role: .manager).status == 409)
            try await expectShown(of: path, in: books, clearedInto: nil)
            balances = try await books.balances()
            #expect(balances["471000"] == 15 && balances["658000"] == nil)
            #expect(try await books.clear(held, into: "627000").status == 201)
            let said = try await books.list("/v1/held-differences/clearings")
            #expect(said.map { $0["account"]?.text } == ["627000", "658000"])
            #expect(said.last?["undoneBecause"]?.text == "It was the bank's fee", "all of it stays to be read")
            #expect(try await books.balances()["471000"] == nil)
            #expect(try await books.breaches() == [])
            try await books.expectBalanced()
        }

        @Test(arguments: [true, false])
        func `REC-2 REC-8 is cleared no more once its payout is un-pointed, or is of another amount`(
            isUnpointed: Bool
        ) async throws {
            let (books, path) = try await short()
            let held = try #require(try await books.held().first)
            #expect(try await books.clear(held, into: "658000").status == 201)
            if isUnpointed {
                #expect(try await books.post("\(path)/unpoint").status == 200)
                #expect(try await books.balances()["471000"] == nil)
            } else {
                let more = PaymentFacts("payment_two", 700).line("payout_abc1")
                _ = try await books.importReport(ReportFile([payment.line("payout_abc1"), more]).text)
                #expect(try await books.balances()["471000"] == 15 + more.trueNet)
            }
            #expect(try await books.balances()["658000"] == nil)
            let clearing = try #require(try await books.list("/v1/held-differences/clearings").first)
            #expect(clearing["undoneBy"]?.text == "anna" && clearing["undoneBecause"] == nil)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-2 REC-8 is all of a payout that a person pointed to no bank line`() async throws {
            let books = try Books()
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            let path = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")/point"
            #expect(try await books.post(path, #"{"noBankLineBecause":"Set off"}"#).status == 200)
            let held = try #require(try await books.held().first)
            #expect(held["amount"]?.cents == payment.net && held["reason"]?.text == "Set off")
            #expect(try await books.clear(held, into: "467000").status == 201)
            let balances = try await books.balances()
            #expect(balances["471000"] == nil && balances["467000"] == payment.net)
            let payout = try await books.payout("payout_abc1")
            #expect(payout["noBankLineAccount"]?.text == "471000" && payout["clearedInto"]?.text == "467000")
            let french = try await books.bench.http.call(
                .get, path.replacing("/point", with: "/explanation"), as: books.principal(),
                headers: ["Accept-Language": "fr"])
            #expect(french.text.contains("a été soldé sur le compte 467000"), "GEN-5 \(french.text)")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 REC-8 is what a discrepancy closed onto 471 left, until the payment comes after all`()
            async throws
        {
            let books = try Books()
            let stray = PaymentFacts("payment_stray", 5_000)
            _ = try await books.importReport(ReportFile([stray.line("payout_abc1")]).text)
            #expect(try await books.close("unknown-payment", "txn_payment_stray", into: "471000").status == 200)
            #expect(try await books.balances()["471000"] == -stray.net)
            let held = try #require(try await books.held().first)
            #expect(held["kind"]?.text == "discrepancy" && held["amount"]?.cents == -stray.net)
            #expect(try await books.clear(held, into: "758000").status == 201)
            #expect(try await books.balances()["758000"] == -stray.net)
            let closed = try await books.list("/v1/discrepancies?closed=true").first
            #expect(closed?["closedInto"]?.text == "471000" && closed?["clearedInto"]?.text == "758000")
            #expect(try await books.breaches() == [])
            try await books.tell(stray)
            let balances = try await books.balances()
            #expect(balances["758000"] == nil && balances["471000"] == nil && balances["511500"] == stray.net)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-8 REC-10 is what a till lacked, and what a slip brought otherwise`() async throws {
            let (books, clinic) = (try Books(), Books.newID() as ClinicID)
            try await books.tell(TakingFacts(clinic: clinic, amount: 5_000))
            try await books.tell(TakingFacts(clinic: clinic, amount: 10_000, kind: .cash))
            let slip = try await books.remit(books.waiting(clinic), at: clinic, "BORD-1")
            let counts = [
                CountedMethod(kind: .cheque, amount: 5_000),
                CountedMethod(kind: .cash, amount: 9_990, account: "471000"),
            ]
            let counted = try await books.count(counts, at: clinic)
            #expect(counted.status == 201, "\(counted.text)")
            try await books.receive(5_020, "REMISE")
            let path = "/v1/remittances/\(slip.json["remittance"]?["id"]?.text ?? "")"
            let said = #""difference":{"account":"471000","reason":"We shall see"}"#
            let line = try await books.bankLine("BK-REMISE")
            let pointed = try await books.post("\(path)/point", #"{"bankLineID":"\#(line)",\#(said)}"#)
            #expect(pointed.status == 200, "\(pointed.text)")
            #expect(try await books.balances()["471000"] == 10 - 20)
            let held = try await books.held()
            #expect(
                Set(held.map { "\($0["kind"]?.text ?? "") \($0["amount"]?.cents ?? 0)" }) == [
                    "cash-up 10", "remittance -20",
                ])
            for item in held {
                let account = item["kind"]?.text == "cash-up" ? "658000" : "758000"
                let cleared = try await books.clear(item, into: account)
                #expect(cleared.status == 201, "\(cleared.text)")
            }
            var balances = try await books.balances()
            #expect(balances["471000"] == nil && balances["658000"] == 10 && balances["758000"] == -20)
            #expect(try await books.breaches() == [])
            let shown = try await books.get(path).json
            #expect(shown["remittance"]?["differenceAccount"]?.text == "471000")
            #expect(shown["remittance"]?["clearedInto"]?.text == "758000")
            let why = "What waited on 471000 was cleared to 758000: Agreed with the accountant"
            #expect(shown["because"]?.elements?.last?.text == why)
            let days = "from=\(Books.day)&to=\(Books.day)&language=en"
            let file = try SemicolonFile(try await books.get("/v1/exports/grids/remittances?\(days)").text).rows
            let place = try #require(file[0].firstIndex(of: "cleared_into"))
            #expect(file.dropFirst().map { $0[place] } == ["758000"])
            let till = try await books.list("/v1/cash-ups?clinicID=\(clinic)&from=\(Books.day)&to=\(Books.day)").first
            let told = (till?["lines"]?.elements ?? []).map { line in
                [line["kind"], line["account"], line["clearedInto"], line["clearedBecause"]].map { $0?.text ?? "" }
            }.sorted { $0[0] < $1[0] }
            let cash = ["cash", "471000", "658000", "Agreed with the accountant"]
            #expect(told == [cash, ["cheque", "", "", ""]], "one method, and not the other")
            let grid = try SemicolonFile(try await books.get("/v1/exports/grids/cash-ups?\(days)").text).rows
            let column = try #require(grid[0].firstIndex(of: "cleared_into"))
            #expect(Set(grid.dropFirst().map { $0[column] }) == ["658000", ""])
            #expect(try await books.post("\(path)/unpoint").status == 200)
            balances = try await books.balances()
            #expect(balances["758000"] == nil && balances["658000"] == 10)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-8 is cleared in open books, on its own days, and into nothing that is proved elsewhere`()
            async throws
        {
            let (books, _) = try await short()
            let held = try #require(try await books.held().first)
            let last = Books.day.adding(days: 1)
            let closed = try await books.post("/v1/accounting/periods", #"{"through":"\#(last)"}"#)
            #expect(closed.status == 201, "\(closed.text)")
            let refused = try await books.clear(held, into: "658000", on: last)
            #expect(refused.status == 409 && refused.text.contains("closed through"), "\(refused.text)")
            for day in [try #require(LocalDate("2199-01-01")), Books.day] {
                #expect(try await books.clear(held, into: "658000", on: day).status == 422, "\(day)")
            }
            for account in ["512000", "471000", "511500", "123456"] {
                #expect(try await books.clear(held, into: account).status == 422, "\(account)")
            }
            #expect(try await books.balances()["471000"] == 15)
            let stranger = try Books()
            #expect(try await stranger.clear(held, into: "658000").status == 404)
            #expect(try await books.clear(held, into: "658000").status == 201, "today is open")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-8 that was cleared as another sum is named by the doctor`() async throws {
            let (books, _) = try await short()
            let held = try #require(try await books.held().first)
            #expect(try await books.clear(held, into: "658000").status == 201)
            #expect(try await books.breaches() == [])
            try await books.breaking("UPDATE held_clearing SET amount = amount + 1 WHERE")
            let found = try await books.breaches()
            #expect(found.contains { $0.hasPrefix("what was cleared off account 471") }, "\(found)")
            #expect(found.contains { $0.hasPrefix("what is on account 471 has a name") }, "\(found)")
        }
    }
}

extension Books {
    /// What waits on account 471.
    fileprivate func held() async throws -> [JSONValue] { try await list("/v1/held-differences?cleared=false") }

    fileprivate func clear(
        _ held: JSONValue, into account: String, on day: LocalDate? = nil, role: Role = .manager
    ) async throws -> InProcessClient.Answer {
        let on = day.map { #","on":"\#($0)""# } ?? ""
        let (kind, id) = (held["kind"]?.text ?? "", held["id"]?.text ?? "")
        return try await post(
            "/v1/held-differences/clearings",
            #"{"kind":"\#(kind)","id":"\#(id)","position":\#(held["position"]?.integer ?? 0),"account":"\#(account)","#
                + #""reason":"Agreed with the accountant"\#(on)}"#,
            as: "boss", role: role)
    }
}
