import Foundation
import HTTPClient
import HTTPServer
import PaymentModel
import PostgresClient
import ServiceRuntime
import Synchronization
import TestSupport

/// invoicing as a process that can be killed, on a database that a bench looks into; the bench runs no job itself.
final class MortalInvoicing: Sendable {
    let bench: InvoicingBench
    private let broker: PrivateBroker
    private let key: SigningKey
    private let port: Int
    private let folder: TemporaryFolder
    private let client = HTTPClient(logger: quiet)
    private let process = Mutex<ServiceChild?>(nil)

    private init(bench: InvoicingBench, broker: PrivateBroker) throws {
        (self.bench, self.broker) = (bench, broker)
        key = try SigningKey.generate(id: "tests")
        port = try FreePort.pick()
        folder = try TemporaryFolder()
    }

    static func start() async throws -> MortalInvoicing {
        try MortalInvoicing(bench: await InvoicingBench.start(), broker: await PrivateBroker.start())
    }

    /// Starts the process and waits until it takes requests; `more` are settings beside those it needs.
    func live(with more: [String: String] = [:]) async throws {
        let settings = bench.settings
        let child = try ServiceChild(
            "invoicing", ["serve"],
            environment: [
                "QUITTANCE_TOKEN_KEYS": key.publicKeySet, "QUITTANCE_HTTP_PORT": "\(port)",
                "QUITTANCE_POSTGRES_HOST": settings.host, "QUITTANCE_POSTGRES_PORT": "\(settings.port)",
                "QUITTANCE_POSTGRES_DATABASE": settings.database, "QUITTANCE_POSTGRES_TLS": "disable",
                "QUITTANCE_KAFKA_SERVERS": broker.bootstrapServers, "QUITTANCE_KAFKA_TOPICS": "ignore",
                "QUITTANCE_KAFKA_PROPERTIES": "fetch.wait.max.ms=20",
            ].merging(more) { _, other in other }, log: log)
        process.withLock { $0 = child }
        try await waitUntil("invoicing is ready (its log is \(log))") {
            guard child.isRunning else { throw BenchFailure(text: try String(contentsOfFile: log, encoding: .utf8)) }
            let request = HTTPRequest(.get, "\(address)/health/ready", totalTimeout: .seconds(2))
            return (try? await client.send(request))?.status == 200
        }
    }

    /// Where it listens.
    var address: String { "http://127.0.0.1:\(port)" }

    func token(of principal: Principal) async throws -> String {
        let rules = TokenRules(issuer: "quittance", audience: "quittance")
        return try await key.mint(principal, rules: rules, from: TimeSource.system.now(), lifetime: .seconds(300))
    }

    /// Kills it where it stands.
    func die() async throws { try await process.withLock { $0 }?.kill() }

    private var log: String { "\(folder.path)/invoicing.log" }
}

// MARK: Files

extension MortalInvoicing {
    /// A file for an organisation, sent under the same key until it is answered.
    struct Sending: Sendable {
        let chain: Chain
        let kind: String
        let file: [UInt8]
        let key = Chain.newKey()
    }

    /// How often the process died over a file, and how often of these while it was still being read.
    struct Deaths: Sendable {
        var all = 0
        var whileReading = 0
        var whileTaking = 0
    }

    /// Tries without a step forward that end in a death; after five a file is given up, which is another story.
    private static let triesMax: Int32 = 3

    /// Sends a file while the process is killed again and again, until it has died often enough or all is taken in.
    func takeWhileDying(
        _ sending: Sending, deaths most: Int, _ random: inout SeededGenerator
    ) async throws -> Deaths {
        var deaths = Deaths()
        while deaths.all < most, try await state(of: sending) != "done" {
            try await live()
            async let sent = try? send(sending)
            // The first time it dies over the request itself, then over reading and taking; each second time it is seen
            // to take first, since a quick machine has taken all before a random moment comes.
            if deaths.all.isMultiple(of: 2) {
                let life = Int.random(in: deaths.all == 0 ? 1...60 : 40...1_600, using: &random)
                try await Task.sleep(for: .milliseconds(life))
            } else {
                try await waitUntil("it takes", within: .seconds(60)) {
                    try await ["taking", "done"].contains(state(of: sending))
                }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...100, using: &random)))
            }
            if try await tries(of: sending) >= Self.triesMax { try await waitUntilItGetsOn(sending) }
            try await die()
            _ = await sent
            deaths.all += 1
            switch try await state(of: sending) {
            case "reading": deaths.whileReading += 1
            case "taking": deaths.whileTaking += 1
            default: break
            }
            // Nobody waits between tries in a test.
            try await bench.overseer.execute(
                "UPDATE import_file SET next_try_at = NULL WHERE organisation = \(sending.chain.organisation)")
        }
        return deaths
    }

    /// Lets it live until all is taken in; answers how the file ended.
    func finish(_ sending: Sending) async throws -> String {
        try await live()
        let answer = try await send(sending)
        guard answer.status == 202, let id = (try? JSONParser.parse(answer.body))?["id"]?.text else {
            throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self))
        }
        try await waitUntil("it is taken in", within: .seconds(120)) {
            try await ["done", "failed"].contains(state(of: sending))
        }
        return try await sending.chain.standing(ofImport: id)
    }

    private func waitUntilItGetsOn(_ sending: Sending) async throws {
        try await waitUntil("it gets on", within: .seconds(60)) { try await tries(of: sending) == 0 }
    }

    private func tries(of sending: Sending) async throws -> Int32 {
        let tries: [Int32] = try await bench.askAll(
            "SELECT attempts FROM import_file WHERE organisation = \(sending.chain.organisation) ORDER BY id DESC LIMIT 1"
        )
        return tries.first ?? 0
    }

    /// Where the newest file of its kind is; nil before there is one.
    private func state(of sending: Sending) async throws -> String? {
        let states: [String] = try await bench.askAll(
            """
            SELECT state FROM import_file WHERE organisation = \(sending.chain.organisation) AND kind = \(sending.kind)
            ORDER BY id DESC
            """)
        return states.first
    }

    private func send(_ sending: Sending) async throws -> HTTPResponse {
        let token = try await token(of: sending.chain.principal())
        let headers = [
            ("Authorization", "Bearer \(token)"), ("Content-Type", "text/csv"), ("Idempotency-Key", sending.key),
        ]
        let url = "\(address)/v1/imports?kind=\(sending.kind)&mode=keep-good"
        return try await client.send(
            HTTPRequest(.post, url, headers: headers, body: sending.file, totalTimeout: .seconds(20)))
    }
}
