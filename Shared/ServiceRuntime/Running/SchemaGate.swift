import Logging
import Observability
import PostgresClient
import TransactionalMessaging

/// Holds a process back until its schema is what it was written for.
///
/// A consumer that runs on an older schema would take each event for poison and park it.
struct SchemaGate {
    let pool: PostgresPool
    let schema: String
    let logger: Logger

    private static let waitMax = Duration.seconds(5)

    func wait(for migrations: [Migration]) async throws {
        var wait = Duration.milliseconds(100)
        while true {
            do {
                try await SchemaRights.check(pool, schema)
                let pending = try await Migrator(pool, logger: logger).pending(migrations)
                guard !pending.isEmpty else { return }
                report("the schema lacks \(pending.joined(separator: ", "))", remedy: "run the command migrate")
            } catch let missing as SchemaRights.Missing {
                report(missing.reason, remedy: missing.remedy)
            } catch let error as PostgresError where error.isTransient {
                report("\(error)", remedy: "check that the database runs and the settings name it")
            }
            try await Task.sleep(for: wait)
            wait = min(wait * 2, Self.waitMax)
        }
    }

    private func report(_ reason: String, remedy: String) {
        logger.warning(
            "waiting for the database",
            metadata: [LogField.reason: .string(Secret.redacting(reason)), LogField.remedy: .string(remedy)])
    }
}
