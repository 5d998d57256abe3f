import ArgumentParser
import Glibc
import Synchronization
import TransactionalMessaging

/// At which step, and at the how-manieth time there, the process kills itself as `kill -9` would, or freezes.
struct CrashPlan: ExpressibleByArgument {
    let point: Checkpoints.Point
    let count: Int
    /// Its visits count from the first time the process is here.
    let after: Checkpoints.Point?
    let signal: Int32

    init?(argument: String) {
        let parts = argument.split(separator: ":")
        guard let name = parts.first, let point = Checkpoints.Point(rawValue: String(name)) else { return nil }
        self.point = point
        count = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
        after = parts.count > 2 ? Checkpoints.Point(rawValue: String(parts[2])) : nil
        signal = parts.last == "freeze" ? SIGSTOP : SIGKILL
    }

    var checkpoints: Checkpoints {
        let visits = Visits(isOpen: after == nil)
        return Checkpoints { [point, count, after, signal] reached in
            if reached == after { visits.open() }
            guard reached == point, visits.next() == count else { return }
            // To this very thread, so that it does not take one more step.
            raise(signal)
        }
    }

    private final class Visits: Sendable {
        private let isOpen: Atomic<Bool>
        private let count = Atomic(0)

        init(isOpen: Bool) { self.isOpen = Atomic(isOpen) }

        func open() { isOpen.store(true, ordering: .relaxed) }

        func next() -> Int {
            guard isOpen.load(ordering: .relaxed) else { return 0 }
            return count.add(1, ordering: .relaxed).newValue
        }
    }
}
