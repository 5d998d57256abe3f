import ArgumentParser
import Glibc
import Synchronization
import TransactionalMessaging

/// At which step, and at the how-manieth time there, the process kills itself as `kill -9` would, or freezes.
struct CrashPlan: ExpressibleByArgument {
    let point: Checkpoints.Point
    let count: Int
    let signal: Int32

    init?(argument: String) {
        let parts = argument.split(separator: ":")
        guard let name = parts.first, let point = Checkpoints.Point(rawValue: String(name)) else { return nil }
        self.point = point
        count = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
        signal = parts.last == "freeze" ? SIGSTOP : SIGKILL
    }

    var checkpoints: Checkpoints {
        let visits = Visits()
        return Checkpoints { [point, count, signal] reached in
            guard reached == point, visits.next() == count else { return }
            // To this very thread, so that it does not take one more step.
            raise(signal)
        }
    }

    private final class Visits: Sendable {
        private let count = Atomic(0)
        func next() -> Int { count.add(1, ordering: .relaxed).newValue }
    }
}
