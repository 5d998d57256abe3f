import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// The process is killed with `kill -9` at random moments of what it takes in, again and again.
@Suite(.serialized) struct `Books whose process is killed` {
    static let books = Task { try await MortalBooks.start() }
    private static let killsMax = 10
    private static let statements = "/v1/bank-statements"

    @Test(arguments: [LargeFile.Kind.camt053, .alma], [UInt64(1), 2, 3])
    func `REC-3 REC-4: a file is taken in whole and once, however often it has to be sent`(
        kind: LargeFile.Kind, seed: UInt64
    ) async throws {
        let books = try await Self.books.value
        var random = SeededGenerator(seed: seed)
        let organisation: OrganisationID = Books.newID()
        try await books.own(LargeFile.iban, of: organisation)
        let isReport = LargeFile(kind, lines: 0).isReport
        let lines = isReport ? 800 : 8_000
        var file: [UInt8] = []
        try await LargeFile(kind, lines: lines).write { file += $0 }
        let (bytes, key) = (file, Books.newKey())
        let path = isReport ? "/v1/settlement-reports?provider=\(kind.rawValue)" : Self.statements
        let sent = try await books.sendUnderFire(bytes, to: path, of: organisation, key: key, &random)
        // Whoever got no answer sends it again; whoever got one gets the same.
        let last = try #require(await books.send(bytes, to: path, of: organisation, key: key))
        let (table, fact) = isReport ? ("discrepancy", "discrepancy-opened") : ("bank_line", "bank-line-imported")
        let told = try await books.told(fact, about: table, of: organisation)
        print("REC-4: \(kind), seed \(seed): killed \(sent.kills) times, \(lines) lines, told \(told)")
        #expect(sent.interrupted > 0, "seed \(seed): nothing was interrupted")
        #expect(last.json["linesNew"]?.integer == Int64(lines), "\(last.json)")
        if let first = sent.first { #expect(first.body == last.body) }
        #expect(try await books.count(isReport ? "settlement_line" : "bank_line", of: organisation) == lines)
        #expect(told == [lines, lines], "every line was told of, once")
        #expect(try await books.breaches(of: organisation) == [])
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `REC-4: movements shown to be others are lines once, however often the part between has to be sent`(
        seed: UInt64
    ) async throws {
        let books = try await Self.books.value
        var random = SeededGenerator(seed: seed)
        let (organisation, key, lines): (OrganisationID, String, Int) = (Books.newID(), Books.newKey(), 8_000)
        let part = try await tellAround(lines, of: organisation, in: books)
        let sent = try await books.sendUnderFire(part, to: Self.statements, of: organisation, key: key, &random)
        let last = try #require(await books.send(part, to: Self.statements, of: organisation, key: key))
        print("REC-4: part between, seed \(seed): killed \(sent.kills) times, interrupted \(sent.interrupted)")
        #expect(sent.interrupted > 0, "seed \(seed): nothing was interrupted")
        if let first = sent.first { #expect(first.body == last.body) }
        try await expectWhole(last, lines, of: organisation, in: books)
    }

    @Test func `REC-4: a death amid making lines of what was taken for others leaves nothing of the part between`()
        async throws
    {
        let books = try await Self.books.value
        let (organisation, key): (OrganisationID, String) = (Books.newID(), Books.newKey())
        let part = try await tellAround(2, of: organisation, in: books)
        let gate = try await books.holdRevival()
        async let lost = books.send(part, to: Self.statements, of: organisation, key: key)
        try await waitUntil("it is about to make a line of what was taken for another") { try await books.isHeld() }
        try await books.die()
        #expect(await lost == nil)
        try await books.forgetHeld(gate)
        #expect(try await books.count("bank_line", of: organisation) == 2)
        #expect(try await books.told("bank-line-imported", about: "bank_line", of: organisation) == [2, 2])
        try await books.live()
        let answer = try #require(await books.send(part, to: Self.statements, of: organisation, key: key))
        try await expectWhole(answer, 2, of: organisation, in: books)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `REC-3: each payout of a provider is taken in once, however often it is asked for`(seed: UInt64) async throws {
        let books = try await Self.books.value
        var random = SeededGenerator(seed: seed)
        let chain = try await books.connect()
        let paidOut = try await books.payOut(chain, days: 8, payments: 5).amounts
        try #require(paidOut.count == 8)
        // Each question takes a while, so that a death comes between two of them.
        try await books.stack.fault(
            #"{"operation":"stripe.balance-transactions","kind":"slow","milliseconds":150,"times":0}"#)
        var (kills, interrupted, isTold) = (0, 0, false)
        while !isTold, kills < Self.killsMax {
            async let answer = books.fetch(chain)
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...1_000, using: &random)))
            try await books.die()
            kills += 1
            if try await books.payouts(of: chain.organisation).count < paidOut.count { interrupted += 1 }
            isTold = await answer != nil
            try await books.live()
        }
        let asked = try #require(await books.fetch(chain))
        // The service asks by itself as well, and takes in what a question beside it leaves to it.
        try await waitUntil("all is taken in") { try await books.payouts(of: chain.organisation) == paidOut }
        let lines = try await books.count("settlement_line", of: chain.organisation)
        let told = try await books.told("discrepancy-opened", about: "discrepancy", of: chain.organisation)
        print("REC-3: seed \(seed): killed \(kills) times, \(paidOut.count) payouts, \(lines) lines, told \(told)")
        #expect(interrupted > 0, "seed \(seed): nothing was interrupted")
        #expect(asked["trouble"] == nil, "\(asked)")
        #expect(try await books.payouts(of: chain.organisation) == paidOut)
        #expect(lines == 40)
        // Nobody told of these payments: each has its name, once.
        #expect(told == [40, 40])
        #expect(try await books.breaches(of: chain.organisation) == [])
    }

    /// Tells the first and the last of three parts of a day, and answers the one between.
    ///
    /// All have the same movements, to which the bank gives no reference: without the part between, those of the last
    /// are taken for those of the first.
    private func tellAround(
        _ movements: Int, of organisation: OrganisationID, in books: MortalBooks
    ) async throws -> [UInt8] {
        try await books.own(StatementFile.iban, of: organisation)
        let entries = (0..<movements).map { number in
            StatementEntry(reference: "NONREF", amount: Int64(100 + number), text: "REMISE CB \(number)")
        }
        let moved: Int64 = entries.reduce(0) { $0 + $1.amount }
        let parts = (0...2).map { place in
            StatementFile(id: "P\(place)", opening: moved * Int64(place), entries: entries)
        }
        for (part, new) in [(parts[0], Int64(movements)), (parts[2], 0)] {
            let answer = try await books.reply(
                to: Array(part.text.utf8), at: Self.statements, of: organisation, key: Books.newKey())
            #expect(answer.status == 201 && answer.json["linesNew"]?.integer == new, "\(answer.json)")
        }
        #expect(try await books.count("taken_movement", of: organisation) == movements)
        return Array(parts[1].text.utf8)
    }

    /// Each of three parts has its lines, those of the last by the answer about the part between.
    private func expectWhole(
        _ answer: HTTPResponse, _ movements: Int, of organisation: OrganisationID, in books: MortalBooks,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let lines = 3 * movements
        #expect(answer.json["linesNew"]?.integer == Int64(movements), "\(answer.json)", sourceLocation: location)
        #expect(
            answer.json["linesOfEarlierStatements"]?.integer == Int64(movements), "\(answer.json)",
            sourceLocation: location)
        #expect(try await books.count("bank_line", of: organisation) == lines, sourceLocation: location)
        let told = try await books.told("bank-line-imported", about: "bank_line", of: organisation)
        #expect(told == [lines, lines], "every line was told of, once", sourceLocation: location)
        #expect(try await books.breaches(of: organisation) == [], sourceLocation: location)
    }
}
