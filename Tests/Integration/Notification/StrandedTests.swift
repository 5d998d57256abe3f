import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// NOT-10, NOT-11: messages of a gateway that is left alone.
@Suite struct `What waits for a resting gateway` {
    /// The gateway a message is to leave through.
    private func route(of id: MessageID, _ stack: NotificationStack) async throws -> String {
        try await stack.everybody { transaction in
            try transaction.one("SELECT route FROM message WHERE id = \(id)") { row in try row("route") }
        }
    }

    @Test func `NOT-11: is given another by who would take it: who takes what is urgent leaves a campaign as it is`()
        async throws
    {
        let stack = try await NotificationStack.startWithKannel([
            "QUITTANCE_GATEWAY_CALLS_MAX": "1", "QUITTANCE_IN_HAND_TIME": "60s", "QUITTANCE_GATEWAY_REST": "1h",
        ])
        let server = try await stack.serve()
        // One call hangs and one more message is in hand: nobody takes more of what is not urgent.
        try await stack.fault(#"{"operation":"kannel.send","kind":"slow","milliseconds":12000,"times":0}"#)
        let busy = try await stack.seed(2, lane: "bulk", by: "kannel")
        try await stack.everybody { transaction in
            try transaction.execute(NotificationStack.rest("smsfactor", for: .seconds(1_800)))
        }
        try await stack.ring(busy)
        let worker = try stack.work()
        try await waitUntil("nobody takes more of a campaign") { try await stack.inHand() == busy.count }
        let campaign = try await stack.seed(1, lane: "bulk")[0]
        let urgent = try await stack.seed(1)[0]
        try await waitUntil("what is urgent goes to the other") { try await route(of: urgent, stack) == "kannel" }
        #expect(try await route(of: campaign, stack) == "smsfactor")
        #expect(try await stack.states(of: busy)["claimed"] == 1, "the call hung all the while")
        for process in [server, worker] { try await process.kill() }
    }

    @Test func `NOT-10: leaves through the next also where a worker had it in hand before, all hands busy elsewhere`()
        async throws
    {
        let stack = try await NotificationStack.startWithKannel([
            "QUITTANCE_GATEWAY_CALLS_MAX": "2", "QUITTANCE_IN_HAND_TIME": "60s", "QUITTANCE_GATEWAY_REST": "1h",
        ])
        let busy = try await stack.seed(2, lane: "bulk", by: "kannel")
        let held = [try await hold(busy[0], stack), try await hold(busy[1], stack)]
        try await stack.ring(busy)
        let worker = try stack.work()
        try await waitUntil("both hands call the other") { try await stack.states(of: busy)["claimed"] == 2 }
        let ids = try await stack.seed(2, lane: "bulk")
        try await waitUntil("as many are in hand") { try await stack.inHand() == 4 }
        // So does the hand for what is urgent until the end: nobody looks, and hears of the rest, before the claims do.
        let urgent = try await stack.seed(1, by: "kannel")
        try await hold(urgent[0], stack)
        try await stack.ring(urgent)
        try await waitUntil("no hand is free") { try await stack.states(of: urgent)["claimed"] == 1 }
        // Other workers found that it fails.
        try await stack.everybody { transaction in
            try transaction.execute(NotificationStack.rest("smsfactor", for: .seconds(1_800)))
        }
        for fault in held { try await stack.release(fault) }
        try await waitUntil("they have left") { try await stack.states(of: ids) == ["sent": 2] }
        let gateways = try await stack.everybody { transaction in
            try transaction.query("SELECT gateway FROM message WHERE id = ANY(\(ids))") { row in
                try row("gateway") as String
            }
        }
        #expect(gateways == ["kannel", "kannel"])
        try await worker.kill()
    }

    /// Kannel answers the call for this message when it is told to; answers the fault's number.
    @discardableResult
    private func hold(_ id: MessageID, _ stack: NotificationStack) async throws -> Int {
        let phone = NotificationStack.phone(id).dropFirst()
        return try await stack.fault(#"{"operation":"kannel.send","kind":"hold","containing":"\#(phone)"}"#)
    }

    @Test func `NOT-10: is tried with another where what was to try it waits for its document`() async throws {
        let stack = try await NotificationStack.start([
            // Nobody listens there, nor at the mail server's.
            "QUITTANCE_INVOICING_URL": "http://127.0.0.1:9", "QUITTANCE_GATEWAY_REST": "10m",
            "QUITTANCE_LOOK_EVERY": "200ms",
        ])
        let mails = try await stack.seedMails(2).map { $0.id }
        try await stack.everybody { transaction in
            try transaction.execute(NotificationStack.rest("smtp", for: .seconds(-1)))
            try transaction.execute(
                """
                UPDATE message SET occasion = 'receipt', payment = NULL, payment_on_account = gen_random_uuid(),
                    next_try_at = now() - interval '1 minute'
                WHERE id = \(mails[0])
                """)
            try transaction.execute("UPDATE message SET next_try_at = now() WHERE id = \(mails[1])")
        }
        let worker = try stack.work()
        try await waitUntil("the other tries it") { try await stack.message(mails[1]).tries == 1 }
        let waiting = try await stack.message(mails[0])
        #expect(waiting.tries == 0 && waiting.reason?.contains("its document could not be fetched") == true)
        try await worker.kill()
    }

    @Test func `NOT-10: is tried with the same where the worker that was to try it was held up and called nobody`()
        async throws
    {
        let (stack, id) = try await startWithTrial()
        let worker = try await workHeldUp(stack)
        try await waitUntil("it is tried after all") { try await stack.message(id).state == "sent" }
        #expect(try await stack.message(id).tries == 1)
        try await worker.kill()
    }

    @Test func `NOT-10: a rest goes on that began while the worker that was to try the gateway before was held up`()
        async throws
    {
        let (stack, id) = try await startWithTrial()
        let hold = try await StepHold(.claim, of: stack)
        let worker = try stack.work()
        try await hold.waitUntilReached()
        try await stack.everybody { transaction in
            try transaction.execute(NotificationStack.rest("smsfactor", for: .seconds(1_800)))
        }
        // Longer than what is decided with a claim holds.
        try await stack.everybody { transaction in try transaction.execute("SELECT pg_sleep(6)") }
        try await hold.release()
        try await waitUntil("it calls nobody") {
            try await stack.message(id).reason == "the worker was held up"
        }
        #expect(try await rests(stack))
        try await worker.kill()
    }

    @Test func `NOT-10: a gateway that rests anew is not tried by who was to try it before, and rests on`() async throws
    {
        let (stack, id) = try await startWithTrial(["QUITTANCE_GATEWAY_CALLS_MAX": "1"])
        let mail = try await stack.seedMails(1)[0].id
        try await stack.ring([mail])
        let worker = try await workHeldUp(
            stack, seconds: 0, meanwhile: NotificationStack.rest("smsfactor", for: .seconds(1_800)))
        // Nobody listens at the mail server's.
        try await waitUntil("the same hand has gone on") { try await stack.message(mail).tries == 1 }
        #expect(try await stack.message(id).tries == 0)
        #expect(try await rests(stack))
        try await worker.kill()
    }

    /// One message, and a gateway whose rest is over.
    private func startWithTrial(_ more: [String: String] = [:]) async throws -> (NotificationStack, MessageID) {
        let usual = ["QUITTANCE_GATEWAY_REST": "1h", "QUITTANCE_LOOK_EVERY": "200ms"]
        let stack = try await NotificationStack.start(usual.merging(more) { $1 })
        try await stack.everybody { transaction in
            try transaction.execute(NotificationStack.rest("smsfactor", for: .seconds(-1)))
        }
        return (stack, try await stack.seed(1, lane: "bulk")[0])
    }

    /// Whether SMSFactor is left alone for the half hour a test said, and not for the hour that a try is waited for.
    private func rests(_ stack: NotificationStack) async throws -> Bool {
        try await stack.everybody { transaction in
            try transaction.one(
                """
                SELECT rests_until BETWEEN now() + interval '15 minutes' AND now() + interval '45 minutes' AS rests
                FROM gateway_account WHERE gateway = 'smsfactor'
                """
            ) { row in try row("rests") }
        }
    }

    /// A worker whose first claim takes longer than what is decided with it holds, unless it is told for how long.
    private func workHeldUp(
        _ stack: NotificationStack, seconds: Int64 = 6, meanwhile others: SQL? = nil
    ) async throws -> ServiceChild {
        // Read with each claim, and by nobody else.
        let locked = await stack.lock("LOCK TABLE sending_policy") { transaction in
            try transaction.execute("SELECT pg_sleep(\(seconds))")
            if let others { try transaction.execute(others) }
        }
        let worker = try stack.work()
        try await locked.value
        return worker
    }

    @Test func `NOT-10: a rest goes on that began while a worker looked in vain for what to send there`() async throws {
        let stack = try await NotificationStack.startWithKannel(["QUITTANCE_GATEWAY_REST": "1h"])
        let other = try await stack.seed(1, lane: "bulk", by: "kannel")
        try await stack.ring(other)
        // Both of a worker's looks were told that they may send what they find, and find nothing.
        let rest = await stack.lock("LOCK TABLE message", untilWaitedForBy: 2) { transaction in
            try transaction.execute(NotificationStack.rest("smsfactor", for: .seconds(1_800)))
        }
        let worker = try stack.work()
        try await rest.value
        try await waitUntil("a look has come past it") { try await stack.states(of: other) == ["sent": 1] }
        #expect(try await rests(stack))
        try await worker.kill()
    }

    @Test func `NOT-10: is tried where the database's clock was set back since the gateway began to rest`()
        async throws
    {
        let stack = try await NotificationStack.startWithKannel(["QUITTANCE_GATEWAY_REST": "10m"])
        try await stack.everybody { transaction in
            try transaction.execute(NotificationStack.rest("smsfactor", for: .seconds(1_800)))
            try transaction.execute(NotificationStack.rest("kannel", for: .seconds(300)))
        }
        let server = try await stack.serve()
        try await waitUntil("the server says which of them rests") {
            let page = try await stack.metrics()
            return ["smsfactor", "kannel"].map {
                page.values(of: "quittance_gateway_resting", [#"gateway="\#($0)""#])
            } == [[0], [1]]
        }
        let id = try await stack.seed(1)[0]
        let worker = try stack.work()
        try await waitUntil("it has left") { try await stack.states(of: [id]) == ["delivered": 1] }
        #expect(try await stack.sent(id).count == 1)
        for process in [server, worker] { try await process.kill() }
    }
}
