import HTTPServer
import ServiceRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Work that blocks` {
    @Test func `runs on a thread of its own, one piece at a time, and gives back what it makes`() async throws {
        let work = BlockingWork("tests")
        let inHand = Atomic<Int>(0)
        let most = Mutex(0)
        let sum = try await withThrowingTaskGroup { group in
            for number in 1...8 {
                group.addTask {
                    try await work.run {
                        let count = inHand.add(1, ordering: .relaxed).newValue
                        most.withLock { $0 = max($0, count) }
                        inHand.subtract(1, ordering: .relaxed)
                        return number
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 36)
        #expect(most.withLock { $0 } == 1)
    }

    @Test func `lets all tasks go on while it works`() async throws {
        let work = BlockingWork("tests")
        let isOpen = Atomic<Bool>(false)
        // More pieces than the machine has cores: each holds its thread until a task that runs beside it lets it go.
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { try await work.run { while !isOpen.load(ordering: .acquiring) {} } }
            }
            group.addTask { isOpen.store(true, ordering: .releasing) }
            try await group.waitForAll()
        }
    }

    @Test func `turns away what would wait for too long, and passes over who has gone`() async throws {
        let work = BlockingWork("tests", waitingMax: 2)
        let isOpen = Atomic<Bool>(false)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await work.run {
                start.yield()
                while !isOpen.load(ordering: .acquiring) {}
            }
        }
        var iterator = started.makeAsyncIterator()
        await iterator.next()
        let ran = Atomic<Bool>(false)
        let second = Task { try await work.run { ran.store(true, ordering: .relaxed) } }
        let refused = await Self.refusal(of: work)
        #expect(refused == .overloaded)
        second.cancel()
        isOpen.store(true, ordering: .releasing)
        try await first.value
        await #expect(throws: CancellationError.self) { try await second.value }
        let hasRun = ran.load(ordering: .relaxed)
        #expect(!hasRun)
    }

    /// Asks until the second piece is in line too.
    private static func refusal(of work: BlockingWork) async -> Problem.Code? {
        for _ in 0..<100_000 {
            let isFull = work.isFull
            if isFull {
                do { try await work.run {} } catch let problem as Problem { return problem.code } catch { return nil }
            }
            await Task.yield()
        }
        return nil
    }
}
