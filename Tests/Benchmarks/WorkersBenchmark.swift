import ArgumentParser
import Foundation

/// What more workers bring: 1, 2, 4 and 8 `notification work` processes before a gateway that takes its time (NOT-11).
struct WorkersBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "Messages per second of 1, 2, 4 and 8 workers, as a share of so many times one.",
        discussion: """
            Needs PostgreSQL's server, and `notification`, `sandbox` and `embedded-broker` beside this program. The \
            gateway answers after --milliseconds; each worker makes --calls calls at once, so it can give no more than \
            --calls messages in that time. Where the cores are full more workers bring nothing: how many of them did \
            something, for workers, database, broker and gateway together, is printed beside each figure.
            """)

    @Option(help: "Messages of a round for each worker.")
    var messages = 1_000

    @Option(help: "Time the gateway takes to answer.")
    var milliseconds = 100

    @Option(help: "Calls one worker makes at once.")
    var calls = 16

    @Option(help: "Rounds; the median counts.")
    var rounds = 5

    @Option(help: "Numbers of workers, the first of which the others are shares of.")
    var workers = "1,2,4,8"

    @Flag(
        help: """
            Each message is promised a part of its organisation's quota, so that all claims change one row, one behind \
            the other.
            """)
    var limited = false

    func run() async throws {
        let sizes = workers.split(separator: ",").compactMap { Int($0) }
        guard !sizes.isEmpty, rounds > 0 else { throw ValidationError("there is nothing to measure") }
        let stage = try await WorkersStage.start(answerMilliseconds: milliseconds, calls: calls)
        say("a gateway of \(milliseconds) ms, \(calls) calls each, \(rounds) rounds in turns; the medians:")
        say("workers   messages/s   share of n x one   busy of \(ProcessInfo.processInfo.activeProcessorCount) cores")
        var done: [Int: [WorkersStage.Round]] = [:]
        for _ in 0..<rounds {
            // In turns, so that a noisy machine disturbs all alike.
            for size in sizes {
                done[size, default: []].append(
                    try await stage.round(of: size, messages: messages * size, promised: limited ? 1 : 0))
            }
        }
        guard let first = sizes.first, let one = done[first].map({ Comparison.median($0.map(\.rate)) }) else { return }
        for size in sizes {
            let all = done[size] ?? []
            let rate = Comparison.median(all.map(\.rate))
            let share = rate * Double(first) / (one * Double(size))
            let busy = Comparison.median(all.map(\.busyCores))
            say(String(format: "%7d %12.0f %18.2f %17.1f", size, rate, share, busy))
        }
        await stage.end()
    }
}
