import HTTPServer
import PaymentModel
import PostgresClient
import Testing

/// Statements of one day with movements that are the same, to which the bank gives no reference.
private enum PartOfDay {
    /// One of several, each with one movement, that opens with the balance of the one before.
    static func at(_ place: Int) -> String { text("12\(place)", from: 1_000 + 10 * place, adding: [10]) }

    static func text(_ number: String, from opening: Int, adding amounts: [Int]) -> String {
        let movements = amounts.map { amount in
            ":61:2611211121\(amount < 0 ? "D" : "C")\(abs(amount)),NMSCNONREF\n:86:REMISE CB"
        }
        return """
            :20:PART
            :25:\(BankFiles.iban)
            :28C:\(number)
            :60F:C261121EUR\(opening),
            \(movements.joined(separator: "\n"))
            :62F:C261121EUR\(opening + amounts.reduce(0, +)),
            """
    }
}

/// Statements of two days, of an account that is emptied on the second.
private enum TwoDays {
    /// Books that were told of the first day, of both of them, and of what took all of it back.
    static func told() async throws -> Books {
        let books = try Books()
        for told in [
            file("1", from: 0, [(1, 7)]), file("2", from: 0, [(1, 7), (2, 5)]), file("3", from: 12, [(2, -12)]),
        ] {
            let answer = try await books.importStatement(told.text)
            #expect(answer.json["linesNew"]?.integer == 1, "\(told.id): \(answer.text)")
        }
        return books
    }

    static func file(_ id: String, from opening: Int64, _ movements: [(day: Int, amount: Int64)]) -> StatementFile {
        let entries = movements.map { movement in
            StatementEntry(
                reference: "NONREF", amount: movement.amount, text: "REMISE CB",
                day: Books.day.adding(days: movement.day))
        }
        return StatementFile(id: id, opening: opening, entries: entries)
    }
}

extension `The books` {
    /// A day that a bank tells in several statements.
    @Suite struct `Statements of a part of a day` {
        @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]])
        func `REC-4 a day in several statements has what is the same in each as often, in any order, twice or whole`(
            order: [Int]
        ) async throws {
            let books = try Books()
            for part in order {
                let answer = try await books.importStatement(PartOfDay.at(part))
                #expect(answer.json["linesNew"]?.integer == 1, "\(part): \(answer.text)")
            }
            let whole = PartOfDay.text("9", from: 1_000, adding: [10, 10, 10])
            let again = PartOfDay.text("8", from: 1_010, adding: [10])
            let two = PartOfDay.text("7", from: 1_000, adding: [10, 10])
            for known in (0...2).map(PartOfDay.at) + [whole, again, two] {
                let answer = try await books.importStatement(known)
                #expect(answer.status == 201 && answer.json["linesNew"]?.integer == 0, "\(known): \(answer.text)")
            }
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 a day in one file of several statements is whole, and so when it came as one before`()
            async throws
        {
            let books = try Books()
            let file = (0...2).map(PartOfDay.at).joined(separator: "\n")
            #expect(try await books.importStatement(file).json["linesNew"]?.integer == 3)
            #expect(try await books.importStatement(file).json["linesNew"]?.integer == 0)
            let others = try Books()
            let whole = PartOfDay.text("9", from: 1_000, adding: [10, 10, 10])
            #expect(try await others.importStatement(whole).json["linesNew"]?.integer == 3)
            #expect(try await others.importStatement(file).json["linesNew"]?.integer == 0)
        }

        @Test func `REC-4 a part of a day that came before the one in between is whole once that one comes`()
            async throws
        {
            let books = try Books()
            for (part, new, earlier) in [(0, 1, nil), (2, 0, nil), (1, 1, 1), (2, 0, nil), (1, 0, nil)]
                as [(Int, Int64, Int64?)]
            {
                let answer = try await books.importStatement(PartOfDay.at(part))
                #expect(answer.json["linesNew"]?.integer == new, "\(part): \(answer.text)")
                #expect(answer.json["linesOfEarlierStatements"]?.integer == earlier, "\(part): \(answer.text)")
            }
            #expect(try await books.count("bank_line") == 3)
            #expect(try await books.count("taken_movement") == 1)
        }

        @Test func `REC-4 a part of a day that came early, and under another number too, is whole and there once`()
            async throws
        {
            let books = try Books()
            let again = PartOfDay.text("8", from: 1_020, adding: [10])
            for (part, new, earlier) in [
                (PartOfDay.at(0), 1, nil), (PartOfDay.at(2), 0, nil), (again, 0, nil), (PartOfDay.at(1), 1, 1),
                (again, 0, nil),
            ] as [(String, Int64, Int64?)] {
                let answer = try await books.importStatement(part)
                #expect(answer.json["linesNew"]?.integer == new, "\(part): \(answer.text)")
                #expect(answer.json["linesOfEarlierStatements"]?.integer == earlier, "\(part): \(answer.text)")
            }
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 parts of a day in one file, in another order, are all of that file`() async throws {
            let books = try Books()
            let file = [0, 2, 1].map(PartOfDay.at).joined(separator: "\n")
            let answer = try await books.importStatement(file)
            #expect(answer.json["linesNew"]?.integer == 3 && answer.json["linesKnown"]?.integer == 0, "\(answer.text)")
            #expect(answer.json["linesOfEarlierStatements"] == nil)
        }

        @Test func `REC-4 a part brings no other to life where the account had its balance twice that day`()
            async throws
        {
            let books = try Books()
            let parts = [
                PartOfDay.text("1", from: 1_000, adding: [10]), PartOfDay.text("3", from: 1_000, adding: [10, 10]),
                PartOfDay.text("2", from: 1_010, adding: [-10]),
            ]
            for part in parts {
                let answer = try await books.importStatement(part)
                #expect(answer.json["linesNew"]?.integer == 1, "\(answer.text)")
                #expect(answer.json["linesOfEarlierStatements"] == nil, "\(answer.text)")
            }
            let other = PartOfDay.text("4", from: 1_000, adding: [10, 10])
            for (again, new) in [(other, 0), (parts[1], 1), (other, 0)] as [(String, Int64)] {
                let answer = try await books.importStatement(again)
                #expect(answer.json["linesNew"]?.integer == new, "under its own number it is whole: \(answer.text)")
            }
            #expect(try await books.count("bank_line") == 4)
        }

        @Test func `REC-4 a part of a day that went back to a balance brings nothing which the whole day has already`()
            async throws
        {
            let books = try Books()
            for (number, opening, amounts, new) in [
                ("1", 1_000, [7], 1), ("9", 1_000, [7, -5, 5], 2), ("2", 1_007, [-5], 0), ("3", 1_002, [5], 0),
            ] as [(String, Int, [Int], Int64)] {
                let answer = try await books.importStatement(PartOfDay.text(number, from: opening, adding: amounts))
                #expect(answer.json["linesNew"]?.integer == new, "\(number): \(answer.text)")
                #expect(answer.json["linesOfEarlierStatements"] == nil, "\(number): \(answer.text)")
            }
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 a statement told again under another number after what took it back brings nothing`()
            async throws
        {
            let books = try Books()
            for (number, opening, amount, new) in [("1", 1_000, 50, 1), ("2", 1_050, -50, 1), ("3", 1_000, 50, 0)]
                as [(String, Int, Int, Int64)]
            {
                let answer = try await books.importStatement(PartOfDay.text(number, from: opening, adding: [amount]))
                #expect(answer.json["linesNew"]?.integer == new, "\(number): \(answer.text)")
            }
            #expect(try await books.count("bank_line") == 2)
        }

        @Test func `REC-4 a part that came early is known as told again also by what was taken for others`()
            async throws
        {
            let books = try Books()
            for (number, opening, amounts, new) in [
                ("1", 1_000, [7], 1), ("2", 1_020, [7, 5], 1), ("3", 1_032, [-12], 1), ("4", 1_020, [7, 5], 0),
            ] as [(String, Int, [Int], Int64)] {
                let answer = try await books.importStatement(PartOfDay.text(number, from: opening, adding: amounts))
                #expect(answer.json["linesNew"]?.integer == new, "\(number): \(answer.text)")
            }
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 a statement is known as told again though all it has of its first day was taken for others`()
            async throws
        {
            let books = try await TwoDays.told()
            let again = try await books.importStatement(TwoDays.file("4", from: 0, [(1, 7), (2, 5)]).text)
            #expect(again.json["linesNew"]?.integer == 0, "\(again.text)")
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 a statement opens on its first day, though all it has of that day was taken for others`()
            async throws
        {
            let books = try await TwoDays.told()
            let part = try await books.importStatement(TwoDays.file("5", from: 7, [(2, 5)]).text)
            #expect(part.json["linesNew"]?.integer == 0, "what opened with 0 did so the day before: \(part.text)")
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 a statement told again is known as such where the bank's own reference was told before it`()
            async throws
        {
            let books = try Books()
            let (own, other) = (
                StatementEntry(reference: "BK1", amount: 7, text: "VIR"),
                StatementEntry(reference: "BK5", amount: 7, text: "VIR")
            )
            let same = StatementEntry(reference: "NONREF", amount: 5, text: "REMISE CB")
            let back = StatementEntry(reference: "NONREF", amount: -12, text: "RETOUR")
            for (id, opening, entries, new) in [
                ("P1", 1_000, [own], 1), ("P2", 1_000, [own, same], 1), ("P3", 1_012, [back], 1),
                ("P4", 1_000, [own, same], 0), ("P5", 1_000, [other, same], 2),
            ] as [(String, Int64, [StatementEntry], Int64)] {
                let file = StatementFile(id: id, opening: opening, entries: entries)
                let answer = try await books.importStatement(file.text)
                #expect(answer.json["linesNew"]?.integer == new, "\(id): \(answer.text)")
            }
            #expect(try await books.count("bank_line") == 5)
        }

        @Test func `REC-4 what has the bank's own reference is there once, though balances say that statements adjoin`()
            async throws
        {
            let books = try Books()
            let (brought, swept) = (
                StatementEntry(reference: "BK1", amount: 500, text: "VIR"),
                StatementEntry(reference: "BK2 (2)", amount: -500, text: "NIVELLEMENT")
            )
            // An account that is emptied each evening: its whole day opens with what a part of it closes with.
            for (id, opening, entries, new) in [
                ("P1", 0, [brought], 1), ("P2", 500, [swept], 1), ("D1", 0, [brought, swept], 0),
            ] as [(String, Int64, [StatementEntry], Int64)] {
                let file = StatementFile(id: id, opening: opening, entries: entries)
                let answer = try await books.importStatement(file.text)
                #expect(answer.json["linesNew"]?.integer == new, "\(id): \(answer.text)")
            }
        }

        @Test func `REC-4 a statement told again is known as such also where the bank's references end in a number`()
            async throws
        {
            let books = try Books()
            let told = [
                StatementEntry(reference: "ORD 7 (2)", amount: 30, text: "VIR"),
                StatementEntry(reference: "NONREF", amount: 20, text: "REMISE CB"),
            ]
            let back = StatementEntry(reference: "BK9", amount: -50, text: "RETOUR")
            for (id, opening, entries, new) in [
                ("P1", 1_000, told, 2), ("P2", 1_050, [back], 1), ("P3", 1_000, told, 0),
            ] as [(String, Int64, [StatementEntry], Int64)] {
                let file = StatementFile(id: id, opening: opening, entries: entries)
                let answer = try await books.importStatement(file.text)
                #expect(answer.json["linesNew"]?.integer == new, "\(id): \(answer.text)")
            }
        }

        @Test func `REC-4 a place in its statement is no reference of the bank's own: both of what adjoins are taken`()
            async throws
        {
            let books = try Books()
            let entry = StatementEntry(reference: nil, amount: 500, text: "REMISE CB", place: "1")
            for (id, opening, new) in [("P1", 0, 1), ("P2", 500, 1), ("P2", 500, 0)] as [(String, Int64, Int64)] {
                let file = StatementFile(id: id, opening: opening, entries: [entry])
                let answer = try await books.importStatement(file.text)
                #expect(answer.json["linesNew"]?.integer == new, "\(id): \(answer.text)")
            }
        }

        @Test(arguments: [[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 0, 1], [2, 1, 0]])
        func `REC-4 the whole of a day that ends as it began is known beside its parts`(order: [Int]) async throws {
            let books = try Books()
            let files = [
                PartOfDay.text("1", from: 1_000, adding: [-5, -5]), PartOfDay.text("2", from: 990, adding: [10]),
                PartOfDay.text("9", from: 1_000, adding: [-5, -5, 10]),
            ]
            for file in order {
                let answer = try await books.importStatement(files[file])
                #expect(answer.status == 201, "\(answer.text)")
            }
            #expect(try await books.count("bank_line") == 3)
        }

        @Test func `REC-4 a statement that closes as it opened has others than the one before which led elsewhere`()
            async throws
        {
            let books = try Books()
            for (number, opening, amounts, new) in [("1", 1_000, [10], 1), ("2", 1_010, [10, -10], 2)]
                as [(String, Int, [Int], Int64)]
            {
                let answer = try await books.importStatement(PartOfDay.text(number, from: opening, adding: amounts))
                #expect(answer.json["linesNew"]?.integer == new, "\(number): \(answer.text)")
            }
        }

        @Test func `REC-4 a statement that closes as it opened is the same under another number`() async throws {
            let books = try Books()
            for (number, new) in [("1", 2), ("2", 0)] as [(String, Int64)] {
                let file = PartOfDay.text(number, from: 1_000, adding: [10, -10])
                let answer = try await books.importStatement(file)
                #expect(answer.json["linesNew"]?.integer == new, "\(answer.text)")
            }
        }
    }
}
