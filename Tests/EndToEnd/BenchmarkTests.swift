import TestSupport
import Testing

/// The others are run in `Tests/Integration/Benchmarks/BenchmarkTests.swift`.
@Suite struct `Benchmarks of a running system` {
    @Test(.timeLimit(.minutes(8)))
    func `each runs to its end at its smallest, with its figures`() async throws {
        try await LocalSystem.with { system in
            for benchmark in SmallBenchmark.ofRunningSystem {
                let complaint = try await system.complaint(of: benchmark)
                if complaint != nil { system.keepLogs() }
                #expect(complaint == nil)
            }
        }
    }
}

extension LocalSystem {
    /// Tells a benchmark where everything is, as `deploy/local/benchmark` does.
    fileprivate func complaint(of benchmark: SmallBenchmark) async throws -> String? {
        func address(_ offset: Int) -> String { "http://127.0.0.1:\(portBase + offset)" }
        var places = [
            "--invoicing", address(1), "--payments-url", address(2), "--notification", address(3),
            "--reconciliation", address(4), "--worker", address(5),
            "--signing-key", "\(folder)/secrets/tokens/private-key.json", "--state", folder,
        ]
        if benchmark.name != "idle" { places += ["--sandbox", address(10)] }
        if benchmark.name == "payments" {
            places += ["--postgres-port", "\(portBase + 20)", "--postgres-password", "\(folder)/secrets/payments"]
        }
        return try await benchmark.complaint(places, environment: environment)
    }
}
