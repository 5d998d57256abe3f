import HTTPServer
import KafkaClient
import Logging
import Observability
import PaymentModel
import PostgresClient
import ServiceLifecycle
import TransactionalMessaging
import UnixSignals

/// Starts a process, runs it and stops it in order.
struct Lifecycle<Service: QuittanceService> {
    let process: ServiceProcess<Service>
    let role: ProcessRole

    private var logger: Logger { process.logger }

    /// Runs until the process is told to stop.
    func run() async throws {
        let assembly = try await process.assembly(role)
        try await SchemaGate(pool: process.pool, schema: Service.schema, logger: logger).wait(for: Service.migrations)
        try await ServiceRole.check(process.pool)
        let topics = Topics(process.kafka, process.settings, logger)
        await topics.prepare(for: assembly.consumers)
        let keys = try await CurrentKeys(process.settings, logger: logger)
        let listener = try listener(assembly, keys)
        // The first to start is the last to stop, each after the one below it has stopped: HTTP takes nothing in any
        // more, then consumers and jobs finish what is in hand, then the relay drains, then the connections close.
        var services: [any ServiceLifecycle.Service] = [
            Closing(name: "connections") { [pool = process.pool] in await pool.close() },
            Closing(name: "clients") { for close in assembly.closing { await close() } },
            Relay(database: process.database, kafka: process.kafka, logger: logger),
            jobs(assembly, keys, topics),
        ]
        services += assembly.background.map { BackgroundRunner($0, logger: logger) }
        services += assembly.consumers.map {
            ConsumerLoop($0, database: process.database, kafka: process.kafka, logger: logger)
        }
        services.append(listener)
        try await group(services).run()
        logger.notice("stopped")
    }

    private func group(_ services: [any ServiceLifecycle.Service]) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        configuration.maximumGracefulShutdownDuration = process.settings[StandardSettings.stopTimeMax]
        configuration.maximumCancellationDuration = StopBudget.cancellationTimeMax
        return ServiceGroup(configuration: configuration)
    }

    /// The group logs each step of each part; what matters of it is logged by the parts.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = max(.notice, logger.logLevel)
        return logger
    }

    private func jobs(_ assembly: Assembly, _ keys: CurrentKeys, _ topics: Topics) -> JobRunner {
        let leadership = Leadership(pool: process.pool, of: role)
        let lag = ConsumerLag(process.kafka, assembly.consumers, logger: logger)
        return JobRunner(
            assembly.jobs + lag.jobs + keys.jobs + topics.jobs(for: assembly.consumers) + [removeOldCauses],
            logger: logger, leads: { await leadership.holds() })
    }

    private var removeOldCauses: Job {
        let times = CauseRetention.Times(
            requests: process.settings[StandardSettings.requestsKnown],
            messages: process.settings[StandardSettings.messagesKnown])
        let retention = CauseRetention(process.database, times: times)
        return Job("remove-old-causes", every: .seconds(3_600), exclusively: true) { [database = process.database] in
            try await ClockCheck(database: database, time: .system).run()
            try await retention.run()
        }
    }
}

// MARK: HTTP

extension Lifecycle {
    private func listener(_ assembly: Assembly, _ keys: CurrentKeys) throws -> HTTPListener {
        let settings = process.settings
        let pipeline = RequestPipeline(
            routes: try RouteTable(assembly.routes + standardRoutes(assembly)), authenticator: keys,
            limits: limits, ids: .system, logger: logger, metrics: process.metrics,
            phrases: assembly.phrases,
            mapping: { error in assembly.problems(error) ?? StorageProblems.problem(of: error) })
        return HTTPListener(
            pipeline, host: settings[StandardSettings.httpHost],
            port: settings[StandardSettings.httpPort(Service.port)], logger: logger
        ) { [logger] port in
            logger.notice("listening", metadata: [LogField.port: .stringConvertible(port)])
        }
    }

    private func standardRoutes(_ assembly: Assembly) -> [Route] {
        let database = HealthChecks.Check("database") { [pool = process.pool] in
            do {
                _ = try await pool.query("SELECT 1 AS one") { row in try row("one") as Int32 }
                return .well
            } catch {
                return .unwell("The database can't be reached.")
            }
        }
        let isOpen = process.settings[StandardSettings.metricsAccess] == "anyone"
        return StandardRoutes.make(
            health: HealthChecks([database] + assembly.checks), metrics: process.metrics,
            metricsAccess: isOpen ? .anyone : .serviceAccounts, openAPI: assembly.openAPI)
    }

    private var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.timeMax = process.settings[StandardSettings.requestTimeMax]
        limits.requestsMax = process.settings[StandardSettings.requestsMax]
        limits.bodiesMax = limits.requestsMax
        return limits
    }
}

extension Settings {
    /// The keys tokens are verified by.
    func keySet() throws(SettingsError) -> KeySet {
        do throws(KeyError) {
            return try KeySet(jwks: self[StandardSettings.tokenKeys])
        } catch {
            throw SettingsError(StandardSettings.tokenKeys, "can't be used: \(error)")
        }
    }

    /// What a token must say besides who bears it.
    var tokenRules: TokenRules {
        TokenRules(
            issuer: self[StandardSettings.tokenIssuer], audience: self[StandardSettings.tokenAudience],
            leeway: self[StandardSettings.tokenLeeway])
    }
}
