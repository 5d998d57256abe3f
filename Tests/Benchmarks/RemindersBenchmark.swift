import ArgumentParser
import Foundation
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// A morning's reminders: they leave at the gateway's rate, the soonest first, and what is late is seen (NOT-3).
struct RemindersBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reminders", abstract: "50,000 reminders due at the same time, at a gateway with a rate.",
        discussion: "Half are due a minute before the others. Their payments' owner is played and knows them all.")

    @Option(help: "Reminders.")
    var reminders = 50_000

    @Option(help: "Messages a second the gateway permits.")
    var rate = 100

    @Option(help: "Workers.")
    var workers = 2

    @Option(help: "Seconds after which a reminder counts as late.")
    var late = 300

    func run() async throws {
        let owner = try PlayedRecipients()
        let stage = try await WorkersStage.start(
            answerMilliseconds: 20, calls: 16,
            [
                "QUITTANCE_PAYMENTS_URL": owner.url, "QUITTANCE_GATEWAY_RATE_MAX": "\(rate)",
                "QUITTANCE_LATE_AFTER": "\(late)s",
            ])
        try await plan(stage)
        let server = try await stage.server()
        var hands: [WorkersStage.ServiceProcess] = []
        for _ in 0..<workers { hands.append(try await stage.worker()) }
        let start = ContinuousClock.now
        try await stage.waitSeldom(until: "all are messages", within: .seconds(3_600), every: .milliseconds(500)) {
            try await count(stage, "true") == reminders
        }
        let released = ContinuousClock.now - start
        try await stage.waitSeldom(until: "all have left", within: .seconds(7_200), every: .milliseconds(500)) {
            try await count(stage, "left_at IS NOT NULL") == reminders
        }
        let time = (ContinuousClock.now - start) / .seconds(1)
        // A full bucket lets a tenth of a second's worth go at once.
        let ideal = Double(reminders - rate / 10) / Double(rate)
        say(
            String(
                format:
                    "%d reminders: messages after %.1f s, all gone after %.1f s; at %d a second: %.1f s, ratio %.2f",
                reminders, released / .seconds(1), time, rate, ideal, ideal / time))
        // What is counted after a commit is counted by then.
        try await Task.sleep(for: .seconds(1))
        let overtook = try await overtook(stage)
        say("left before one that was due sooner: \(overtook) (what workers have in hand: \(workers * 16) at most)")
        let truly = try await count(stage, "extract(epoch FROM left_at - due_at)::bigint > \(Int64(late))")
        let meters = try await SpineMeters(
            hands.map { ("worker", "http://127.0.0.1:\($0.port)") }, signingKey: stage.signingKey)
        let seen = try await meters.read("quittance_messages_left_late_total")["worker"] ?? 0
        say("left later than \(late) s after their time: \(truly), seen and counted: \(Int(seen))")
        await meters.close()
        for process in hands + [server] { try await process.child.kill() }
        await stage.end()
        withExtendedLifetime(owner) {}
        guard truly == Int(seen) else { throw BenchFailure(text: "some left late unseen") }
    }

    private func plan(_ stage: WorkersStage) async throws {
        let count = reminders
        try await stage.everybody { transaction in
            // On the wall of a clinic in UTC: half of them now, the others a minute ago.
            try transaction.execute(
                """
                INSERT INTO clinic (id, organisation, time_zone)
                VALUES (\(ClinicID(0xC)), \(WorkersStage.organisation), 'Etc/UTC')
                """)
            try transaction.execute(
                """
                INSERT INTO reminder (id, organisation, clinic, client, payment, occasion, dedup_key, facts, state,
                    local_day, local_minutes, late_on, planned_by)
                SELECT gen_random_uuid(), \(WorkersStage.organisation), \(ClinicID(0xC)), gen_random_uuid(),
                    gen_random_uuid(), 'payment-reminder', number::text, '{}', 'planned',
                    (due AT TIME ZONE 'UTC')::date,
                    (extract(hour FROM due AT TIME ZONE 'UTC') * 60 + extract(minute FROM due AT TIME ZONE 'UTC'))::int,
                    '2999-01-01', 'benchmark'
                FROM (SELECT number, now() - number % 2 * interval '1 minute' AS due
                    FROM generate_series(1, \(count)) AS number) AS planned
                """)
        }
    }

    private func count(_ stage: WorkersStage, _ condition: SQL) async throws -> Int {
        try await stage.database.read(organisation: nil) { transaction in
            try transaction.one("SELECT count(*) AS count FROM message WHERE \(condition)") { row in try row("count") }
        }
    }

    /// How many of the later half were claimed among as many as the sooner half has.
    private func overtook(_ stage: WorkersStage) async throws -> Int {
        try await stage.database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT count(*) FILTER (WHERE due_at = latest AND place <= sooner) AS count FROM (
                    SELECT due_at, max(due_at) OVER () AS latest,
                        count(*) FILTER (WHERE due_at < newest.due) OVER () AS sooner,
                        row_number() OVER (ORDER BY claimed_at) AS place
                    FROM message, (SELECT max(due_at) AS due FROM message) AS newest) AS placed
                """
            ) { row in try row("count") }
        }
    }
}
