import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

@Suite struct `What is logged of a payment` {
    @Test func `OPS-4: every step of it is found by its id, with what happened and without a person or a secret`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        try await bench.act("accept", on: reference)
        _ = try await bench.notify(reference)
        try await bench.fault(#"{"kind":"lose-answer","operation":"alma.refund-payment"}"#)
        _ = try await bench.call(.post, "/v1/payments/\(payment.id)/refunds", "{}", key: "all")
        let lines = bench.log.lines.filter { $0.contains(payment.id.description) }
        var rest = lines[...]
        for word in ["requested", "starting", "open", "accepted", "refund-requested", "answer is missing"] {
            guard let index = rest.firstIndex(where: { $0.contains(word) }) else {
                Issue.record("\(word) is not in \(lines)")
                return
            }
            rest = rest[(index + 1)...]
        }
        let changes = lines.filter { $0.contains("a payment changed") }
        #expect(!changes.isEmpty && changes.allSatisfy { $0.contains("correlationId") })
        for secret in ["sk_test", "Martin", "33612345678", "ada@", payment.token] {
            #expect(!bench.log.lines.contains { $0.contains(secret) }, "\(secret)")
        }
    }
}
