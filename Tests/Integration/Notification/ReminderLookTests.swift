import Foundation
import NotificationService
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-3: a look for reminders that are due, beside very many that are planned, as the database explains it itself.
@Suite struct `A look for reminders that are due` {
    private static let count = 20_000

    /// As many at as many clinics, all for the same morning in Paris.
    private func seed(_ pool: PostgresPool) async throws {
        try await pool.execute(
            """
            INSERT INTO clinic (id, organisation)
            SELECT gen_random_uuid(), \(NotificationStack.organisation) FROM generate_series(1, 200)
            """)
        try await pool.execute(
            """
            INSERT INTO reminder (id, organisation, clinic, client, payment, occasion, dedup_key, facts, state,
                local_day, local_minutes, late_on, planned_by)
            SELECT gen_random_uuid(), organisation, id, gen_random_uuid(), gen_random_uuid(), 'payment-reminder',
                gen_random_uuid()::text, '{}', 'planned', '2999-07-01', 480, '2999-07-03', 'tests'
            FROM clinic, generate_series(1, \(Int32(Self.count / 200)))
            """)
        try await pool.execute("ANALYZE")
    }

    /// How many it finds, and how the database went about it.
    private func look(
        at moment: String, _ database: Database, _ cluster: PrivatePostgres
    ) async throws -> (found: Int, plan: String) {
        let now = try #require(Instant(moment))
        let (found, plans) = try await cluster.plans(with: "SELECT reminder.id, reminder.organisation") {
            try await database.read(organisation: nil) { transaction in
                try ReminderStore().due(at: now, 1_000, &transaction).count
            }
        }
        return (found, plans.joined(separator: "\n"))
    }

    @Test func `NOT-3: reads none of a morning to come, and does not go through all clinics for each that is due`()
        async throws
    {
        let cluster = try await PrivatePostgres.shared()
        let pool = try await NotificationStack.emptyDatabase(on: cluster)
        try await pool.explainStatements(lasting: 0)
        try await seed(pool)
        let database = NotificationStack.database(pool.settings, role: NotificationService.schema)
        for moment in ["2999-06-30T20:00:00Z", "2999-07-01T05:59:59Z"] {
            let early = try await look(at: moment, database, cluster)
            let read = early.plan.matches(of: /on reminder[^\n]*actual rows=(\d+)/).map { $0.1 }
            #expect(early.found == 0 && !read.isEmpty && read.allSatisfy { $0 == "0" }, "\(moment): \(early.plan)")
        }
        let due = try await look(at: "2999-07-01T06:00:00Z", database, cluster)
        #expect(due.found == 1_000)
        #expect(due.plan.contains("on reminder") && !due.plan.contains("Rows Removed by Join Filter"), "\(due.plan)")
        await database.pool.close()
        await pool.close()
    }
}
