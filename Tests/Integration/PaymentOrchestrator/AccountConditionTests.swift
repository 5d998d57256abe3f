import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `What is known of a provider account` {
    @Test func `PAY-13: how its calls fare is shown, and a provider that fails gets a break`() async throws {
        let bench = try await PaymentBench.start()
        #expect(try await condition(bench)?["condition"]?.text == "working")
        try await bench.fault(#"{"kind":"status","operation":"alma.eligibility","status":500,"times":0}"#)
        let body = #"{"clinicID":"\#(PaymentBench.clinic)","amount":{"minorUnits":20000,"currency":"EUR"}}"#
        for _ in 0..<2 { _ = try await bench.call(.post, "/v1/eligibility", body) }
        #expect(try await condition(bench)?["condition"]?.text == "failing")
        for _ in 0..<10 { _ = try await bench.call(.post, "/v1/eligibility", body) }
        let broken = try #require(try await condition(bench))
        #expect(broken["condition"]?.text == "not-asked" && broken["asksAgainAt"] != nil, "\(broken)")
        #expect(try await bench.call(.post, "/v1/eligibility", body).problem == "provider-not-reached")
    }

    @Test func `PAY-1: secrets are sealed anew with the current key, and the old one can go`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        // What the bench's key sealed is handed to a service whose first key is another.
        let both = try await bench.again(["QUITTANCE_SEALING_KEYS": PaymentBench.sealingKeys("second", "first")])
        try await both.run("reseal-secrets")
        let sealedWith = try await bench.database.read(organisation: nil) { transaction in
            try transaction.query("SELECT sealed_with FROM provider_account UNION SELECT sealed_with FROM payment") {
                row in try row("sealed_with") as String
            }
        }
        #expect(sealedWith == ["second"])
        let without = try await bench.again(["QUITTANCE_SEALING_KEYS": PaymentBench.sealingKeys("second")])
        #expect(try await without.open(payment.token) != nil, "the key of the account and the link both open")
        let link = try await without.call(
            .get, "/v1/payments/\(payment.id)/recipient", as: PaymentBench.principal(role: .service))
        #expect(link.json["payLink"]?.text?.hasSuffix(payment.token) == true)
    }

    private func condition(_ bench: PaymentBench) async throws -> JSONValue? {
        try await bench.call(.get, "/v1/provider-accounts").json["items"]?.elements?.first
    }
}
