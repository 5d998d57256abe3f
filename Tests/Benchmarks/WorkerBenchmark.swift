import ArgumentParser
import HTTPClient
import Logging
import PaymentModel
import PostgresClient
import TestSupport

/// What one worker makes of an instant gateway, beside the same loop on the libraries alone and beside Kannel (NOT-11).
struct WorkerBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Messages per second of one worker, beside a bare loop and what Kannel's smsbox accepts.",
        discussion: """
            Needs PostgreSQL's server, Debian's kannel and kannel-extras, and `notification`, `sandbox` and \
            `embedded-broker` beside this program. The bare loop makes the same claims, calls and outcomes with libpq \
            and libcurl, a thread for each call. Kannel's smsbox is asked as our channel asks it, by as many \
            connections; it keeps no message on a disk.
            """)

    @Option(help: "Messages of a turn.")
    var messages = 5_000

    @Option(help: "Calls made at once.")
    var calls = 16

    @Option(help: "Turns of each; the medians count.")
    var turns = 5

    func run() async throws {
        guard turns > 0 else { throw ValidationError("there is nothing to measure") }
        let stage = try await WorkersStage.start(answerMilliseconds: 0, calls: calls)
        let (messages, calls, bare) = (messages, calls, try WorkerBareLoop(stage, calls: calls))
        try await Comparison(
            name: "one worker, instant gateway", unit: "messages/s", peerName: "the libraries alone",
            peer: { try await bare.rate(messages) },
            ours: { try await stage.round(of: 1, messages: messages).rate }
        ).run(turns: turns)
        let kannel = try RealKannel()
        let client = HTTPClient(logger: Logger(label: "benchmarks") { _ in SwiftLogNoOpLogHandler() })
        try await Comparison(
            name: "one worker, instant gateway", unit: "messages/s", peerName: "Kannel's smsbox accepts",
            peer: { try await accepted(messages, by: kannel, client, calls) },
            ours: { try await stage.round(of: 1, messages: messages).rate }
        ).run(turns: turns)
        await stage.end()
        try await throughKannel(kannel, client)
        await client.close()
    }

    /// How many of so many messages Kannel's smsbox accepts in a second.
    private func accepted(
        _ messages: Int, by kannel: RealKannel, _ client: HTTPClient, _ calls: Int
    ) async throws -> Double {
        let before = try await kannel.submissions()
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for call in 0..<calls {
                group.addTask {
                    for number in stride(from: call, to: messages, by: calls) {
                        try await accept(number, by: kannel, client)
                    }
                }
            }
            try await group.waitForAll()
        }
        let rate = Double(messages) / ((ContinuousClock.now - start) / .seconds(1))
        try await waitUntilHandedOn(before + messages, by: kannel)
        return rate
    }

    /// What it accepted goes on to its SMSC: nobody else is measured meanwhile.
    private func waitUntilHandedOn(_ messages: Int, by kannel: RealKannel) async throws {
        try await waitUntil("Kannel has handed on what it accepted", within: .seconds(120)) {
            try await kannel.submissions() >= messages
        }
    }

    private func accept(_ number: Int, by kannel: RealKannel, _ client: HTTPClient) async throws {
        let phone = "%2B336" + String(String(100_000_000 + number).dropFirst())
        let query = "username=\(RealKannel.user)&password=p%C3%A4ssword%20%26%3F&from=Lilas&to=\(phone)&text=Bonjour"
        let response = try await client.send(HTTPRequest(.get, "\(kannel.url)/cgi-bin/sendsms?\(query)"))
        guard response.status == 202 else { throw BenchFailure(text: "Kannel answered \(response.status)") }
    }

    /// The whole way, to the fake SMSC.
    private func throughKannel(_ kannel: RealKannel, _ client: HTTPClient) async throws {
        let stage = try await WorkersStage.start(
            answerMilliseconds: 0, calls: calls,
            [
                "QUITTANCE_SMS_GATEWAYS": "kannel", "QUITTANCE_KANNEL_URL": kannel.url,
                "QUITTANCE_KANNEL_USER": RealKannel.user, "QUITTANCE_KANNEL_PASSWORD": RealKannel.password,
                "QUITTANCE_RECEIPTS_URL": "http://127.0.0.1:1", "QUITTANCE_RECEIPT_SECRET": "secret",
            ])
        let (messages, calls, before) = (messages, calls, try await kannel.submissions())
        try await Comparison(
            name: "one worker through Kannel", unit: "messages/s", peerName: "Kannel's smsbox accepts",
            peer: { try await accepted(messages, by: kannel, client, calls) },
            ours: {
                let before = try await kannel.submissions()
                let rate = try await stage.round(of: 1, messages: messages, by: "kannel").rate
                try await waitUntilHandedOn(before + messages, by: kannel)
                return rate
            }
        ).run(turns: turns)
        let arrived = try await kannel.submissions() - before
        say("at its SMSC: \(arrived) of \(2 * turns * messages)")
        await stage.end()
    }
}
