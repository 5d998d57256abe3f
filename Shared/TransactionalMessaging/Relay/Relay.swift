package import KafkaClient
package import Logging
import Observability
import PostgresClient
import ServiceLifecycle

/// Publishes what was committed: all of it, in order per key, at least once.
///
/// Any number of relays may run; each shard of keys has one leader among them. It reads the heads of its shards,
/// publishes them with the idempotent producer and moves what was acknowledged to the journal. It never looks behind a
/// position it has seen, so a transaction that commits late loses nothing.
package struct Relay: Service {
    private let database: Database
    private let kafka: KafkaSettings
    private let settings: RelaySettings
    private let logger: Logger
    private let meters: RelayMeters

    /// A relay of the service's outbox; it connects when it runs.
    package init(database: Database, kafka: KafkaSettings, settings: RelaySettings = RelaySettings(), logger: Logger) {
        self.database = database
        self.kafka = Self.patient(kafka)
        self.settings = settings
        self.logger = logger
        meters = RelayMeters(service: database.pool.settings.searchPath)
    }

    /// A record waits for the broker as long as it takes: one that gave up would let later ones of its key pass.
    private static func patient(_ kafka: KafkaSettings) -> KafkaSettings {
        var settings = kafka
        settings.deliveryTimeout = .seconds(14 * 86_400)
        return settings
    }

    /// Publishes until the process is asked to stop; what is in flight then is finished first.
    package func run() async throws {
        let doorbell = Doorbell()
        let stop = StopSignal(waking: doorbell)
        await stop.duringShutdown {
            await withTaskGroup { group in
                group.addTask { await listen(doorbell) }
                group.addTask { await keepHouse() }
                await lead(doorbell, until: stop)
                group.cancelAll()
            }
        }
    }

    private func lead(_ doorbell: Doorbell, until stop: StopSignal) async {
        var failures = 0
        while !stop.isRequested {
            let started = ContinuousClock.now
            do {
                try await tenure(doorbell, until: stop)
            } catch {
                // A tenure that went well for a while starts the back-off anew.
                failures = ContinuousClock.now - started > settings.outageWaitMax ? 1 : failures + 1
                let wait = RetryPolicy.wait(.milliseconds(100), afterTry: failures, atMost: settings.outageWaitMax)
                logger.warning(
                    "the relay lost its session or its producer and begins again",
                    metadata: [LogField.reason: "\(error)"])
                await pause(wait, unless: stop, at: doorbell)
            }
        }
    }

    private func pause(_ wait: Duration, unless stop: StopSignal, at doorbell: Doorbell) async {
        let end = ContinuousClock.now + wait
        while !stop.isRequested, ContinuousClock.now < end { await doorbell.wait(atMost: end - .now) }
    }

    private func tenure(_ doorbell: Doorbell, until stop: StopSignal) async throws {
        let session = try await database.pool.session()
        do {
            let producer = try KafkaProducer(kafka, logger: logger)
            let sender = OutboxSender(
                producer: producer, session: session, stop: stop, claimAgeMax: settings.claimAgeMax,
                patience: settings.patience, checkpoints: database.checkpoints)
            var tenure = RelayTenure(
                session: session, sender: sender, database: database, settings: settings, stop: stop,
                doorbell: doorbell, meters: meters, logger: logger)
            let result = await Result.catching { try await tenure.run() }
            // What is in flight here stays in the outbox, and whoever leads next sends it.
            await producer.close(timeout: .zero)
            try result.get()
        } catch {
            await session.close(within: .zero)
            throw error
        }
        await session.close(within: .seconds(1))
    }

    /// Writers in other processes ring by notification.
    private func listen(_ doorbell: Doorbell) async {
        while !Task.isCancelled {
            do {
                let schemas = try await database.pool.query("SELECT current_schema()::text AS name") { row in
                    try row("name") as String
                }
                guard let schema = schemas.first else { return }
                for await _ in database.pool.notifications("outbox_\(schema)") where database.bell.hasLeader {
                    doorbell.ring()
                }
            } catch {
                logger.debug("the relay cannot listen yet", metadata: [LogField.reason: "\(error)"])
            }
            try? await Task.sleep(for: settings.leadershipInterval)
        }
    }

    /// Measures the outbox and keeps the journal's partitions; neither waits for the other's success.
    private func keepHouse() async {
        var journalDue = ContinuousClock.now
        while !Task.isCancelled {
            do {
                try await meters.measure(database.pool)
            } catch {
                logger.debug("the outbox cannot be measured now", metadata: [LogField.reason: "\(error)"])
            }
            if ContinuousClock.now >= journalDue { journalDue = .now + (await maintainJournal()) }
            try? await Task.sleep(for: settings.measureInterval)
        }
    }

    /// Answers how long to wait before the next time: somebody who reads the journal for long is not pressed.
    private func maintainJournal() async -> Duration {
        do {
            try await Journal.maintain(
                database.pool, daysAhead: settings.journalDaysAhead, daysKept: settings.journalDaysKept)
            return .seconds(3600)
        } catch {
            logger.warning("the journal's days cannot be prepared now", metadata: [LogField.reason: "\(error)"])
            return .seconds(120)
        }
    }
}

/// What was published, kept for replays.
enum Journal {
    /// Makes the partitions of the days to come and drops those past their time.
    static func maintain(_ pool: PostgresPool, daysAhead: Int, daysKept: Int) async throws {
        try await pool.execute("SELECT maintain_outbox_journal(\(Int32(daysAhead)), \(Int32(daysKept)))")
    }
}

extension Result where Failure == any Error {
    fileprivate static func catching(_ body: () async throws -> Success) async -> Self {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
