import Foundation
import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// NOT-6, NOT-10: the server dies again and again while it writes a campaign, and the workers while they send it.
@Suite(.serialized) struct `A campaign whose server is killed` {
    @Test func `NOT-6: goes on where it was, and each recipient is written to once`() async throws {
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_CALL_LEASE": "4s", "QUITTANCE_IN_HAND_TIME": "1s",
            "QUITTANCE_GATEWAY_TIME_MAX": "2s", "QUITTANCE_REHEARSAL_DAY": CampaignBench.workingDay,
        ])
        let bench = CampaignBench(stack: stack)
        var server = try await stack.serve()
        try await bench.openHours()
        let phones = try await bench.enter(3_000, in: "all")
        _ = try await bench.book(10_000)
        let id = try await bench.draft(groups: ["all"])
        #expect(try await bench.steer(id, "start").status == 200)
        var (kills, lookedAt) = (0, Int64(0))
        while lookedAt < 3_000, kills < 12 {
            try await Task.sleep(for: .milliseconds(.random(in: 50...400)))
            try await server.kill()
            kills += 1
            server = try await stack.serve()
            lookedAt = try await bench.campaign(id)["lookedAt"]?.integer ?? 0
        }
        let worker = try stack.work()
        let over = try await bench.waitUntilOver(id, within: .seconds(180))
        let sendings = try await bench.sendings(to: phones)
        let twice = sendings.values.count { $0 > 1 }
        print(
            "NOT-6: \(phones.count) recipients, the server killed \(kills) times while it wrote:",
            "\(over["lookedAt"]?.integer ?? 0) were looked at, the gateway took \(sendings.count), \(twice) of them twice"
        )
        #expect(over["lookedAt"]?.integer == 3_000 && sendings.count == 3_000 && twice == 0)
        #expect(try await bench.outcomes(id).count == 3_000)
        try await bench.waitUntilCounted(id, within: .seconds(60))
        #expect(try await bench.quota("used") == 3_000)
        #expect(try await bench.quota("reserved") == 0)
        for process in [server, worker] { try await process.kill() }
    }
}
