import HTTPClient
import TestSupport
import Testing

@Suite struct `Clients that come and go` {
    let server: MisbehavingServer

    init() throws { server = try MisbehavingServer() }

    private enum Ending: CaseIterable { case closedAtOnce, closedGently, dropped }

    /// What became of a request: an answer, or an error that tells whether it may have had an effect.
    private func send(_ client: HTTPClient, _ path: String) -> Task<HTTPClientError?, Never> {
        let request = HTTPRequest(.post, server.url(path))
        return Task { await failure { () throws(HTTPClientError) in try await client.send(request) } }
    }

    /// Goal: every request gets exactly one answer, whatever happens to its task and its client.
    ///
    /// Method: clients end in each of three ways while their requests wait, travel or are cancelled; a continuation
    /// that is resumed twice ends the test with a crash, one that is forgotten never lets it end.
    @Test func `every request gets one answer, however its client ends`() async throws {
        var tasks: [Task<HTTPClientError?, Never>] = []
        for round in 0..<60 {
            var settings = HTTPClientSettings()
            settings.concurrentRequestsMax = 4
            let client = HTTPClient(settings, logger: quiet)
            let started = (0..<12).map { send(client, ($0 + round) % 4 == 0 ? "/slow" : "/hello") }
            if round.isMultiple(of: 2) { _ = await started[1].value }
            for task in started where (round + tasks.count).isMultiple(of: 3) { task.cancel() }
            switch Ending.allCases[round % 3] {
            case .closedAtOnce: await client.close(within: .zero)
            case .closedGently: await client.close(within: .milliseconds(20))
            case .dropped: for task in started { task.cancel() }
            }
            tasks += started
        }
        for task in tasks {
            switch await task.value {
            case nil, .neverSent(.closed), .neverSent(.cancelled), .outcomeUnknown(.closed),
                .outcomeUnknown(.cancelled):
                break
            case let error?: Issue.record("\(error)")
            }
        }
    }
}
