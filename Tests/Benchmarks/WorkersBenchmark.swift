import ArgumentParser
import Foundation

/// What more workers bring: 1, 2, 4 and 8 `notification work` processes before a gateway that takes its time (NOT-11).
struct WorkersBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "Messages per second of 1, 2, 4 and 8 workers, as a share of so many times one.",
        discussion: """
            Needs PostgreSQL's server, and `notification`, `sandbox` and `embedded-broker` beside this program. The \
            gateway answers after --milliseconds; each worker makes --calls calls at once. Where the cores are full, \
            more workers bring nothing: the load of the machine is printed beside each figure.
            """)

    @Option(help: "Messages of a round for each worker.")
    var messages = 1_000

    @Option(help: "Time the gateway takes to answer.")
    var milliseconds = 100

    @Option(help: "Calls one worker makes at once.")
    var calls = 16

    @Option(help: "Rounds; the median counts.")
    var rounds = 3

    @Option(help: "Numbers of workers, the first of which the others are shares of.")
    var workers = "1,2,4,8"

    func run() async throws {
        let sizes = workers.split(separator: ",").compactMap { Int($0) }
        let stage = try await WorkersStage.start(answerMilliseconds: milliseconds, calls: calls)
        print("workers   messages/s   share of n x one   load   (a gateway of \(milliseconds) ms, \(calls) calls each)")
        var rates: [Int: [Double]] = [:]
        var loads: [Int: Double] = [:]
        for _ in 0..<rounds {
            // In turns, so that a noisy machine disturbs all alike.
            for size in sizes {
                let rate = try await stage.rate(of: size, messages: messages * size)
                rates[size, default: []].append(rate)
                loads[size] = Self.load()
            }
        }
        guard let first = sizes.first, let one = rates[first].map(Comparison.median) else { return }
        for size in sizes {
            let rate = Comparison.median(rates[size] ?? [0])
            let share = rate * Double(first) / (one * Double(size))
            print(String(format: "%7d %12.0f %18.2f %6.1f", size, rate, share, loads[size] ?? 0))
        }
        await stage.end()
    }

    /// Of the last minute, as the kernel has it.
    private static func load() -> Double {
        let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return text.split(separator: " ").first.flatMap { Double($0) } ?? 0
    }
}
