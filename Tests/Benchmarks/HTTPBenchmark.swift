import ArgumentParser
import Glibc
import HTTPClient
import Logging

/// Requests over kept connections: ours against a bare loop on libcurl, in the same run.
struct HTTPBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "HTTP requests per second, as a share of a bare curl_multi loop's.",
        discussion: """
            Needs nginx (apt-get install nginx-light). Both sides send the same requests to it, one after the other, \
            round after round; what counts is the ratio of the medians.
            """)

    @Option(help: "Connections, one measurement each.")
    var connections: [Int] = [1, 16, 64]

    @Option(help: "Requests in a round.")
    var requests = 20_000

    @Option(help: "Rounds of each side.")
    var rounds = 7

    func run() async throws {
        let server = try BenchmarkWebServer()
        defer { server.stop() }
        say("connections   bare loop/s   client/s   ratio   CPU µs bare   CPU µs client")
        for count in connections {
            var bare: [Measurement] = []
            var ours: [Measurement] = []
            let client = HTTPClient(settings(count), logger: Logger(label: "benchmark"))
            for round in 0...rounds {
                let bareRound = await measureBare(server.url, connections: count)
                let ourRound = try await measure(client, server.url, connections: count)
                // The first round opens the connections and counts for neither.
                guard round > 0 else { continue }
                bare.append(bareRound)
                ours.append(ourRound)
            }
            await client.close()
            report(count, bare: bare, ours: ours)
        }
    }

    private struct Measurement {
        let seconds: Double
        let cpuSeconds: Double
    }

    private func settings(_ connections: Int) -> HTTPClientSettings {
        var settings = HTTPClientSettings()
        settings.concurrentRequestsMax = connections
        return settings
    }

    private func measureBare(_ url: String, connections: Int) async -> Measurement {
        let start = (ContinuousClock.now, processSeconds())
        let loop = BareCurlLoop(url: url, connections: connections, requests: requests)
        precondition(loop.run() == requests, "the bare loop lost requests")
        return since(start)
    }

    private func measure(_ client: HTTPClient, _ url: String, connections: Int) async throws -> Measurement {
        let start = (ContinuousClock.now, processSeconds())
        let share = requests / connections
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<connections {
                let count = share + (number < requests % connections ? 1 : 0)
                group.addTask {
                    for _ in 0..<count {
                        let status = try await client.send(HTTPRequest(.get, url)).status
                        precondition(status == 200, "the server answered \(status)")
                    }
                }
            }
            try await group.waitForAll()
        }
        return since(start)
    }

    private func since(_ start: (ContinuousClock.Instant, Double)) -> Measurement {
        let duration = ContinuousClock.now - start.0
        return Measurement(seconds: duration / .seconds(1), cpuSeconds: processSeconds() - start.1)
    }

    private func processSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func report(_ connections: Int, bare: [Measurement], ours: [Measurement]) {
        let rates = [bare, ours].map { median($0.map { Double(requests) / $0.seconds }) }
        let cost = [bare, ours].map { median($0.map { $0.cpuSeconds * 1e6 / Double(requests) }) }
        let ratio = (rates[1] / rates[0] * 100).rounded() / 100
        let cells = ["\(connections)", whole(rates[0]), whole(rates[1]), "\(ratio)", whole(cost[0]), whole(cost[1])]
        let widths = [11, 14, 11, 8, 14, 16]
        say(zip(cells, widths).map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }.joined())
    }

    private func whole(_ value: Double) -> String { "\(Int(value.rounded()))" }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
