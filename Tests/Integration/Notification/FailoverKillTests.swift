import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// Workers are killed with `kill -9` while messages go from a gateway that takes none to the next one.
@Suite(.serialized) struct `Workers killed while one gateway takes another's place` {
    private func start() async throws -> NotificationStack {
        let stack = try await NotificationStack.startWithKannel([
            "QUITTANCE_GATEWAY_CALLS_MAX": "4", "QUITTANCE_CALL_LEASE": "4s", "QUITTANCE_GATEWAY_TIME_MAX": "2s",
            "QUITTANCE_IN_HAND_TIME": "1s",
            // Each message is tried at the first gateway before it goes to the second.
            "QUITTANCE_GATEWAY_FAILURES_MAX": "1000",
        ])
        try await stack.fault(#"{"operation":"smsfactor.send","kind":"rate-limit","times":0}"#)
        try await stack.fault(#"{"operation":"kannel.send","kind":"slow-answer","milliseconds":60,"times":0}"#)
        return stack
    }

    @Test func `NOT-1, NOT-10: send nothing twice, lose nothing, and say of each whether it left`() async throws {
        let stack = try await start()
        let server = try await stack.serve()
        var ids: [MessageID] = []
        let kills = 8
        for _ in 0..<kills {
            ids += try await stack.seed(20)
            let worker = try stack.work()
            let wanted = try await stack.takenBySecond().count + Int.random(in: 1...8)
            try await waitUntil("the second gateway has taken \(wanted)") {
                try await stack.takenBySecond().count >= wanted
            }
            try await worker.kill()
        }
        let last = try stack.work()
        try await stack.waitUntilSettled(ids)
        try await last.kill()
        try await server.kill()

        let counts = try await stack.takenBySecond()
        let states = try await stack.states(of: ids)
        let uncertain = states["uncertain"] ?? 0
        print(
            "NOT-1: \(ids.count) messages through the second gateway, \(kills) workers killed: \(counts.count) taken,",
            "\(counts.values.filter { $0 > 1 }.count) of them twice; states \(states)")
        #expect(counts.values.allSatisfy { $0 == 1 })
        #expect(states["delivered"] == counts.count, "each message a gateway took is known to have left")
        #expect(counts.count + uncertain == ids.count, "each other message says that nobody knows")
        #expect(try await stack.sendings(of: ids).isEmpty, "the first gateway took none")
    }
}
