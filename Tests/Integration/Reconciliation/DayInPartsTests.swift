import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// A day that a bank tells in parts, with movements to which it gives no reference.
private struct DayInParts: Sendable {
    /// What books came to that were told of it.
    struct Outcome: Equatable {
        let lines: [String]
        let pointings: [String]
        let discrepancies: [String]
        /// How many lines were told of by events.
        let announced: Int
    }

    private static let payment = PaymentFacts("payment_of_parts", 20_000)
    private static let opening: Int64 = 100_000

    let parts: [StatementFile]
    let whole: StatementFile

    /// Parts with movements of these amounts; the payout's own text has that of its amount.
    init(_ amounts: [[Int64]]) {
        var (parts, balance): ([StatementFile], Int64) = ([], Self.opening)
        for (place, amounts) in amounts.enumerated() {
            let part = Self.file("P\(place)", from: balance, amounts)
            parts.append(part)
            balance = part.trueClosing
        }
        self.parts = parts
        whole = Self.file("W", from: Self.opening, amounts.flatMap(\.self))
    }

    /// Parts of one to three movements of three amounts, so that many are the same within a part and in others.
    init(_ count: Int, _ random: inout SeededGenerator) {
        let amounts = [Self.payout, 1_000, 2_500]
        self.init(
            (0..<count).map { _ in
                (0..<Int.random(in: 1...3, using: &random)).map { _ in amounts.randomElement(using: &random) ?? 1_000 }
            })
    }

    /// The amount of the one payout of the day.
    static var payout: Int64 { payment.net }

    private static func file(_ id: String, from opening: Int64, _ amounts: [Int64]) -> StatementFile {
        let entries = amounts.map { amount in
            StatementEntry(reference: "NONREF", amount: amount, text: amount == payout ? "VIR ALMA" : "REMISE CB")
        }
        return StatementFile(id: id, opening: opening, entries: entries)
    }

    /// Books that know of the payout.
    static func books() async throws -> Books {
        let books = try Books()
        let payment = PaymentFacts(payment.reference, payment.amount)
        try await books.tell(payment)
        let report = try await books.importReport(ReportFile([payment.line("payout_of_parts")]).text)
        #expect(report.status == 201, "\(report.text)")
        return books
    }

    /// The same that were told these files, one after the other.
    static func books(told files: [StatementFile]) async throws -> Books {
        let books = try await books()
        var lines: Int64 = 0
        for file in files {
            let answer = try await books.importStatement(file.text)
            #expect(answer.status == 201, "\(answer.text)")
            lines += answer.json["linesNew"]?.integer ?? 0
            lines += answer.json["linesOfEarlierStatements"]?.integer ?? 0
        }
        #expect(try await books.count("bank_line") == Int(lines), "each line is counted by one answer")
        return books
    }
}

extension `The books` {
    @Suite struct `A day in parts` {
        @Test(arguments: 1...4 as ClosedRange<UInt64>)
        func `REC-4 REC-5 its lines and matches are the same in any order of three parts, and each statement is whole`(
            seed: UInt64
        ) async throws {
            var random = SeededGenerator(seed: seed)
            let day = DayInParts(3, &random)
            let inOrder = try await DayInParts.books(told: day.parts).outcome()
            #expect(inOrder.lines.count == day.whole.entries.count && inOrder.announced == inOrder.lines.count)
            for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
                let books = try await DayInParts.books(told: order.map { day.parts[$0] })
                #expect(try await books.outcome() == inOrder, "seed \(seed): \(order)")
                #expect(try await books.statementsNotWhole() == [], "seed \(seed): \(order)")
            }
        }

        @Test(arguments: 1...8 as ClosedRange<UInt64>)
        func `REC-4 REC-5 its lines and matches are the same in any order, told twice, and whole before or after`(
            seed: UInt64
        ) async throws {
            var random = SeededGenerator(seed: seed)
            let day = DayInParts(5, &random)
            let inOrder = try await DayInParts.books(told: day.parts).outcome()
            let again = day.parts.filter { _ in Bool.random(using: &random) }
            for whole in [[], [day.whole]] {
                let files = (day.parts + again + whole).shuffled(using: &random)
                let books = try await DayInParts.books(told: files)
                #expect(try await books.outcome() == inOrder, "seed \(seed): \(files.map(\.id))")
                #expect(try await books.breaches() == [], "seed \(seed)")
            }
        }

        @Test func `REC-4 REC-5 a movement shown to be another is a line of its statement, and matched as any`()
            async throws
        {
            let books = try await DayInParts.books()
            let day = DayInParts([[DayInParts.payout], [1_000], [DayInParts.payout]])
            for part in [0, 2] { #expect(try await books.importStatement(day.parts[part].text).status == 201) }
            #expect(try await books.pointings().count == 1, "it is the only line of the payout's amount")
            for query in ["?dryRun=true", ""] {
                #expect(try await books.count("bank_line") == 1)
                let answer = try await books.importStatement(day.parts[1].text, query)
                #expect(answer.json["linesNew"]?.integer == 1, "\(answer.text)")
                #expect(answer.json["linesOfEarlierStatements"]?.integer == 1, "\(answer.text)")
            }
            #expect(try await books.pointings() == [], "either line may be the payout's")
            #expect(try await books.statementsNotWhole() == [])
            #expect(try await books.toldOf("bank-line-imported").subjects == 3)
        }

        @Test func `REC-4 what a statement was taken for stays as it was written, and is nobody else's to see`()
            async throws
        {
            let books = try await DayInParts.books()
            let day = DayInParts([[1_000], [1_000], [1_000]])
            for part in [0, 2] { #expect(try await books.importStatement(day.parts[part].text).status == 201) }
            for statement in ["UPDATE taken_movement SET amount = 1", "DELETE FROM taken_movement"] {
                let refusal = await books.refusal([SQL(unescaped: statement)], as: "\(BooksBench.role)_owner")
                #expect(refusal?.contains("is append-only") == true, "\(statement): \(refusal ?? "it was done")")
            }
            let stranger = try books.ofStranger()
            #expect(try await books.count("taken_movement") == 1)
            #expect(try await stranger.importStatement(day.parts[1].text).json["linesOfEarlierStatements"] == nil)
            #expect(try await stranger.count("bank_line") == 1)
        }
    }
}

extension Books {
    fileprivate func outcome() async throws -> DayInParts.Outcome {
        DayInParts.Outcome(
            lines: try await lines(), pointings: try await pointings(), discrepancies: try await discrepancies(),
            announced: try await toldOf("bank-line-imported").subjects)
    }

    /// Bank lines with all that matching goes by.
    fileprivate func lines() async throws -> [String] {
        try await bench.superuser.query(
            """
            SELECT concat_ws(' ', reference, currency, amount, booked_on, description) AS line FROM bank_line
            WHERE organisation = \(organisation) ORDER BY line
            """
        ) { row in try row("line") }
    }

    /// Statements of which opening and lines do not give the closing balance.
    fileprivate func statementsNotWhole() async throws -> [String] {
        try await bench.superuser.query(
            """
            SELECT reference FROM bank_statement
            WHERE organisation = \(organisation) AND opening + (
                SELECT coalesce(sum(amount), 0) FROM bank_line WHERE bank_line.statement = bank_statement.id) <> closing
            ORDER BY reference
            """
        ) { row in try row("reference") }
    }
}
