import Foundation
import HTTPClient
import NotificationWorld
import PaymentModel
import PostgresClient
import Synchronization
import TestSupport
import Testing

/// Real `notification work` processes against the gateway, which takes the same message as often as it is given.
@Suite(.serialized) struct `Workers that hand messages over` {
    /// A call's lease is short, so that what dead workers had is found within the test; calls are slow enough to die
    /// in.
    private static let stack = Task {
        let stack = try await NotificationStack.start([
            "QUITTANCE_GATEWAY_CALLS_MAX": "4", "QUITTANCE_CALL_LEASE": "4s", "QUITTANCE_IN_HAND_TIME": "1s",
            "QUITTANCE_GATEWAY_TIME_MAX": "2s", "QUITTANCE_LOOK_EVERY": "200ms",
        ])
        try await stack.fault(#"{"operation":"smsfactor.send","kind":"slow","milliseconds":60,"times":0,"percent":40}"#)
        try await stack.fault(slow)
        let server = try await stack.serve()
        servers.withLock { $0 = [server] }
        return stack
    }

    /// The server that runs; one that is let go of ends.
    private static let servers = Mutex<[ServiceChild]>([])

    private static let slow = #"{"operation":"smsfactor.send","kind":"slow-answer","milliseconds":60,"times":0}"#

    /// Of a worker whose calls the gateway holds: it gives none of them up.
    private static let patient = ["QUITTANCE_GATEWAY_TIME_MAX": "30s", "QUITTANCE_CALL_LEASE": "100s"]

    private static func stack() async throws -> NotificationStack { try await stack.value }

    /// Waits until the gateway has taken more of these messages, a different number each time.
    private func someMore(_ stack: NotificationStack, _ ids: [MessageID]) async throws {
        let before = try await stack.sendings(of: ids).count
        let wanted = min(ids.count, before + Int.random(in: 2...12))
        try await waitUntil("the gateway has taken \(wanted)") { try await stack.sendings(of: ids).count >= wanted }
    }

    /// Kills the server, which takes receipts and finds what dead workers had, and starts another.
    private static func killServer(of stack: NotificationStack) async throws {
        try await servers.withLock { $0.first }?.kill()
        let server = try await stack.serve()
        servers.withLock { $0 = [server] }
    }

    @Test func `NOT-10, NOT-11, C-11, C-21: 1 to 3 to 1 workers killed at random send nothing twice and lose nothing`()
        async throws
    {
        let stack = try await Self.stack()
        var ids = try await stack.seed(40)
        var workers = [try stack.work()]
        var kills = 0
        for size in [1, 1, 1, 3, 3, 3, 3, 1, 1] {
            ids += try await stack.seed(30)
            while workers.count < size { workers.append(try stack.work()) }
            try await someMore(stack, ids)
            for _ in 0..<(workers.count == 3 ? 2 : 1) {
                try await workers.remove(at: Int.random(in: workers.indices)).kill()
                kills += 1
            }
            while workers.count < size { workers.append(try stack.work()) }
        }
        try await Self.killServer(of: stack)
        try await stack.waitUntilSettled(ids)
        for worker in workers { try await worker.kill() }

        let sendings = try await stack.sendings(of: ids)
        let states = try await stack.states(of: ids)
        let uncertain = states["uncertain"] ?? 0
        let twice = sendings.values.filter { $0 > 1 }.count
        print(
            "NOT-10: \(ids.count) messages, \(kills) workers and the server killed with kill -9:",
            "the gateway took \(sendings.count), \(twice) of them twice; \(uncertain) uncertain; states \(states)")
        #expect(twice == 0)
        #expect(states["delivered"] == sendings.count, "each message the gateway took is known to have left")
        #expect(sendings.count + uncertain == ids.count, "each other message says that nobody knows")
        for id in ids where sendings[id] == nil {
            let message = try await stack.message(id)
            #expect(message.state == "uncertain" && message.reason == "the worker that called is gone")
        }
    }

    @Test func `NOT-11: workers told to stop finish their calls, so that nothing is uncertain`() async throws {
        let stack = try await Self.stack()
        var ids: [MessageID] = []
        for _ in 0..<3 {
            ids += try await stack.seed(40)
            let workers = try [stack.work(), stack.work()]
            try await someMore(stack, ids)
            for worker in workers { worker.send(SIGTERM) }
            try await waitUntil("the workers have stopped") { !workers.contains { $0.isRunning } }
            #expect(try await stack.states(of: ids)["claimed"] == nil)
        }
        let last = try stack.work()
        try await stack.waitUntilSettled(ids)
        #expect(try await stack.states(of: ids) == ["delivered": ids.count])
        #expect(try await stack.sendings(of: ids).values.allSatisfy { $0 == 1 })
        try await last.kill()
    }

    @Test func `NOT-10: a worker frozen past its lease goes on without sending anything again`() async throws {
        let stack = try await Self.stack()
        try await stack.sandbox.control(.delete, "/faults")
        let held = try await stack.fault(#"{"operation":"smsfactor.send","kind":"hold-answer","times":4}"#)
        try await stack.fault(Self.slow)
        let ids = try await stack.seed(12, lane: "normal")
        // Its own calls outlive the server's lease, which no call of a worker that runs can.
        let silent = ["QUITTANCE_SMSFACTOR_TOKEN": NotificationStack.silentToken]
        let frozen = try stack.work(Self.patient.merging(silent) { $1 })
        try await waitUntil("four calls are open") { try await stack.sendings(of: ids).count == 4 }
        frozen.send(SIGSTOP)
        try await waitUntil("it is frozen") { frozen.isFrozen }
        try await stack.release(held)
        let other = try stack.work()
        try await waitUntil("the open calls are given up, and the others have left") {
            try await stack.states(of: ids) == ["uncertain": 4, "delivered": 8]
        }
        frozen.send(SIGCONT)
        try await waitUntil("the answers of the open calls are kept") {
            try await stack.states(of: ids) == ["sent": 4, "delivered": 8]
        }
        let sendings = try await stack.sendings(of: ids)
        print(
            "NOT-10: \(ids.count) messages, a worker frozen for longer than its lease: the gateway took \(sendings.count)"
        )
        #expect(sendings.count == ids.count && sendings.values.allSatisfy { $0 == 1 })
        for worker in [frozen, other] { try await worker.kill() }
    }

    @Test func `NOT-10: what the gateway answered is kept although the database was away meanwhile`() async throws {
        let cluster = try await PrivatePostgres.start()
        let stack = try await NotificationStack.start(
            [
                "QUITTANCE_SMSFACTOR_TOKEN": NotificationStack.silentToken, "QUITTANCE_GATEWAY_CALLS_MAX": "4",
                "QUITTANCE_LOOK_EVERY": "200ms",
            ], on: cluster)
        let held = try await stack.fault(#"{"operation":"smsfactor.send","kind":"hold-answer","times":4}"#)
        let ids = try await stack.seed(8, lane: "normal")
        let worker = try stack.work()
        try await waitUntil("four calls are open") { try await stack.sendings(of: ids).count == 4 }
        try await cluster.stopServer(.immediate)
        try await stack.release(held)
        try await cluster.startServer()
        try await waitUntil("all answers are kept") { try await stack.states(of: ids) == ["sent": ids.count] }
        #expect(try await stack.sendings(of: ids).values.allSatisfy { $0 == 1 })
        try await worker.kill()
        try await cluster.stopServer()
    }

    @Test func `NOT-10, C-10: a message called off while a worker has it in hand does not leave`() async throws {
        let stack = try await Self.stack()
        let ids = try await stack.seed(60)
        let worker = try stack.work()
        var calledOff: [MessageID] = []
        try await waitUntil("some are called off at the last moment") {
            calledOff += try await stack.callOffInHand()
            return calledOff.count >= 4
        }
        try await stack.waitUntilSettled(ids)
        let sendings = try await stack.sendings(of: ids)
        #expect(calledOff.allSatisfy { sendings[$0] == nil })
        #expect(sendings.count == ids.count - calledOff.count)
        try await worker.kill()
    }

    @Test
    func `NOT-10, C-10: one called off while its call is open is not tried again when the gateway had no part of it`()
        async throws
    {
        let stack = try await Self.stack()
        try await stack.sandbox.control(.post, "/sms/accounts", #"{"token":"token-without-credits","credits":0}"#)
        try await stack.sandbox.control(.delete, "/faults")
        let held = try await stack.fault(#"{"operation":"smsfactor.send","kind":"hold"}"#)
        try await stack.fault(Self.slow)
        let id = try #require(try await stack.seed(1).first)
        let penniless = ["QUITTANCE_SMSFACTOR_TOKEN": "token-without-credits"]
        let worker = try stack.work(Self.patient.merging(penniless) { $1 })
        try await waitUntil("its call is open") { try await stack.message(id).state == "claimed" }
        try await stack.announceCancellation(of: id)
        try await stack.release(held)
        try await waitUntil("it is called off") { try await stack.message(id).state == "called-off" }
        let message = try await stack.message(id)
        #expect(message.reason == "no longer wanted" && message.tries == 1)
        #expect(try await stack.events(of: id) == ["message-called-off"])
        try await worker.kill()
    }

    @Test func `NOT-10: the outcome of an earlier try decides nothing about the one that is under way`() async throws {
        let stack = try await Self.stack()
        try await stack.sandbox.control(.post, "/sms/accounts", #"{"token":"token-of-the-late","credits":0}"#)
        try await stack.sandbox.control(.delete, "/faults")
        let held = try await stack.fault(#"{"operation":"smsfactor.send","kind":"hold"}"#)
        try await stack.fault(Self.slow)
        let id = try #require(try await stack.seed(1).first)
        let late = ["QUITTANCE_SMSFACTOR_TOKEN": "token-of-the-late"]
        let worker = try stack.work(Self.patient.merging(late) { $1 })
        try await waitUntil("its call is open") { try await stack.message(id).state == "claimed" }
        // As when it was given up, sent again by a person and claimed by another worker meanwhile.
        try await stack.everybody { transaction in
            try transaction.execute("DELETE FROM gateway_account WHERE gateway = 'smsfactor'")
            try transaction.execute(
                "UPDATE message SET tries = 2, claimed_at = now() + interval '1 hour' WHERE id = \(id)")
        }
        try await stack.release(held)
        try await waitUntil("the outcome of the first try is in") {
            try await stack.everybody { transaction in
                try transaction.one(
                    "SELECT count(*) AS count FROM gateway_account WHERE gateway = 'smsfactor' AND failures > 0"
                ) { row in try row("count") as Int } == 1
            }
        }
        let message = try await stack.message(id)
        #expect(message.state == "claimed" && message.tries == 2)
        try await worker.kill()
        try await stack.everybody { transaction in
            try transaction.execute("DELETE FROM gateway_account WHERE gateway = 'smsfactor'")
            try transaction.execute("DELETE FROM message WHERE id = \(id)")
        }
    }

    @Test func `NOT-10: a worker held up in its claim calls nobody then, and blames no gateway`() async throws {
        let stack = try await Self.stack()
        try await stack.sandbox.control(.delete, "/faults")
        try await stack.fault(Self.slow)
        try await stack.everybody { transaction in
            try transaction.execute("DELETE FROM gateway_account WHERE gateway = 'smsfactor'")
        }
        let overseer = PostgresPool(stack.settings)
        try await holdUpFirstClaims(overseer)
        let id = try #require(try await stack.seed(1).first)
        let worker = try stack.work()
        try await waitUntil("it has left", within: .seconds(90)) {
            try await stack.message(id).state == "delivered"
        }
        let heldUp = try await overseer.query("SELECT message FROM notification.claim WHERE is_held_up") { row in
            try row("message") as MessageID
        }
        #expect(heldUp == [id], "its first claim was held up, and it was claimed again")
        #expect(try await stack.message(id).tries == 1)
        #expect(try await stack.sendings(of: [id]) == [id: 1])
        let blamed: Int = try await stack.everybody { transaction in
            try transaction.one(
                "SELECT count(*) AS count FROM gateway_account WHERE gateway = 'smsfactor'"
            ) { row in try row("count") }
        }
        #expect(blamed == 0, "a failed call leaves a row")
        try await worker.kill()
        try await overseer.execute("DROP TRIGGER hold_up ON notification.message")
        await overseer.close()
    }

    @Test func `NOT-10: a claim that waited long for a connection calls, and is not made again`() async throws {
        let connections = 4
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_POSTGRES_CONNECTIONS": "\(connections)",
            "QUITTANCE_SMSFACTOR_TOKEN": NotificationStack.silentToken,
        ])
        let overseer = PostgresPool(stack.settings)
        try await holdUpFirstClaims(overseer)
        let ids = try await stack.seed(12, lane: "bulk")
        let worker = try stack.work()
        try await waitUntil("all have left", within: .seconds(90)) { try await stack.states(of: ids) == ["sent": 12] }
        let claims = try await overseer.query(
            "SELECT count(*) AS count, bool_or(is_held_up) AS held_up FROM notification.claim GROUP BY message"
        ) { row in (count: try row("count") as Int, isHeldUp: try row("held_up") as Bool) }
        let heldUp = claims.filter(\.isHeldUp)
        #expect((1...connections).contains(heldUp.count) && heldUp.allSatisfy { $0.count == 2 }, "\(claims)")
        let others = claims.filter { !$0.isHeldUp }
        #expect(others.count == ids.count - heldUp.count && others.allSatisfy { $0.count == 1 }, "\(claims)")
        #expect(try await stack.sendings(of: ids).values.allSatisfy { $0 == 1 })
        try await worker.kill()
        await overseer.close()
    }

    /// Notes each claim, and makes those that begin before the first is over take longer than what is decided with them
    /// holds.
    private func holdUpFirstClaims(_ overseer: PostgresPool) async throws {
        for statement in [
            "CREATE TABLE notification.claim (message uuid NOT NULL, is_held_up boolean NOT NULL)",
            "GRANT SELECT, INSERT ON notification.claim TO PUBLIC",
            """
            CREATE FUNCTION notification.hold_up() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE is_early boolean := NOT EXISTS (SELECT FROM notification.claim);
            BEGIN
                INSERT INTO notification.claim VALUES (NEW.id, is_early);
                PERFORM pg_sleep(CASE WHEN is_early THEN 6 ELSE 0 END);
                RETURN NEW;
            END $$
            """,
            """
            CREATE TRIGGER hold_up BEFORE UPDATE ON notification.message FOR EACH ROW
            WHEN (OLD.state = 'ready' AND NEW.state = 'claimed') EXECUTE FUNCTION notification.hold_up()
            """,
        ] as [SQL] {
            _ = try await overseer.execute(statement)
        }
    }

    @Test func `NOT-11: an urgent message leaves while all calls of a campaign hang`() async throws {
        let stack = try await Self.stack()
        try await stack.sandbox.control(.delete, "/faults")
        let held = try await stack.fault(#"{"operation":"smsfactor.send","kind":"hold-answer","times":2}"#)
        let bulk = try await stack.seed(6, lane: "bulk")
        // No receipt says of an open call what became of it.
        let silent = [
            "QUITTANCE_SMSFACTOR_TOKEN": NotificationStack.silentToken, "QUITTANCE_GATEWAY_CALLS_MAX": "2",
        ]
        let worker = try stack.work(Self.patient.merging(silent) { $1 })
        try await waitUntil("two calls hang") { try await stack.sendings(of: bulk).count == 2 }
        let urgent = try await stack.seed(1)
        var (left, hanging) = (0, 0)
        try await waitUntil("the urgent message has left") {
            left = try await stack.left(of: urgent)
            hanging = try await stack.states(of: bulk)["claimed"] ?? 0
            return left == 1
        }
        #expect(hanging == 2, "no call of the campaign had ended")
        try await stack.fault(Self.slow)
        try await stack.release(held)
        try await waitUntil("all have left") { try await stack.left(of: bulk + urgent) == 7 }
        try await worker.kill()
    }

    @Test func `NOT-1, NOT-11: what another gateway is to take does not wait for the end of a campaign`() async throws {
        let stack = try await Self.stack()
        try await stack.fault(Self.slow)
        let bulk = try await stack.seed(200, lane: "bulk")
        let mails = try await stack.seedMails(1).map { $0.id }
        let worker = try stack.work(["QUITTANCE_GATEWAY_CALLS_MAX": "2"])
        try await someMore(stack, bulk)
        try await stack.ring(mails)
        // Nobody listens at the mail server's port here: that it was called says that its mail had its turn.
        try await waitUntil("the mail server was called") { try await stack.tries(of: mails) > 0 }
        #expect(try await stack.states(of: bulk)["ready"] ?? 0 > 0, "the campaign is not over")
        try await stack.everybody { transaction in
            try transaction.execute("DELETE FROM message WHERE state = 'ready'")
        }
        try await waitUntil("nothing is in hand any more") { try await stack.inHand() == 0 }
        try await worker.kill()
    }

    @Test func `NOT-11: a worker takes no more messages than it makes calls, and the urgent ones first`() async throws {
        let stack = try await Self.stack()
        let bulk = try await stack.seed(60, lane: "bulk")
        let worker = try stack.work(["QUITTANCE_IN_HAND_TIME": "60s", "QUITTANCE_GATEWAY_CALLS_MAX": "2"])
        try await someMore(stack, bulk)
        let urgent = try await stack.seed(3)
        var inHandMax = 0
        try await waitUntil("the urgent messages have left") {
            inHandMax = max(inHandMax, try await stack.inHand())
            return try await stack.sendings(of: urgent).count == 3
        }
        #expect(try await stack.sendings(of: bulk).count < bulk.count, "they did not wait for the others")
        try await waitUntil("all have left") {
            inHandMax = max(inHandMax, try await stack.inHand())
            return try await stack.sendings(of: bulk).count == bulk.count
        }
        print("NOT-11: 63 messages waited, the worker of 2 calls had \(inHandMax) at most in hand")
        // Those it calls for, as many taken beforehand, and an urgent one.
        #expect(inHandMax <= 5)
        try await stack.waitUntilSettled(bulk + urgent)
        try await worker.kill()
    }
}
