import Foundation

/// A benchmark at its smallest: its figures say nothing, but that it still runs is seen.
package struct SmallBenchmark: Sendable {
    /// How the benchmark is called.
    package let name: String
    private let arguments: [String]
    /// What every line with one of its figures has, and how many such lines there are at least.
    private let figure: String
    private let figures: Int

    private init(_ line: String, figures: Int, like figure: String = "ratio (-?nan|inf|[0-9])") {
        let words = line.split(separator: " ").map(String.init)
        (name, arguments) = (words.first ?? "", Array(words.dropFirst()))
        (self.figure, self.figures) = (figure, figures)
    }

    /// Runs it to its end, which it reaches within two minutes or is ended; nil, or what is wrong with it.
    package func complaint(
        _ more: [String] = [], environment: [String: String] = [:]
    ) async throws -> String? {
        let program = try BuiltProgram.url("benchmarks").path
        let ending = try await Script(
            URL(filePath: "/usr/bin/timeout"),
            ["--kill-after=5", "120", program, name] + arguments + more, environment: environment
        ).end()
        let found = ending.lines.count { $0.range(of: figure, options: .regularExpression) != nil }
        guard ending.status == 0, found >= figures else {
            let said = "ended with \(ending.status) and \(found) of \(figures) figures"
            return "benchmarks \(name) \(said):\n\(ending.lastLines)"
        }
        return nil
    }
}

// MARK: All of them

extension SmallBenchmark {
    /// Those that start their own servers and need nothing else.
    package static let alone = [
        SmallBenchmark("postgres --seconds 1 --turns 1 --connections 2 --rows 2000", figures: 8),
        SmallBenchmark("kafka --records 4000 --batch 500 --turns 1", figures: 3),
        SmallBenchmark(
            "relay --rows 800 --keys 10 --rounds 1 --rate 20 --seconds 1", figures: 3,
            like: "ratio +[0-9]|^  (producing|commit).* [0-9.]+ +[0-9.]+$"),
        SmallBenchmark(
            "workers --messages 20 --milliseconds 5 --calls 4 --rounds 1 --workers 1,2", figures: 2,
            like: "^ +[12] +[0-9]+ +[0-9.]+ +[0-9.]+$"),
        SmallBenchmark(
            "urgent --campaign 3000 --links 2 --rounds 1 --workers 1", figures: 2, like: "^ratio of the medians .*[0-9]"
        ),
        SmallBenchmark("reminders --reminders 200 --rate 100 --workers 1", figures: 1),
        SmallBenchmark(
            "invoicing --seconds 1 --turns 1 --workers 2 --issuers 2 --clients 100 --movements 200 --of-one-client 10"
                + " --import-rows 20 --without-plans", figures: 38,
            like: "ratio [0-9]|: [0-9]+ issues/s|[0-9] rows/s|it may take [0-9]"),
        SmallBenchmark("matching --payments 1000 --turns 1", figures: 4, like: "ratio [0-9]|the aim is"),
        SmallBenchmark("reconcile --payments 100 --turns 1", figures: 3, like: "ratio [0-9]|the aim is"),
        SmallBenchmark("statements --lines 200 --turns 1 --format csv", figures: 1),
        SmallBenchmark("statements --lines 200 --turns 1 --format alma", figures: 1),
        SmallBenchmark("exports --rows 200 --turns 1 --format csv", figures: 1),
        SmallBenchmark(
            "flat-memory --rows 100 --most 300 --format csv", figures: 2, like: "MiB for 100 rows, [0-9]+ MiB for 800"),
        SmallBenchmark("ledger --events 100 --turns 1", figures: 1),
    ]

    /// Those that measure beside nginx, with wrk.
    package static let besideNginx = [
        SmallBenchmark("http --connections 2 --requests 100 --rounds 1", figures: 1, like: "^ +2( +[0-9.]+){5}$"),
        SmallBenchmark("server --connections 2 --seconds 1 --turns 1", figures: 4),
    ]

    /// Those that measure beside Kannel.
    package static let besideKannel = [SmallBenchmark("worker --messages 20 --calls 4 --turns 1", figures: 3)]

    /// Those that are told where a system runs.
    package static let ofRunningSystem = [
        SmallBenchmark(
            "spine --payments 2 --at-once 2 --rounds 2", figures: 1,
            like: "through the whole spine: [0-9.]+ payments/s"),
        SmallBenchmark(
            "idle --seconds 1 --starts 1 --settle-seconds 1", figures: 5, like: "^[a-z-]+ +[0-9.]+ s +[0-9.]+ MiB"),
        SmallBenchmark(
            "payments --payments 2 --turns 1 --notifications 10 --lights 2 --live 20 --at-once 2 --seconds 1"
                + " --quiet-seconds 1", figures: 12, like: "ratio (-?nan|inf|[0-9])|the green light .* p95 [0-9]"),
    ]

    /// The names of all of them.
    package static let names = Set((alone + besideNginx + besideKannel + ofRunningSystem).map(\.name))
}
