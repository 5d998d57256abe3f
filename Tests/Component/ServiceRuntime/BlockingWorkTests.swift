import HTTPServer
import ServiceRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct `Work that blocks` {
    /// Holds work until it is opened, and notes who came in.
    final class Gate: Sendable {
        private let isOpen = Atomic<Bool>(false)
        private let inHand = Atomic<Int>(0)
        private let inHandMost = Atomic<Int>(0)
        private let entries = Atomic<Int>(0)

        var count: Int { entries.load(ordering: .acquiring) }

        var most: Int { inHandMost.load(ordering: .acquiring) }

        func open() { isOpen.store(true, ordering: .releasing) }

        func pass() {
            entries.add(1, ordering: .acquiringAndReleasing)
            let now = inHand.add(1, ordering: .acquiringAndReleasing).newValue
            inHandMost.max(now, ordering: .acquiringAndReleasing)
            while !isOpen.load(ordering: .acquiring) {}
            inHand.subtract(1, ordering: .acquiringAndReleasing)
        }
    }

    @Test func `runs beside all tasks, one piece at a time, and gives back what it makes`() async throws {
        let work = BlockingWork("tests")
        let gate = Gate()
        // More pieces than the machine has cores: they wait until a task that runs beside them opens the gate.
        let sum = try await withThrowingTaskGroup { group in
            for number in 1...8 {
                group.addTask {
                    try await work.run {
                        gate.pass()
                        return number
                    }
                }
            }
            group.addTask {
                gate.open()
                return 0
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 36)
        #expect(gate.most == 1)
    }

    @Test func `turns away what would wait for too long, and passes over who has gone`() async throws {
        let work = BlockingWork("tests", waitingMax: 2)
        let gate = Gate()
        let first = Task { try await work.run { gate.pass() } }
        while gate.count == 0 { await Task.yield() }
        let second = Task { try await work.run { gate.pass() } }
        while !work.isFull { await Task.yield() }
        let problem = await #expect(throws: Problem.self) { try await work.run {} }
        #expect(problem?.code == .overloaded)
        second.cancel()
        gate.open()
        try await first.value
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(gate.count == 1)
    }
}
