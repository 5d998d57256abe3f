import Foundation
import Synchronization
import TestSupport

/// Everything `deploy/local/up` starts, in a folder and on ports of its own.
///
/// The scripts are the ones users run, so that what is tested is what is used.
final class LocalSystem: Sendable {
    /// How many processes it has, PostgreSQL not counted.
    static let processes = 8
    private static let portOffsets = [1, 2, 3, 4, 5, 10, 11, 12, 20, 21]

    /// Holds all data, secrets and logs; removed with the system unless something went wrong.
    let folder: String
    /// The first of its ports; `deploy/local/services.sh` says which is which.
    let portBase: Int
    private let hasFailed = Mutex(false)

    /// Lends a running system and ends all of it afterwards, by the ids of its processes.
    static func with(_ body: (LocalSystem) async throws -> Void) async throws {
        let system = try LocalSystem()
        do {
            try await system.bringUp()
            try await body(system)
        } catch {
            system.keepLogs()
            try await system.down()
            throw error
        }
        try await system.down()
    }

    private init() throws {
        portBase = try FreePort.base(for: Self.portOffsets)
        let parent = ProcessInfo.processInfo.environment["LOCAL_TEST_FOLDER"] ?? NSTemporaryDirectory()
        folder = URL(filePath: parent).appending(path: "quittance-\(getpid())-\(portBase)").path
    }

    var brokerAddress: String { "127.0.0.1:\(portBase + 21)" }

    /// The Python that `deploy/local/install` prepared, for this system or for several.
    var python: URL {
        let shared = ProcessInfo.processInfo.environment["LOCAL_PYTHON"]
        return URL(filePath: shared ?? "\(folder)/python").appending(path: "bin/python3")
    }

    /// What the scripts of `deploy/local` are to know of it.
    var environment: [String: String] {
        [
            "LOCAL_STATE": folder, "LOCAL_PORT_BASE": "\(portBase)",
            // Whoever was killed while it asked a provider is waited for no longer than a call can take.
            "QUITTANCE_INTENT_LEASE": "22s",
        ]
    }

    /// Starts a script of `deploy/local`.
    func start(_ name: String, _ arguments: [String]) throws -> Script {
        try Script(Checkout.url("deploy/local/\(name)"), arguments, environment: environment)
    }

    /// Runs a script of `deploy/local` to its end; fails with what it printed when it does.
    @discardableResult
    func run(_ name: String, _ arguments: String...) async throws -> [String] {
        let ending = try await start(name, arguments).end()
        guard ending.status == 0 else {
            throw TestSupportError("deploy/local/\(name) \(arguments) failed:\n\(ending.lastLines)")
        }
        return ending.lines
    }

    /// Starts whatever does not run and waits until all are ready.
    func bringUp() async throws { try await run("up", "--no-build", "--no-demo", "--debug") }

    /// Names of the processes that should run and do not.
    func missingProcesses() async throws -> [String] {
        try await run("process", "list").filter { $0.hasSuffix(" -") }
    }

    /// Leaves the logs behind for whoever looks for the fault.
    func keepLogs() { hasFailed.withLock { $0 = true } }

    private func down() async throws {
        if hasFailed.withLock(\.self) {
            try await run("down")
            print("the logs are in \(folder)/logs")
        } else {
            try await run("down", "--purge")
        }
    }
}
