import ArgumentParser
import Foundation
import HTTPClient
import Logging

/// What the services cost while nobody does anything, and how soon each is there again.
struct IdleBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Memory, CPU and statements of services nobody uses, and the time from start to ready.",
        discussion: """
            Needs a running system: `deploy/local/benchmark idle` starts it and knows the addresses. Each service is \
            killed and started again, which is what a restart after a crash takes; the shell that starts it counts too.
            """)

    @OptionGroup var system: RunningSystem

    @Option(help: "Folder of the processes' numbers and of PostgreSQL.")
    var state: String

    @Option(help: "The command that kills and starts single processes.")
    var process = "deploy/local/process"

    @Option(help: "How long nothing is done, in seconds.")
    var seconds = 60

    @Option(help: "How often each service is started.")
    var starts = 5

    @Option(help: "How long what a start has to catch up with is given before, in seconds.")
    var settleSeconds = 20

    func run() async throws {
        say("process                        ready after   memory")
        let http = HTTPClient(logger: Logger(label: "benchmark"))
        for service in system.services {
            var times: [Double] = []
            for _ in 0..<starts { times.append(try await startAgain(service.process, at: service.address, http)) }
            let number = try String(contentsOfFile: "\(state)/run/\(service.process).pid", encoding: .utf8)
            let memory = try ProcessMemory.kibibytes(
                "VmRSS", of: number.trimmingCharacters(in: .whitespacesAndNewlines))
            say(
                service.process.padding(toLength: 30, withPad: " ", startingAt: 0)
                    + String(format: "%10.2f s %6.1f MiB", Comparison.median(times), Double(memory) / 1_024))
        }
        await http.close()
        try await measureQuiet()
    }

    private func startAgain(_ name: String, at address: String, _ http: HTTPClient) async throws -> Double {
        try tell("kill", name)
        let start = ContinuousClock.now
        try tell("start", name)
        let ready = HTTPRequest(.get, address + "/health/ready", totalTimeout: .seconds(2))
        while (try? await http.send(ready))?.status != 200 {
            guard ContinuousClock.now - start < .seconds(60) else {
                throw ValidationError("\(name) was not ready within a minute: see its log")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func tell(_ word: String, _ name: String) throws {
        _ = try ChildFigures.output(of: URL(filePath: process), [word, name])
    }

    private func measureQuiet() async throws {
        let meters = try await system.meters()
        // What a start has to catch up with is not what idling costs.
        try await Task.sleep(for: .seconds(settleSeconds))
        let before = try await SpineCost.now(meters, state: state)
        try await Task.sleep(for: .seconds(seconds))
        try await SpineCost.now(meters, state: state).since(before, each: seconds).print(
            per: "second without anything to do")
        await meters.close()
    }
}
