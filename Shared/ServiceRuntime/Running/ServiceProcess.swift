import KafkaClient
import Logging
import Metrics
import Observability
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What one process of a service holds, before anything of it runs.
struct ServiceProcess<Service: QuittanceService> {
    let settings: Settings
    let logger: Logger
    let metrics: PrometheusMetrics
    let pool: PostgresPool
    let database: Database
    let kafka: KafkaSettings

    /// Reads the settings and prepares the connections; nothing is connected yet.
    ///
    /// Logs and metrics are global to the process and can be set up once only.
    static func prepare(_ environment: Environment = .system) throws -> ServiceProcess {
        let settings = try readSettings(environment)
        let logger = makeLogger(settings)
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let pool = PostgresPool(try settings.postgres(for: Service.self), logger: logger)
        return ServiceProcess(
            settings: settings, logger: logger, metrics: metrics, pool: pool,
            database: Database(pool: pool, ids: .system, time: .system),
            kafka: try settings.kafka(clientID: Service.name))
    }

    static func readSettings(_ environment: Environment = .system) throws(SettingsError) -> Settings {
        try Settings(
            allSettings, rules: StandardSettings.rules + Service.settingRules, from: environment)
    }

    /// The same, and names that are probably slips of the pen are refused too.
    static func checkSettings(_ environment: Environment = .system) throws(SettingsError) -> Settings {
        let slips = SettingSlips.find(in: environment, among: allSettings)
        let settings: Settings
        do throws(SettingsError) {
            settings = try readSettings(environment)
        } catch {
            throw SettingsError(problems: error.problems + slips)
        }
        guard slips.isEmpty else { throw SettingsError(problems: slips) }
        return settings
    }

    private static var allSettings: [any DescribedSetting] {
        StandardSettings.all(port: Service.port, schema: Service.schema) + Service.settings
    }

    static func makeLogger(_ settings: Settings) -> Logger {
        let level = Logger.Level(rawValue: settings[StandardSettings.logLevel]) ?? .info
        LoggingSystem.bootstrap { label in
            JSONLinesLogHandler(label: label, level: level) { TimeSource.system.now().description }
        }
        var logger = Logger(label: "quittance")
        logger[metadataKey: LogField.service] = .string(Service.name)
        for slip in settings.slips {
            logger.warning(
                "a variable is probably misspelt",
                metadata: [LogField.setting: .string(slip.name), LogField.reason: .string(slip.reason)])
        }
        for name in settings.unknown where !settings.slips.contains(where: { $0.name == name }) {
            logger.warning("a variable is set that no setting reads", metadata: [LogField.setting: .string(name)])
        }
        return logger
    }

    /// The context a service is put together from.
    func context(_ role: ProcessRole) -> ServiceContext {
        ServiceContext(
            settings: settings, database: database, time: .system, ids: .system, logger: logger, processRole: role)
    }

    /// The service put together.
    func assembly(_ role: ProcessRole) async throws -> Assembly { try await Service.assemble(context(role)) }
}
