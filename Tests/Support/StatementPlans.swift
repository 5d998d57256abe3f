package import PostgresClient

extension PostgresPool {
    /// Has sessions of this database that begin from here on say in the server's log how they went about statements.
    ///
    /// Those that take so many milliseconds; without a number those that `auto_explain.log_min_duration` asks for, once
    /// somebody sets it. Wants the superuser's connections.
    package func explainStatements(lasting milliseconds: Int? = nil) async throws {
        let limit = milliseconds.map { ["auto_explain.log_min_duration = \($0)"] } ?? []
        for setting in [
            "session_preload_libraries = 'auto_explain'", "auto_explain.log_analyze = on",
            "auto_explain.log_timing = off",
        ] + limit {
            try await execute(SQL(unescaped: "ALTER DATABASE \(settings.database) SET \(setting)"))
        }
    }
}
