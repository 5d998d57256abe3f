import EventContract
import KafkaClient
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `A consumer` {
    @Test func `C-08 has each effect once, in order per key, however often a message comes`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 200, subjects: 7)
                try await fixture.expectEffects()
                try await fixture.sendAgain(topic: .invoicing)
                try await fixture.write(runs: 200..<250, subjects: 7)
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 250)
        }
    }

    @Test func `C-20 C-21 keeps to that with three members of which some come and go`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 100, subjects: 9)
                try await fixture.running(fixture.consumer(), fixture.consumer()) {
                    try await fixture.write(runs: 100..<400, subjects: 9)
                    try await fixture.eventually("some are handled") { try await fixture.count("effect") > 200 }
                }
                try await fixture.write(runs: 400..<500, subjects: 9)
                try await fixture.expectEffects()
            }
        }
    }

    @Test func `C-22 parks a message that fails and goes on with the others, also of its key`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.poison(subject: 2, number: 3)
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 60, subjects: 6)
                try await fixture.eventually("all others are handled") { try await fixture.count("effect") == 59 }
                try await fixture.eventually("it is parked") { try await fixture.letters.list().count == 1 }
                try await fixture.expectAnnounced(letters: 1)
            }
            let letter = try #require(try await fixture.letters.list().first)
            #expect(letter.state == .parked && letter.tries == 3)
            #expect(letter.reason.contains("Poisoned"))
            #expect(letter.headers.contains("ce_id") && letter.type == ProbeNotedV1.type.text)
        }
    }

    @Test func `parks what it cannot read at once, and skips what it does not know`() async throws {
        // Longer than an index of PostgreSQL takes, and not to be compressed.
        let longKey = (0..<6_000).map { _ in UInt8.random(in: 0...(.max)) }
        try await MessagingFixture.with { fixture in
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.send([
                    fixture.record(type: ProbeNotedV1.type.text, value: #"{"number":"one"}"#),
                    fixture.record(type: ProbeNotedV1.type.text, value: "{"),
                    fixture.record(type: nil, value: "no event at all"),
                    fixture.record(type: nil, value: "nor this one", key: longKey),
                    fixture.record(type: "org.quittance.invoicing.probe-noted.v2", value: #"{"other":1}"#),
                    fixture.record(type: "org.quittance.invoicing.unheard-of.v1", value: "{}"),
                    fixture.record(type: ProbeNotedV1.type.text, value: nil),
                ])
                try await fixture.write(runs: 10, subjects: 1)
                try await fixture.expectEffects()
                try await fixture.eventually("four are parked") { try await fixture.letters.list().count == 4 }
            }
            #expect(try await fixture.letters.list().allSatisfy { $0.tries == 1 })
        }
    }

    @Test func `C-22 parks a message that ends its own connection each time, with the code of the database`()
        async throws
    {
        try await MessagingFixture.with { fixture in
            try await fixture.killConnections(atEffect: 3, of: Probe.subject(2))
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 60, subjects: 6)
                try await fixture.eventually("all others are handled") { try await fixture.count("effect") == 59 }
                try await fixture.eventually("it is parked") { try await fixture.letters.list().count == 1 }
            }
            let letter = try #require(try await fixture.letters.list().first)
            #expect(letter.state == .parked && letter.tries == 3)
            #expect(letter.causes.contains("SQLSTATE 57P01"))
        }
    }

    @Test func `names the constraint that refused a message among its causes, and no value`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.execute(["ALTER TABLE effect ADD CONSTRAINT effect_is_small CHECK (number < 3)"])
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 3, subjects: 1)
                try await fixture.eventually("it is parked") { try await fixture.letters.list().count == 1 }
            }
            let letter = try #require(try await fixture.letters.list().first)
            #expect(
                letter.causes == [
                    "PostgresClient.PostgresError", "SQLSTATE 23514", "constraint effect_is_small", "table effect",
                ])
            let outcome = try await fixture.letters.retry(letter.id, by: "somebody")
            guard case .failed = outcome else {
                Issue.record("it should fail again")
                return
            }
            #expect(try await fixture.letters.show(letter.id)?.causes == letter.causes)
        }
    }

    @Test func `holds the later messages of a key behind a parked one until it is retried`() async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.poison(subject: 0, number: 3)
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 20, subjects: 2)
                try await fixture.eventually("the rest of the key is held") {
                    try await fixture.letters.list().count == 8
                }
                let open = try await fixture.letters.list()
                #expect(open.map(\.state) == [.parked] + Array(repeating: .held, count: 7))
                let failed = try await fixture.letters.retry(open[4].id, by: "somebody")
                guard case .failed(open[0].id, _) = failed else {
                    Issue.record("the first of the key should be tried first and fail, not \(failed)")
                    return
                }
                try await fixture.cure()
                #expect(try await fixture.letters.retry(open[4].id, by: "somebody") == .handled(count: 8))
                try await fixture.write(runs: 20..<30, subjects: 2)
                try await fixture.expectEffects()
            }
            #expect(try await fixture.letters.list(states: [.retried]).count == 8)
        }
    }

    @Test func `lets the held ones go on when the first is discarded`() async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.poison(subject: 0, number: 2)
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 5, subjects: 1)
                try await fixture.eventually("four are open") { try await fixture.letters.list().count == 4 }
                let first = try #require(try await fixture.letters.list().first)
                let outcome = try await fixture.letters.discard(first.id, by: "somebody", because: "a test")
                #expect(outcome == .handled(count: 3))
            }
            let discarded = try #require(try await fixture.letters.list(states: [.discarded]).first)
            #expect(discarded.settlement?.by == "somebody" && discarded.settlement?.because == "a test")
            #expect(try await fixture.count("effect") == 4)
        }
    }

    @Test func `lets a message go on that is being held while the letter before it is discarded`() async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.poison(subject: 0, number: 2)
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 3, subjects: 1)
                try await fixture.eventually("two are open") { try await fixture.letters.list().count == 2 }
            }
            let letters = try await fixture.letters.list()
            // A member is about to hold the third: it has the key's lock, its letter cannot be seen yet.
            let member = try await fixture.lockKey(of: letters[0].id)
            try await fixture.execute(["UPDATE dead_letter SET state = 'retried' WHERE state = 'held'"])
            async let outcome = fixture.letters.discard(letters[0].id, by: "somebody", because: "a test")
            try await fixture.database.pool.waitForLocks(1)
            try await fixture.execute(["UPDATE dead_letter SET state = 'held' WHERE state = 'retried'"])
            await member.close()
            #expect(try await outcome == .handled(count: 1))
            #expect(try await fixture.letters.list().isEmpty)
        }
    }

    @Test func `retries a letter once, whoever asks at the same time`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.poison(subject: 0, number: 1)
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 3, subjects: 1)
                try await fixture.eventually("one is parked") { try await fixture.letters.list().count == 1 }
                let letter = try #require(try await fixture.letters.list().first)
                try await fixture.cure()
                try await withThrowingTaskGroup { tasks in
                    for _ in 0..<6 {
                        tasks.addTask { _ = try await fixture.letters.retry(letter.id, by: "somebody") }
                    }
                    try await tasks.waitForAll()
                }
            }
            #expect(try await fixture.count("effect") == 3)
        }
    }
}
