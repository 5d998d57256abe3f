import Glibc
import PaymentModel
import PostgresClient
import Synchronization
import TestSupport
import Testing
import TransactionalMessaging

/// What an organisation's messages need is taken elsewhere for longer than all tries of a message last.
@Suite struct `Messages that wait for their turn` {
    @Test(arguments: [Consumer.Order.passOthers, .holdKey])
    func `C-22 wait without a try and in their order, and those of others pass`(order: Consumer.Order) async throws {
        try await MessagingFixture.with(order: order) { fixture in
            try await fixture.take()
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.writeBoth(0..<120)
                try await fixture.eventually("others pass") { try await fixture.effects(of: .others) == 60 }
                try await fixture.outlastTries()
                // What comes later passes as well, and what waits does not.
                try await fixture.writeBoth(120..<180)
                try await fixture.eventually("others still pass") { try await fixture.effects(of: .others) == 90 }
                #expect(try await fixture.effects(of: .waiting) == 0)
                try await fixture.giveBack()
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("dead_letter") == 0)
            #expect(try await fixture.effects(of: .waiting) == 90)
        }
    }

    @Test(arguments: [10_000, 10])
    func `C-20 C-21 are neither lost, doubled nor overtaken when members come and go meanwhile`(
        waitingMax: Int
    ) async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            let member = { fixture.consumer(waitingMax: waitingMax) }
            try await fixture.take()
            try await fixture.running(fixture.relay(), member()) {
                try await fixture.writeBoth(0..<80)
                try await fixture.running(member(), member()) {
                    try await fixture.writeBoth(80..<160)
                    try await fixture.eventually("others pass") { try await fixture.effects(of: .others) == 80 }
                    try await fixture.giveBack()
                    try await fixture.eventually("some are handled") {
                        try await fixture.effects(of: .waiting) > 0
                    }
                    try await fixture.take()
                }
                // Two have left; what waited in them is the first one's now.
                try await fixture.writeBoth(160..<200)
                try await fixture.giveBack()
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 200)
            #expect(try await fixture.count("dead_letter") == 0)
        }
    }

    @Test(arguments: [true, false])
    func `C-20 C-21 are neither lost nor overtaken when their partition leaves while more of it is read`(
        comesBack: Bool
    ) async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            let gate = Gate()
            try await fixture.take()
            // A partition that comes back while the loop is held has left without waiting for it.
            let held = fixture.consumer(
                checkpoints: gate.checkpoints, revokeWaitMax: comesBack ? .seconds(1) : .seconds(10))
            try await fixture.running(fixture.relay(), held) {
                try await fixture.write(runs: 0..<40, subjects: 10)
                try await fixture.outlastTries()
                gate.close()
                try await fixture.write(runs: 40..<80, subjects: 10)
                try await fixture.eventually("more is read") { gate.hasHeld }
                if !comesBack { try await fixture.giveBack() }
                try await fixture.running(fixture.consumer()) {
                    // The group hears of the member and asks for some partitions.
                    try await Task.sleep(for: .seconds(2))
                    guard !comesBack else { return }
                    gate.open()
                    try await fixture.expectEffects()
                }
                guard comesBack else { return }
                try await Task.sleep(for: .seconds(2))
                try await fixture.giveBack()
                gate.open()
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 80)
            #expect(try await fixture.count("dead_letter") == 0)
        }
    }

    @Test(arguments: [Checkpoints.Point.messagesFetched, .messagesClaimed, .offsetsCommitted])
    func `C-18 come again when the process in which they waited is killed`(at point: Checkpoints.Point) async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.take()
            try await fixture.crash(["write", "relay", "consume"], at: point, visit: 3, runs: 120, subjects: 5)
            #expect(try await fixture.count("effect") == 0)
            try await fixture.giveBack()
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 120, subjects: 5)
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 120)
        }
    }

    @Test(arguments: [false, true])
    func `C-22 let others pass also when no more of them are held in memory, and come in their order then`(
        together: Bool
    ) async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.take()
            try await fixture.running(fixture.relay(), fixture.consumer(together: together, waitingMax: 20)) {
                try await fixture.writeBoth(0..<200)
                try await fixture.eventually("others pass") { try await fixture.effects(of: .others) == 100 }
                #expect(try await fixture.effects(of: .waiting) == 0)
                try await fixture.giveBack()
                try await fixture.eventually("some are handled") { try await fixture.effects(of: .waiting) > 0 }
                // What stayed in the topic meanwhile waits again.
                try await fixture.take()
                try await fixture.writeBoth(200..<240)
                try await fixture.eventually("others still pass") { try await fixture.effects(of: .others) == 120 }
                try await fixture.giveBack()
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 240)
            #expect(try await fixture.count("dead_letter") == 0)
        }
    }

    @Test func `C-18 come again also from where they stayed in the topic when their member ends`() async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.take()
            try await fixture.running(fixture.relay(), fixture.consumer(waitingMax: 5)) {
                try await fixture.write(runs: 0..<60, subjects: 3)
                try await fixture.write(runs: 60..<100, subjects: 100, of: Probe.otherOrganisation)
                try await fixture.eventually("others pass") { try await fixture.effects(of: .others) == 40 }
            }
            #expect(try await fixture.effects(of: .waiting) == 0)
            try await fixture.giveBack()
            try await fixture.running(fixture.relay(), fixture.consumer()) { try await fixture.expectEffects() }
            #expect(try await fixture.count("effect") == 100)
        }
    }

    @Test(
        arguments: [
            "messagesSought", "messagesFetched:1:messagesSought", "messagesHandled:1:messagesSought",
            "messagesCommitted:1:messagesSought", "offsetsCommitted:1:messagesSought",
        ], ["consume", "consumeTogether"])
    func `C-18 come again when the process is killed that has gone back to where they stayed in the topic`(
        crash: String, role: String
    ) async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.take()
            try await fixture.running(fixture.relay()) {
                try await fixture.write(runs: 0..<60, subjects: 3)
                try await fixture.write(runs: 60..<100, subjects: 100, of: Probe.otherOrganisation)
                let child = try fixture.spawn([role], crash: crash, waitingMax: 5)
                defer { child.kill() }
                try await fixture.eventually("others pass") { try await fixture.effects(of: .others) == 40 }
                #expect(try await fixture.effects(of: .waiting) == 0)
                try await fixture.giveBack()
                try await fixture.eventually("it dies at \(crash)") { !child.isRunning }
                #expect(child.wasKilled)
            }
            #expect(try await fixture.effects(of: .waiting) > 0)
            try await fixture.running(fixture.relay(), fixture.consumer(together: role == "consumeTogether")) {
                try await fixture.expectEffects()
            }
            #expect(try await fixture.count("effect") == 100)
            #expect(try await fixture.count("dead_letter") == 0)
        }
    }

    @Test func `park what fails by itself once it is their turn, and hold its key`() async throws {
        try await MessagingFixture.with(order: .holdKey) { fixture in
            try await fixture.take()
            try await fixture.poison(subject: 0, number: 2)
            try await fixture.running(fixture.relay(), fixture.consumer()) {
                try await fixture.write(runs: 0..<20, subjects: 2)
                try await fixture.outlastTries()
                #expect(try await fixture.count("dead_letter") == 0)
                try await fixture.giveBack()
                try await fixture.eventually("one is parked, eight are held") {
                    try await fixture.letters.list().map(\.state) == [.parked] + Array(repeating: .held, count: 8)
                }
                try await fixture.eventually("the other key is handled") { try await fixture.count("effect") == 11 }
                try await fixture.cure()
                let first = try #require(try await fixture.letters.list().first)
                try await fixture.take()
                // Nobody's failure: the letter stays what it was.
                guard case .notItsTurn = try await fixture.letters.retry(first.id, by: "somebody") else {
                    Issue.record("it was not its turn")
                    return
                }
                #expect(try await fixture.letters.show(first.id)?.tries == first.tries)
                try await fixture.giveBack()
                #expect(try await fixture.letters.retry(first.id, by: "somebody") == .handled(count: 9))
                try await fixture.expectEffects()
            }
        }
    }
}

/// Holds a loop that has read a batch and has not begun with it; not for ever, lest a failed test never ends.
private final class Gate: Sendable {
    private struct State {
        var isClosed = false
        var hasHeld = false
    }

    private let state = Mutex(State())

    var hasHeld: Bool { state.withLock { $0.hasHeld } }

    var checkpoints: Checkpoints {
        Checkpoints { point in
            guard point == .messagesFetched else { return }
            let end = ContinuousClock.now + .seconds(30)
            while self.holds(), ContinuousClock.now < end { usleep(10_000) }
        }
    }

    func close() { state.withLock { $0.isClosed = true } }

    func open() { state.withLock { $0.isClosed = false } }

    private func holds() -> Bool {
        state.withLock { state in
            if state.isClosed { state.hasHeld = true }
            return state.isClosed
        }
    }
}

extension MessagingFixture {
    fileprivate enum Whose { case waiting, others }

    /// Somebody is alone in what the organisation's messages need.
    fileprivate func take() async throws {
        try await execute(["INSERT INTO taken (organisation) VALUES (\(Probe.organisation))"])
    }

    fileprivate func giveBack() async throws { try await execute(["DELETE FROM taken"]) }

    /// Half of them are of an organisation that waits, half of another.
    fileprivate func writeBoth(_ runs: Range<Int>) async throws {
        for run in runs {
            let organisation = run.isMultiple(of: 2) ? Probe.organisation : Probe.otherOrganisation
            try await write(runs: run..<run + 1, subjects: 10, of: organisation)
        }
    }

    /// Waits for longer than a message is tried before it is parked.
    fileprivate func outlastTries() async throws { try await Task.sleep(for: .seconds(1)) }

    fileprivate func effects(of whose: Whose) async throws -> Int {
        try await count(
            """
            effect JOIN cause ON cause.key = effect.event_id::text AND cause.scope = 'message:probe'
            WHERE (cause.organisation = '\(Probe.organisation)') = \(whose == .waiting)
            """)
    }
}
