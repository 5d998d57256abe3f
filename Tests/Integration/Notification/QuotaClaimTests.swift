import HTTPClient
import HTTPServer
import NotificationDomain
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-8, NOT-10: what is promised to a message is used with its claim, in one transaction before the call.
@Suite(.serialized) struct `The parts a claim takes` {
    private static let settings = [
        "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_CALL_LEASE": "4s", "QUITTANCE_GATEWAY_TIME_MAX": "2s",
        "QUITTANCE_IN_HAND_TIME": "1s",
    ]
    private static let booked = 1_000

    /// Promises so many parts to each of these, as when their words are written where a quota limits all.
    private func promise(_ parts: Int, to ids: [MessageID], _ stack: NotificationStack) async throws {
        let organisation = NotificationStack.organisation
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                INSERT INTO quota (organisation, booked, reserved)
                VALUES (\(organisation), \(Self.booked), \(parts * ids.count))
                """)
            try transaction.execute(
                """
                UPDATE message SET planned_parts = 1, reserved_parts = \(Int32(parts)), is_counted = false
                WHERE id = ANY(\(ids))
                """)
        }
    }

    /// What the quota says of its messages; what is left is the rest of what was booked.
    private func quota(_ stack: NotificationStack) async throws -> HeldParts {
        let manager = NotificationStack.principal(scopes: ["quota:read"])
        let quota = try await stack.call(.get, "/v1/sms-quota", as: manager).json
        let (reserved, used) = (Int(quota["reserved"]?.integer ?? -1), Int(quota["used"]?.integer ?? -1))
        #expect(quota["left"]?.integer == (quota["booked"]?.integer ?? 0) - Int64(reserved + used))
        return HeldParts(promised: reserved, taken: used)
    }

    /// The same as the database has it, at one moment with what a message has.
    private func rows(_ id: MessageID, _ stack: NotificationStack) async throws -> [HeldParts] {
        try await stack.everybody { transaction in
            try transaction.query(
                """
                SELECT reserved, used FROM quota UNION ALL
                SELECT reserved_parts, taken_parts FROM message WHERE id = \(id)
                """
            ) { row in HeldParts(promised: try row("reserved"), taken: try row("used")) }
        }
    }

    /// Waits until the quota knows the end of a message.
    private func waitUntilCounted(_ id: MessageID, in state: String, _ stack: NotificationStack) async throws {
        try await waitUntil("the quota knows that it is \(state)") {
            try await stack.everybody { transaction in
                try transaction.one(
                    "SELECT is_counted AND state = \(state) AS is_known FROM message WHERE id = \(id)"
                ) { row in try row("is_known") }
            }
        }
    }

    @Test func `NOT-8, NOT-10: are used while the gateway is called, and what it does not bill is left again after it`()
        async throws
    {
        let stack = try await NotificationStack.start(["QUITTANCE_LOOK_EVERY": "200ms"])
        let held = try await stack.fault(#"{"operation":"smsfactor.send","kind":"hold-answer"}"#)
        let server = try await stack.serve()
        let id = try await stack.seed(1, lane: "bulk")[0]
        try await promise(3, to: [id], stack)
        #expect(try await quota(stack) == HeldParts(promised: 3))
        let worker = try stack.work()
        try await waitUntil("the gateway has it") { try await stack.sent(id).count == 1 }
        #expect(try await stack.message(id).state == "claimed")
        #expect(try await quota(stack) == HeldParts(taken: 3))
        #expect(try await rows(id, stack) == [HeldParts(taken: 3), HeldParts(taken: 3)])
        try await stack.release(held)
        try await waitUntil("one part is billed") { try await quota(stack) == HeldParts(taken: 1) }
        #expect(try await stack.message(id).parts == 1)
        for process in [server, worker] { try await process.kill() }
    }

    /// What a gateway makes of a message, and how many parts are used in the end.
    enum Answer: CaseIterable {
        case refused, takenAtTheSecondTry, neverTaken, takenByNobodyKnows

        fileprivate var fault: String {
            switch self {
            case .refused: #""kind":"gateway-status","status":-7"#
            case .takenAtTheSecondTry: #""kind":"rate-limit""#
            case .neverTaken: #""kind":"rate-limit","times":0"#
            case .takenByNobodyKnows: #""kind":"lose-answer""#
            }
        }

        fileprivate var end: (state: String, used: Int) {
            switch self {
            case .refused: ("failed", 0)
            case .takenAtTheSecondTry: ("sent", 1)
            case .neverTaken: ("called-off", 0)
            case .takenByNobodyKnows: ("uncertain", 1)
            }
        }
    }

    @Test(arguments: Answer.allCases)
    func `NOT-8, NOT-10: are taken once, and in the end what was billed is used`(answer: Answer) async throws {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_SMSFACTOR_TOKEN": NotificationStack.silentToken,
        ])
        try await stack.fault(#"{"operation":"smsfactor.send",\#(answer.fault)}"#)
        let server = try await stack.serve()
        let id = try await stack.seed(1)[0]
        try await promise(2, to: [id], stack)
        let worker = try stack.work()
        if answer == .neverTaken {
            try await waitUntil("it was tried twice") { try await stack.message(id).tries == 2 }
            try await waitUntil("it waits for the next") { try await stack.message(id).state == "ready" }
        } else {
            let state = answer.end.state
            try await waitUntil("its call is over") { try await stack.message(id).state == state }
        }
        if answer == .neverTaken || answer == .takenByNobodyKnows {
            #expect(try await quota(stack) == HeldParts(taken: 2), "they are used until it is known")
            try await stack.everybody { transaction in
                try transaction.execute("UPDATE message SET expires_at = now() WHERE id = \(id)")
            }
        }
        try await waitUntilCounted(id, in: answer.end.state, stack)
        #expect(try await quota(stack) == HeldParts(taken: answer.end.used))
        for process in [server, worker] { try await process.kill() }
    }

    @Test(arguments: LastOrder.allCases)
    func `NOT-8, NOT-10: are taken where the message is claimed and nowhere else, when a worker is killed in its claim`(
        order: LastOrder
    ) async throws {
        let stack = try await NotificationStack.start(Self.settings)
        let id = try await stack.seed(1)[0]
        try await promise(1, to: [id], stack)
        let hold = try await StepHold(.claim, of: stack)
        let killed = try stack.work()
        try await hold.waitUntilReached()
        try await hold.end(killing: killed, order)
        let isClaimed = order == .carriedOut
        #expect(try await stack.message(id).state == (isClaimed ? "claimed" : "ready"))
        let held = isClaimed ? HeldParts(taken: 1) : HeldParts(promised: 1)
        #expect(try await rows(id, stack) == [held, held])

        let processes = [try await stack.serve(), try stack.work()]
        if isClaimed {
            try await waitUntil("nobody knows whether it left") {
                try await stack.message(id).state == "uncertain"
            }
            #expect(try await quota(stack) == HeldParts(taken: 1))
            let settled = try await stack.call(
                .post, "/v1/messages/\(id)/settle", #"{"finding":"send-again"}"#)
            #expect(settled.status == 200)
        }
        try await waitUntilCounted(id, in: "delivered", stack)
        #expect(try await quota(stack) == HeldParts(taken: 1), "the second try took nothing")
        #expect(try await stack.message(id).tries == (isClaimed ? 2 : 1))
        #expect(try await stack.sendings(of: [id]) == [id: 1])
        for process in processes { try await process.kill() }
    }

    @Test func `NOT-8, NOT-11: are exact where workers claim many at once while others book and count, without a ring`()
        async throws
    {
        let stack = try await NotificationStack.start(["QUITTANCE_LOOK_EVERY": "200ms"])
        let ids = try await stack.seed(400, lane: "bulk")
        try await promise(2, to: ids, stack)
        let processes = [try await stack.serve(), try stack.work(), try stack.work()]
        let manager = NotificationStack.principal(scopes: ["quota:read", "quota:write"])
        var entries = 0
        try await waitUntil("all are claimed", within: .seconds(60)) {
            let json = #"{"parts":1,"note":"facture 12"}"#
            #expect(try await stack.call(.post, "/v1/sms-quota/entries", json, as: manager).status == 201)
            entries += 1
            return try await stack.states(of: ids)["ready"] == nil
        }
        try await stack.waitUntilSettled(ids)
        try await waitUntil("all is counted") { try await quota(stack) == HeldParts(taken: ids.count) }
        #expect(try await stack.sendings(of: ids).values.allSatisfy { $0 == 1 })
        let booked = try await stack.call(.get, "/v1/sms-quota", as: manager).json["booked"]?.integer
        #expect(booked == Int64(Self.booked + entries))
        for process in processes { try await process.kill() }
        await stack.database.pool.close()
        let owner = PostgresPool(stack.settings, logger: NotificationStack.logger)
        let rings = try await owner.deadlocks()
        await owner.close()
        print("NOT-8: \(ids.count) claims of one quota by two workers beside \(entries) entries, \(rings) deadlocks")
        #expect(rings == 0)
    }

    @Test
    func `NOT-8, NOT-10: keep no message of others waiting where somebody holds on to the quota, and are taken then`()
        async throws
    {
        let stack = try await NotificationStack.start(
            Self.settings.merging(["QUITTANCE_POSTGRES_CONNECTIONS": "4"]) { $1 })
        let limited = try await stack.seed(40, lane: "bulk")
        let other = try await stack.seed(1, lane: "normal", by: "held")
        try await promise(1, to: limited, stack)
        // Until a message of others has left, as a server would that stands still.
        let line = await stack.lock("SELECT FROM quota FOR UPDATE") { transaction in
            for _ in 0..<2_000 {
                let hasLeft = try transaction.one(
                    "SELECT left_at IS NOT NULL AS has_left FROM message WHERE id = \(other[0])"
                ) { row in try row("has_left") as Bool }
                if hasLeft { return }
                try transaction.execute("SELECT pg_sleep(0.01)")
            }
            throw BenchFailure(text: "a message of others waits for the quota")
        }
        let worker = try stack.work()
        try await waitUntil("all of the worker's connections stand in line") {
            try await stack.database.pool.waitingForLocks() >= 4
        }
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET route = 'smsfactor', organisation = \(OrganisationID(0xB)), next_try_at = now()
                WHERE id = ANY(\(other))
                """)
        }
        try await line.value
        try await waitUntil("all have left", within: .seconds(60)) {
            try await stack.states(of: limited)["ready"] == nil
        }
        #expect(try await stack.sendings(of: limited + other).values.allSatisfy { $0 == 1 })
        #expect(try await stack.message(limited[0]).tries == 1, "nothing was tried for those that waited")
        #expect(try await rows(limited[0], stack) == [HeldParts(taken: limited.count), HeldParts(taken: 1)])
        #expect(try stack.log().contains("its organisation's quota is locked"))
        try await worker.kill()
    }

    @Test func `NOT-8, NOT-10: are asked for again in a moment for what somebody waits for, and not without pause`()
        async throws
    {
        let stack = try await NotificationStack.start(
            Self.settings.merging(["QUITTANCE_IN_HAND_TIME": "600s"]) { $1 })
        let id = try await stack.seed(1)[0]
        try await promise(1, to: [id], stack)
        let line = await stack.lock("SELECT FROM quota FOR UPDATE") { transaction in
            try transaction.execute("SELECT pg_sleep(4)")
        }
        let worker = try stack.work()
        try await line.value
        let refusals = try stack.log().ranges(of: "its organisation's quota is locked").count
        #expect(refusals == 1, "the claims of others have the line and the connections meanwhile")
        try await waitUntil("it has left") { try await stack.message(id).state != "ready" }
        #expect(try await rows(id, stack) == [HeldParts(taken: 1), HeldParts(taken: 1)])
        try await worker.kill()
    }

    @Test(arguments: [true, false])
    func `NOT-4, NOT-8: are left again when the message is written anew, with what is promised in their place`(
        isLimited: Bool
    ) async throws {
        let owner = try PlayedRecipients()
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_PAYMENTS_URL": owner.url,
        ])
        let id = try await stack.seed(1)[0]
        try await promise(3, to: [id], stack)
        // One that was tried, and waits for other words; what was promised since is still to be taken.
        try await stack.everybody { transaction in
            try transaction.execute(
                """
                UPDATE message SET state = 'requested', body = NULL, tries = 1, reserved_parts = 1, taken_parts = 2,
                    next_try_at = 'infinity'
                WHERE id = \(id)
                """)
            try transaction.execute("UPDATE quota SET reserved = 1, used = 2")
        }
        let server = try await stack.serve()
        if isLimited {
            let manager = NotificationStack.principal(scopes: ["policy:write"])
            let kept = try await stack.call(
                .put, "/v1/sending-policy", #"{"quotaLimitsAll":true}"#, as: manager, headers: [("If-Match", "\"v0\"")])
            #expect(kept.isSuccess)
        }
        try await stack.ring([id])
        try await waitUntil("it is written") { try await stack.message(id).state == "ready" }
        let rows = try await rows(id, stack)
        #expect(rows.count == 2 && rows.first == rows.last)
        #expect(rows.allSatisfy { $0.taken == 0 && ($0.promised > 0) == isLimited }, "\(rows)")
        try await server.kill()
    }

    @Test func `NOT-8, NOT-10: keep no words of others unwritten where somebody holds on to the quota`() async throws {
        let owner = try PlayedRecipients()
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_PAYMENTS_URL": owner.url,
        ])
        let limited = try await stack.seed(1, lane: "normal")
        let other = try await stack.seed(1, lane: "normal", by: "held")
        // It has a part, which whoever writes it anew gives back.
        try await promise(1, to: limited, stack)
        try await stack.everybody { transaction in
            try transaction.execute(
                "UPDATE message SET state = 'requested', body = NULL WHERE id = ANY(\(limited + other))")
            try transaction.execute("UPDATE message SET organisation = \(OrganisationID(0xB)) WHERE id = \(other[0])")
        }
        // Shorter than a statement may wait.
        let line = await stack.lock("SELECT FROM quota FOR UPDATE") { transaction in
            for _ in 0..<800 {
                let isWritten = try transaction.one(
                    "SELECT state = 'ready' AS is_written FROM message WHERE id = \(other[0])"
                ) { row in try row("is_written") as Bool }
                if isWritten { return }
                try transaction.execute("SELECT pg_sleep(0.01)")
            }
            throw BenchFailure(text: "the words of others wait for the quota")
        }
        let rung = Task {
            try await waitUntil("one stands in line") { try await stack.database.pool.waitingForLocks() >= 1 }
            try await stack.ring(other)
        }
        let server = try await stack.serve()
        try await rung.value
        try await line.value
        try await waitUntil("both are written") { try await stack.states(of: limited + other) == ["ready": 2] }
        #expect(try await rows(limited[0], stack) == [HeldParts(), HeldParts()])
        #expect(try stack.log().contains("its organisation's quota is locked"))
        try await server.kill()
    }

    @Test func `NOT-8: are nowhere where nothing was promised: such a claim does not so much as look for a quota`()
        async throws
    {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_SMSFACTOR_TOKEN": NotificationStack.silentToken,
        ])
        let owner = PostgresPool(stack.settings, logger: NotificationStack.logger)
        try await watchQuotas(owner)
        let ids = try await stack.seed(3)
        try await promise(1, to: [ids[2]], stack)
        // Of an organisation without a quota.
        try await stack.everybody { transaction in
            try transaction.execute("UPDATE message SET organisation = \(OrganisationID(0xB)) WHERE id = \(ids[0])")
        }
        // No server: nobody counts what has left.
        let worker = try stack.work()
        try await waitUntil("all have left") { try await stack.states(of: ids) == ["sent": 3] }
        let statements = try await owner.query("SELECT changed FROM notification.quota_change") { row in
            try row("changed") as Int
        }
        #expect(statements == [1], "one of three claims changed one row")
        #expect(try await rows(ids[1], stack) == [HeldParts(taken: 1), HeldParts()])
        try await worker.kill()
        await owner.close()
    }

    /// Notes of every statement that changes quotas how many it changes, none included.
    private func watchQuotas(_ owner: PostgresPool) async throws {
        for statement in [
            "CREATE TABLE notification.quota_change (changed bigint NOT NULL)",
            "GRANT INSERT ON notification.quota_change TO PUBLIC",
            """
            CREATE FUNCTION notification.note_quota_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO notification.quota_change SELECT count(*) FROM updated;
                RETURN NULL;
            END $$
            """,
            """
            CREATE TRIGGER note_quota_change AFTER UPDATE ON notification.quota REFERENCING NEW TABLE AS updated
            FOR EACH STATEMENT EXECUTE FUNCTION notification.note_quota_change()
            """,
        ] as [SQL] {
            _ = try await owner.execute(statement)
        }
    }
}
