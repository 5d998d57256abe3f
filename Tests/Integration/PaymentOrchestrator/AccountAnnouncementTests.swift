import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// REC-3: whoever asks for payouts began to listen after some accounts were connected.
@Suite struct `An account of which nobody said since when it takes payments` {
    @Test func `is told of once, with the day of its first payment, also when its key was replaced since`() async throws
    {
        let bench = try await PaymentBench.start()
        _ = try await bench.accepted()
        try await bench.run("announce-accounts")
        #expect(try await told(bench).isEmpty, "one that is connected now is told by that")
        _ = try await bench.overseer.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute("UPDATE provider_account SET is_since_told = false")
            try transaction.execute("UPDATE payment SET created_at = '2025-03-05T12:00:00Z'")
        }
        for _ in 0..<2 { try await bench.run("announce-accounts") }
        let bodies = try await told(bench)
        #expect(bodies.count == 1 && bodies[0].contains(#""since":"2025-03-05""#), "\(bodies)")
    }

    @Test(arguments: ["connect", "check"])
    func `is told of with that day by whatever tells first that it works again`(_ cause: String) async throws {
        let bench = try await PaymentBench.start()
        _ = try await bench.accepted()
        let (failed, why) = cause == "check" ? (bench.clock.now, "no") : (nil, nil) as (Instant?, String?)
        _ = try await bench.overseer.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute(
                "UPDATE provider_account SET is_since_told = false, failed_at = \(failed), failure = \(why)")
            try transaction.execute("UPDATE payment SET created_at = '2025-03-05T12:00:00Z'")
        }
        if cause == "check" {
            bench.clock.move(.seconds(61))
            try await bench.run("check-accounts")
        } else {
            #expect(try await bench.connect(PaymentBench.key).status == 200)
        }
        #expect(try await told(bench).count == 1)
        try await bench.run("announce-accounts")
        let bodies = try await told(bench)
        #expect(bodies.count == 1 && bodies[0].contains(#""since":"2025-03-05""#), "\(bodies)")
    }

    /// The announcements that say since when.
    private func told(_ bench: PaymentBench) async throws -> [String] {
        try await bench.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT convert_from(value, 'UTF8') AS body FROM outbox
                WHERE type LIKE '%.provider-account-connected.%' ORDER BY position
                """
            ) { row in try row("body") as String }
        }.filter { $0.contains("since") }
    }
}
