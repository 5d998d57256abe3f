import ArgumentParser
import PostgresClient
import TransactionalMessaging

struct MigrateCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "migrate", abstract: "Bring the service's schema up to date.",
            discussion: "Safe while older instances run, and when several start it at once.")
    }

    @Flag(help: "Only say what is missing.")
    var pending = false

    func run() async throws {
        let settings = try ServiceProcess<Service>.readSettings()
        let logger = ServiceProcess<Service>.makeLogger(settings)
        let pool = PostgresPool(try settings.postgresForMigration(of: Service.self), logger: logger)
        let role = settings[StandardSettings.postgresMigrationUser].map { _ in
            settings[StandardSettings.postgresUser(Service.schema)]
        }
        try await SchemaRights.check(pool, Service.schema)
        let migrator = Migrator(pool, serviceRole: role, logger: logger)
        let names =
            pending ? try await migrator.pending(Service.migrations) : try await migrator.migrate(Service.migrations)
        for name in names { print(pending ? "missing \(name)" : "applied \(name)") }
        if names.isEmpty { print("the schema \(Service.schema) is up to date") }
        await pool.close()
    }
}

struct CheckConfigurationCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check-configuration",
            abstract: "Show every setting with its meaning, unit, default, value and source; say all that is wrong.")
    }

    func run() async throws {
        let settings = try ServiceProcess<Service>.checkSettings()
        print(SettingsTable.text(settings), terminator: "")
    }
}
