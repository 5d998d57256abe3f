import TestSupport
import Testing
import TransactionalMessaging

/// Kills the process with SIGKILL between each two steps of what it does, then starts it again.
@Suite struct `A process that is killed` {
    private static let writing: [Checkpoints.Point] = [.causeRecorded, .changeMade, .changeCommitted]
    private static let relaying: [Checkpoints.Point] = [
        .outboxClaimed, .outboxSending, .outboxAcknowledged, .outboxSettled,
    ]
    private static let consuming: [Checkpoints.Point] = [
        .messagesFetched, .messagesClaimed, .messagesHandled, .messagesCommitted, .offsetsCommitted,
    ]
    private static let parking: [Checkpoints.Point] = [.letterWritten, .letterCommitted]
    private static let retrying: [Checkpoints.Point] = [.letterHandled, .letterSettled]

    @Test(arguments: writing + relaying + consuming)
    func `C-18 loses nothing and doubles no effect`(at point: Checkpoints.Point) async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.crash(["write", "relay", "consume"], at: point, visit: 3, runs: 120, subjects: 5)
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 120, subjects: 5)
                try await fixture.expectPublished()
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("written") == 120)
        }
    }

    @Test(arguments: parking)
    func `parks a message once`(at point: Checkpoints.Point) async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.poison(subject: 0, number: 5)
            try await fixture.crash(["write", "relay", "consume"], at: point, visit: 1, runs: 30, subjects: 2)
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 30, subjects: 2)
                try await fixture.eventually("the others are handled") { try await fixture.count("effect") == 29 }
                try await fixture.expectAnnounced(letters: 1)
            }
            #expect(try await fixture.count("dead_letter") == 1)
        }
    }

    @Test(arguments: retrying)
    func `retries a letter once`(at point: Checkpoints.Point) async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.poison(subject: 0, number: 2)
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 10, subjects: 1)
                try await fixture.eventually("it is parked") { try await fixture.letters.list().count == 1 }
                try await fixture.cure()
                try await fixture.crash(["retry"], at: point, visit: 1)
                for letter in try await fixture.letters.list() {
                    #expect(try await fixture.letters.retry(letter.id, by: "somebody") == .handled(count: 1))
                }
            }
            #expect(try await fixture.count("effect") == 10)
        }
    }
}
