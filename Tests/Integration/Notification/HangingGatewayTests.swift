import Foundation
import NotificationWorld
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// NOT-10, NOT-11: a gateway that takes calls and answers none for a while.
@Suite(.serialized) struct `A gateway that hangs` {
    private static let rate = 20

    /// The most calls that were begun within one second since a moment.
    private func callsInASecond(_ ids: [MessageID], since moment: Instant, _ stack: NotificationStack) async throws
        -> Int
    {
        try await stack.everybody { transaction in
            try transaction.one(
                """
                SELECT coalesce(max(calls), 0) AS calls FROM (
                    SELECT count(*) OVER (
                        ORDER BY claimed_at RANGE BETWEEN CURRENT ROW AND interval '1 second' FOLLOWING) AS calls
                    FROM message WHERE id = ANY(\(ids)) AND claimed_at >= \(moment)) AS windows
                """
            ) { row in try row("calls") }
        }
    }

    @Test func `NOT-11: is given no more than its rate when it answers again, by all workers together`() async throws {
        let stack = try await NotificationStack.start([
            "QUITTANCE_GATEWAY_RATE_MAX": "smsfactor=\(Self.rate)", "QUITTANCE_GATEWAY_CALLS_MAX": "16",
            "QUITTANCE_GATEWAY_TIME_MAX": "20s", "QUITTANCE_IN_HAND_TIME": "60s", "QUITTANCE_LOOK_EVERY": "200ms",
        ])
        let ids = try await stack.seed(120, lane: "bulk")
        stack.sandbox.freeze()
        defer { stack.sandbox.thaw() }
        let workers = try [stack.work(), stack.work(), stack.work()]
        let calls = 16 * workers.count
        try await waitUntil("all calls hang") { try await stack.states(of: ids)["claimed"] == calls }
        // It hangs for three seconds more: the rate would let through as many as are called for once again.
        try await Task.sleep(for: .seconds(3))
        let inHand = try await stack.inHand()
        let thawed = try await stack.everybody { transaction in
            try transaction.one("SELECT clock_timestamp() AS now") { row in try row("now") as Instant }
        }
        stack.sandbox.thaw()
        try await waitUntil("all have left") { try await stack.sendings(of: ids).count == ids.count }
        let most = try await callsInASecond(ids, since: thawed, stack)
        print("NOT-11: \(calls) calls hung; after it \(most) calls in a second at most, at a rate of \(Self.rate)")
        #expect(inHand == calls, "nothing was taken that was not called for")
        // A tenth of a second's worth and one more at once, and what each worker was about to begin.
        #expect(most <= Self.rate + 2 * workers.count)
        for worker in workers { try await worker.kill() }
    }

    @Test func `NOT-10: is left alone by what a worker had in hand for it, which leaves through the next`() async throws
    {
        let stack = try await NotificationStack.startWithKannel([
            "QUITTANCE_GATEWAY_CALLS_MAX": "4", "QUITTANCE_GATEWAY_TIME_MAX": "2s",
            "QUITTANCE_GATEWAY_FAILURES_MAX": "1", "QUITTANCE_GATEWAY_REST": "10m",
            // Longer than the test waits: who keeps what it does not begin lets it leave too late.
            "QUITTANCE_IN_HAND_TIME": "10m",
        ])
        try await stack.fault(#"{"operation":"smsfactor.send","kind":"slow","milliseconds":60000,"times":0}"#)
        let ids = try await stack.seed(24, lane: "bulk")
        let worker = try stack.work()
        try await waitUntil("as many again are in hand") { try await stack.inHand() == 8 }
        var states: [String: Int] = [:]
        try await waitUntil("all have left or are uncertain") {
            states = try await stack.states(of: ids)
            return states["sent", default: 0] + states["uncertain", default: 0] == ids.count
        }
        print("NOT-10: a gateway hung with 4 calls open and 4 messages in hand, of 24: \(states)")
        #expect(states == ["uncertain": 4, "sent": 20])
        try await worker.kill()
    }
}
