import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

/// PAY-8, C-08: providers repeat themselves, all at once after they were away.
@Suite struct `A burst of ten thousand notifications` {
    private static let payments = 200
    private static let repetitions = 50
    private static let lanes = 32

    @Test func `PAY-8: with duplicates in any order and forgeries among them ends in right states, told once`()
        async throws
    {
        let bench = try await PaymentBench.start(["QUITTANCE_PROVIDER_RATE_MAX": "100000"])
        var (paid, refused): ([String: PaymentID], [String: PaymentID]) = ([:], [:])
        for number in 0..<Self.payments {
            let payment = try await bench.request()
            let reference = try #require(try await bench.open(payment.token))
            try await bench.act(number.isMultiple(of: 4) ? "decline" : "accept", on: reference)
            if number.isMultiple(of: 4) { refused[reference] = payment.id } else { paid[reference] = payment.id }
        }
        var generator = SeededGenerator(seed: 8)
        let references = Array(paid.keys) + Array(refused.keys)
        let burst = (0..<Self.repetitions).flatMap { _ in references }.shuffled(using: &generator)
        let notifier = try await Notifier(bench)
        let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
            for lane in 0..<Self.lanes {
                group.addTask {
                    var statuses: [Int] = []
                    for place in stride(from: lane, to: burst.count, by: Self.lanes) {
                        let isForged = place.isMultiple(of: 10)
                        let status = try await notifier.send(burst[place], forged: isForged)
                        if status != (isForged ? 401 : 204) { statuses.append(status) }
                    }
                    return statuses
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(burst.count == 10_000 && statuses.isEmpty, "seed 8: \(statuses.prefix(5))")
        for (reference, id) in paid { try await check(id, reference, "payment-accepted", bench) }
        for (reference, id) in refused { try await check(id, reference, "payment-refused", bench) }
    }

    private func check(_ id: PaymentID, _ reference: String, _ end: String, _ bench: PaymentBench) async throws {
        #expect(
            try await bench.events(id) == ["payment-requested", "payment-link-opened", end], "seed 8: \(reference)")
    }
}

/// Alma's side of the wire.
private struct Notifier: Sendable {
    let bench: PaymentBench
    let account: String

    init(_ bench: PaymentBench) async throws {
        self.bench = bench
        account = try await bench.call(.get, "/v1/provider-accounts").json["items"]?.elements?.first?["id"]?.text ?? ""
    }

    func send(_ reference: String, forged: Bool) async throws -> Int {
        let signature = PaymentBench.signature(of: reference, key: forged ? "sk_test_somebody_else" : PaymentBench.key)
        return try await bench.http.call(
            .get, "/webhooks/alma/\(account)?pid=\(reference)", headers: ["X-Alma-Signature": signature]
        ).status
    }
}
