package import KafkaClient
package import PaymentModel
package import TransactionalMessaging

// Settings that make tests quick: short polls and short waits, nothing else.

extension RelaySettings {
    /// Notices within a fraction of a second what a service notices within seconds.
    package static var quick: RelaySettings {
        RelaySettings(
            pollInterval: .milliseconds(100), leadershipInterval: .milliseconds(200), claimAgeMax: .milliseconds(300),
            patience: .milliseconds(100), outageWaitMax: .milliseconds(300), backOffMax: .milliseconds(500),
            measureInterval: .seconds(1))
    }
}

extension RetryPolicy {
    /// Three tries within a fifth of a second.
    package static var quick: RetryPolicy {
        RetryPolicy(
            triesMax: 3, firstWait: .milliseconds(20), waitMax: .milliseconds(100), outageWaitMax: .milliseconds(300),
            batchMax: 50)
    }
}

extension KafkaSettings {
    /// For the embedded broker: a fetch there is not woken by a produce.
    package static func local(_ bootstrapServers: String, clientID: String = "tests") -> KafkaSettings {
        KafkaSettings(
            bootstrapServers: bootstrapServers, clientID: clientID,
            properties: ["fetch.wait.max.ms": "20", "heartbeat.interval.ms": "500", "reconnect.backoff.ms": "50"],
            sessionTimeout: .seconds(6), revokeWaitMax: .seconds(10), statisticsInterval: nil)
    }
}

extension IdentifierSource {
    /// Different in every process.
    package static var random: IdentifierSource { .fixed(UInt64.random(in: .min ... .max)) }
}

extension TimeSource {
    /// A moment in 2026; the tests of messaging do not depend on the time.
    package static var sometime: TimeSource { .fixed(Instant(secondsSince1970: 1_770_000_000)) }
}
