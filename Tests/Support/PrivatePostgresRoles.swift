import Foundation
import Logging
package import PostgresClient
package import TransactionalMessaging

extension PrivatePostgres {
    /// Makes a fresh database in which each service has its role and its schema, as the deployment makes them.
    package func databaseOfServices() async throws -> PostgresSettings {
        let settings = try await database()
        // Roles belong to the whole cluster: two who alter one at once disturb each other.
        try await turns.take { try await self.makeRoles(in: settings.database) }
        return settings
    }

    /// Brings a service's schema up to date as `migrate` does in a deployment: as its owner, for the service to use.
    package func migrate(_ schema: String, _ steps: [Migration], in settings: PostgresSettings) async throws {
        var settings = settings
        settings.user = schema + "_owner"
        settings.searchPath = schema
        let logger = Logger(label: "migration") { _ in SwiftLogNoOpLogHandler() }
        let pool = PostgresPool(settings, logger: logger)
        try await Migrator(pool, serviceRole: schema, logger: logger).migrate(steps)
        await pool.close()
    }

    /// Makes such a database in which a service has taken the steps before the one of this name, and no others yet.
    package func databaseOfServices(
        with schema: String, _ steps: [Migration], before name: String
    ) async throws -> PostgresSettings {
        guard let first = steps.firstIndex(where: { $0.name == name }) else {
            throw TestSupportError("\(schema) has no step \(name)")
        }
        var settings = try await databaseOfServices()
        settings.searchPath = schema
        try await migrate(schema, Array(steps[..<first]), in: settings)
        return settings
    }

    private func makeRoles(in database: String) async throws {
        let checkout = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        // A copy, since the user the server runs as need not be able to read the checkout.
        let script = "\(folder)/roles.sql"
        try String(contentsOfFile: "/\(checkout)/deploy/database/roles.sql", encoding: .utf8)
            .write(toFile: script, atomically: true, encoding: .utf8)
        let passwords = ["invoicing", "payments", "notification", "reconciliation"].flatMap { name in
            ["-v", "\(name)_password=of-tests", "-v", "\(name)_owner_password=of-tests"]
        }
        try await program(
            "psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1"] + passwords + ["-d", database, "-f", script])
    }
}

private let turns = Turns()

/// Lets one after the other do something that takes several steps.
private actor Turns {
    private var last: Task<Void, any Error>?

    func take(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let before = last
        let turn = Task {
            _ = await before?.result
            try await body()
        }
        last = turn
        try await turn.value
    }
}
