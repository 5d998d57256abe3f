import EventContract
import PaymentModel
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `A disaster` {
    @Test func `that takes the whole broker is made good from the journal, each effect once`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 200, subjects: 5)
                try await fixture.expectPublished()
                try await fixture.eventually("some are handled") { try await fixture.count("effect") > 20 }
                await fixture.broker.stop()
                try await fixture.write(runs: 200..<300, subjects: 5)
                // Before there is an empty broker: what was written since must not go out before what was lost.
                let count = try await fixture.replay.rebuild()
                #expect(count >= 200)
                try await fixture.broker.startAgain()
                try await fixture.write(runs: 300..<350, subjects: 5)
                try await fixture.expectPublished()
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 350)
        }
    }

    @Test func `that stops PostgreSQL for a while only delays`() async throws {
        try await MessagingFixture.with(server: .own) { fixture in
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 100, subjects: 5)
                try await fixture.postgres.stopServer()
                try await fixture.pause(TestDurations.postgresAway)
                try await fixture.postgres.startServer()
                try await fixture.eventually("it answers again") {
                    (try? await fixture.count("written")) == 100
                }
                try await fixture.write(runs: 100..<200, subjects: 5)
                try await fixture.expectPublished()
                try await fixture.expectEffects()
            }
            #expect(try await fixture.letters.list().isEmpty, "an outage is no message's fault")
        }
    }

    @Test func `C-16 after which a dump is restored loses nothing that was committed`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.write(runs: 60, subjects: 5)
            try await fixture.running(fixture.relay()) {
                try await fixture.eventually("some are published") { try await fixture.count("outbox_journal") > 0 }
            }
            try await fixture.write(runs: 60..<150, subjects: 5)
            let restored = try await fixture.dumpedAndRestored()
            try await restored.running(restored.relay(), restored.consumer()) {
                try await restored.write(runs: 150..<200, subjects: 5)
                try await restored.expectPublished()
                try await restored.expectEffects()
            }
            #expect(try await restored.count("effect") == 200)
        }
    }

    @Test func `of a frozen leader lets it publish nothing stale when it wakes`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.write(runs: 50, subjects: 5)
            // It has read the rows and not yet sent them when it stops.
            let frozen = try fixture.spawn(["relay"], crash: "outboxClaimed:1:freeze")
            defer { frozen.kill() }
            try await fixture.eventually("it is frozen") { frozen.isFrozen }
            try await fixture.terminateRelaySessions()
            try await fixture.running(fixture.relay()) {
                try await fixture.expectPublished()
                frozen.thaw()
                try await fixture.write(runs: 50..<100, subjects: 5)
                try await fixture.expectPublished()
            }
            let records = try await fixture.recordsInTopic()
            #expect(records == 100, "none of the frozen leader's rows came again")
        }
    }

    @Test func `or a new subscriber is served by a copy in a topic of its own`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.running(fixture.relay()) {
                try await fixture.write(runs: 90, subjects: 3)
                try await fixture.expectPublished()
            }
            try await fixture.write(runs: 90..<120, subjects: 3)
            let all = try await fixture.replay.copy(ReplaySelection(), into: "copy.of.all")
            let some = try await fixture.replay.copy(
                ReplaySelection(types: [ProbeNotedV1.type.text], subject: Probe.subject(1).value), into: "copy.of.one")
            #expect(all == 120 && some == 40)
            try await fixture.expectInOrder(topic: "copy.of.all", count: 120)
            try await fixture.expectInOrder(topic: "copy.of.one", count: 40)
        }
    }
}
