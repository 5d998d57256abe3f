import PaymentWorld
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `A payment service that has nothing to do` {
    @Test func `OPS-4: makes few statements`() async throws {
        let payments = try await MortalPayments.start { _ in ["QUITTANCE_ASK_EVERY": "1s"] }
        // What a start does, and the first looks, are not what idling costs.
        try await Task.sleep(for: .seconds(10))
        let before = try await payments.counted("quittance_postgres_statements_total")
        try await Task.sleep(for: .seconds(10))
        let made = try await payments.counted("quittance_postgres_statements_total") - before
        #expect(made < 60, "in ten seconds")
        try await payments.die()
    }

    @Test func `OPS-4: makes a dozen statements for a look at a client who takes his time`() async throws {
        let payments = try await MortalPayments.start { _ in
            ["QUITTANCE_ASK_EVERY": "1s", "QUITTANCE_ASK_FIRST": "1s"]
        }
        let story = MortalPayments.stories[0]
        for _ in 0..<10 { _ = try #require(try await payments.open(try await payments.ask(story))) }
        try await Task.sleep(for: .seconds(3))
        let (before, looked) = (
            try await payments.counted("quittance_postgres_statements_total"), try await payments.calls(story.read)
        )
        let start = ContinuousClock.now
        try await waitUntil("forty looks were made") { try await payments.calls(story.read) - looked >= 40 }
        let looks = Double(try await payments.calls(story.read) - looked)
        let made = try await payments.counted("quittance_postgres_statements_total") - before
        // Six a second are made whatever is looked at.
        let idle = (ContinuousClock.now - start) / Duration.seconds(1) * 6
        #expect(made - idle < 18 * looks, "\(made) for \(looks) looks, of which \(idle) for none")
        try await payments.die()
    }

    @Test func `PAY-8: looks at a payment when its time comes, however seldom it looks by itself`() async throws {
        let bench = try await PaymentBench.start(["QUITTANCE_ASK_EVERY": "10m", "QUITTANCE_ASK_FIRST": "500ms"])
        let jobs = bench.assembly.jobs.filter { $0.name == "ask-about-due-payments" }
        #expect(jobs.count == 1)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await JobRunner(jobs, logger: PaymentBench.logger).run() }
            // The first may be found by the look that every start begins with.
            for _ in 0..<2 {
                let payment = try await bench.request()
                try await bench.act("accept", on: try #require(try await bench.open(payment.token)))
                try await bench.eventually { try await bench.state(payment.id) == "accepted" }
            }
            tasks.cancelAll()
        }
    }
}
