import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

extension `Books whose process is killed` {
    /// The last payout stands in the way of the others, or the provider does once the process is back.
    enum Trouble: CaseIterable, Sendable { case payout, provider }

    @Test(arguments: Trouble.allCases)
    func `REC-2 REC-3: payouts taken in before a death meet bank lines that were there, whatever stands in the way`(
        trouble: Trouble
    ) async throws {
        let books = try await Self.books.value
        try await books.stack.sandbox.control(.delete, "/faults")
        let chain = try await books.connect()
        try await books.own(Merchant.iban, of: chain.organisation)
        let paidOut = try await books.payOut(chain, days: 4, payments: 2)
        for statement in paidOut.statements {
            let taken = try await books.reply(
                to: Array(statement.utf8), at: "/v1/bank-statements", of: chain.organisation, key: Books.newKey())
            #expect(taken.status == 201, "\(taken.json)")
        }
        if trouble == .payout { try await books.spoil(paidOut.last, of: chain) }
        let gate = try await books.holdMatching()
        async let lost = books.fetch(chain)
        try await waitUntil("it is about to say that it has matched") { try await books.isHeld() }
        try await books.die()
        #expect(await lost == nil)
        try await books.forgetHeld(gate)
        try await expectTaken(3, pointed: 0, of: chain, in: books)
        if trouble == .provider {
            try await books.stack.fault(
                #"{"operation":"stripe.balance-transactions","kind":"status","status":503,"times":0}"#)
        }
        try await books.live()
        let troubled = try #require(await books.fetch(chain))
        #expect(troubled["trouble"]?.text != nil, "\(troubled)")
        try await expectTaken(3, pointed: 3, of: chain, in: books)
        try await books.stack.sandbox.control(.delete, "/faults")
        try await books.mend(paidOut.last, of: chain)
        try await waitUntil("the rest is told", within: .seconds(60)) {
            guard let told = await books.fetch(chain) else { return false }
            return told["trouble"]?.text == nil
        }
        try await expectTaken(4, pointed: 4, of: chain, in: books)
        #expect(try await books.payouts(of: chain.organisation) == paidOut.amounts)
        #expect(try await books.breaches(of: chain.organisation) == [])
    }

    /// Payouts in euros, since one in another currency is in the way.
    private func expectTaken(
        _ taken: Int, pointed: Int, of chain: MortalBooks.Chain, in books: MortalBooks,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await books.count(
            "(SELECT organisation FROM payout WHERE currency = 'EUR') AS taken", of: chain.organisation)
        #expect(found == taken, sourceLocation: location)
        #expect(try await books.pointedPayouts(of: chain) == pointed, sourceLocation: location)
    }

    @Test func `REC-8 C-18: payments that are told of in batches are booked once each, whatever the deaths between`()
        async throws
    {
        let books = try await Self.books.value
        let organisation: OrganisationID = Books.newID()
        let payments = (0..<4_000).map { PaymentFacts("payment_\($0)", Int64(1_000 + $0)) }
        try await books.publish(payments, of: organisation)
        var booked = 0
        for _ in 0..<3 {
            try await waitUntil("more are booked", within: .seconds(60)) {
                try await books.count("expectation", of: organisation) > booked
            }
            try await books.die()
            booked = try await books.count("expectation", of: organisation)
            #expect(booked < payments.count, "it died in the middle")
            #expect(try await books.breaches(of: organisation) == [])
            try await books.live()
        }
        try await waitUntil("all are booked", within: .seconds(60)) {
            try await books.count("expectation", of: organisation) == payments.count
        }
        #expect(try await books.count("sale", of: organisation) == 4_000)
        #expect(try await books.count("ledger_entry", of: organisation) == 8_000)
        let told = "(SELECT payment AS id, organisation FROM expectation)"
        #expect(try await books.told("fee-recorded", about: told, of: organisation) == [4_000, 4_000])
        #expect(try await books.told("payout-expected", about: told, of: organisation) == [4_000, 4_000])
        #expect(try await books.breaches(of: organisation) == [])
    }

    @Test(arguments: [UInt64(1), 2])
    func `REC-4: a known statement told again with more brings what it has more, once`(seed: UInt64) async throws {
        let books = try await Self.books.value
        var random = SeededGenerator(seed: seed)
        let (organisation, key): (OrganisationID, String) = (Books.newID(), Books.newKey())
        try await books.own(StatementFile.iban, of: organisation)
        let known = (0..<4_000).map { number in
            StatementEntry(reference: "K\(number)", amount: Int64(100 + number), text: "FACTURE \(number)")
        }
        // Each second movement takes back the one before: it comes to nothing beside the same balances.
        let more = (0..<4_000).map { number in
            let amount = Int64(500 + number / 2)
            return StatementEntry(
                reference: "M\(number)", amount: number.isMultiple(of: 2) ? amount : -amount,
                text: "EXTOURNE \(number)")
        }
        let (short, long) = (
            Array(StatementFile(id: "S1", entries: known).text.utf8),
            Array(StatementFile(id: "S1", entries: known + more).text.utf8)
        )
        let path = "/v1/bank-statements"
        let first = try await books.reply(to: short, at: path, of: organisation, key: Books.newKey())
        #expect(first.status == 201 && first.json["linesNew"]?.integer == 4_000, "\(first.json)")
        let sent = try await books.sendUnderFire(long, to: path, of: organisation, key: key, &random)
        let last = try #require(await books.send(long, to: path, of: organisation, key: key))
        #expect(sent.interrupted > 0, "seed \(seed): nothing was interrupted")
        #expect(last.json["linesNew"]?.integer == 4_000 && last.json["linesKnown"]?.integer == 4_000, "\(last.json)")
        #expect(try await books.count("bank_statement", of: organisation) == 1)
        #expect(try await books.count("bank_line", of: organisation) == 8_000)
        #expect(try await books.told("bank-line-imported", about: "bank_line", of: organisation) == [8_000, 8_000])
        #expect(try await books.breaches(of: organisation) == [])
    }

    @Test(arguments: [UInt64(1), 2])
    func `REC-4: a refused file is taken in whole and once when it is sent again under its key`(
        seed: UInt64
    ) async throws {
        let books = try await Self.books.value
        var random = SeededGenerator(seed: seed)
        let (organisation, key): (OrganisationID, String) = (Books.newID(), Books.newKey())
        var file: [UInt8] = []
        try await LargeFile(.camt053, lines: 8_000).write { file += $0 }
        let (bytes, path) = (file, "/v1/bank-statements")
        // Nobody has named its account; who is killed meanwhile has refused nothing.
        async let lost = books.send(bytes, to: path, of: organisation, key: key)
        try await waitUntil("it has begun") { try await books.unfinishedFiles(of: organisation) > 0 }
        try await books.die()
        #expect(await lost == nil)
        try await books.live()
        let refused = try await books.reply(to: bytes, at: path, of: organisation, key: key)
        #expect(refused.status == 422, "\(refused.json)")
        #expect(try await books.count("bank_line", of: organisation) == 0)
        try await books.die()
        try await books.live()
        try await books.own(LargeFile.iban, of: organisation)
        let sent = try await books.sendUnderFire(bytes, to: path, of: organisation, key: key, &random)
        let last = try #require(await books.send(bytes, to: path, of: organisation, key: key))
        #expect(sent.interrupted > 0, "seed \(seed): nothing was interrupted")
        #expect(last.json["linesNew"]?.integer == 8_000, "\(last.json)")
        #expect(try await books.count("bank_line", of: organisation) == 8_000)
        #expect(try await books.told("bank-line-imported", about: "bank_line", of: organisation) == [8_000, 8_000])
        #expect(try await books.count("file_import", of: organisation) == 1)
        #expect(try await books.unfinishedFiles(of: organisation) == 0)
        #expect(try await books.breaches(of: organisation) == [])
    }
}
