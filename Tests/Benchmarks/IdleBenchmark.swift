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

    @Option(help: "Where invoicing is.")
    var invoicing: String

    @Option(name: .customLong("payments-url"), help: "Where payment-orchestrator is.")
    var paymentsURL: String

    @Option(help: "Where notification is.")
    var notification: String

    @Option(help: "Where reconciliation is.")
    var reconciliation: String

    @Option(help: "Where the worker of notification answers for its health.")
    var worker: String

    @Option(help: "File with the private key that signs tokens.")
    var signingKey: String

    @Option(help: "Folder of the processes' numbers and of PostgreSQL.")
    var state: String

    @Option(help: "The command that kills and starts single processes.")
    var process = "deploy/local/process"

    @Option(help: "How long nothing is done, in seconds.")
    var seconds = 60

    @Option(help: "How often each service is started.")
    var starts = 5

    func run() async throws {
        print("process                        ready after   memory")
        let http = HTTPClient(logger: Logger(label: "benchmark"))
        for service in services {
            let times = try await (0..<starts).asyncMap { _ in try await startAgain(service, http) }
            let memory = try ProcessTimes(state: state).memory(of: service.process)
            print(
                service.process.padding(toLength: 30, withPad: " ", startingAt: 0)
                    + String(format: "%10.2f s %6.1f MB", Comparison.median(times), memory))
        }
        await http.close()
        try await measureQuiet()
    }

    private struct ServiceProcess {
        let schema: String
        let process: String
        let address: String
    }

    private var services: [ServiceProcess] {
        [
            ServiceProcess(schema: "invoicing", process: "invoicing-serve", address: invoicing),
            ServiceProcess(schema: "payments", process: "payment-orchestrator-serve", address: paymentsURL),
            ServiceProcess(schema: "notification", process: "notification-serve", address: notification),
            ServiceProcess(schema: "notification", process: "notification-work", address: worker),
            ServiceProcess(schema: "reconciliation", process: "reconciliation-serve", address: reconciliation),
        ]
    }

    private func startAgain(_ service: ServiceProcess, _ http: HTTPClient) async throws -> Double {
        try tell("kill", service.process)
        let start = ContinuousClock.now
        try tell("start", service.process)
        let ready = HTTPRequest(.get, service.address + "/health/ready", totalTimeout: .seconds(2))
        while (try? await http.send(ready))?.status != 200 {
            guard ContinuousClock.now - start < .seconds(60) else {
                throw ValidationError("\(service.process) was not ready within a minute: see its log")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func tell(_ word: String, _ name: String) throws {
        let command = Process()
        command.executableURL = URL(filePath: process)
        command.arguments = [word, name]
        command.standardOutput = FileHandle.nullDevice
        try command.run()
        command.waitUntilExit()
        guard command.terminationStatus == 0 else { throw ValidationError("\(process) \(word) \(name) failed") }
    }

    private func measureQuiet() async throws {
        print("nothing is done for \(seconds) s")
        let key = try String(contentsOfFile: signingKey, encoding: .utf8)
        let meters = try await SpineMeters(services.map { ($0.schema, $0.address) }, signingKey: key)
        // What a start has to catch up with is not what idling costs.
        try await Task.sleep(for: .seconds(20))
        let (before, then) = (
            try ProcessTimes(state: state).all(), try await meters.read("quittance_postgres_statements_total")
        )
        try await Task.sleep(for: .seconds(seconds))
        let (after, now) = (
            try ProcessTimes(state: state).all(), try await meters.read("quittance_postgres_statements_total")
        )
        for (name, time) in after.sorted(by: { $0.key < $1.key }) {
            let share = (time - (before[name] ?? 0)) / Double(seconds) / 10
            guard share >= 0.005 else { continue }
            print(name.padding(toLength: 30, withPad: " ", startingAt: 0) + String(format: "%8.2f %% of a core", share))
        }
        for (schema, count) in now.sorted(by: { $0.key < $1.key }) {
            let rate = (count - (then[schema] ?? 0)) / Double(seconds)
            print(
                schema.padding(toLength: 30, withPad: " ", startingAt: 0) + String(format: "%8.1f statements/s", rate))
        }
        await meters.close()
    }
}

extension Range<Int> {
    fileprivate func asyncMap<Value>(_ body: (Int) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for number in self { values.append(try await body(number)) }
        return values
    }
}

extension ProcessTimes {
    /// Megabytes of memory a process holds.
    func memory(of name: String) throws -> Double {
        let number = try String(contentsOfFile: "\(state)/run/\(name).pid", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let status = try String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
    }
}
