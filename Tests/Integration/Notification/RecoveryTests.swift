import Foundation
import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// NOT-10: what becomes of calls whose worker is gone, as the server finds them.
@Suite struct `Calls without an outcome` {
    /// Has a worker claim these, an hour ago.
    private func abandon(_ ids: [MessageID], _ stack: NotificationStack) async throws {
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET state = 'claimed', tries = 1, claimed_at = now() - interval '1 hour'
                WHERE id = ANY(\(ids))
                """)
        }
    }

    /// No receipt says of a call what became of it.
    private static let silent = [
        "QUITTANCE_SMSFACTOR_TOKEN": NotificationStack.silentToken, "QUITTANCE_LOOK_EVERY": "200ms",
    ]

    /// A message the gateway has taken, and its worker, which stands still with the answer before it.
    private func freezeAnswered(_ stack: NotificationStack) async throws -> (id: MessageID, worker: ServiceChild) {
        let held = try await stack.fault(#"{"operation":"smsfactor.send","kind":"hold-answer"}"#)
        let worker = try stack.work()
        let id = try await stack.seed(1)[0]
        try await waitUntil("the gateway has taken it") { try await stack.sent(id).count == 1 }
        worker.send(SIGSTOP)
        try await waitUntil("the worker is frozen") { worker.isFrozen }
        try await stack.release(held)
        return (id, worker)
    }

    /// The lines of the log that say of a message that nobody knows whether it left.
    private func told(_ stack: NotificationStack) throws -> [Substring] {
        try stack.log().split(separator: "\n").filter { $0.contains("nobody knows whether a message left") }
    }

    @Test func `NOT-10: are not given up when their message was called for again a moment before`() async throws {
        let stack = try await NotificationStack.start()
        let server = try await stack.serve()
        let id = try await stack.seed(1, by: "held")[0]
        server.send(SIGSTOP)
        try await waitUntil("the server is frozen") { server.isFrozen }
        try await abandon([id], stack)
        // The outcome of its call comes late, and another worker claims it, while the server is about to give it up.
        let claimedAgain = await stack.lock("UPDATE message SET tries = 2 WHERE id = \(id)") { transaction in
            try transaction.execute("UPDATE message SET claimed_at = clock_timestamp() WHERE id = \(id)")
        }
        server.send(SIGCONT)
        try await claimedAgain.value
        // One that is abandoned for certain says that the server has looked again since.
        let other = try await stack.seed(1, by: "held")
        try await abandon(other, stack)
        try await waitUntil("the server gives up what it should") {
            try await stack.states(of: other) == ["uncertain": 1]
        }
        let row = try await stack.message(id)
        #expect(row.state == "claimed" && row.reason == nil && row.tries == 2)
        try await server.kill()
    }

    @Test func `NOT-10: are not told to operations where the gateway had said that their message arrived`() async throws
    {
        let stack = try await NotificationStack.start()
        let server = try await stack.serve()
        let (arrived, lost) = (try await stack.seed(1, by: "held"), try await stack.seed(1, by: "held"))
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO delivery_receipt (message, gateway, code, verdict)
                VALUES (\(arrived[0]), 'smsfactor', '3', 'delivered')
                """)
        }
        try await abandon(arrived, stack)
        try await waitUntil("the receipt settles it") { try await stack.states(of: arrived) == ["delivered": 1] }
        // Each is told before the next is looked at.
        try await abandon(lost, stack)
        var lines: [Substring] = []
        try await waitUntil("the other is told") {
            lines = try told(stack)
            return lines.contains { $0.contains("\(lost[0])") }
        }
        #expect(lines.count == 1)
        try await server.kill()
    }

    @Test func `NOT-10: are told to operations and listed for who asks the clients, until they are settled`()
        async throws
    {
        let stack = try await NotificationStack.start([
            "QUITTANCE_GATEWAY_TIME_MAX": "1s", "QUITTANCE_CALL_LEASE": "2s", "QUITTANCE_LOOK_EVERY": "200ms",
        ])
        let server = try await stack.serve()
        try await stack.fault(#"{"operation":"smsfactor.send","kind":"slow","milliseconds":60000,"times":0}"#)
        let (ids, waiting) = (try await stack.seed(2, lane: "normal"), try await stack.seed(1, by: "held"))
        let worker = try stack.work(["QUITTANCE_GATEWAY_TIME_MAX": "20s", "QUITTANCE_CALL_LEASE": "60s"])
        try await waitUntil("both calls are open") { try await stack.states(of: ids + waiting)["claimed"] == 2 }
        try await worker.kill()
        let metric = "quittance_messages_uncertain"
        try await waitUntil("both are told") { try await stack.metrics().values(of: metric) == [2] }
        #expect(try await stack.metrics().sum(of: metric + "_oldest_age_seconds") >= 2)
        for id in ids {
            let row = try await stack.message(id)
            #expect(row.state == "uncertain" && row.reason == "the worker that called is gone")
        }
        let lines = try told(stack)
        #expect(lines.count == 2 && ids.allSatisfy { id in lines.contains { $0.contains("\(id)") } })

        let path = "/v1/messages?state=uncertain&limit=1"
        let first = try await stack.call(.get, path).json
        let next = try #require(first["next"]?.text)
        let second = try await stack.call(.get, "\(path)&after=\(next)").json
        let listed = [first, second].flatMap { $0["items"]?.elements ?? [] }.compactMap { $0["id"]?.text }
        #expect(Set(listed) == Set(ids.map { "\($0)" }) && listed.count == ids.count && second["next"] == nil)
        #expect(try await stack.call(.get, "/v1/messages?state=lost").status == 422)
        for id in ids {
            let settled = try await stack.call(.post, "/v1/messages/\(id)/settle", #"{"finding":"arrived"}"#)
            #expect(settled.status == 200)
        }
        try await waitUntil("nothing is left to settle") { try await stack.metrics().values(of: metric) == [0] }
        #expect(try await stack.call(.get, path).json["items"]?.elements?.isEmpty == true)
        try await server.kill()
    }

    @Test func `NOT-3, NOT-10: are counted as late, once, when it is known that their message left late`() async throws
    {
        let stack = try await NotificationStack.start()
        let server = try await stack.serve()
        let ids = try await stack.seed(4, by: "held")
        // The third was wanted when it left, and nobody will know when the last one did.
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET due_at = now() - CASE WHEN id = \(ids[2]) THEN interval '1 hour'
                    ELSE interval '2 hours' END WHERE id = ANY(\(ids))
                """)
        }
        try await abandon(ids, stack)
        try await waitUntil("nobody knows of any") { try await stack.states(of: ids) == ["uncertain": ids.count] }
        let metric = "quittance_messages_left_late_total"
        let series = try await stack.metrics().values(of: metric)
        #expect(!series.isEmpty && series.allSatisfy { $0 == 0 }, "whether it left is not known yet")
        let again = try await stack.call(.post, "/v1/messages/\(ids[3])/settle", #"{"finding":"send-again"}"#)
        #expect(again.json["state"]?.text == "ready")
        for _ in 1...2 {
            for id in [ids[0], ids[3]] {
                let receipt = NotificationStack.receipt("3", of: id)
                #expect(try await stack.push(receipt, signature: NotificationStack.signature(of: receipt)) == 200)
            }
            for id in ids[1...2] {
                let settled = try await stack.call(.post, "/v1/messages/\(id)/settle", #"{"finding":"arrived"}"#)
                #expect(settled.status == 200)
            }
        }
        #expect(try await stack.metrics().sum(of: metric) == 2)
        let late = try stack.log().split(separator: "\n").filter { $0.contains("a message left late") }
        #expect(late.count == 2 && ids.prefix(2).allSatisfy { id in late.contains { $0.contains("\(id)") } })
        for id in ids {
            let shown = try await stack.call(.get, "/v1/messages/\(id)").json
            #expect(shown["isLate"] == .bool(ids[...1].contains(id)), "\(shown)")
            #expect((shown["leftAt"]?.text == nil) == (id == ids[3]), "\(shown)")
        }
        try await server.kill()
    }

    @Test(arguments: [(#""kind":"gateway-status","status":-7"#, "failed"), (#""kind":"rate-limit""#, "called-off")])
    func `NOT-8, NOT-10: end, and are billed no more, when a gateway says at last that it has not taken their message`(
        answer: String, state: String
    ) async throws {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_GATEWAY_TIME_MAX": "30s", "QUITTANCE_CALL_LEASE": "60s",
        ])
        let held = try await stack.fault(#"{"operation":"smsfactor.send","kind":"hold"}"#)
        try await stack.fault(#"{"operation":"smsfactor.send",\#(answer)}"#)
        let server = try await stack.serve()
        let (id, organisation) = (try await stack.seed(1)[0], NotificationStack.organisation)
        try await stack.everybody { transaction in
            try transaction.execute(
                "INSERT INTO quota (organisation, booked, reserved) VALUES (\(organisation), 10, 2)")
            try transaction.execute(
                "UPDATE message SET planned_parts = 1, reserved_parts = 2, is_counted = false WHERE id = \(id)")
        }
        let worker = try stack.work()
        try await waitUntil("it is called for") { try await stack.message(id).state == "claimed" }
        // As where the worker stood still before its call until that was given up and the message too old.
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET state = 'uncertain', expires_at = now() WHERE id = \(id)")
        }
        func used() async throws -> Int {
            try await stack.everybody { transaction in
                try transaction.one("SELECT used FROM quota WHERE reserved = 0") { row in try row("used") }
            }
        }
        try await waitUntil("it counts as billed") { try await used() == 1 }
        try await waitUntil("its words are gone") {
            try await stack.everybody { transaction in
                try transaction.one("SELECT body IS NULL AS are_gone FROM message WHERE id = \(id)") { row in
                    try row("are_gone")
                }
            }
        }
        try await stack.release(held)
        try await waitUntil("it is over") { try await stack.message(id).state == state }
        try await waitUntil("its part is left again") { try await used() == 0 }
        #expect(try await stack.message(id).parts == nil)
        for process in [server, worker] { try await process.kill() }
    }

    @Test func `NOT-10: of messages a restored backup left uncertain operations are told too, which nobody called for`()
        async throws
    {
        let stack = try await NotificationStack.start(Self.silent)
        let ids = try await stack.seed(1, by: "held")
        // As deploy/README.md has it done.
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET state = 'uncertain', reason = 'restored from a backup',
                    waits_since = now() - interval '1 hour'
                WHERE id = ANY(\(ids))
                """)
        }
        let server = try await stack.serve()
        let metric = "quittance_messages_uncertain"
        try await waitUntil("it is counted") { try await stack.metrics().values(of: metric) == [1] }
        #expect(try await stack.metrics().sum(of: metric + "_oldest_age_seconds") >= 3_600)
        try await server.kill()
    }

    @Test(arguments: ["ready", "requested"])
    func `NOT-10: that were answered after all are not made again as a person wished meanwhile`(
        state: String
    ) async throws {
        let stack = try await NotificationStack.start(Self.silent)
        let (id, worker) = try await freezeAnswered(stack)
        // It was given up, and a person had it sent again, which waits for a resting gateway, or for other words.
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET state = \(state), body = CASE WHEN \(state == "ready") THEN body END,
                    next_try_at = now() + interval '1 hour'
                WHERE id = \(id)
                """)
        }
        worker.send(SIGCONT)
        try await waitUntil("it has left") { try await stack.message(id).state == "sent" }
        #expect(try await stack.message(id).parts == 1)
        #expect(try await stack.events(of: id) == ["message-sent"])
        #expect(try await stack.sent(id).count == 1)
        try await worker.kill()
    }

    @Test func `NOT-8, NOT-10: that were answered after their message was called off are told as sent, and billed`()
        async throws
    {
        let stack = try await NotificationStack.start(Self.silent)
        let server = try await stack.serve()
        let (id, worker) = try await freezeAnswered(stack)
        // It was given up, and not sent again since nobody wanted it any more: so the quota was told, and has promised
        // a part to another since.
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET state = 'called-off', is_counted = true, planned_parts = 1, reserved_parts = 1,
                    due_at = now() - interval '2 hours'
                WHERE id = \(id)
                """)
            try transaction.execute(
                "INSERT INTO quota (organisation, booked, reserved) VALUES (\(NotificationStack.organisation), 10, 1)")
        }
        worker.send(SIGCONT)
        let scopes: Set<Scope> = ["quota:read"]
        try await waitUntil("the quota knows") {
            let answer = try await stack.call(.get, "/v1/sms-quota", as: NotificationStack.principal(scopes: scopes))
            return answer.json["used"]?.integer == 1 && answer.json["reserved"]?.integer == 1
        }
        #expect(try await stack.message(id).state == "sent")
        #expect(try await stack.events(of: id) == ["message-sent"])
        try await waitUntil("NOT-3: the log says how late it left") {
            try stack.log().split(separator: "\n").contains { line in
                line.contains("a message left late") && line.contains("\(id)")
            }
        }
        for process in [server, worker] { try await process.kill() }
    }
}
