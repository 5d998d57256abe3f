import KafkaClient
import Logging
import PaymentModel
import TestSupport
import TransactionalMessaging

/// What the process works with.
struct ProbeProcess: Sendable {
    let database: Database
    let kafka: KafkaSettings
    let logger: Logger

    func run(_ role: ProbeRole, _ options: MessagingProbe) async throws {
        switch role {
        case .write: try await write(runs: options.runs, subjects: options.subjects)
        case .relay: try await Relay(database: database, kafka: kafka, settings: .quick, logger: logger).run()
        case .consume: try await consume(options, together: false)
        case .consumeTogether: try await consume(options, together: true)
        case .retry: try await retry(options.group)
        }
    }

    /// All runs from the first on: those made before the last crash change nothing again.
    private func write(runs: Int, subjects: Int) async throws {
        for run in 0..<runs {
            try await Probe.note(Probe.subject(run % subjects), run: "\(run)", in: database)
        }
    }

    private func consume(_ options: MessagingProbe, together: Bool) async throws {
        var policy = RetryPolicy.quick
        (policy.waitingMax, policy.batchMax) = (options.waitingMax, options.batchMax)
        let loop = ConsumerLoop(
            Probe.consumer(options.group, together: together), database: database, kafka: kafka, policy: policy,
            logger: logger)
        try await loop.run()
    }

    private func retry(_ group: String) async throws {
        let letters = DeadLetters(database, consumers: [Probe.consumer(group)])
        for letter in try await letters.list() { _ = try await letters.retry(letter.id, by: "probe") }
    }
}
