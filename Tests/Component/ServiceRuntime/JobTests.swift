import Logging
import ServiceLifecycle
import ServiceRuntime
import Synchronization
import Testing
import TransactionalMessaging

@Suite struct `Running a job` {
    /// Counts runs and waits; a wait only ends when the test lets it.
    final class Stage: Sendable {
        struct State {
            var runs = 0
            var running = 0
            var runningMax = 0
            var waits: [Duration] = []
        }
        let state = Mutex(State())
        let limit: Int

        init(limit: Int) { self.limit = limit }

        var now: State { state.withLock { $0 } }

        func enter() {
            state.withLock { state in
                state.runs += 1
                state.running += 1
                state.runningMax = max(state.runningMax, state.running)
            }
        }

        func leave() { state.withLock { $0.running -= 1 } }

        /// Waits no time at all until there were enough, then for ever.
        func wait(_ duration: Duration) async throws {
            let isEnough = state.withLock { state in
                state.waits.append(duration)
                return state.waits.count > limit
            }
            if isEnough { try await Task.sleep(for: .seconds(3_600)) }
        }
    }

    struct Failed: Error {}

    func run(
        _ job: Job, _ stage: Stage, leads: @escaping @Sendable () async -> Bool = { true },
        until isDone: @escaping @Sendable () -> Bool
    ) async throws {
        let quiet = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })
        let runner = JobRunner([job], logger: quiet, leads: leads, jitter: { 0.5 }) { try await stage.wait($0) }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [runner], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while !isDone() { await Task.yield() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func `repeats it at its interval, never twice at once`() async throws {
        let stage = Stage(limit: 5)
        let job = Job("count", every: .seconds(60)) {
            stage.enter()
            await Task.yield()
            stage.leave()
        }
        try await run(job, stage) { stage.now.waits.count > 5 }
        #expect(stage.now.runs == 5)
        #expect(stage.now.runningMax == 1)
        #expect(stage.now.waits.first == .milliseconds(500))
        #expect(stage.now.waits.dropFirst().allSatisfy { abs($0 / .seconds(60) - 1) < 0.001 })
    }

    @Test func `waits longer after each failure, up to a limit, and as before after a success`() async throws {
        let stage = Stage(limit: 8)
        let job = Job("fail", every: .seconds(10)) {
            stage.enter()
            defer { stage.leave() }
            if stage.now.runs < 7 { throw Failed() }
        }
        try await run(job, stage) { stage.now.waits.count > 8 }
        let tens = stage.now.waits.dropFirst().map { Int(($0 / .seconds(10)).rounded()) }
        #expect(tens == [2, 4, 8, 16, 16, 16, 1, 1])
    }

    @Test func `waits longer while there is nothing to do, up to a limit, and as before once there is`() async throws {
        let stage = Stage(limit: 8)
        let job = Job("look", every: .seconds(10), idlingUpTo: .seconds(60)) {
            stage.enter()
            defer { stage.leave() }
            return stage.now.runs == 5
        }
        try await run(job, stage) { stage.now.waits.count > 8 }
        let tens = stage.now.waits.dropFirst().map { Int(($0 / .seconds(10)).rounded()) }
        #expect(tens == [2, 4, 6, 6, 1, 2, 4, 6])
    }

    @Test(.timeLimit(.minutes(5))) func `is woken by its bell long before its time`() async throws {
        let stage = Stage(limit: 100)
        let bell = Doorbell()
        let job = Job("hear", every: .seconds(3_600), idlingUpTo: .seconds(7_200), wokenBy: bell) {
            stage.enter()
            defer { stage.leave() }
            bell.ring()
            return false
        }
        try await run(job, stage) { stage.now.runs > 3 }
        #expect(stage.now.runningMax == 1)
    }

    @Test(.timeLimit(.minutes(5))) func `waits its time out after a failure, whatever its bell says`() async throws {
        let stage = Stage(limit: 3)
        let bell = Doorbell()
        let job = Job("hear", every: .seconds(1), idlingUpTo: .seconds(2), wokenBy: bell) {
            stage.enter()
            stage.leave()
            bell.ring()
            throw CancellationError()
        }
        try await run(job, stage) { stage.now.waits.count > 3 }
        #expect(stage.now.waits.count == stage.now.runs, "each of them was slept through")
    }

    @Test func `leaves an exclusive one to the instance that leads`() async throws {
        let stage = Stage(limit: 5)
        let job = Job("lead", every: .seconds(1), exclusively: true) {
            stage.enter()
            stage.leave()
        }
        try await run(job, stage, leads: { false }) { stage.now.waits.count > 5 }
        #expect(stage.now.runs == 0)
    }

    @Test func `finishes the run in hand when it is told to stop`() async throws {
        let stage = Stage(limit: 1)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let job = Job("finish", every: .seconds(1)) {
            stage.enter()
            var iterator = gate.makeAsyncIterator()
            _ = await iterator.next()
            #expect(!Task.isCancelled)
            stage.leave()
        }
        let quiet = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })
        let runner = JobRunner([job], logger: quiet, jitter: { 0.5 }) { try await stage.wait($0) }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [runner], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while stage.now.running == 0 { await Task.yield() }
            await group.triggerGracefulShutdown()
            open.yield()
            try await tasks.waitForAll()
        }
        #expect(stage.now.runs == 1 && stage.now.running == 0)
    }
}
