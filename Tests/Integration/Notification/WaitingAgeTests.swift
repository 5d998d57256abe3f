import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

/// NOT-11: how long the oldest message has waited, as operations are told.
@Suite(.serialized) struct `The age of what waits` {
    private func figure(
        _ metric: String, _ stack: NotificationStack, _ labels: [String] = [#"gateway="smsfactor""#]
    ) async throws -> Double {
        try await stack.metrics().values(of: metric, labels).first ?? -1
    }

    private func age(_ stack: NotificationStack) async throws -> Double {
        try await figure("quittance_messages_oldest_age_seconds", stack)
    }

    @Test func `NOT-11: counts from when a message could have left first, whatever was tried since`() async throws {
        let stack = try await NotificationStack.start()
        let server = try await stack.serve()
        let ids = try await stack.seed(3)
        // The first came from another gateway a moment ago, the second is put off since none had a part of it, the
        // third is held until tomorrow.
        try await stack.everybody { transaction in
            try transaction.execute(
                "UPDATE message SET waits_since = now() - interval '1 hour', tries = 5 WHERE id = \(ids[0])")
            try transaction.execute(
                """
                UPDATE message SET waits_since = now() - interval '2 hours', tries = 5,
                    next_try_at = now() + interval '1 hour'
                WHERE id = \(ids[1])
                """)
            try transaction.execute(
                """
                UPDATE message SET waits_since = now() + interval '1 day', next_try_at = now() + interval '1 day'
                WHERE id = \(ids[2])
                """)
        }
        try await waitUntil("it is told") { try await age(stack) >= 7_200 }
        #expect(try await figure("quittance_messages_waiting", stack) == 2)
        try await server.kill()
    }

    @Test func `NOT-11: counts what has no words because nobody says whom it is for, from when it was due`()
        async throws
    {
        let port = try FreePort.pick()
        let stack = try await NotificationStack.start(["QUITTANCE_PAYMENTS_URL": "http://127.0.0.1:\(port)"])
        let server = try await stack.serve()
        let ids: [MessageID] = [IdentifierSource.system.make(), IdentifierSource.system.make()]
        let (organisation, clinic) = (NotificationStack.organisation, NotificationStack.clinic)
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, clinic, occasion, channel, lane, dedup_key, payment, client, facts,
                    state, waits_since)
                SELECT id, \(organisation), \(clinic), 'payment-reminder', 'sms', 'normal', 'age/' || id,
                    gen_random_uuid(), gen_random_uuid(), '{}', 'requested',
                    now() + CASE WHEN id = \(ids[0]) THEN -1 ELSE 1 END * interval '1 hour'
                FROM unnest(\(ids)::uuid[]) AS told (id)
                """)
        }
        try await waitUntil("it is told") {
            try await figure("quittance_messages_unwritten_oldest_age_seconds", stack, []) >= 3_600
        }
        #expect(try await figure("quittance_messages_unwritten", stack, []) == 1)
        try await server.kill()
    }

    @Test func `NOT-6: does not count the time a campaign was paused`() async throws {
        let stack = try await NotificationStack.start(["QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay])
        let bench = CampaignBench(stack: stack)
        let server = try await stack.serve()
        _ = try await bench.enter(1, in: "all")
        let id = try await bench.draft(groups: ["all"])
        #expect(try await bench.steer(id, "start").status == 200)
        func held() async throws -> [Bool] {
            try await stack.everybody { transaction in
                try transaction.query("SELECT next_try_at = 'infinity' AS held FROM message WHERE campaign = \(id)") {
                    row in try row("held")
                }
            }
        }
        try await waitUntil("it is written") { try await held() == [false] }
        try await bench.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET waits_since = now() - interval '1 hour', reason = 'held until it may be sent'
                WHERE campaign = \(id)
                """)
        }
        func reason() async throws -> String? {
            try await bench.done(.get, "/v1/messages?campaignID=\(id)").json["items"]?.elements?.first?["reason"]?.text
        }
        try await waitUntil("it is told") { try await age(stack) >= 3_600 }
        #expect(try await bench.steer(id, "pause").status == 200)
        try await waitUntil("it is kept back") { try await held() == [true] }
        #expect(try await reason() == "its campaign is paused", "and not until its hours")
        try await waitUntil("nothing waits") { try await age(stack) == 0 }
        var (looks, since) = (0.0, ContinuousClock.now)
        try await waitUntil("it is looked at seldom") {
            let now = try await stack.metrics().sum(
                of: "quittance_job_run_seconds_count", [#"job="write-campaigns""#])
            if now != looks { (looks, since) = (now, .now) }
            return ContinuousClock.now - since > .seconds(2)
        }
        #expect(try await bench.steer(id, "resume").status == 200)
        try await waitUntil("it waits again") { try await figure("quittance_messages_waiting", stack) == 1 }
        #expect(try await age(stack) < 3_600)
        #expect(try await reason() == nil)
        try await server.kill()
    }
}
