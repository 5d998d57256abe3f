import EventContract
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `A relay` {
    @Test func `EVT-2, C-17 publishes everything once it is committed, in order per key`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.write(runs: 300, subjects: 7)
            try await fixture.running(fixture.relay()) {
                try await fixture.write(runs: 300..<400, subjects: 7)
                try await fixture.expectPublished()
            }
            #expect(try await fixture.count("outbox_journal") == 400)
        }
    }

    @Test func `C-16 loses and reorders nothing while a transaction is held open`() async throws {
        try await MessagingFixture.with { fixture in
            let gate = try await fixture.holdCommits(of: Probe.subject(100))
            try await fixture.running(fixture.relay()) {
                // Its position is drawn first and its commit comes last.
                async let held = Probe.note(Probe.subject(100), run: "held", in: fixture.database)
                try await fixture.eventually("the commit is held") { try await fixture.isCommitHeld() }
                try await fixture.write(runs: 100, subjects: 5)
                try await fixture.eventually("the others are published") {
                    try await fixture.count("outbox_journal") == 100
                }
                await gate.close()
                _ = try await held
                try await fixture.expectPublished()
            }
            #expect(try await fixture.count("outbox_journal") == 101)
        }
    }

    @Test func `C-18 has one leader per shard among three, and another when that one ends`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.write(runs: 200, subjects: 9)
            try await fixture.running(fixture.relay(), fixture.relay()) {
                try await fixture.running(fixture.relay()) {
                    try await fixture.write(runs: 200..<400, subjects: 9)
                    try await fixture.terminateRelaySessions()
                    try await fixture.write(runs: 400..<600, subjects: 9)
                }
                try await fixture.write(runs: 600..<700, subjects: 9)
                try await fixture.expectPublished()
            }
        }
    }

    @Test func `keeps nothing from going out when the broker was away`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.running(fixture.relay()) {
                try await fixture.write(runs: 50, subjects: 5)
                try await fixture.expectPublished()
                try await fixture.broker.goDown()
                try await fixture.write(runs: 50..<400, subjects: 5)
                try await fixture.pause(TestDurations.brokerAway)
                #expect(try await fixture.count("outbox") == 350)
                try await fixture.broker.comeUp()
                try await fixture.expectPublished()
            }
        }
    }

    @Test func `C-22 publishes the other keys while a partition has no leader`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.running(fixture.relay()) {
                try await fixture.write(runs: 40, subjects: 40)
                try await fixture.expectPublished()
                try await fixture.broker.lead(Topic.invoicing.rawValue, 0, by: nil)
                // Three rounds for each key, so that later rows of a key find earlier ones on their way.
                for round in 1...3 {
                    try await fixture.write(runs: 40 * round..<40 * (round + 1), subjects: 40)
                    try await fixture.eventually("what can go out goes out") { try await fixture.areLeftOfFewKeys() }
                }
                #expect(try await fixture.count("outbox") > 0, "some keys are of the partition without a leader")
                try await fixture.broker.lead(Topic.invoicing.rawValue, 0)
                try await fixture.expectPublished()
            }
            #expect(try await fixture.recordsInTopic() == 160, "each once")
        }
    }

    @Test func `sends what is behind a refused row of its key once, when that row goes out`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.write(runs: 50, subjects: 5)
            let third = try await fixture.makeTooLarge(subject: 0, number: 3)
            try await fixture.running(fixture.relay()) {
                try await fixture.eventually("all but the third and those behind it are out") {
                    try await fixture.count("outbox") == 8
                }
                // Some tries more.
                try await fixture.pause(.seconds(2))
                #expect(try await fixture.count("outbox") == 8)
                try await fixture.restore(third)
                try await fixture.expectPublished()
            }
            #expect(try await fixture.recordsInTopic() == 50, "each once")
        }
    }

    @Test func `idles with few queries`() async throws {
        try await MessagingFixture.with { fixture in
            // The server hears of what a connection did when it closes, so whole lives are compared.
            let short = try await fixture.transactionsOfIdleRelay(for: .seconds(1))
            let long = try await fixture.transactionsOfIdleRelay(for: .seconds(5))
            #expect(long - short < 20, "in four seconds more")
        }
    }
}
