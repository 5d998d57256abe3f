import EventContract
import HTTPServer
import PaymentModel
import PostgresClient
import Testing

extension `The books` {
    @Suite struct `The till of a clinic` {
        private let clinic: ClinicID = Books.newID()

        @Test func `REC-10 is what the facts say, counted by a person and closed once for a day`() async throws {
            let books = try Books()
            for amount: Int64 in [5_000, 7_000] {
                try await books.tell(TakingFacts(clinic: clinic, amount: amount), times: 2)
            }
            try await books.tell(TakingFacts(clinic: clinic, amount: 10_000, kind: .cash))
            try await books.tell(TakingFacts(clinic: Books.newID(), amount: 1, kind: .cash))
            #expect(try await books.cashUp(clinic) == ["cash 10000", "cheque 12000"])
            #expect(try await books.balances() == ["411000": -22_001, "530000": 10_001, "511200": 12_000])

            let wrong = try await books.count(
                [CountedMethod(kind: .cash, amount: 9_990), CountedMethod(kind: .cheque, amount: 12_000)], at: clinic)
            #expect(wrong.status == 422 && wrong.text.contains("-0.10 EUR"), "\(wrong.text)")
            #expect(try await books.count([CountedMethod(kind: .cash, amount: 10_000)], at: clinic).status == 422)
            let counts = [
                CountedMethod(kind: .cash, amount: 9_990, account: "658000"),
                CountedMethod(kind: .cheque, amount: 12_000),
            ]
            let closed = try await books.count(counts, at: clinic, as: "bert")
            #expect(closed.status == 201 && closed.json["closedBy"]?.text == "bert", "\(closed.text)")
            #expect(try await books.cashUp(clinic) == ["cash 10000 9990", "cheque 12000 12000"])
            #expect(try await books.balances()["530000"] == 9_991)
            #expect(try await books.balances()["658000"] == 10)
            let again = try await books.count(counts, at: clinic)
            #expect(again.status == 409 && again.problem == "conflict", "\(again.text)")
            try await books.expectBalanced()
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-10 what is told after its day was counted is counted with the next, once`() async throws {
            let books = try Books()
            let next = Books.day.adding(days: 1)
            try await books.tell(TakingFacts(clinic: clinic, amount: 10_000, kind: .cash))
            #expect(try await books.count([CountedMethod(kind: .cash, amount: 10_000)], at: clinic).status == 201)
            try await books.tell(TakingFacts(clinic: clinic, amount: 700, kind: .cash))
            try await books.tell(TakingFacts(clinic: clinic, amount: 50, kind: .cash, day: next))
            try await books.tell(TakingFacts(clinic: clinic, amount: 3, kind: .cash, day: next.adding(days: -5)))
            #expect(try await books.cashUp(clinic) == ["cash 10000 10000"], "as it was counted")
            #expect(try await books.cashUp(clinic, next) == ["cash 750"], "an open day keeps its own")
            #expect(
                try await books.count([CountedMethod(kind: .cash, amount: 750)], at: clinic, on: next).status == 201)
            #expect(try await books.cashUp(clinic, next.adding(days: -5)) == ["cash 3"])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-10 what was taken back the same day is not there, and once only`() async throws {
            let books = try Books()
            let cheque = TakingFacts(clinic: clinic, amount: 5_000)
            try await books.tell(cheque)
            try await books.tell(reversalOf: cheque, .mistake, times: 2)
            try await books.tell(reversalOf: TakingFacts(clinic: clinic, amount: 9), .mistake)
            #expect(try await books.waiting(clinic).isEmpty, "neither goes to the bank")
            #expect(try await books.cashUp(clinic) == ["cheque 0"])
            #expect(try await books.balances() == [:])
            #expect(try await books.count("till_movement") == 2)
            #expect(try await books.count([], at: clinic).status == 201)
            #expect(try await books.parked() == [])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-10 a taking without a clinic waits for somebody who finds out whose it is`() async throws {
            let books = try Books()
            let taking = TakingFacts(clinic: clinic, amount: 5_000)
            try await books.tell(taking.collected, about: taking.id)
            #expect(try await books.parked().count == 1)
            #expect(try await books.count("till_movement") == 0)
        }

        @Test func `REC-10 counts at one moment close the day once`() async throws {
            let books = try Books()
            try await books.tell(TakingFacts(clinic: clinic, amount: 10_000, kind: .cash))
            let counted = [CountedMethod(kind: .cash, amount: 10_100, account: "758000")]
            let statuses = try await withThrowingTaskGroup { tasks in
                for _ in 0..<5 { tasks.addTask { try await books.count(counted, at: clinic).status } }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [201, 409, 409, 409, 409])
            #expect(try await books.balances()["758000"] == -100)
        }

        @Test func `GEN-2 is counted by those who work at the clinic, and seen by no other clinic`() async throws {
            let books = try Books()
            try await books.tell(TakingFacts(clinic: clinic, amount: 10_000, kind: .cash))
            let day = Books.day
            let body =
                #"{"clinicID":"\#(clinic)","day":"\#(day)","counts":[\#(CountedMethod(kind: .cash, amount: 10_000).json)]}"#
            let query = "clinicID=\(clinic)&from=\(day)&to=\(day)"
            for (clinics, read, written) in [
                (ClinicAccess.some([Books.newID()]), 403, 403), (.some([clinic]), 200, 201),
            ] {
                let desk = books.principal("cleo", role: .frontDesk, clinics: clinics)
                for path in ["/v1/cash-ups?\(query)", "/v1/takings?\(query)"] {
                    let seen = try await books.bench.http.call(.get, path, as: desk)
                    #expect(seen.status == read, "\(seen.text)")
                }
                let closed = try await books.bench.http.call(
                    .post, "/v1/cash-ups", as: desk, json: body, key: Books.newKey())
                #expect(closed.status == written, "\(closed.text)")
            }
            let stranger = try Books()
            #expect(try await stranger.list("/v1/takings?clinicID=\(clinic)").isEmpty)
            #expect(try await stranger.cashUp(clinic).isEmpty)
        }

        @Test(arguments: [
            ("UPDATE till_movement SET amount = amount + 1 WHERE act = 'taken' AND", "every movement of a till"),
            ("UPDATE till_movement SET cash_up = NULL WHERE tender = 'cash' AND", "what a cash-up expects"),
            ("UPDATE remittance SET amount = amount + 1 WHERE", "every remittance is the sum"),
            ("UPDATE till_movement SET remittance = NULL WHERE", "the accounts of tills hold"),
            (
                "UPDATE remittance SET cancelled_at = now(), cancelled_by = 'x', cancelled_because = 'y' WHERE",
                "a remittance is booked once"
            ),
        ])
        func `the doctor names what somebody broke`(statement: String, invariant: String) async throws {
            let books = try Books()
            _ = try await books.fillTill(clinic)
            #expect(try await books.breaches() == [])
            try await books.bench.superuser.execute("\(unescaped: statement) organisation = \(books.organisation)")
            let found = try await books.breaches()
            #expect(found.contains { $0.hasPrefix(invariant) }, "\(found)")
        }

        @Test(arguments: ["cash_up", "cash_up_line", "remittance_item"])
        func `REC-10 what was counted and written on slips never changes`(table: String) async throws {
            let books = try Books()
            _ = try await books.fillTill(clinic)
            for statement in ["DELETE FROM \(table)", "UPDATE \(table) SET organisation = organisation"] {
                let refusal = await books.refusal(
                    [SQL(unescaped: statement)], as: "\(BooksBench.role)_owner")
                #expect(refusal?.contains("append-only") == true, "\(refusal ?? "it was done")")
            }
        }
    }
}
