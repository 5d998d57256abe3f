import Foundation
package import PostgresClient

/// A PostgreSQL cluster of the test process's own, on a random port of the loopback interface.
///
/// It goes away with the process, however that ends: a watchdog holds the other end of a pipe.
package actor PrivatePostgres {
    /// Whether a commit reaches the disk before it is confirmed.
    package enum Durability: Sendable { case fast, durable }

    /// How a server is asked to stop.
    package enum StopMode: String, Sendable { case fast, immediate }

    /// The loopback address.
    package nonisolated let host = "127.0.0.1"
    /// A port that was free when the cluster was made.
    package nonisolated let port: Int
    /// Holds the data, the log and the Unix socket; removed with the process.
    package nonisolated let folder: String
    private let installation: PostgresInstallation
    private let durability: Durability
    private let watchdog: Watchdog
    private var server: Process?
    private var databases = 0

    private init(installation: PostgresInstallation, durability: Durability) throws {
        self.installation = installation
        self.durability = durability
        port = try FreePort.pick()
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("quittance-postgres-\(getpid())-\(port)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        watchdog = try Watchdog(folder: folder)
    }

    private static let sharedCluster = Task { try await PrivatePostgres.start() }

    /// The cluster all tests of this process share; started by the first that asks.
    package static func shared() async throws -> PrivatePostgres { try await sharedCluster.value }

    /// A cluster of the caller's own, for tests that stop, kill or freeze the server.
    package static func start(_ durability: Durability = .fast) async throws -> PrivatePostgres {
        let cluster = try PrivatePostgres(installation: try PostgresInstallation.find(), durability: durability)
        try await cluster.initialise()
        try await cluster.startServer()
        return cluster
    }

    /// Settings for a database of this cluster, as the superuser unless another role is named.
    package nonisolated func settings(database: String, user: String = "postgres") -> PostgresSettings {
        PostgresSettings(
            host: host, port: port, database: database, user: user, applicationName: "tests", connections: 4,
            statementTimeout: .seconds(20), tls: .disable)
    }

    /// Makes a fresh database, empty or as a copy of another.
    package func database(from template: String = "template0") async throws -> PostgresSettings {
        databases += 1
        let name = "test_\(databases)"
        let admin = PostgresPool(settings(database: "postgres"))
        try await admin.execute(SQL(unescaped: "CREATE DATABASE \(name) TEMPLATE \(template)"))
        await admin.close()
        return settings(database: name)
    }

    // MARK: Faults

    /// Starts the server again after a stop or a kill, and waits until it serves.
    package func startServer() async throws {
        let log = FileHandle.forLogging(at: "\(folder)/log")
        let process = installation.process("postgres", ["-D", "\(folder)/data"] + serverOptions)
        process.standardOutput = log
        process.standardError = log
        process.standardInput = FileHandle.nullDevice
        try process.runWithOpenSignals()
        server = process
        try await waitUntilServing()
    }

    /// Stops the server and waits until it is gone.
    package func stopServer(_ mode: StopMode = .fast) async throws {
        guard let server else { return }
        kill(server.processIdentifier, mode == .fast ? SIGINT : SIGQUIT)
        try await waitUntil("PostgreSQL has stopped") { !server.isRunning }
        self.server = nil
    }

    /// Kills the server and all its backends without a warning.
    package func killServer() async throws {
        guard let server else { return }
        for pid in processes(of: server).reversed() { kill(pid, SIGKILL) }
        try await waitUntil("PostgreSQL is dead") { !server.isRunning }
        self.server = nil
    }

    /// Stops the server's processes where they stand; connections stay open and silent.
    package func freeze() { for pid in processes(of: server) { kill(pid, SIGSTOP) } }

    /// Lets a frozen server run on.
    package func thaw() { for pid in processes(of: server).reversed() { kill(pid, SIGCONT) } }

    /// Kills one backend; the server then restarts all of them, as after a crash.
    package nonisolated func killBackend(_ pid: Int32) { kill(pid, SIGKILL) }

    // MARK: Dumps

    /// Writes a dump of a database; answers its path.
    package func dump(_ database: String) async throws -> String {
        let path = "\(folder)/\(database).dump"
        try await installation.run(
            "pg_dump", ["-h", host, "-p", "\(port)", "-U", "postgres", "-Fc", "-f", path, database])
        return path
    }

    /// Makes a new database from a dump.
    package func restore(_ path: String) async throws -> PostgresSettings {
        let restored = try await database()
        try await installation.run(
            "pg_restore", ["-h", host, "-p", "\(port)", "-U", "postgres", "--no-owner", "-d", restored.database, path])
        return restored
    }

    /// Runs one of PostgreSQL's own programs, such as `pgbench`, against this cluster; answers what it printed.
    @discardableResult
    package func program(_ name: String, _ arguments: [String]) async throws -> String {
        try await installation.run(name, ["-h", host, "-p", "\(port)", "-U", "postgres"] + arguments)
    }

    // MARK: Inside

    private func initialise() async throws {
        try installation.own(folder)
        try await installation.run(
            "initdb",
            ["-D", "\(folder)/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
    }

    private var serverOptions: [String] {
        var settings = [
            "listen_addresses=\(host)", "port=\(port)", "unix_socket_directories=\(folder)", "max_connections=2000",
            "shared_buffers=128MB", "log_min_messages=warning", "max_wal_size=2GB",
        ]
        // Commits still reach the system, so a killed server loses none; only a crash of the machine would.
        if durability == .fast { settings += ["fsync=off", "full_page_writes=off"] }
        return settings.flatMap { ["-c", $0] }
    }

    /// The server writes its own state into a file; asking it over the network would fill the log with refusals.
    private func waitUntilServing() async throws {
        try await waitUntil("PostgreSQL serves (its log is \(folder)/log)", within: .seconds(60)) {
            let state = try? String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
            return state?.split(separator: "\n").last?.hasPrefix("ready") == true
        }
    }

    /// The server and its children, the server first.
    private func processes(of server: Process?) -> [Int32] {
        guard let server, server.isRunning else { return [] }
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let children = all.compactMap(Int32.init).filter { parent(of: $0) == server.processIdentifier }
        return [server.processIdentifier] + children
    }

    private func parent(of pid: Int32) -> Int32? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        return text[name...].split(separator: " ").dropFirst(2).first.flatMap { Int32($0) }
    }
}

/// A test's tool could not be had, or did not do what it should; the text says what to do.
package struct TestSupportError: Error, CustomStringConvertible {
    /// One sentence for whoever runs the tests.
    package let description: String

    /// An error that says so.
    package init(_ description: String) { self.description = description }
}
