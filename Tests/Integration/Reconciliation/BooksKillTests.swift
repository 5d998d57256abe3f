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
        let path = isReport ? "/v1/settlement-reports?provider=\(kind.rawValue)" : "/v1/bank-statements"
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
}
