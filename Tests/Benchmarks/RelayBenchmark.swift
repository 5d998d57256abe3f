import ArgumentParser
import Glibc
import KafkaClient
import Logging
import PaymentModel
import PostgresClient
import TestSupport
import TransactionalMessaging

/// The relay against its ceiling: the same reads and the same produces without us, in the same run.
struct RelayBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Draining a backlog, and the time from a commit to a consumer.",
        discussion: """
            Needs PostgreSQL's server (apt-get install postgresql) and the embedded broker beside this program. Another \
            relay can be measured on the same rows: with --stay they are left in the table `outbox` of the schema \
            `relay`, finished as they go on the wire (topic, key, value, headers as name and value in turn; rows of one \
            key leave in the order of `position`), and the addresses are printed.
            """)

    @Option(help: "Committed rows to drain.")
    var rows = 200_000

    @Option(help: "Bytes of each row's value.")
    var bytes = 300

    @Option(help: "Keys the rows are spread over.")
    var keys = 1_000

    @Option(help: "Rounds of each side.")
    var rounds = 5

    @Option(help: "Events per second of the latency part.")
    var rate = 500

    @Option(help: "Seconds of each side of the latency part.")
    var seconds = 10

    @Option(help: "Rows of each shard in flight.")
    var rowsPerShard = RelaySettings().rowsPerShard

    @Flag(help: "Leave the rows in the table and the servers running for another relay.")
    var stay = false

    func run() async throws {
        let stage = try await RelayStage.start(rows: rows, bytes: bytes, keys: keys)
        guard !stay else { return try await stage.remain() }
        try await drain(stage)
        try await latency(stage)
        await stage.end()
    }

    private func drain(_ stage: RelayStage) async throws {
        var ceilings: [Round] = []
        var ours: [Round] = []
        for round in 0...rounds {
            let ceiling = try await measure { try await stage.drainBare(rowsPerShard: rowsPerShard) }
            let our = try await measure { try await stage.drainByRelay(rowsPerShard: rowsPerShard) }
            // The first round warms both sides up and counts for neither.
            guard round > 0 else { continue }
            ceilings.append(ceiling)
            ours.append(our)
        }
        say("drain of \(rows) rows     rows/s    client CPU s per 100,000")
        report("  reads and produces", ceilings)
        report("  relay             ", ours)
        let ratio = median(ceilings.map(\.seconds)) / median(ours.map(\.seconds))
        say("  ratio               \(rounded(ratio))")
    }

    private func report(_ name: String, _ rounds: [Round]) {
        let perSecond = Double(rows) / median(rounds.map(\.seconds))
        let cpu = median(rounds.map(\.cpuSeconds)) * 100_000 / Double(rows)
        say("\(name)   \(Int(perSecond))    \(rounded(cpu))")
    }

    private func latency(_ stage: RelayStage) async throws {
        say("commit → consumer at \(rate)/s     p50 ms    p99 ms")
        for side in RelayStage.Side.allCases {
            let times = try await stage.latencies(side, rate: rate, count: rate * seconds).sorted()
            say("  \(side.name)   \(percentile(times, 0.50))    \(percentile(times, 0.99))")
        }
    }

    // MARK: Figures

    private struct Round {
        let seconds: Double
        let cpuSeconds: Double
    }

    /// The body says when its clock starts: filling the table is not measured.
    private func measure(_ body: () async throws -> ContinuousClock.Instant) async throws -> Round {
        // Filling is the server's work, so our own processor time is hardly touched by it.
        let cpuBefore = processSeconds()
        let started = try await body()
        let wall = ContinuousClock.now - started
        return Round(seconds: wall / .seconds(1), cpuSeconds: processSeconds() - cpuBefore)
    }

    private func processSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func percentile(_ sorted: [Duration], _ share: Double) -> String {
        guard !sorted.isEmpty else { return "-" }
        return rounded(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] / .milliseconds(1))
    }

    private func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
