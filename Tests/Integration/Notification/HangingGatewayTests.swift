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
}
