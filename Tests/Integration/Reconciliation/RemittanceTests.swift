import EventContract
import HTTPServer
import PaymentModel
import Testing

extension `The books` {
    @Suite struct `Remittances to the bank` {
        private let clinic: ClinicID = Books.newID()

        /// Books with two cheques and a card that wait.
        private func books() async throws -> Books {
            let books = try Books()
            for amount: Int64 in [5_000, 7_000] { try await books.tell(TakingFacts(clinic: clinic, amount: amount)) }
            try await books.tell(TakingFacts(clinic: clinic, amount: 4_000, kind: .card))
            return books
        }

        private func statement(_ amount: Int64, _ text: String, _ id: String = "S1") -> String {
            StatementFile(id: id, entries: [StatementEntry(reference: "BK-\(id)", amount: amount, text: text)]).text
        }

        @Test func `REC-10 cheques end in their bank line, whichever came first, and explain themselves`() async throws
        {
            for isSlipFirst in [true, false] {
                let books = try await books()
                let text = statement(12_000, "REMISE CHEQUES BORD-0042")
                if !isSlipFirst { _ = try await books.importStatement(text) }
                let made = try await books.remit(books.waiting(clinic), at: clinic, "BORD-0042")
                #expect(made.status == 201, "\(made.text)")
                if isSlipFirst {
                    #expect(try await books.balances()["580000"] == 12_000)
                    #expect(try await books.balances()["511200"] == nil)
                    let imported = try await books.importStatement(text)
                    #expect(imported.json["remittancesPointed"]?.integer == 1, "\(imported.text)")
                }
                let id = made.json["remittance"]?["id"]?.text ?? ""
                let trail = try await books.get("/v1/remittances/\(id)").json
                #expect(trail["remittance"]?["pointedBy"]?.text == "matching")
                #expect(trail["bankLine"]?["amount"]?["minorUnits"]?.integer == 12_000)
                #expect(trail["items"]?.elements?.count == 2 && trail["entries"]?.elements?.count == 2)
                #expect(
                    trail["because"]?.elements?.compactMap(\.text) == [
                        "The amount is the same.", "The bank's text has the number BORD-0042.",
                    ])
                #expect(try await books.balances() == ["411000": -16_000, "511800": 4_000, "512000": 12_000])
                #expect(try await books.list("/v1/bank-lines?matched=true").first?["remittanceID"]?.text == id)
                #expect(try await books.breaches() == [])
            }
        }

        @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
        func `REC-10 slips of one amount and a line that fits both wait for a person, whatever came first`(
            order: [Int]
        ) async throws {
            let books = try Books()
            for _ in 0..<2 { try await books.tell(TakingFacts(clinic: clinic, amount: 4_000, kind: .card)) }
            let cards = try await books.waiting(clinic, .card)
            for step in order {
                if step == 2 {
                    try await books.receive(4_000, "REMISE CB")
                } else {
                    let made = try await books.remit([cards[step]], at: clinic, "LOT-000\(step)", .card)
                    #expect(made.status == 201, "\(made.text)")
                }
            }
            #expect(try await books.balances()["580000"] == 8_000)
            #expect(try await books.balances()["512000"] == nil)
            #expect(try await books.breaches() == [])
            // Which of the two the first line is, the second one says.
            try await books.receive(4_000, "REMISE CB LOT-0001")
            #expect(try await books.balances()["580000"] == nil)
            #expect(try await books.balances()["512000"] == 8_000)
            try await books.expectBalanced()
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-10 what a person pointed and what closed books hold stays, whatever fits as well`() async throws
        {
            for isByHand in [true, false] {
                let books = try Books()
                for _ in 0..<2 { try await books.tell(TakingFacts(clinic: clinic, amount: 4_000, kind: .card)) }
                let cards = try await books.waiting(clinic, .card)
                let made = try await books.remit([cards[0]], at: clinic, "LOT-0000", .card)
                let path = "/v1/remittances/\(made.json["remittance"]?["id"]?.text ?? "")"
                try await books.receive(4_000, "REMISE CB")
                let author = isByHand ? "anna" : "matching"
                if isByHand {
                    #expect(try await books.post("\(path)/unpoint").status == 200)
                    let line = try await books.bankLine("BK-REMISE CB")
                    #expect(try await books.post("\(path)/point", #"{"bankLineID":"\#(line)"}"#).status == 200)
                } else {
                    let last = Books.day.adding(days: 1)
                    let closed = try await books.post("/v1/accounting/periods", #"{"through":"\#(last)"}"#)
                    #expect(closed.status == 201, "\(closed.text)")
                }
                _ = try await books.remit([cards[1]], at: clinic, "LOT-0001", .card)
                #expect(try await books.get(path).json["remittance"]?["pointedBy"]?.text == author)
                #expect(try await books.balances()["512000"] == 4_000)
                #expect(try await books.breaches() == [])
            }
        }

        @Test func `REC-10 undone stays undone, and by hand another amount needs its reason and account`() async throws
        {
            let books = try await books()
            let made = try await books.remit(books.waiting(clinic, .card), at: clinic, "LOT-0007", .card)
            let path = "/v1/remittances/\(made.json["remittance"]?["id"]?.text ?? "")"
            _ = try await books.importStatement(statement(4_000, "REMISE CB"))
            #expect(try await books.get(path).json["remittance"]?["rule"]?.text == "amount-and-date")
            #expect(try await books.post("\(path)/unpoint", as: "anna").status == 200)
            #expect(try await books.post("\(path)/unpoint").status == 409)
            _ = try await books.importStatement(statement(3_940, "CB NET DE COMMISSION", "S2"))
            #expect(try await books.get(path).json["remittance"]?["isPointed"] == .bool(false))
            let line = try await books.bankLine("BK-S2")
            for said in ["", #","difference":{"account":"758000","reason":"x"}"#] {
                let refused = try await books.post("\(path)/point", #"{"bankLineID":"\#(line)"\#(said)}"#)
                #expect(refused.status == 422, "\(refused.text)")
            }
            let said = #""difference":{"account":"627000","reason":"The bank's commission"}"#
            let pointed = try await books.post(
                "\(path)/point", #"{"bankLineID":"\#(line)",\#(said)}"#, as: "bert")
            #expect(pointed.json["remittance"]?["pointedBy"]?.text == "bert", "\(pointed.text)")
            #expect(
                pointed.json["because"]?.elements?.compactMap(\.text) == [
                    "A person said so.", "The bank's commission",
                ])
            #expect(try await books.balances()["627000"] == 60)
            #expect(try await books.balances()["580000"] == nil)
            #expect(try await books.balances()["512000"] == 3_940)
            try await books.expectBalanced()
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-10 what is on a slip is on no other, until the slip is cancelled`() async throws {
            let books = try await books()
            let ids = try await books.waiting(clinic)
            let made = try await books.remit(ids, at: clinic, "BORD-1")
            #expect(try await books.waiting(clinic).isEmpty)
            for (refused, status) in [
                (try await books.remit(ids, at: clinic, "BORD-2"), 422),
                (try await books.remit(books.waiting(clinic, .card), at: clinic, "BORD-3"), 422),
                (try await books.remit(ids, at: Books.newID(), "BORD-4"), 422),
            ] {
                #expect(refused.status == status && refused.text.contains("/takingIDs"), "\(refused.text)")
                #expect(!refused.text.contains("at the till: ["), "\(refused.text)")
            }
            let path = "/v1/remittances/\(made.json["remittance"]?["id"]?.text ?? "")"
            let cancelled = try await books.post("\(path)/cancel", #"{"reason":"wrong slip"}"#, as: "bert")
            #expect(cancelled.json["remittance"]?["cancelledBy"]?.text == "bert", "\(cancelled.text)")
            #expect(try await books.post("\(path)/cancel", #"{"reason":"again"}"#).status == 409)
            #expect(try await books.waiting(clinic).sorted() == ids.sorted())
            #expect(try await books.balances()["511200"] == 12_000)
            #expect(try await books.balances()["580000"] == nil)
            #expect(try await books.remit(ids, at: clinic, "BORD-1").status == 201, "its number is free again")
            #expect(try await books.remit([], at: clinic, "BORD-1").status == 422)
            try await books.tell(TakingFacts(clinic: clinic, amount: 1))
            let twice = try await books.remit(books.waiting(clinic), at: clinic, "BORD-1")
            #expect(twice.status == 409 && twice.text.contains("number"), "\(twice.text)")
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-10 cash goes by its notes and coins, never more than there is`() async throws {
            let books = try await books()
            for amount: Int64 in [10_000, 2_550] {
                try await books.tell(TakingFacts(clinic: clinic, amount: amount, kind: .cash))
            }
            let short = [
                CountedMethod(kind: .cash, amount: 12_500, account: "471000"),
                CountedMethod(kind: .cheque, amount: 12_000),
                CountedMethod(kind: .card, amount: 4_000),
            ]
            #expect(try await books.count(short, at: clinic).status == 201)
            func bring(_ pieces: Int, _ reference: String) async throws -> InProcessClient.Answer {
                let cash =
                    #""cash":[{"value":\#(Books.euros(5_000)),"pieces":2},{"value":\#(Books.euros(100)),"pieces":\#(pieces)}]"#
                return try await books.remit(cash, at: clinic, reference, .cash)
            }
            let more = try await bring(26, "ESP-0001")
            #expect(more.status == 422 && more.text.contains("125.00 EUR"), "\(more.text)")
            let made = try await bring(25, "ESP-0001")
            #expect(made.json["remittance"]?["amount"]?["minorUnits"]?.integer == 12_500, "\(made.text)")
            #expect(try await bring(1, "ESP-0002").status == 422, "there is nothing left")
            _ = try await books.importStatement(statement(12_500, "VERSEMENT ESPECES"))
            let balances = try await books.balances()
            #expect(balances["530000"] == nil && balances["580000"] == nil && balances["512000"] == 12_500)
            #expect(balances["471000"] == 50)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-10 a cheque that came back goes off the bank's account the same way`() async throws {
            let books = try Books()
            let cheque = TakingFacts(clinic: clinic, amount: 5_000)
            try await books.tell(cheque)
            _ = try await books.remit(books.waiting(clinic), at: clinic, "BORD-1")
            _ = try await books.importStatement(statement(5_000, "BORD-1"))
            try await books.tell(reversalOf: cheque, on: Books.day)
            #expect(try await books.balances() == ["512000": 5_000, "511200": -5_000])
            let back = try await books.remit(books.waiting(clinic), at: clinic, "IMPAYE-9")
            #expect(back.json["remittance"]?["amount"]?["minorUnits"]?.integer == -5_000, "\(back.text)")
            _ = try await books.importStatement(statement(-5_000, "CHEQUE IMPAYE 9", "S2"))
            #expect(try await books.balances() == [:])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-10 a bank line is a payout's or a remittance's, never both`() async throws {
            let books = try await books()
            let payment = PaymentFacts("payment_one", 9_000)
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_abc1")]).text)
            _ = try await books.importStatement(statement(12_000, "VIR INCONNU"))
            let made = try await books.remit(books.waiting(clinic), at: clinic, "BORD-0001")
            let slip = "/v1/remittances/\(made.json["remittance"]?["id"]?.text ?? "")"
            let payout = "/v1/payouts/\(try await books.payout("payout_abc1")["id"]?.text ?? "")"
            let body = #"{"bankLineID":"\#(try await books.bankLine("BK-S1"))"}"#
            async let first = books.post("\(slip)/point", body)
            async let second = books.post("\(payout)/point", body)
            let statuses = try await [first.status, second.status]
            #expect(statuses.sorted() == [200, 409], "\(statuses)")
            #expect(try await books.post("\(slip)/point", body).status == 409)
            #expect(try await books.post("\(payout)/point", body).status == 409)
            #expect(try await books.breaches() == [])
        }
    }
}
