import Foundation
import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// NOT-11: more and fewer `notification work` processes under load, whatever happens to them.
@Suite(.serialized) struct `Scaling workers out and in` {
    private static func start() async throws -> NotificationStack {
        let stack = try await NotificationStack.start([
            "QUITTANCE_GATEWAY_CALLS_MAX": "4", "QUITTANCE_CALL_LEASE": "4s", "QUITTANCE_IN_HAND_TIME": "1s",
            "QUITTANCE_GATEWAY_TIME_MAX": "2s", "QUITTANCE_LOOK_EVERY": "200ms",
        ])
        try await stack.fault(
            #"{"operation":"smsfactor.send","kind":"slow","milliseconds":60,"times":0,"percent":40}"#)
        return stack
    }

    /// Waits until the gateway has taken a few more.
    private func someMore(_ stack: NotificationStack, _ ids: [MessageID]) async throws {
        let before = try await stack.sendings(of: ids).count
        let wanted = min(ids.count, before + Int.random(in: 5...25))
        // A frozen worker may hold a message's row until the server ends its session, after a minute (`roles.sql`).
        try await waitUntil("the gateway has taken \(wanted), or nothing waits any more", within: .seconds(90)) {
            // What a killed worker had in a call waits for nobody but a person.
            let open = try await stack.states(of: ids).keys.filter { $0 == "ready" || $0 == "claimed" }
            if open.isEmpty { return true }
            return try await stack.sendings(of: ids).count >= wanted
        }
    }

    @Test
    func `NOT-10, NOT-11, C-20: 1 to 8 to 2 workers, killed and frozen: the gateway counts the distinct messages`()
        async throws
    {
        let stack = try await Self.start()
        let server = try await stack.serve()
        var ids = try await stack.seed(60)
        var workers = [try stack.work()]
        var (kills, freezes) = (0, 0)
        for size in [1, 8, 8, 8, 8, 2, 2] {
            ids += try await stack.seed(70)
            while workers.count < size { workers.append(try stack.work()) }
            try await someMore(stack, ids)
            let frozen = workers.randomElement()
            if size == 8, let frozen {
                frozen.send(SIGSTOP)
                freezes += 1
            }
            for _ in 0..<(size == 8 ? 3 : 1) {
                try await workers.remove(at: .random(in: workers.indices)).kill()
                kills += 1
            }
            if size == 8 {
                try await someMore(stack, ids)
                // Longer than the session of its group: it comes back to partitions that are others'.
                try await Task.sleep(for: .seconds(7))
            }
            frozen?.send(SIGCONT)
            while workers.count > size { try await workers.removeLast().kill() }
        }
        while workers.count < 2 { workers.append(try stack.work()) }
        try await stack.waitUntilSettled(ids)
        let asked = try await settle(ids, stack)
        let sendings = try await stack.sendings(of: ids)
        let calls = sendings.values.reduce(0, +)
        print(
            "NOT-11: 1 to 8 to 2 workers, \(kills) killed with kill -9, \(freezes) frozen:",
            "\(ids.count) distinct messages, the gateway took \(calls) (\(asked) asked about by a person)")
        #expect(calls == ids.count && sendings.count == ids.count)
        #expect(try await stack.states(of: ids) == ["delivered": ids.count])
        for process in workers + [server] { try await process.kill() }
    }

    /// What a person does about messages nobody knows of: asks the clients, and says what they said.
    private func settle(_ ids: [MessageID], _ stack: NotificationStack) async throws -> Int {
        let sendings = try await stack.sendings(of: ids)
        var asked = 0
        for id in ids where try await stack.message(id).state == "uncertain" {
            asked += 1
            let finding = sendings[id] == nil ? "send-again" : "arrived"
            let answer = try await stack.call(.post, "/v1/messages/\(id)/settle", #"{"finding":"\#(finding)"}"#)
            #expect(answer.isSuccess, "\(answer.json)")
        }
        try await stack.waitUntilSettled(ids)
        return asked
    }

    @Test func `NOT-11: a worker is ready while it can send, and says what its gateways did`() async throws {
        let port = try FreePort.pick()
        let stack = try await NotificationStack.start([
            "QUITTANCE_LOOK_EVERY": "200ms", "QUITTANCE_GATEWAY_FAILURES_MAX": "2", "QUITTANCE_GATEWAY_REST": "60s",
        ])
        let server = try await stack.serve()
        let worker = try stack.child(
            "notification", "work", stack.own.merging(["QUITTANCE_HTTP_PORT": "\(port)"]) { $1 })
        try await stack.waitUntilReady(worker, port)
        let taken = try await stack.seed(3)
        try await stack.waitUntilSettled(taken)
        try await stack.fault(#"{"operation":"smsfactor.send","kind":"rate-limit","times":0}"#)
        _ = try await stack.seed(4)
        try await waitUntil("it is not ready any more") {
            try await stack.call(.get, "/health/ready", at: port, as: nil).status == 503
        }
        let page = try await stack.metrics(at: port)
        func calls(_ outcome: String) -> [Double] {
            page.values(of: "quittance_gateway_call_seconds_count", [#"outcome="\#(outcome)""#])
        }
        #expect(calls("accepted").contains(3), "\(page)")
        #expect(!(calls("not-taken") + calls("unknown")).isEmpty, "\(page)")
        try await waitUntil("the server says that it rests, what waits for it and for how long") {
            let resting = try await figure("quittance_gateway_resting", stack)
            let waiting = try await figure("quittance_messages_waiting", stack)
            let age = try await figure("quittance_messages_oldest_age_seconds", stack)
            return resting == 1 && waiting >= 1 && age >= 1
        }
        // Measured each half a minute, from a worker's first second on.
        try await waitUntil("the worker says how far it is behind what rings", within: .seconds(60)) {
            let figures = try await stack.metrics(at: port)
            return figures.values(of: "quittance_consumer_lag_records", [#"group="notification-worker""#]).count == 1
        }
        for process in [server, worker] { try await process.kill() }
    }

    /// What a metric of the server has for the gateway; -1 where it is not there.
    private func figure(_ metric: String, _ stack: NotificationStack) async throws -> Double {
        try await stack.metrics().values(of: metric, [#"gateway="smsfactor""#]).first ?? -1
    }
}
