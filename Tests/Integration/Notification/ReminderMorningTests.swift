import Foundation
import HTTPClient
import HTTPServer
import NotificationDomain
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-3: many reminders due at the same time; `benchmarks reminders` does the same with 50,000.
@Suite(.serialized) struct `A morning of reminders` {
    private static let rate = 40
    private static let count = 120

    /// Reminders of this morning; their numbers follow from their payments.
    private func plan(_ stack: NotificationStack, at minutes: Int32) async throws -> [MessageID] {
        let ids: [MessageID] = (0..<Self.count).map { _ in IdentifierSource.system.make() }
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO reminder (id, organisation, clinic, client, payment, occasion, dedup_key, facts, state,
                    local_day, local_minutes, late_on, planned_by)
                SELECT id, \(NotificationStack.organisation), \(NotificationStack.clinic), gen_random_uuid(),
                    gen_random_uuid(), 'payment-reminder', id::text, '{}', 'planned',
                    (now() AT TIME ZONE 'Etc/GMT-14')::date - 1, \(minutes), '2999-01-01', 'tests'
                FROM unnest(\(ids)::uuid[]) AS told (id)
                """)
        }
        return ids
    }

    @Test func `NOT-3: leave at the gateway's rate, the soonest first, each once, and what is late is seen everywhere`()
        async throws
    {
        let owner = try PlayedRecipients()
        let stack = try await NotificationStack.start([
            "QUITTANCE_PAYMENTS_URL": owner.url, "QUITTANCE_GATEWAY_RATE_MAX": "\(Self.rate)",
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_LATE_AFTER": "2s",
        ])
        // Of the day before where days begin first: both times are past whenever the tests run.
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO clinic (id, organisation, time_zone)
                VALUES (\(NotificationStack.clinic), \(NotificationStack.organisation), 'Etc/GMT-14')
                """)
        }
        let later = try await plan(stack, at: 1)
        let sooner = try await plan(stack, at: 0)
        let ports = try [FreePort.pick(), FreePort.pick()]
        let server = try await stack.serve()
        try await waitUntil("all are written") {
            try await stack.states(of: sooner + later) == ["ready": 2 * Self.count]
        }
        try await waitUntil("what waits is seen to be late") {
            try await stack.metrics().sum(of: "quittance_messages_late") == Double(2 * Self.count)
        }
        let start = ContinuousClock.now
        let workers = try ports.map { port in
            try stack.child("notification", "work", stack.own.merging(["QUITTANCE_HTTP_PORT": "\(port)"]) { $1 })
        }
        try await waitUntil("all have left", within: .seconds(60)) {
            try await stack.sendings(of: sooner + later).count == 2 * Self.count
        }
        let time = ContinuousClock.now - start
        try await check(stack, sooner, later, time)
        try await waitUntil("every late one is counted") {
            var counted = 0.0
            for port in ports {
                counted += try await stack.metrics(at: port).sum(of: "quittance_messages_left_late_total")
            }
            return counted == Double(2 * Self.count)
        }
        let series = try await stack.metrics(at: ports[0]).values(of: "quittance_messages_left_late_total")
        #expect(series.count == Occasion.allCases.count, "an alert sees no growth of a series that begins with a count")
        try await waitUntil("nothing late waits any more") {
            // Also one that is not there would come to nothing.
            try await stack.metrics().values(of: "quittance_messages_late") == [0]
        }
        let lines = try stack.log().split(separator: "\n").filter { $0.contains("a message left late") }
        #expect(lines.count == 2 * Self.count, "the log names each of them")
        for process in workers + [server] { try await process.kill() }
    }

    private func check(
        _ stack: NotificationStack, _ sooner: [MessageID], _ later: [MessageID], _ time: Duration
    ) async throws {
        let all = sooner + later
        let sendings = try await stack.sendings(of: all)
        #expect(sendings.count == all.count && sendings.values.allSatisfy { $0 == 1 })
        // The bucket holds a tenth of a second's worth and one more when it is full.
        let least = Double(all.count - Self.rate / 10 - 1) / Double(Self.rate)
        let order = try await stack.everybody { transaction in
            try transaction.query(
                "SELECT id FROM message WHERE id = ANY(\(all)) ORDER BY claimed_at, id"
            ) { row in try row("id") as MessageID }
        }
        let (early, place) = (Set(sooner), order.lastIndex { sooner.contains($0) } ?? order.count)
        let overtaken = order.prefix(early.count).count { !early.contains($0) }
        print("NOT-3: \(all.count) reminders at \(Self.rate) a second took \(time); \(overtaken) overtook a sooner one")
        #expect(time >= .seconds(least) && time < .seconds(least * 3 + 5))
        // What two workers have in their hands is the only disorder there may be.
        #expect(place < early.count + 2 * 16 && overtaken <= 2 * 16)
        let answer = try await stack.call(.get, "/v1/messages/\(all[0])").json
        #expect(answer["isLate"] == .bool(true) && answer["dueAt"]?.text != nil && answer["leftAt"]?.text != nil)
    }

    @Test func `NOT-3: what leaves at its time is not late, and the front desk reads where it is in both languages`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let payment = try await bench.request()
        let message = try await bench.stack.message(about: payment.id, until: "delivered")
        let answer = try await bench.stack.call(.get, "/v1/messages/\(message.id)").json
        #expect(answer["isLate"] == .bool(false))
        #expect(answer["words"]?["fr"]?.text == "Le message est arrivé.")
        #expect(answer["words"]?["en"]?.text == "The message has arrived.")
    }
}
