import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import Testing

extension `The books` {
    /// What was pointed first has no claim to stay, unless a person or closed books hold it.
    @Suite struct `Pointing otherwise when more has come` {
        @Test(arguments: 1...10 as ClosedRange<UInt64>)
        func `REC-2 REC-5 REC-8 payouts, lines, rules and the provider's word point the same in any order of arrival`(
            seed: UInt64
        ) async throws {
            let story = try StoryOfEquals(isWordTaken: seed.isMultiple(of: 2))
            var random = SeededGenerator(seed: seed)
            try await story.tell()
            for step in (0..<story.count).shuffled(using: &random) { try await story.perform(step) }
            let books = story.books
            #expect(try await books.pointings() == story.pointings, "seed \(seed)")
            let balances = try await books.balances()
            #expect(balances["512000"] == story.received && balances["471000"] == nil, "seed \(seed)")
            #expect(balances["511500"] == story.waiting && balances["658000"] == 2, "seed \(seed)")
            #expect(try await books.discrepancies() == [], "seed \(seed)")
            #expect(try await books.breaches() == [], "seed \(seed)")
            try await books.expectBalanced()
        }

        private let twins = [PaymentFacts("payment_twin1", 9_000), PaymentFacts("payment_twin2", 9_000)]
        private static let past = LocalDate(year: 2025, month: 3, day: 10) ?? .earliest

        private func report(_ twin: Int, to books: Books) async throws {
            var row = twins[twin].line("payout_twin\(twin + 1)")
            row.day = Self.past
            #expect(try await books.importReport(ReportFile([row]).text).status == 201)
        }

        /// Books in which one payout was pointed by its amount.
        private func books() async throws -> Books {
            let books = try Books()
            for twin in twins { try await books.tell(twin) }
            try await report(0, to: books)
            let entry = StatementEntry(
                reference: "BK1", amount: twins[0].net, text: "VIR ALMA", day: Self.past.adding(days: 1))
            #expect(try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text).status == 201)
            #expect(try await books.pointings() == ["payout_twin1 amount-and-date BK1"])
            return books
        }

        @Test func `REC-5 REC-8 a payout of the same amount makes it doubtful, and its entry is taken back`()
            async throws
        {
            let books = try await books()
            try await report(1, to: books)
            #expect(try await books.pointings() == [])
            #expect(try await books.balances()["512000"] == nil)
            let undone = try await books.explanation("payout_twin1")["undone"]?.elements ?? []
            #expect(undone.count == 1 && undone.first?["undoneBy"]?.text == "matching")
            #expect(
                try await books.events() == [
                    "matched amount-and-date", "payout-pointed matching", "payout-unpointed matching",
                ])
            // A person says which it is, and that stays.
            let (path, line) = (
                "/v1/payouts/\(try await books.payout("payout_twin2")["id"]?.text ?? "")",
                try await books.bankLine("BK1")
            )
            #expect(try await books.post("\(path)/point", #"{"bankLineID":"\#(line)"}"#).status == 200)
            try await report(0, to: books)
            #expect(try await books.pointings() == ["payout_twin2 by-hand BK1"])
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-8 what closed books hold stays pointed, until they are opened again`() async throws {
            let books = try await books()
            let closed = try await books.post(
                "/v1/accounting/periods", #"{"through":"\#(Self.past.adding(days: 1))"}"#)
            #expect(closed.status == 201, "\(closed.text)")
            let journal = try await books.journal()
            try await report(1, to: books)
            #expect(try await books.pointings() == ["payout_twin1 amount-and-date BK1"])
            #expect(try await books.journal() == journal)
            let reason = #"{"reason":"a payout was forgotten"}"#
            let opened = try await books.post("/v1/accounting/periods/reopen", reason, as: "boss", role: .manager)
            #expect(opened.status == 200, "\(opened.text)")
            try await report(1, to: books)
            #expect(try await books.pointings() == [])
            #expect(try await books.balances()["512000"] == nil)
            #expect(try await books.breaches() == [])
        }

        @Test(arguments: [true, false])
        func `REC-5 a line that names a payout which closed books or a person hold is of no other payout`(
            byBooks: Bool
        ) async throws {
            let books = try Books()
            for twin in twins { try await books.tell(twin) }
            var long = twins[0].line("payout_long_2")
            long.day = Self.past
            #expect(try await books.importReport(ReportFile([long]).text).status == 201)
            let text = "ALMA payout_long_2"
            if byBooks {
                let day = Self.past.adding(days: 1)
                let entry = StatementEntry(reference: "BK1", amount: twins[0].net, text: text, day: day)
                #expect(try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text).status == 201)
                #expect(try await books.post("/v1/accounting/periods", #"{"through":"\#(day)"}"#).status == 201)
            } else {
                let path = "/v1/payouts/\(try await books.payout("payout_long_2")["id"]?.text ?? "")/point"
                #expect(try await books.post(path, #"{"noBankLineBecause":"Set off"}"#).status == 200)
            }
            let stood = try await books.pointings()
            #expect(stood == [byBooks ? "payout_long_2 reference BK1" : "payout_long_2 by-hand"])
            #expect(try await books.importReport(ReportFile([twins[1].line("payout_long")]).text).status == 201)
            let entry = StatementEntry(reference: "BK2", amount: 77, text: text)
            #expect(try await books.importStatement(StatementFile(id: "S2", entries: [entry]).text).status == 201)
            #expect(try await books.pointings() == stood)
            let own = StatementEntry(reference: "BK3", amount: twins[1].net - 1, text: "ALMA payout_long")
            #expect(try await books.importStatement(StatementFile(id: "S3", entries: [own]).text).status == 201)
            #expect(try await books.pointings() == ["payout_long reference BK3"] + stood)
            #expect(try await books.breaches() == [])
        }

        @Test func `REC-5 a rule that is taken out leaves what it pointed, one that is changed is asked again`()
            async throws
        {
            let books = try Books()
            let payment = twins[0]
            try await books.tell(payment)
            _ = try await books.importReport(ReportFile([payment.line("payout_twin1")]).text)
            let entry = StatementEntry(reference: "BK1", amount: payment.net, text: "VIR PSP EUROPE")
            _ = try await books.importStatement(StatementFile(id: "S1", entries: [entry]).text)
            func put(_ rules: String) async throws {
                let answer = try await books.put("/v1/matching-rules", #"{"rules":[\#(rules)]}"#)
                #expect(answer.status == 200, "\(answer.text)")
            }
            try await put(#"{"name":"psp","words":["PSP EUROPE"]}"#)
            #expect(try await books.pointings() == ["payout_twin1 organisation-rule BK1"])
            try await put("")
            #expect(try await books.pointings() == ["payout_twin1 organisation-rule BK1"])
            try await put(#"{"name":"psp","words":["PSP ASIA"]}"#)
            #expect(try await books.pointings() == [])
            #expect(try await books.breaches() == [])
        }
    }
}

/// Payouts and bank lines that could be each other in several ways, of which the last piece decides.
private struct StoryOfEquals: Sendable {
    /// What belongs together once all of it is there, worked out here and not by the books.
    private static let pointingsAtTheBank = [
        "payout_far1 amount-and-date BK04", "payout_far2 amount-and-date BK03", "payout_many1 reference BK07",
        "payout_many2 reference BK07", "payout_name1 reference BK06", "payout_part1 reference BK08 BK09",
        "payout_rule1 amount-and-date BK11", "payout_rule2 organisation-rule BK12", "payout_solo1 amount-and-date BK02",
    ]

    let books: Books
    /// Whether the provider's word points what the bank leaves, from some moment on.
    private let isWordTaken: Bool
    private let payments: [(payout: String, facts: PaymentFacts, day: LocalDate)]
    private let entries: [StatementEntry]

    init(isWordTaken: Bool) throws {
        self.isWordTaken = isWordTaken
        books = try Books()
        let day = Books.day
        let paid: [(String, Int64, Int)] = [
            ("twin1", 9_000, 0), ("twin2", 9_000, 0), ("solo1", 13_000, 0), ("far1", 15_000, -30), ("far2", 15_000, 0),
            ("name1", 20_000, 0), ("many1", 5_000, 0), ("many2", 7_000, 0), ("part1", 25_000, 0), ("rule1", 30_000, 0),
            ("rule2", 35_000, 0),
        ]
        payments = paid.map { name, cents, days in
            ("payout_\(name)", PaymentFacts("payment_\(name)", cents), day.adding(days: days))
        }
        let nets = Dictionary(uniqueKeysWithValues: payments.map { ($0.payout, $0.facts.net) })
        func net(_ name: String) -> Int64 { nets["payout_\(name)"] ?? 0 }
        let received: [(String, Int64, String, Int)] = [
            // Either of the twins could be it.
            ("01", net("twin1"), "VIR ALMA", 1), ("02", net("solo1"), "VIR ALMA", 1),
            ("03", net("far2"), "VIR ALMA", 1), ("04", net("far1"), "VIR ALMA", -29),
            // One has the amount, the other the name.
            ("05", net("name1"), "VIR ALMA", 1), ("06", net("name1"), "ALMA payout_name1", 2),
            ("07", net("many1") + net("many2"), "ALMA payout_many1 payout_many2", 1),
            ("08", 6_000, "ALMA payout_part1 1/2", 1), ("09", net("part1") - 6_000, "ALMA payout_part1 2/2", 1),
            // A rule takes one that is a little short, but not where another is not.
            ("10", net("rule1") - 2, "VIR PSP EUROPE", 1), ("11", net("rule1"), "VIR ALMA", 1),
            ("12", net("rule2") - 2, "VIR PSP EUROPE", 1),
        ]
        entries = received.map { number, cents, text, days in
            StatementEntry(reference: "BK\(number)", amount: cents, text: text, day: day.adding(days: days))
        }
    }

    /// Steps, the last of which write the rules and take the provider's word.
    var count: Int { payments.count + entries.count + (isWordTaken ? 2 : 1) }

    var pointings: [String] {
        (Self.pointingsAtTheBank + (isWordTaken ? ["payout_twin1 provider", "payout_twin2 provider"] : [])).sorted()
    }

    /// What the bank received of what is pointed.
    var received: Int64 {
        payments.filter { !$0.payout.hasPrefix("payout_twin") }.reduce(-2) { $0 + $1.facts.net }
    }

    /// What the provider owes of what waits.
    var waiting: Int64 { payments.filter { $0.payout.hasPrefix("payout_twin") }.reduce(0) { $0 + $1.facts.net } }

    func tell() async throws {
        for payment in payments { try await books.tell(payment.facts) }
    }

    func perform(_ step: Int) async throws {
        let answer: InProcessClient.Answer
        if step < payments.count {
            let (payout, facts, day) = payments[step]
            var row = facts.line(payout)
            row.day = day
            answer = try await books.importReport(ReportFile([row]).text)
        } else if step < payments.count + entries.count {
            let entry = entries[step - payments.count]
            answer = try await books.importStatement(StatementFile(id: "S\(step)", entries: [entry]).text)
        } else if step == payments.count + entries.count + 1 {
            answer = try await books.put("/v1/providers-word", #"{"isTaken":true}"#)
        } else {
            answer = try await books.put(
                "/v1/matching-rules",
                #"{"rules":[{"name":"psp","words":["PSP EUROPE"],"daysMax":3,"tolerance""#
                    + #":{"most":\#(Books.euros(5)),"account":"658000","reason":"The bank rounds"}}]}"#)
        }
        guard [200, 201].contains(answer.status) else { throw BenchFailure(text: answer.text) }
    }
}

extension Books {
    /// What is pointed: payouts by the provider's name, why, and lines by the bank's.
    func pointings() async throws -> [String] {
        let lines = try await list("/v1/bank-lines")
        return try await payouts().filter { $0["isPointed"] == .bool(true) }.map { payout in
            let own = lines.filter { line in
                let joint = line["jointPointingID"]?.text
                return payout["bankLineID"]?.text == line["id"]?.text
                    || (joint != nil && joint == payout["jointPointingID"]?.text)
            }.compactMap { $0["reference"]?.text }.sorted()
            return ([payout["reference"]?.text ?? "", payout["rule"]?.text ?? ""] + own).joined(separator: " ")
        }.sorted()
    }
}
