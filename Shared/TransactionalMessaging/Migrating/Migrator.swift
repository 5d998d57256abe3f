package import Logging
import Observability
package import PostgresClient

/// Brings a service's schema up to date: first what messaging needs, then the service's own steps.
///
/// Forward only, each step in a transaction of its own. Several instances may start at once: an advisory lock lets one
/// of them work while the others wait and then find everything done. Steps of a newer program are left alone, so an
/// older one can still run beside it.
package struct Migrator: Sendable {
    private let pool: PostgresPool
    private let schema: String
    private let serviceRole: String?
    private let logger: Logger

    /// Migrates the schema that the pool's search path names, with the rights of the pool's user.
    ///
    /// `serviceRole` is whom the service itself connects as, where that is not the owner: it is granted the use of the
    /// tables and nothing else.
    package init(_ pool: PostgresPool, serviceRole: String? = nil, logger: Logger) {
        self.pool = pool
        self.serviceRole = serviceRole
        self.logger = logger
        schema = String(pool.settings.searchPath.prefix { $0 != "," })
    }

    /// Applies what is missing; answers with the names of the steps that were applied now.
    @discardableResult
    package func migrate(_ own: [Migration]) async throws -> [String] {
        let steps = Self.steps(own)
        let session = try await pool.session()
        do {
            let applied = try await apply(steps, on: session)
            await session.close()
            return applied
        } catch {
            await session.close(within: .zero)
            throw error
        }
    }

    /// The names of the steps that are still missing; nothing is changed.
    package func pending(_ own: [Migration]) async throws -> [String] {
        let steps = Self.steps(own)
        let known = try await pool.transaction(.readOnly) { transaction in
            try Self.isPrepared(&transaction) ? try Self.known(&transaction) : [:]
        }
        return steps.map(\.name).filter { known[$0] == nil }
    }

    private static func steps(_ own: [Migration]) -> [Migration] {
        Migration.messaging.map { Migration("messaging/\($0.name)", $0.sql) }
            + own.sorted { $0.name < $1.name }.map { Migration("service/\($0.name)", $0.sql) }
    }

    private func apply(_ steps: [Migration], on session: PostgresSession) async throws -> [String] {
        try await session.transaction(.long) { [schema] transaction in
            _ = try transaction.execute("SELECT pg_advisory_lock(hashtext(\(schema) || '.migration'), 0)")
        }
        try await prepare(session)
        let known = try await session.transaction { transaction in try Self.known(&transaction) }
        var applied: [String] = []
        for step in steps {
            if try await apply(step, unlessIn: known, on: session) { applied.append(step.name) }
        }
        try await grant(on: session)
        return applied
    }

    private func prepare(_ session: PostgresSession) async throws {
        try await session.transaction { [schema] transaction in
            // Looked for first: whoever may not create schemas can still migrate one made for it.
            let exists = try transaction.one("SELECT to_regnamespace(\(quoted(schema))) IS NOT NULL AS there") { row in
                try row("there") as Bool
            }
            if !exists { try transaction.execute("CREATE SCHEMA \(unescaped: quoted(schema))") }
            guard try !Self.isPrepared(&transaction) else { return }
            try transaction.execute(
                """
                CREATE TABLE migration (
                    name       text        PRIMARY KEY,
                    checksum   text        NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """)
        }
    }

    private static func isPrepared(_ transaction: inout PostgresTransaction) throws -> Bool {
        try transaction.one("SELECT to_regclass('migration') IS NOT NULL AS there") { row in try row("there") }
    }

    private static func known(_ transaction: inout PostgresTransaction) throws -> [String: String] {
        let rows = try transaction.query("SELECT name, checksum FROM migration") { row in
            (try row("name") as String, try row("checksum") as String)
        }
        return Dictionary(rows) { $1 }
    }

    /// How often a step asks for tables that others hold, two seconds each time: waiting longer would make everybody
    /// who comes later wait behind it.
    private static let lockTriesMax = 60

    private func apply(
        _ step: Migration, unlessIn known: [String: String], on session: PostgresSession
    ) async throws -> Bool {
        for _ in 1..<Self.lockTriesMax {
            do {
                return try await applyOnce(step, unlessIn: known, on: session)
            } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
                logger.notice("a migration waits for a table", metadata: [LogField.version: "\(step.name)"])
                try await Task.sleep(for: .seconds(1))
            }
        }
        return try await applyOnce(step, unlessIn: known, on: session)
    }

    private func applyOnce(
        _ step: Migration, unlessIn known: [String: String], on session: PostgresSession
    ) async throws -> Bool {
        let isNew = try await session.transaction(.long.setting("lock_timeout", to: "2s")) { transaction in
            let checksum: String = try transaction.one(
                "SELECT encode(sha256(convert_to(\(step.sql), 'UTF8')), 'hex') AS checksum"
            ) { row in try row("checksum") }
            if let before = known[step.name] {
                guard before == checksum else { throw MigrationChanged(name: step.name) }
                return false
            }
            try Self.run(step.sql, in: &transaction)
            try transaction.execute("INSERT INTO migration (name, checksum) VALUES (\(step.name), \(checksum))")
            return true
        }
        if isNew { logger.info("applied a migration", metadata: [LogField.version: "\(step.name)"]) }
        return isNew
    }

    /// Several statements at once: the protocol with bound values takes one, so a function executes the script.
    private static func run(_ script: String, in transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            CREATE OR REPLACE FUNCTION pg_temp.run_script(script text) RETURNS void
            LANGUAGE plpgsql AS $$ BEGIN EXECUTE script; END $$
            """)
        try transaction.execute("SELECT pg_temp.run_script(\(script))")
    }

    private func grant(on session: PostgresSession) async throws {
        guard let role = serviceRole.map(quoted), serviceRole != pool.settings.user else { return }
        let schema = quoted(schema)
        try await session.transaction { transaction in
            _ = try transaction.pipeline([
                "GRANT USAGE ON SCHEMA \(unescaped: schema) TO \(unescaped: role)",
                """
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(unescaped: schema) TO \(unescaped: role)
                """,
                "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA \(unescaped: schema) TO \(unescaped: role)",
                "GRANT USAGE ON ALL SEQUENCES IN SCHEMA \(unescaped: schema) TO \(unescaped: role)",
                "REVOKE INSERT, UPDATE, DELETE ON migration FROM \(unescaped: role)",
            ])
        }
    }
}

/// A step that was applied long ago reads differently now: steps are never edited, only followed by others.
package struct MigrationChanged: Error, Hashable, Sendable {
    /// The step's name.
    package let name: String

    /// Names the step.
    package init(name: String) { self.name = name }
}

extension TransactionOptions {
    /// For steps that rewrite tables.
    fileprivate static var long: TransactionOptions {
        var options = TransactionOptions.readWrite
        options.statementTimeout = .seconds(1800)
        return options
    }
}

/// Names of schemas and roles come from the settings, so they are quoted.
private func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
