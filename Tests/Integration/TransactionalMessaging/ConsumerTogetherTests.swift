import EventContract
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// Messages of one type that a handler takes together.
@Suite struct `Messages that are handled together` {
    private static let consuming: [Checkpoints.Point] = [
        .messagesFetched, .messagesClaimed, .messagesHandled, .messagesCommitted, .offsetsCommitted,
    ]

    @Test func `C-08 have each effect once, in order per key, in fewer calls than there are messages`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.publish(runs: 0..<240, subjects: 12)
            try await fixture.running(fixture.relay(), fixture.consumer(together: true)) {
                try await fixture.expectEffects()
                let calls = try await fixture.count("handed")
                #expect(calls > 0 && calls <= 120, "240 messages in \(calls) calls")
                try await fixture.sendAgain(topic: .invoicing)
                try await fixture.write(runs: 240..<250, subjects: 12)
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 250)
        }
    }

    @Test func `C-21 keep the order of their key among messages of another type and of another organisation`()
        async throws
    {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.write(runs: 0..<80, subjects: 8, inTwoTypes: true)
            try await fixture.write(runs: 80..<120, subjects: 8, of: Probe.otherOrganisation, inTwoTypes: true)
            try await fixture.publish(runs: 120..<200, subjects: 8)
            try await fixture.running(fixture.relay(), fixture.consumer(together: true)) {
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 200)
            #expect(try await fixture.count("dead_letter") == 0)
        }
    }

    @Test func `C-22 are parked alone where one in their middle fails, and all others are handled`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.poison(subject: 2, number: 3)
            try await fixture.publish(runs: 0..<60, subjects: 6)
            try await fixture.running(fixture.relay(), fixture.consumer(together: true)) {
                try await fixture.eventually("all others are handled") { try await fixture.count("effect") == 59 }
                try await fixture.eventually("it is parked") { try await fixture.letters.list().count == 1 }
            }
            let letter = try #require(try await fixture.letters.list().first)
            #expect(letter.state == .parked && letter.tries == 3)
            #expect(letter.reason.contains("Poisoned"))
            #expect(try await fixture.count("effect") == 59)
            let alone = try await fixture.count("handed WHERE facts = 1")
            #expect(alone < 40, "those of other keys were still handled together, not \(alone) alone")
        }
    }

    @Test func `C-22 hold those of the key behind the one that fails, and go on in their order once it is cured`()
        async throws
    {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.poison(subject: 2, number: 3)
            try await fixture.publish(runs: 0..<60, subjects: 6)
            try await fixture.running(fixture.relay(), fixture.consumer(together: true)) {
                try await fixture.eventually("one is parked, seven are held") {
                    try await fixture.letters.list().map(\.state) == [.parked] + Array(repeating: .held, count: 7)
                }
                try await fixture.eventually("the other keys are handled") { try await fixture.count("effect") == 52 }
                try await fixture.cure()
                let first = try #require(try await fixture.letters.list().first)
                #expect(try await fixture.letters.retry(first.id, by: "somebody") == .handled(count: 8))
                try await fixture.expectEffects()
            }
        }
    }

    @Test func `C-22 wait together for what is taken elsewhere, without a try`() async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.execute(["INSERT INTO taken (organisation) VALUES (\(Probe.organisation))"])
            try await fixture.publish(runs: 0..<40, subjects: 5)
            try await fixture.running(fixture.relay(), fixture.consumer(together: true)) {
                try await fixture.write(runs: 40..<80, subjects: 100, of: Probe.otherOrganisation)
                try await fixture.eventually("others pass") { try await fixture.count("effect") == 40 }
                try await Task.sleep(for: .seconds(1))
                try await fixture.execute(["DELETE FROM taken"])
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("dead_letter") == 0)
        }
    }

    @Test(arguments: consuming)
    func `C-18 lose nothing and double no effect when their process dies`(at point: Checkpoints.Point) async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.crash(["write", "relay", "consumeTogether"], at: point, visit: 3, runs: 120, subjects: 5)
            try await fixture.running(fixture.relay(), fixture.consumer(together: true)) {
                try await fixture.write(runs: 120, subjects: 5)
                try await fixture.expectPublished()
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("written") == 120)
        }
    }

    @Test(arguments: consuming)
    func `C-18 lose nothing and double no effect when their process dies with some of which it has handled before`(
        at point: Checkpoints.Point
    ) async throws {
        try await MessagingFixture.with { fixture in
            // The offset of the fifth small batch is not committed: it comes again in a larger one, with what follows.
            try await fixture.publish(runs: 0..<40, subjects: 1)
            try await fixture.crash(["consumeTogether"], at: .messagesCommitted, visit: 5, batchMax: 3)
            let known = try await fixture.count("effect")
            #expect(known >= 5 && known <= 15)
            try await fixture.crash(["consumeTogether"], at: point, visit: 1)
            try await fixture.running(fixture.relay(), fixture.consumer(together: true)) {
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 40)
        }
    }

    @Test func `C-20 C-21 keep to that with three members of which some come and go`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.running(fixture.relay(), fixture.consumer(together: true)) {
                try await fixture.write(runs: 0..<100, subjects: 9, inTwoTypes: true)
                try await fixture.running(fixture.consumer(together: true), fixture.consumer(together: true)) {
                    try await fixture.write(runs: 100..<400, subjects: 9)
                    try await fixture.eventually("some are handled") { try await fixture.count("effect") > 200 }
                }
                try await fixture.write(runs: 400..<500, subjects: 9, inTwoTypes: true)
                try await fixture.expectEffects()
            }
        }
    }
}

extension MessagingFixture {
    /// Writes so many, all of which are in the topic before anybody reads it.
    fileprivate func publish(runs: Range<Int>, subjects: Int) async throws {
        try await write(runs: runs, subjects: subjects)
        try await running(relay()) { try await expectPublished() }
    }
}
