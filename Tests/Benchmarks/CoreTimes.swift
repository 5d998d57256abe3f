import Foundation
import TestSupport

/// What the machine's cores did until now, as the kernel counts it.
struct CoreTimes: Sendable {
    private let busy: Double
    private let all: Double

    static func now() throws -> CoreTimes {
        let text = try String(contentsOfFile: "/proc/stat", encoding: .utf8)
        // user, nice, system, idle, iowait, irq, softirq, steal; what guests use is in the first two.
        let times = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
        guard times.count == 8 else { throw BenchFailure(text: "/proc/stat does not say what the cores did") }
        let all = times.reduce(0, +)
        return CoreTimes(busy: all - times[3] - times[4], all: all)
    }

    /// How many cores did something since then, on the average.
    func busy(since before: CoreTimes) -> Double {
        let cores = Double(ProcessInfo.processInfo.activeProcessorCount)
        return cores * (busy - before.busy) / max(1, all - before.all)
    }
}
