import HTTPServer
import PaymentModel
import PostgresClient
import Testing

/// A statement of one day with movements of these amounts, to which the bank gives the reference of their order.
private struct PartsOfOrder {
    static let parts = [Self("P0", from: 0, [500]), Self("P1", from: 500, [700]), Self("P2", from: 1_200, [300])]

    private let file: StatementFile

    init(_ id: String, from opening: Int64, _ amounts: [Int64] = [], swept: Int64? = nil) {
        let parts = amounts.map { StatementEntry(reference: "ORD", amount: $0, text: "VIR") }
        let sweep = swept.map { StatementEntry(reference: "BK9", amount: -$0, text: "NIVELLEMENT") }
        file = StatementFile(id: id, opening: opening, entries: parts + [sweep].compactMap(\.self))
    }

    /// Expects it to be taken with so many new movements, and whether some seem to be taken for others.
    func told(_ books: Books, new: Int64, isInDoubt: Bool = false) async throws {
        let answer = try await books.importStatement(file.text)
        #expect(answer.status == 201 && answer.json["linesNew"]?.integer == new, "\(file.id): \(answer.text)")
        let doubts = answer.json["statementsInDoubt"]?.elements ?? []
        #expect(doubts.count == (isInDoubt ? 1 : 0), "\(file.id): \(answer.text)")
        #expect(doubts.allSatisfy { $0["reason"]?.text?.contains("statement \(file.id) ") == true }, "\(answer.text)")
    }

    func refused(_ books: Books, because reason: String) async throws {
        let answer = try await books.importStatement(file.text)
        #expect(answer.status == 422 && answer.text.contains(reason), "\(file.id): \(answer.text)")
    }
}

extension `The books` {
    /// Movements of one day with one reference of the bank's, in several statements.
    @Suite struct `Parts of an order` {
        @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]])
        func `REC-4 parts of an order in statements that adjoin are each there once, in any order, twice or whole`(
            order: [Int]
        ) async throws {
            let books = try Books()
            for part in order { try await PartsOfOrder.parts[part].told(books, new: 1) }
            for known in PartsOfOrder.parts + [
                PartsOfOrder("P1 again", from: 500, [700]), PartsOfOrder("two", from: 500, [700, 300]),
                PartsOfOrder("whole", from: 0, [500, 700, 300]), PartsOfOrder("otherwise", from: 0, [300, 500, 700]),
            ] { try await known.told(books, new: 0) }
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 parts of an order are those of the whole day where the account is emptied each evening`()
            async throws
        {
            let books = try Books()
            for part in PartsOfOrder.parts { try await part.told(books, new: 1) }
            try await PartsOfOrder("sweep", from: 1_500, swept: 1_500).told(books, new: 1)
            try await PartsOfOrder("whole", from: 0, [500, 700, 300], swept: 1_500).told(books, new: 0)
        }

        @Test func `REC-4 a whole day brings the parts of an order that no statement of a part has brought`()
            async throws
        {
            let books = try Books()
            try await PartsOfOrder.parts[1].told(books, new: 1)
            try await PartsOfOrder("whole", from: 0, [500, 700, 300]).told(books, new: 2)
            for part in PartsOfOrder.parts { try await part.told(books, new: 0) }
        }

        @Test func `REC-4 parts of an order after the whole day bring nothing`() async throws {
            let books = try Books()
            try await PartsOfOrder("whole", from: 0, [500, 700, 300]).told(books, new: 3)
            for part in PartsOfOrder.parts { try await part.told(books, new: 0) }
        }

        @Test func `REC-4 parts of an order of one amount are in doubt where balances say so, and a whole day has all`()
            async throws
        {
            for (more, others) in [([], 0), ([700], 1)] as [([Int64], Int64)] {
                let books = try Books()
                try await PartsOfOrder.parts[0].told(books, new: 1)
                let part = PartsOfOrder("P1", from: 500, [500] + more)
                try await part.told(books, new: others, isInDoubt: true)
                try await part.told(books, new: 0, isInDoubt: true)
                try await PartsOfOrder("whole", from: 0, [500, 500] + more).told(books, new: 1)
                try await part.told(books, new: 0)
            }
        }

        @Test func `REC-4 a part of an order after one that is not told yet is said to be taken for another`()
            async throws
        {
            let books = try Books()
            try await PartsOfOrder.parts[0].told(books, new: 1)
            try await PartsOfOrder("P2", from: 1_200, [500]).told(books, new: 0, isInDoubt: true)
        }

        @Test func `REC-4 statements that overlap have nothing in doubt`() async throws {
            let books = try Books()
            try await PartsOfOrder("noon", from: 0, [500, 700]).told(books, new: 2)
            // It ends at the balance at which the other begins.
            try await PartsOfOrder("evening", from: 500, [700, 300], swept: 1_500).told(books, new: 2)
            try await PartsOfOrder("middle", from: 500, [700]).told(books, new: 0)
        }

        @Test func `REC-4 a day within a week that ends at the balance of its evening before is not in doubt`()
            async throws
        {
            let books = try Books()
            let week = [500, 300, -300].enumerated().map { day, amount in
                StatementEntry(
                    reference: "BK\(day)", amount: Int64(amount), text: "VIR", day: Books.day.adding(days: day - 3))
            }
            let whole = try await books.importStatement(StatementFile(id: "W", opening: 0, entries: week).text)
            #expect(whole.json["linesNew"]?.integer == 3, "\(whole.text)")
            let day = try await books.importStatement(StatementFile(id: "D", opening: 500, entries: [week[1]]).text)
            #expect(day.status == 201 && day.json["linesNew"]?.integer == 0, "\(day.text)")
            #expect(day.json["statementsInDoubt"] == nil, "\(day.text)")
        }

        @Test func `REC-4 another amount under a known reference is refused where balances do not show another part`()
            async throws
        {
            let books = try Books()
            try await PartsOfOrder.parts[0].told(books, new: 1)
            try await PartsOfOrder("elsewhere", from: 700, [600]).refused(books, because: "ORD is")
            try await PartsOfOrder("sweep", from: 500, swept: 500).told(books, new: 1)
            // It opens as a part of it closed, and so did that part.
            try await PartsOfOrder("corrected", from: 0, [600], swept: 600).refused(books, because: "ORD is")
            #expect(try await books.count("bank_line") == 2)
        }
    }
}
