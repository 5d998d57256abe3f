import Foundation
import TestSupport
import Testing

/// Every benchmark at its smallest, so that one that no longer runs is found before somebody wants its figures.
///
/// Those of a running system are run in `Tests/EndToEnd/BenchmarkTests.swift`.
@Suite(.serialized) struct `Every benchmark` {
    /// Each is mostly starting its servers, so that several at once take hardly longer than one.
    private static let atOnce = 3

    @Test(.timeLimit(.minutes(6)))
    func `each runs to its end with its figures, on servers of its own`() async throws {
        try await withThrowingTaskGroup(of: String?.self) { group in
            for lane in 0..<Self.atOnce {
                group.addTask {
                    var complaints: [String] = []
                    for place in stride(from: lane, to: SmallBenchmark.alone.count, by: Self.atOnce) {
                        if let one = try await SmallBenchmark.alone[place].complaint() { complaints.append(one) }
                    }
                    return complaints.isEmpty ? nil : complaints.joined(separator: "\n")
                }
            }
            for try await complaint in group { #expect(complaint == nil) }
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        .enabled(if: ["nginx", "wrk"].allSatisfy(isInstalled), "nginx comes with deploy/local/install --servers"))
    func `those that measure beside nginx run to their end with their figures`() async throws {
        for benchmark in SmallBenchmark.besideNginx { #expect(try await benchmark.complaint() == nil) }
    }

    @Test(
        .timeLimit(.minutes(3)),
        .enabled(
            if: ["bearerbox", "smsbox", "fakesmsc"].allSatisfy(isInstalled),
            "Kannel comes with deploy/local/install --servers"))
    func `the one that measures beside Kannel runs to its end with its figures`() async throws {
        for benchmark in SmallBenchmark.besideKannel { #expect(try await benchmark.complaint() == nil) }
    }

    @Test(arguments: ["exports", "flat-memory", "statements"])
    func `a format there is not is refused with those there are, and not passed over`(name: String) async throws {
        let asked = [name, "--format", "xslx"]
        let ending = try await Script(BuiltProgram.url("benchmarks"), asked, environment: [:]).end()
        #expect(ending.status != 0, "\(ending.lastLines)")
        #expect(ending.lastLines.contains("\"xslx\" is none of ") && ending.lastLines.contains("csv, "))
    }

    @Test func `none is without such a run, nor left out by the script that runs them all`() async throws {
        let help = try await Script(BuiltProgram.url("benchmarks"), ["--help"], environment: [:]).end()
        // `  http                    HTTP requests per second, …`, in the part of the help that lists them.
        let listed = help.lines.drop { $0 != "SUBCOMMANDS:" }.prefix { !$0.hasPrefix("  See") }
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }.compactMap { $0.split(separator: " ").first }
        #expect(Set(listed.map(String.init)) == SmallBenchmark.names)
        let script = try String(contentsOfFile: ExternalProcess.repository + "deploy/local/benchmark", encoding: .utf8)
        let all = try #require(script.firstRange(of: "ALL=("))
        let run = script[all.upperBound...].prefix { $0 != ")" }.split(whereSeparator: \.isWhitespace)
        #expect(Set(run.map(String.init)) == SmallBenchmark.names)
    }
}
