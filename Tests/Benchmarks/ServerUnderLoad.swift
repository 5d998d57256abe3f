import ArgumentParser
import Foundation
import HTTPServer
import Hummingbird
import Logging
import Observability
import PaymentModel
import ServiceLifecycle
import ServiceRuntime

/// The server that is measured, in a process of its own; it prints its port and a token.
struct ServeForBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-for-benchmark", abstract: "The server that `server` measures.", shouldDisplay: false)

    @Flag(help: "The bare framework, without anything of ours.")
    var bare = false

    func run() async throws {
        if bare { try await serveBare() } else { try await serve() }
    }

    private func serveBare() async throws {
        let router = Router()
        router.get("/hello") { _, _ in "hello" }
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in announce(channel.localAddress?.port ?? 0, token: "-") },
            logger: Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await application.run()
    }

    private func serve() async throws {
        let key = try SigningKey.generate(id: "benchmark")
        let rules = TokenRules(issuer: "benchmark", audience: "benchmark")
        let verifier = await TokenVerifier(try KeySet(jwks: key.publicKeySet), rules: rules, time: .system)
        let principal = Principal(
            subject: "benchmark", organisation: OrganisationID(1), clinics: .all, role: .manager,
            scopes: ["invoices:write"])
        let token = try await key.mint(
            principal, rules: rules, from: TimeSource.system.now(), lifetime: .seconds(3_600))
        let quiet = Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })
        let pipeline = RequestPipeline(
            routes: try RouteTable(Self.routes), authenticator: verifier, ids: .system, logger: quiet)
        let listener = HTTPListener(pipeline, host: "127.0.0.1", port: 0, logger: quiet) { port in
            announce(port, token: token)
        }
        try await listener.run()
    }

    private static let routes = [
        Route(.get, "/hello", operation: "hello", access: .open(because: "it is measured")) { _ in
            .text(.ok, "hello")
        },
        Route(
            .post, "/v1/echo", operation: "echo", access: .roles([.manager], scope: "invoices:write")
        ) { request in
            try .json(.ok, try request.read { Line($0) })
        },
    ]

    private struct Line: Encodable {
        let label: String
        let quantityThousandths: Int
        let unitPriceTenThousandths: Int
        let vatBasisPoints: BasisPoints

        init(_ fields: Fields) {
            label = fields.string("label")
            quantityThousandths = fields.integer("quantityThousandths", in: 1...1_000_000)
            unitPriceTenThousandths = fields.integer("unitPriceTenThousandths", in: 0...1_000_000_000)
            vatBasisPoints = fields.basisPoints("vatBasisPoints")
        }
    }
}

@Sendable private func announce(_ port: Int, token: String) {
    FileHandle.standardOutput.write(Data("\(port) \(token)\n".utf8))
}

/// This program again as the server under load.
struct ServerUnderLoad {
    struct Failure: Error, CustomStringConvertible { let description: String }

    let url: String
    let token: String
    private let process = Process()

    init(bare: Bool) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["serve-for-benchmark"] + (bare ? ["--bare"] : [])
        process.standardOutput = output
        try process.run()
        let words = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).split(separator: " ")
        guard words.count == 2, let port = Int(words[0]) else {
            throw Failure(description: "the server under load did not start")
        }
        url = "http://127.0.0.1:\(port)"
        token = words[1].trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
