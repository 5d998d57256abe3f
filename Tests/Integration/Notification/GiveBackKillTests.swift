import HTTPClient
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// NOT-10, NOT-11: workers are killed with `kill -9` while what they took goes back, or on to another gateway.
@Suite(.serialized) struct `Workers killed while they give back what they took` {
    private static let ratePerSecond: Int64 = 20

    /// Where a worker of the first test stands when it is killed.
    enum Moment: CaseIterable {
        /// It has a gateway's one try after its rest, and claims the message for it.
        case claim
        /// Its gateway began to rest since it took messages, which it puts back.
        case newRest
        /// It gives back the one try, since the message for it is worthless by now.
        case worthless
        /// It gives back the one try, since the claim took longer than what was decided with it holds.
        case heldUp

        fileprivate var step: HeldStep {
            switch self {
            case .claim: .claim
            case .newRest: .putBack
            case .worthless, .heldUp: .giveBack
            }
        }

        /// What becomes of so many messages.
        fileprivate func states(of count: Int, _ order: LastOrder) -> [String: Int] {
            switch (self, order) {
            // Claimed, and nobody knows that nobody called.
            case (.claim, .carriedOut), (.heldUp, .lost): ["delivered": count - 1, "uncertain": 1]
            case (.worthless, _): ["delivered": count - 1, "called-off": 1]
            case (.claim, .lost), (.newRest, _), (.heldUp, .carriedOut): ["delivered": count]
            }
        }
    }

    /// How fast the gateway may be used, and until when it is left alone.
    private struct Account {
        let restsUntil: Instant?
        let millionths: Int64
    }

    private static let settings = [
        "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_CALL_LEASE": "4s", "QUITTANCE_GATEWAY_TIME_MAX": "2s",
        "QUITTANCE_IN_HAND_TIME": "1s",
    ]

    @Test(arguments: Moment.allCases)
    func `NOT-10, NOT-11: leave a gateway's try to who comes after its rest, and no message leaves twice or is lost`(
        moment: Moment
    ) async throws {
        let more = [
            "QUITTANCE_GATEWAY_RATE_MAX": "smsfactor=\(Self.ratePerSecond)",
            "QUITTANCE_GATEWAY_REST": moment == .heldUp ? "10s" : "3s",
        ]
        let stack = try await NotificationStack.start(Self.settings.merging(more) { $1 })
        for order in LastOrder.allCases {
            let began = try await now(stack)
            let ids = try await seed(for: moment, stack)
            let hold = try await StepHold(moment.step, of: stack)
            let worker = try await work(until: moment, stack)
            try await hold.waitUntilReached()
            let held = try await account(stack)
            try await hold.end(killing: worker, order)
            let left = try await account(stack)
            let (wait, restsUntil) = (try #require(held.restsUntil), try #require(left.restsUntil))
            #expect(wait > began, "others wait for what becomes of the try")
            let isGivenBack = moment.step == .giveBack && order == .carriedOut
            #expect(isGivenBack ? restsUntil < wait : restsUntil == wait)

            let survivors = [try await stack.serve(), try stack.work()]
            try await stack.waitUntilSettled(ids)
            for process in survivors { try await process.kill() }
            let (sendings, states) = (try await stack.sendings(of: ids), try await stack.states(of: ids))
            let twice = sendings.values.count { $0 > 1 }
            print(
                "NOT-10: \(ids.count) messages, a worker killed at '\(moment)', its last order \(order):",
                "the gateway took \(sendings.count), \(twice) of them twice; states \(states)")
            #expect(twice == 0 && sendings.count == states["delivered"])
            #expect(states == moment.states(of: ids.count, order))
            #expect(try await firstCall(for: ids, stack) >= restsUntil, "nobody called before its rest was over")
            let ended = try await account(stack)
            #expect(ended.restsUntil == nil, "it is not left alone any more")
            // A tenth of a second's worth and one more.
            let capacity = 1_000_000 + Self.ratePerSecond * 100_000
            #expect([held, left, ended].allSatisfy { (0...capacity).contains($0.millionths) })
        }
    }

    /// Messages for a gateway whose rest is over, or that rests only later.
    private func seed(for moment: Moment, _ stack: NotificationStack) async throws -> [MessageID] {
        // Both of a worker's looks find them: one that found none would give the try back as it took it.
        let ids = try await stack.seed(6)
        try await stack.everybody { transaction in
            if moment != .newRest {
                try transaction.execute(NotificationStack.rest("smsfactor", for: .seconds(-1)))
            }
            guard moment == .worthless else { return }
            // The first that is taken.
            try transaction.execute(
                """
                UPDATE message SET expires_at = now() - interval '1 second', next_try_at = now() - interval '1 minute'
                WHERE id = \(ids[0])
                """)
        }
        return ids
    }

    /// A worker that comes to the moment by itself, or is brought to it.
    private func work(until moment: Moment, _ stack: NotificationStack) async throws -> ServiceChild {
        let meanwhile: SQL
        switch moment {
        case .claim, .worthless: return try stack.work()
        case .newRest:
            meanwhile = """
                UPDATE gateway_account SET failures = 100, rests_until = clock_timestamp() + interval '3 seconds'
                WHERE gateway = 'smsfactor'
                """
        case .heldUp: meanwhile = "SELECT pg_sleep(6)"
        }
        // Read with each claim, and by nobody else.
        let locked = await stack.lock("LOCK TABLE sending_policy") { transaction in
            try transaction.execute(meanwhile)
        }
        let worker = try stack.work()
        try await locked.value
        return worker
    }

    private func now(_ stack: NotificationStack) async throws -> Instant {
        try await stack.everybody { transaction in
            try transaction.one("SELECT clock_timestamp() AS now") { row in try row("now") }
        }
    }

    private func account(_ stack: NotificationStack) async throws -> Account {
        try await stack.everybody { transaction in
            try transaction.one(
                "SELECT rests_until, millionths FROM gateway_account WHERE gateway = 'smsfactor'"
            ) { row in Account(restsUntil: try row("rests_until"), millionths: try row("millionths")) }
        }
    }

    /// When a worker claimed the first of those that left.
    private func firstCall(for ids: [MessageID], _ stack: NotificationStack) async throws -> Instant {
        try await stack.everybody { transaction in
            try transaction.one(
                "SELECT min(claimed_at) AS first FROM message WHERE id = ANY(\(ids)) AND state = 'delivered'"
            ) { row in try row("first") }
        }
    }

    // MARK: Two gateways

    @Test func `NOT-10, NOT-11: where a gateway begins to rest send nothing twice through the next, and lose nothing`()
        async throws
    {
        let stack = try await startFailing()
        let server = try await stack.serve()
        var (ids, kills): ([MessageID], Int) = ([], 0)
        for step in [HeldStep.rest, .putBack, .move] {
            for order in LastOrder.allCases {
                // It took a message again, and nobody doubts it.
                try await stack.everybody { transaction in
                    try transaction.execute("UPDATE gateway_account SET failures = 0, rests_until = NULL")
                }
                ids += try await stack.seed(20, lane: "normal")
                let hold = try await StepHold(step, of: stack)
                let worker = try stack.work()
                try await hold.waitUntilReached()
                try await hold.end(killing: worker, order)
                kills += 1
            }
        }
        let last = try stack.work()
        try await stack.waitUntilSettled(ids)
        let (counts, states) = (try await stack.takenBySecond(), try await stack.states(of: ids))
        let (twice, uncertain) = (counts.values.count { $0 > 1 }, states["uncertain"] ?? 0)
        let untried = try await leftUntried(ids, stack)
        print(
            "NOT-10: \(ids.count) messages, \(kills) workers killed where a gateway begins to rest: the next took",
            "\(counts.count), \(twice) of them twice, \(untried) without a try of the first; states \(states)")
        #expect(twice == 0)
        #expect(states["delivered"] == counts.count, "each message a gateway took is known to have left")
        #expect(counts.count + uncertain == ids.count, "each other message says that nobody knows")
        #expect(untried > 0 && uncertain < ids.count / 2)
        #expect(try await stack.sendings(of: ids).isEmpty, "the first gateway took none")

        try await stack.sandbox.control(.delete, "/faults")
        try await waitUntil("the first gateway is tried again, and works") {
            let more = try await stack.seed(1, lane: "normal")
            try await stack.waitUntilSettled(more)
            return try await stack.sendings(of: more).count == 1
        }
        for process in [server, last] { try await process.kill() }
    }

    /// SMSFactor has no part of any message, and says so late enough for a worker to have others in hand by then.
    private func startFailing() async throws -> NotificationStack {
        let more = [
            "QUITTANCE_GATEWAY_CALLS_MAX": "4", "QUITTANCE_GATEWAY_FAILURES_MAX": "2", "QUITTANCE_GATEWAY_REST": "2s",
        ]
        let stack = try await NotificationStack.startWithKannel(Self.settings.merging(more) { $1 })
        try await stack.fault(#"{"operation":"smsfactor.send","kind":"slow","milliseconds":500,"times":0}"#)
        try await stack.fault(#"{"operation":"smsfactor.send","kind":"rate-limit","times":0}"#)
        try await stack.fault(#"{"operation":"kannel.send","kind":"slow-answer","milliseconds":60,"times":0}"#)
        return stack
    }

    /// How many left through the second gateway at their first try.
    private func leftUntried(_ ids: [MessageID], _ stack: NotificationStack) async throws -> Int {
        try await stack.everybody { transaction in
            try transaction.one(
                "SELECT count(*) AS count FROM message WHERE id = ANY(\(ids)) AND gateway = 'kannel' AND tries = 1"
            ) { row in try row("count") }
        }
    }
}
