import ArgumentParser
import EventContract
import Foundation
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// How long a payment link takes from its fact to the gateway: alone, and behind a campaign (NOT-11).
struct UrgentBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "urgent",
        abstract: "Time from the fact to the gateway for a payment link, idle and behind a campaign of 100,000.",
        discussion: """
            The fact goes through outbox, broker, consumer, the owner's answer, dispatch and worker, each of them as \
            deployed. The campaign's messages are of people who agreed; each is held to the law before its call.
            """)

    @Option(help: "Messages of the campaign.")
    var campaign = 100_000

    @Option(help: "Payment links measured in each state.")
    var links = 100

    @Option(help: "Workers.")
    var workers = 2

    @Option(help: "Time the gateway takes to answer, in milliseconds.")
    var milliseconds = 20

    func run() async throws {
        let owner = try PlayedRecipients()
        let stage = try await WorkersStage.start(
            answerMilliseconds: milliseconds, calls: 16,
            [
                "QUITTANCE_PAYMENTS_URL": owner.url, "QUITTANCE_REHEARSAL_DAY": "2026-11-24",
                "QUITTANCE_KAFKA_PROPERTIES": "fetch.wait.max.ms=20,heartbeat.interval.ms=500",
            ])
        var processes = [try await stage.server(at: try FreePort.pick())]
        for _ in 0..<workers { processes.append(try await stage.worker(at: try FreePort.pick())) }
        _ = try await times(stage, 10)
        let idle = try await times(stage, links)
        try await start(stage)
        try await waitUntil("the campaign leaves", within: .seconds(60)) { try await left(stage) > 200 }
        let before = try await left(stage)
        let behind = try await times(stage, links)
        let after = try await left(stage)
        guard after < campaign else { throw BenchFailure(text: "the campaign was over: give it more messages") }
        print(
            "from the fact to the gateway       p50        p95      (\(workers) workers, gateway of \(milliseconds) ms)"
        )
        show("idle", idle)
        show("behind a campaign", behind)
        print(
            String(
                format: "ratio of the medians %.2f, of p95 %.2f; %d of the campaign's %d left meanwhile",
                percentile(behind, 50) / percentile(idle, 50), percentile(behind, 95) / percentile(idle, 95),
                after - before, campaign))
        processes.forEach(stage.end)
        await stage.end()
    }

    private func show(_ name: String, _ times: [Double]) {
        print(
            name.padding(toLength: 26, withPad: " ", startingAt: 0)
                + String(format: "%8.1f ms %8.1f ms", percentile(times, 50), percentile(times, 95)))
    }

    private func percentile(_ times: [Double], _ share: Int) -> Double {
        let sorted = times.sorted()
        return sorted[min(sorted.count - 1, sorted.count * share / 100)]
    }

    /// Milliseconds from the commit of the fact to the gateway's answer, one after the other.
    private func times(_ stage: WorkersStage, _ count: Int) async throws -> [Double] {
        var times: [Double] = []
        for _ in 0..<count {
            let payment: PaymentID = IdentifierSource.system.make()
            let start = TimeSource.system.now()
            try await announce(payment, stage)
            var left: Instant?
            try await waitUntil("the link has left", within: .seconds(60)) {
                left = try await stage.database.read(organisation: nil) { transaction in
                    try transaction.first("SELECT left_at FROM message WHERE payment = \(payment)") { row in
                        try row("left_at") as Instant?
                    } ?? nil
                }
                return left != nil
            }
            if let left { times.append(Double(left.microsecondsSince1970 - start.microsecondsSince1970) / 1_000) }
        }
        return times
    }

    private func announce(_ payment: PaymentID, _ stage: WorkersStage) async throws {
        let cause = Cause(
            .job(name: "link", run: "\(payment)"), organisation: WorkersStage.organisation, actor: "benchmark",
            correlation: CorrelationID(1))
        try await stage.database.change(because: cause) { change in
            change.announce(
                PaymentRequestedV1(
                    paymentID: payment, clientID: IdentifierSource.system.make(), amount: .euros(cents: 20_000),
                    provider: .alma, plan: .inInstalments(3), channel: .sms,
                    expiresAt: TimeSource.system.now().adding(.seconds(3_600))), about: payment)
        }
    }

    private func left(_ stage: WorkersStage) async throws -> Int {
        try await stage.database.read(organisation: nil) { transaction in
            try transaction.one(
                "SELECT count(*) AS count FROM message WHERE campaign IS NOT NULL AND left_at IS NOT NULL"
            ) { row in try row("count") }
        }
    }

    /// A running campaign that is written already, to people who agreed, at a clinic where it is about one o'clock.
    private func start(_ stage: WorkersStage) async throws {
        let (id, clinic, organisation) = (
            IdentifierSource.system.make() as CampaignID, ClinicID(0xC), WorkersStage.organisation
        )
        let hour = Int(TimeSource.system.now().microsecondsSince1970 / 3_600_000_000 % 24)
        let shift = ((13 - hour) % 24 + 36) % 24 - 12
        let zone = shift >= 0 ? "Etc/GMT-\(shift)" : "Etc/GMT+\(-shift)"
        let count = campaign
        try await stage.everybody { transaction in
            try transaction.execute(
                "INSERT INTO clinic (id, organisation, time_zone) VALUES (\(clinic), \(organisation), \(zone))")
            try transaction.execute(
                """
                INSERT INTO campaign (id, organisation, clinic, name, state, identity, body, groups, contacts, phones,
                    created_by, started_at, is_written)
                VALUES (\(id), \(organisation), \(clinic), 'Vaccins', 'running', 'Lilas', 'Vaccins', '{}', '{}', '{}',
                    'benchmark', now(), true)
                """)
            try transaction.execute(
                """
                INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
                SELECT gen_random_uuid(), \(organisation), 'sms', '+337' || lpad(number::text, 8, '0'), 'given', 'form',
                    now(), 'benchmark' FROM generate_series(1, \(count)) AS number
                """)
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, clinic, occasion, channel, lane, purpose, dedup_key, campaign,
                    facts, state, address, subject, body, proof, route, planned_parts, is_counted)
                SELECT gen_random_uuid(), \(organisation), \(clinic), 'campaign', 'sms', 'bulk', 'marketing',
                    'campaign/' || number, \(id), '{}', 'ready', '+337' || lpad(number::text, 8, '0'), '', 'Vaccins',
                    'Vaccins', 'smsfactor', 1, false
                FROM generate_series(1, \(count)) AS number
                """)
            try transaction.execute("ANALYZE message, consent")
        }
    }
}
