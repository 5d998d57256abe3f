import Foundation
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

extension PrivatePostgres {
    /// What a call answers, and how the database went about those of its statements that have a word in them.
    ///
    /// A read's end is waited for by nobody, and its plan told then: one at least is waited for.
    package nonisolated func plans<Answer>(
        with word: String, of call: () async throws -> Answer
    ) async throws -> (answer: Answer, plans: [String]) {
        let (answer, plans) = try await self.plans(untilOneWith: word, of: call)
        return (answer, plans.filter { $0.contains(word) })
    }

    /// The same of all statements, once one that has the word is told.
    package nonisolated func plans<Answer>(
        untilOneWith word: String, of call: () async throws -> Answer
    ) async throws -> (answer: Answer, plans: [String]) {
        let log = URL(fileURLWithPath: "\(folder)/log")
        let before = try Data(contentsOf: log).count
        let answer = try await call()
        var plans: [String] = []
        try await waitUntil("the plan of a statement with \(word) is told") {
            let told = String(decoding: try Data(contentsOf: log).dropFirst(before), as: UTF8.self)
            plans = told.components(separatedBy: "LOG:  duration: ")
            return plans.contains { $0.contains(word) }
        }
        return (answer, plans)
    }
}
