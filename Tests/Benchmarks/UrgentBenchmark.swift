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
            The fact goes through outbox, broker, consumer, the owner's answer, dispatch and worker, each of \
            them as deployed. The campaign's messages are of people who agreed; each is held to the law before \
            its call. Between two links is a moment in which the campaign goes at full speed again; what it \
            makes in a second while links are asked for, and without any, is printed too. Of each link is \
            printed as well how long it took to be asked for (outbox, broker, consumer), to be claimed (written, \
            handed out, taken) and to leave (claim's commit, call).
            """)

    private static let clinic = ClinicID(0xC)

    @Option(help: "Messages of the campaign.")
    var campaign = 100_000

    @Option(help: "Payment links measured in each state of a round.")
    var links = 40

    @Option(help: "Rounds, each with a campaign of its own.")
    var rounds = 5

    @Option(help: "Workers.")
    var workers = 2

    @Option(help: "Time the gateway takes to answer, in milliseconds.")
    var milliseconds = 20

    @Option(help: "Pause between two links, in milliseconds.")
    var pause = 400

    func run() async throws {
        guard links > 0, rounds > 0 else { throw ValidationError("there is nothing to measure") }
        let owner = try PlayedRecipients()
        let stage = try await WorkersStage.start(
            answerMilliseconds: milliseconds, calls: 16,
            [
                "QUITTANCE_PAYMENTS_URL": owner.url, "QUITTANCE_REHEARSAL_DAY": "2026-11-24",
                // Nobody listens there: a rehearsal refuses the ports mail servers have.
                "QUITTANCE_SMTP_PORT": "9",
                "QUITTANCE_KAFKA_PROPERTIES": "fetch.wait.max.ms=20,heartbeat.interval.ms=500",
            ])
        var processes = [try await stage.server()]
        for _ in 0..<workers { processes.append(try await stage.worker()) }
        try await agree(stage)
        _ = try await times(stage, 10)
        var (idle, behind): ([[Passage]], [[Passage]]) = ([], [])
        var (gone, rates): (Int, [(alone: Double, beside: Double)]) = (0, [])
        for _ in 0..<rounds {
            // In turns, so that a noisy machine disturbs both alike.
            idle.append(try await times(stage, links))
            let id = try await startCampaign(stage)
            try await stage.waitSeldom(until: "the campaign leaves", within: .seconds(60)) {
                try await left(id, stage) > min(200, campaign / 10)
            }
            let alone = try await rate(id, stage) { try await Task.sleep(for: .seconds(5)) }
            let before = try await left(id, stage)
            let beside = try await rate(id, stage) { behind.append(try await times(stage, links)) }
            let after = try await left(id, stage)
            guard after < campaign else { throw BenchFailure(text: "the campaign was over: give it more messages") }
            gone += after - before
            rates.append((alone, beside))
            try await end(id, stage)
        }
        report(idle, behind, gone: gone)
        let (alone, beside) = (Comparison.median(rates.map(\.alone)), Comparison.median(rates.map(\.beside)))
        say(String(format: "the campaign: %.0f messages a second without links, %.0f with them", alone, beside))
        for process in processes { try await process.child.kill() }
        await stage.end()
        withExtendedLifetime(owner) {}
    }

    /// Messages of the campaign a second while something is done.
    private func rate(_ id: CampaignID, _ stage: WorkersStage, _ work: () async throws -> Void) async throws -> Double {
        let (start, before) = (ContinuousClock.now, try await left(id, stage))
        try await work()
        return Double(try await left(id, stage) - before) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// How long one link took to be asked for, to be claimed and to leave, in milliseconds.
    private struct Passage {
        let stages: [Double]
        var whole: Double { stages.reduce(0, +) }

        init(from start: Instant, over moments: [Instant]) {
            stages = zip([start] + moments, moments).map { earlier, later in
                Double(later.microsecondsSince1970 - earlier.microsecondsSince1970) / 1_000
            }
        }
    }

    private func report(_ idle: [[Passage]], _ behind: [[Passage]], gone: Int) {
        say(
            "from the fact to the gateway       p50        p95      (\(workers) workers, gateway of \(milliseconds) ms)"
        )
        let (alone, crowded) = (idle.joined().map(\.whole), behind.joined().map(\.whole))
        show("idle", alone)
        show("behind a campaign", crowded)
        for (number, stage) in ["asked for", "claimed", "left"].enumerated() {
            show("  \(stage), idle", idle.joined().map { $0.stages[number] })
            show("  \(stage), behind", behind.joined().map { $0.stages[number] })
        }
        say(
            String(
                format: "ratio of the medians %.2f, of p95 %.2f; ",
                percentile(crowded, 50) / percentile(alone, 50), percentile(crowded, 95) / percentile(alone, 95))
                + "\(gone) of \(rounds) campaigns of \(campaign) left meanwhile")
        let each = zip(behind, idle).map { crowded, alone in
            String(format: "%.2f", percentile(crowded.map(\.whole), 50) / percentile(alone.map(\.whole), 50))
        }
        say("ratio of the medians of each round: \(each.joined(separator: " "))")
    }

    private func show(_ name: String, _ times: [Double]) {
        say(
            name.padding(toLength: 26, withPad: " ", startingAt: 0)
                + String(format: "%8.1f ms %8.1f ms", percentile(times, 50), percentile(times, 95)))
    }

    private func percentile(_ times: [Double], _ share: Int) -> Double {
        let sorted = times.sorted()
        return sorted[min(sorted.count - 1, sorted.count * share / 100)]
    }

    /// From the commit of the fact to the gateway's answer, one after the other.
    private func times(_ stage: WorkersStage, _ count: Int) async throws -> [Passage] {
        var passages: [Passage] = []
        for _ in 0..<count {
            let payment: PaymentID = IdentifierSource.system.make()
            let start = TimeSource.system.now()
            try await announce(payment, stage)
            var moments: [Instant] = []
            try await waitUntil("the link has left", within: .seconds(60)) {
                moments = try await self.moments(of: payment, stage)
                return !moments.isEmpty
            }
            passages.append(Passage(from: start, over: moments))
            try await Task.sleep(for: .milliseconds(pause))
        }
        return passages
    }

    /// When it was asked for, claimed and gone; none before it is gone.
    private func moments(of payment: PaymentID, _ stage: WorkersStage) async throws -> [Instant] {
        try await stage.database.read(organisation: nil) { transaction in
            try transaction.first(
                """
                SELECT created_at, claimed_at, left_at FROM message WHERE payment = \(payment) AND left_at IS NOT NULL
                """
            ) { row in
                [try row("created_at") as Instant, try row("claimed_at") as Instant, try row("left_at") as Instant]
            } ?? []
        }
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

    private func left(_ campaign: CampaignID, _ stage: WorkersStage) async throws -> Int {
        try await stage.database.read(organisation: nil) { transaction in
            try transaction.one(
                "SELECT count(*) AS count FROM message WHERE campaign = \(campaign) AND left_at IS NOT NULL"
            ) { row in try row("count") }
        }
    }

    /// Everybody agrees, at a clinic where it is about one o'clock.
    private func agree(_ stage: WorkersStage) async throws {
        let hour = Int(TimeSource.system.now().microsecondsSince1970 / 3_600_000_000 % 24)
        let shift = ((13 - hour) % 24 + 36) % 24 - 12
        let zone = shift >= 0 ? "Etc/GMT-\(shift)" : "Etc/GMT+\(-shift)"
        let (count, clinic, organisation) = (campaign, Self.clinic, WorkersStage.organisation)
        try await stage.everybody { transaction in
            try transaction.execute(
                "INSERT INTO clinic (id, organisation, time_zone) VALUES (\(clinic), \(organisation), \(zone))")
            try transaction.execute(
                """
                INSERT INTO consent (id, organisation, channel, address, decision, proof, decided_at, recorded_by)
                SELECT gen_random_uuid(), \(organisation), 'sms', '+337' || lpad(number::text, 8, '0'), 'given', 'form',
                    now(), 'benchmark' FROM generate_series(1, \(count)) AS number
                """)
        }
    }

    /// A running campaign that is written already, and promised its parts.
    private func startCampaign(_ stage: WorkersStage) async throws -> CampaignID {
        let (id, clinic, organisation) = (
            IdentifierSource.system.make() as CampaignID, Self.clinic, WorkersStage.organisation
        )
        let count = campaign
        try await stage.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO campaign (id, organisation, clinic, name, state, identity, body, groups, contacts, phones,
                    created_by, started_at, is_written)
                VALUES (\(id), \(organisation), \(clinic), 'Vaccins', 'running', 'Lilas', 'Vaccins', '{}', '{}', '{}',
                    'benchmark', now(), true)
                """)
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, clinic, occasion, channel, lane, purpose, dedup_key, campaign,
                    facts, state, address, subject, body, proof, route, planned_parts, reserved_parts, is_counted)
                SELECT gen_random_uuid(), \(organisation), \(clinic), 'campaign', 'sms', 'bulk', 'marketing',
                    'campaign/' || gen_random_uuid(), \(id), '{}', 'ready',
                    '+337' || lpad(number::text, 8, '0'), '', 'Vaccins', 'Vaccins', 'smsfactor', 1, 1, false
                FROM generate_series(1, \(count)) AS number
                """)
            try stage.promise(count, in: &transaction)
        }
        try await stage.tidy()
        return id
    }

    /// Takes away what has not left of it, so that the next round finds nothing to do.
    private func end(_ campaign: CampaignID, _ stage: WorkersStage) async throws {
        try await stage.everybody { transaction in
            try transaction.execute(
                "UPDATE campaign SET state = 'stopped', closed_at = now() WHERE id = \(campaign)")
        }
        try await stage.everybody { transaction in
            try transaction.execute("DELETE FROM message WHERE campaign = \(campaign)")
        }
        // Until then workers have come back from the calls they were in, and their events are published.
        try await Task.sleep(for: .seconds(3))
        try await stage.tidy()
    }
}
