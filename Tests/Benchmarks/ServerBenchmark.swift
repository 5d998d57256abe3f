import ArgumentParser
import Foundation

/// Requests taken in: our server against the bare framework below it and against nginx, in the same run.
struct ServerBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "HTTP requests answered per second, as a share of nginx's and of the bare framework's.",
        discussion: """
            Needs nginx and wrk (apt-get install nginx-light wrk). All servers answer in turns to one wrk with one \
            thread. Ours routes, checks the token, reads the JSON strictly, counts and logs (to nowhere); nginx and \
            the bare framework return a fixed text.
            """)

    @Option(help: "Connections.")
    var connections = 64

    @Option(help: "How long each measurement takes, in seconds.")
    var seconds = 3

    @Option(help: "How often each pair is measured.")
    var turns = 5

    func run() async throws {
        let nginx = try BenchmarkWebServer()
        defer { nginx.stop() }
        let bare = try ServerUnderLoad(bare: true)
        defer { bare.stop() }
        let ours = try ServerUnderLoad(bare: false)
        defer { ours.stop() }
        let hello = WebLoad(connections: connections, seconds: seconds)
        let json = WebLoad(connections: connections, seconds: seconds, body: Self.body, token: ours.token)
        let peers = [("nginx", nginx.url), ("bare framework", bare.url + "/hello")]
        for (name, url) in peers {
            try await compare("hello", hello, ours.url + "/hello", name, hello, url).run(turns: turns)
        }
        for (name, url) in peers {
            try await compare("JSON in and out, with a token", json, ours.url + "/v1/echo", name, hello, url)
                .run(turns: turns)
        }
    }

    private func compare(
        _ what: String, _ load: WebLoad, _ url: String, _ peer: String, _ peerLoad: WebLoad, _ peerURL: String
    ) -> Comparison {
        Comparison(
            name: "\(what), \(connections) connections", unit: "requests/s", peerName: peer,
            peer: { try peerLoad.requestsPerSecond(peerURL) }, ours: { try load.requestsPerSecond(url) })
    }

    /// An invoice's line as a front desk would send it.
    private static let body = """
        {"label":"Consultation vaccinale","quantityThousandths":1000,"unitPriceTenThousandths":456700,\
        "vatBasisPoints":2000}
        """
}

/// One run of wrk, which is a C program and costs less than any server here.
struct WebLoad: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }

    let connections: Int
    let seconds: Int
    var body: String?
    var token = ""

    /// Requests answered per second; any answer that is not a success is a failure.
    func requestsPerSecond(_ url: String) throws -> Double {
        let script = FileManager.default.temporaryDirectory.appending(path: "quittance-\(UUID().uuidString).lua")
        try lua.write(to: script, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: script) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/wrk")
        process.arguments = ["-t1", "-c\(connections)", "-d\(seconds)s", "-s", script.path, url]
        process.standardOutput = output
        do { try process.run() } catch { throw Failure(description: "wrk is missing: apt-get install wrk") }
        let printed = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard !printed.contains("Non-2xx"),
            let line = printed.split(separator: "\n").last(where: { $0.contains("Requests/sec:") }),
            let figure = Double(line.split(separator: " ").last ?? "")
        else { throw Failure(description: "wrk on \(url): \(printed)") }
        return figure
    }

    private var lua: String {
        guard let body else { return "" }
        return """
            wrk.method = "POST"
            wrk.headers["Content-Type"] = "application/json"
            wrk.headers["Authorization"] = "Bearer \(token)"
            wrk.body = [[\(body)]]

            """
    }
}
